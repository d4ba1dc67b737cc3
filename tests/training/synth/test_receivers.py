"""Tracks: projection there and back, and receivers as bad as they claim."""

import itertools
import math
from datetime import UTC, datetime

import gpxpy
import numpy as np
import pytest

from training.synth.camera_path import CameraPath
from training.synth.geodesy import GeoFrame
from training.synth.receivers import CHEAP, GOOD, Receiver, gpx, observe

FRAME = GeoFrame(113.852, 34.036, 12.0)


@pytest.mark.parametrize("xy", [(0.0, 0.0), (1.9, -150.0), (170.0, 60.0)])
def test_projection_comes_back(xy: tuple[float, float]) -> None:
    assert FRAME.plan_xy(*FRAME.lonlat(*xy)) == pytest.approx(xy, abs=1e-6)


def test_plan_up_is_twelve_degrees_east_of_north() -> None:
    east, north = FRAME.east_north(0.0, 100.0)

    assert math.degrees(math.atan2(east, north)) == pytest.approx(12.0)
    assert FRAME.heading_deg(90.0) == pytest.approx(102.0)


@pytest.mark.parametrize("receiver", [GOOD, CHEAP], ids=lambda r: r.name)
def test_drift_has_its_sigma_in_the_long_run(receiver: Receiver) -> None:
    long_run = Receiver("long", 1.0, receiver.sigma_m, receiver.tau_s, 0.0)

    fixes = observe(long_run, lambda _: (0.0, 0.0), span_s=(0.0, 40000.0), seed=1)
    errors = np.array([(f.x_m, f.y_m) for f in fixes])

    assert errors.std() == pytest.approx(receiver.sigma_m, rel=0.1)


def test_the_good_receiver_stays_within_four_sigma() -> None:
    fixes = observe(GOOD, lambda t: (t, 0.0), span_s=(0.0, 31.0), seed=71)

    assert max(math.hypot(f.x_m - f.time_s, f.y_m) for f in fixes) < 4.0


def test_the_cheap_receiver_is_silent_in_its_outage_and_wild_once() -> None:
    fixes = observe(CHEAP, lambda _: (0.0, 0.0), span_s=(-2.0, 33.0), seed=72)
    gaps = [b.time_s - a.time_s for a, b in itertools.pairwise(fixes)]
    wild = [f for f in fixes if math.hypot(f.x_m, f.y_m) > 40.0]

    assert max(gaps) == pytest.approx(6.0)
    assert [f.time_s for f in wild] == [24.0]


def test_gpx_times_are_utc_from_the_first_frame() -> None:
    start = datetime(2026, 9, 15, 2, 10, tzinfo=UTC)
    fixes = observe(GOOD, lambda _: (0.0, 0.0), span_s=(0.0, 1.0), seed=1)

    text = gpx("drive", fixes, lonlat=FRAME.lonlat, start_utc=start, hdop=0.7)
    points = gpxpy.parse(text).tracks[0].segments[0].points

    assert points[0].time == start
    assert (points[1].time - points[0].time).total_seconds() == pytest.approx(0.2)
    assert points[0].longitude == pytest.approx(113.852, abs=1e-4)


def test_the_camera_turns_right_once_and_slows_for_it() -> None:
    path = CameraPath(31.0)
    points = [path.at(t / 10) for t in range(311)]
    headings = [p.heading_deg for p in points]

    assert headings == sorted(headings)
    assert (headings[0], headings[-1]) == (0.0, 90.0)
    assert min(p.speed_mps for p in points) == pytest.approx(4.2, abs=0.1)
    assert path.distance_m(31.0) > 200.0


def test_the_camera_moves_as_fast_as_its_speed_says() -> None:
    path = CameraPath(31.0)

    for t in np.arange(0.0, 30.0, 0.5):
        a, b = path.at(float(t)), path.at(float(t) + 0.05)
        moved = math.hypot(b.x_m - a.x_m, b.y_m - a.y_m)
        assert moved / 0.05 == pytest.approx(a.speed_mps, rel=0.05)
