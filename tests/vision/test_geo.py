"""Places on the earth: metres, bearings, GCJ-02."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vision.geo import (
    LocalFrame,
    angle_difference_deg,
    bearing_deg,
    distance_m,
    gcj02_to_wgs84,
    heading_vectors,
    wgs84_to_gcj02,
)


def test_metres_and_back_is_exact() -> None:
    frame = LocalFrame(113.8, 34.0)
    lonlat = np.array([[113.8, 34.0], [113.95, 34.12], [113.6, 33.9]])

    back = frame.to_lonlat(frame.to_xy(lonlat))

    assert back == pytest.approx(lonlat, abs=1e-12)


@pytest.mark.parametrize(
    ("lat", "east_m", "north_m"),
    [
        # Length of a degree of longitude and of latitude on WGS-84 (published tables).
        pytest.param(0.0, 111_320, 110_574, id="equator"),
        pytest.param(30.0, 96_486, 110_852, id="30 north"),
        pytest.param(60.0, 55_800, 111_412, id="60 north"),
    ],
)
def test_a_degree_has_its_published_length(
    lat: float, east_m: float, north_m: float
) -> None:
    x, y = LocalFrame(100.0, lat).to_xy([101.0, lat + 1.0])

    assert (x, y) == pytest.approx((east_m, north_m), abs=1.0)


def test_scale_error_is_as_documented() -> None:
    # 1 km north of the origin at 40 degrees, 1 km of east is off by 1.3e-4: 0.13 m.
    near = LocalFrame(116.0, 40.0)
    there = LocalFrame(116.0, 40.0 + 1 / 111.03)
    place = there.to_lonlat([1000.0, 0.0])

    x, _ = near.to_xy(place)

    assert x - 1000.0 == pytest.approx(0.13, abs=0.02)


def test_distance_does_not_depend_on_the_order() -> None:
    a, b = (113.80, 34.00), (113.90, 34.15)

    assert distance_m(a, b) == pytest.approx(distance_m(b, a), abs=1e-6)


@pytest.mark.parametrize(
    ("dx", "dy", "bearing"),
    [(0, 1, 0), (1, 0, 90), (0, -1, 180), (-1, 0, 270), (1, 1, 45), (-1e-20, 1, 0)],
)
def test_bearings_run_clockwise_from_north(
    dx: float, dy: float, bearing: float
) -> None:
    got = bearing_deg((0.0, 0.0), (dx, dy))

    assert got == pytest.approx(bearing)
    assert 0 <= got < 360


@pytest.mark.parametrize("heading", [0.0, 37.0, 90.0, 200.0, 359.0])
def test_heading_vectors_agree_with_bearings(heading: float) -> None:
    forward, right = heading_vectors(heading)

    assert bearing_deg((0, 0), forward) == pytest.approx(heading)
    assert angle_difference_deg(bearing_deg((0, 0), right), heading) == pytest.approx(
        90
    )
    assert math.hypot(*forward) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("a", "b", "difference"), [(10, 350, 20), (350, 10, -20), (180, 0, -180), (0, 0, 0)]
)
def test_angle_differences_wrap(a: float, b: float, difference: float) -> None:
    assert angle_difference_deg(a, b) == pytest.approx(difference)


def test_gcj02_of_the_published_example() -> None:
    # The example every public implementation carries (Beijing, Tiananmen).
    lon, lat = wgs84_to_gcj02(116.404, 39.915)

    assert (lon, lat) == pytest.approx(
        (116.41024449916938, 39.91640428150164), abs=1e-9
    )


@pytest.mark.parametrize(
    "place", [(113.8, 34.02), (116.4, 39.9), (87.6, 43.8), (110.3, 20.0), (126.6, 45.8)]
)
def test_gcj02_and_back_within_a_centimetre(place: tuple[float, float]) -> None:
    shifted = wgs84_to_gcj02(*place)

    assert 100 < distance_m(place, shifted) < 900
    assert distance_m(gcj02_to_wgs84(*shifted), place) < 0.01


def test_outside_china_nothing_is_shifted() -> None:
    assert wgs84_to_gcj02(8.4, 49.0) == (8.4, 49.0)
    assert gcj02_to_wgs84(-122.6, 45.5) == (-122.6, 45.5)
