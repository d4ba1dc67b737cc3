"""Observed ground follows the lane, whatever the receiver says."""

from __future__ import annotations

import numpy as np
import pytest

from service.audit.snap import snap_observed
from service.roads import RoadNetwork, build_network
from service.types import MatchedFix, Segment
from vision.geo import LocalFrame
from vision.telemetry import Track, build_track
from vision.types import ClockOffset, GnssFix, Observed

FRAME = LocalFrame(113.85, 34.03)
START_S = 1_789_000_000.0
LANE_M = 1.9
AHEAD = np.array([[-5.0, 5.0], [5.0, 5.0], [5.0, 15.0], [-5.0, 15.0]])
"""Footprint right and ahead of the camera, metres."""


def network() -> RoadNetwork:
    line = FRAME.to_lonlat([[0.0, -50.0], [0.0, 150.0]])
    return build_network([Segment("north", None, "2", line, 200.0, width_m=13.0)])


def track(east_m: float) -> Track:
    """Drive north at 8 m/s, `east_m` beside the centre line by the receiver."""
    fixes = [
        GnssFix(START_S + s, *FRAME.to_lonlat([east_m, 8.0 * s]).tolist())
        for s in range(11)
    ]
    return build_track(fixes, ClockOffset(START_S, "creation_time", None))


def seen_from(east_m: float, north_m: float, turned_deg: float) -> Observed:
    angle = np.radians(turned_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    shape = AHEAD @ np.array([[cos, -sin], [sin, cos]]) + (east_m, north_m)
    return Observed(
        drive_s=5.0,
        usable=True,
        reason=None,
        footprint=FRAME.to_lonlat(shape),
        heading_deg=turned_deg % 360.0,
    )


def snapped(east_m: float, turned_deg: float, lane_m: float | None) -> np.ndarray:
    """Return the footprint after snapping, metres east and north."""
    got = snap_observed(
        [seen_from(east_m, 40.0, turned_deg)],
        track=track(east_m),
        network=network(),
        path=([4.5, 5.0], [MatchedFix("north", 90.0, 0.0, True, 1.0)] * 2),
        lane_offset_m=lane_m,
    )
    return FRAME.to_xy(got[0].footprint)


@pytest.mark.parametrize("east_m", [-4.0, 1.9, 6.0])
@pytest.mark.parametrize("turned_deg", [-6.0, 0.0, 6.0])
def test_footprint_lies_at_the_lane_along_the_street(
    east_m: float, turned_deg: float
) -> None:
    got = snapped(east_m, turned_deg, LANE_M)

    assert got == pytest.approx(np.add(AHEAD, (LANE_M, 40.0)), abs=0.3)


def test_a_turning_vehicle_is_left_where_it_is() -> None:
    got = snapped(6.0, 45.0, LANE_M)

    before = FRAME.to_xy(seen_from(6.0, 40.0, 45.0).footprint)
    assert got == pytest.approx(before, abs=1e-6)


def test_without_a_known_lane_nothing_moves() -> None:
    got = snapped(6.0, 0.0, None)

    assert got == pytest.approx(np.add(AHEAD, (6.0, 40.0)), abs=1e-6)
