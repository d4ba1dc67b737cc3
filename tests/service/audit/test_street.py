"""Seen ground on segments: offsets along the drawing, sides of the drawing."""

from __future__ import annotations

import numpy as np
import pytest

from service.audit.street import ground_on_segments
from service.roads import RoadNetwork, build_network
from service.types import Segment
from vision.geo import LocalFrame
from vision.scene import SeenZones

FRAME = LocalFrame(113.85, 34.03)
KERB, NOTHING = frozenset({"kerb_strip"}), frozenset[str]()


def network() -> RoadNetwork:
    def line(*xy: tuple[float, float]) -> np.ndarray:
        return FRAME.to_lonlat(np.array(xy))

    return build_network(
        [
            Segment("north", None, "2", line((0, 0), (0, 100)), 100.0, width_m=8.0),
            Segment("east", None, "2", line((0, 50), (100, 50)), 100.0, width_m=8.0),
        ]
    )


def metre(north_m: float, heading_deg: float) -> SeenZones:
    lon, lat = FRAME.to_lonlat(np.array([1.9, north_m]))
    seen = {"right": KERB, "left": NOTHING}
    return SeenZones(float(lon), float(lat), heading_deg, seen, seen)  # type: ignore[arg-type]


@pytest.mark.parametrize(("heading_deg", "side"), [(2.0, "right"), (181.0, "left")])
def test_sides_are_those_of_the_drawing(heading_deg: float, side: str) -> None:
    ground = ground_on_segments(
        [metre(30.5, heading_deg), metre(29.5, heading_deg)],
        network(),
        {"north", "east"},
    )

    assert list(ground) == ["north"]
    assert ground["north"].offset_m == pytest.approx([29.5, 30.5], abs=0.05)
    assert [row[side] for row in ground["north"].seen] == [KERB, KERB]  # type: ignore[index]


def test_a_street_that_is_only_crossed_gets_nothing() -> None:
    ground = ground_on_segments([metre(50.0, 0.0)], network(), {"east"})

    assert ground == {}
