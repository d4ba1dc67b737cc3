"""Ground in the picture: against the camera itself and by arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import Point, Polygon

from vision.camera import assume_camera, ground_to_pixel
from vision.errors import CameraError, InputError
from vision.scene import footprint, observable_range_m
from vision.types import Camera

LEVEL = Camera(1280, 720, 900.0, 900.0, 640.0, 360.0, height_m=1.5, pitch_deg=0.0)


def test_range_of_a_level_camera_by_hand() -> None:
    # Lower edge: 360 px below the centre, 1.5 m * 900 / 360 = 3.75 m ahead.
    # 0.25 m are 10 px at 900 * 0.25 / 10 = 22.5 m.
    assert observable_range_m(LEVEL, 720) == pytest.approx((3.75, 22.5))


def test_half_the_resolution_halves_the_far_end_only() -> None:
    assert observable_range_m(LEVEL, 360) == pytest.approx((3.75, 11.25))


def test_a_camera_that_sees_no_ground_says_so() -> None:
    with pytest.raises(CameraError, match="horizon"):
        observable_range_m(replace(LEVEL, pitch_deg=40.0), 720)


@pytest.mark.parametrize(
    "camera",
    [
        pytest.param(assume_camera(1280, 720), id="dash-cam"),
        pytest.param(replace(LEVEL, yaw_deg=90.0, pitch_deg=-15.0), id="to the side"),
        pytest.param(replace(LEVEL, yaw_deg=170.0, pitch_deg=-10.0), id="to the back"),
        pytest.param(
            replace(LEVEL, pitch_deg=-6, roll_deg=4, distortion=(-0.3, 0.08, 0, 0)),
            id="rolled and distorted",
        ),
    ],
)
def test_footprint_holds_what_the_picture_shows_and_nothing_else(
    camera: Camera,
) -> None:
    ring = Polygon(footprint(camera, far_m=15.0))
    points = np.random.default_rng(3).uniform(-18, 18, (3000, 2))
    uv = ground_to_pixel(camera, points)
    with np.errstate(invalid="ignore"):
        seen = np.all((uv >= 0) & (uv <= (1280, 720)), axis=1)
    seen &= np.hypot(*points.T) <= 15.0

    inside = np.array([ring.contains(Point(p)) for p in points])

    assert ring.is_valid
    assert seen.sum() > 100
    assert (inside != seen).mean() < 0.012


def test_far_limit_is_kept() -> None:
    ring = footprint(assume_camera(1280, 720), far_m=8.0)

    assert np.hypot(*ring.T).max() == pytest.approx(8.0, abs=0.1)
    assert len(ring) <= 64


def test_a_view_of_the_sky_has_an_empty_footprint() -> None:
    assert footprint(replace(LEVEL, pitch_deg=45.0)).shape == (0, 2)


@pytest.mark.parametrize("far_m", [0.0, -1.0, math.nan])
def test_a_limit_that_is_no_distance_is_refused(far_m: float) -> None:
    with pytest.raises(InputError, match="far_m"):
        footprint(LEVEL, far_m=far_m)
