"""Pixel <-> ground: conventions, round trips, distortion, refusals."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from vision.camera import (
    assume_camera,
    ground_covariance,
    ground_to_pixel,
    horizon_row_px,
    load_camera,
    pixel_rays,
    pixel_to_ground,
    rotation,
    scale_camera,
)
from vision.errors import CameraError, NotFoundError
from vision.types import Camera

LEVEL = Camera(1280, 720, 900.0, 900.0, 640.0, 360.0, height_m=1.5, pitch_deg=0.0)
BARREL = (-0.32, 0.11, 0.0008, -0.0006, -0.015)
TOML = """
width_px = 1280
height_px = 720
fx_px = 900.0
fy_px = 900.0
cx_px = 640.0
cy_px = 360.0
height_m = 1.5
pitch_deg = -3.0
"""


def test_level_camera_puts_a_ground_point_where_similar_triangles_say() -> None:
    # 10 m ahead, 2 m right, 1.5 m below the lens: u = 640 + 900 * 0.2, v = 360 + 135.
    uv = ground_to_pixel(LEVEL, [[10.0, 2.0]])

    assert uv[0] == pytest.approx([820.0, 495.0])


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        pytest.param({"pitch_deg": -5.0}, (0, -1), id="looking down lifts the scene"),
        pytest.param({"pitch_deg": 5.0}, (0, 1), id="looking up sinks the scene"),
        pytest.param({"yaw_deg": 5.0}, (-1, 0), id="turned right: scene goes left"),
        pytest.param({"yaw_deg": -5.0}, (1, 0), id="turned left: scene goes right"),
    ],
)
def test_mount_angles_move_the_scene_the_other_way(
    change: dict[str, float], moves: tuple[int, int]
) -> None:
    ahead = [[30.0, 0.0, 1.5]]

    shift = (
        ground_to_pixel(replace(LEVEL, **change), ahead) - ground_to_pixel(LEVEL, ahead)
    )[0]

    expected = np.array(moves) * 900 * math.tan(math.radians(5))
    assert shift == pytest.approx(expected, abs=1e-6)


def test_a_camera_rolled_clockwise_sees_the_world_turned_anticlockwise() -> None:
    # Right of the centre at lens height: rolled clockwise it appears above the centre.
    right = [[10.0, 2.0, 1.5]]

    u, v = ground_to_pixel(replace(LEVEL, roll_deg=10.0), right)[0]

    assert (u - 640, v - 360) == pytest.approx(
        (180 * math.cos(math.radians(10)), -180 * math.sin(math.radians(10)))
    )


def test_rotation_keeps_lengths_and_mirrors_once() -> None:
    # Forward, right, up is left-handed; right, down, along is right-handed: det -1.
    turned = rotation(replace(LEVEL, pitch_deg=-20, yaw_deg=130, roll_deg=-30))

    assert turned @ turned.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(turned) == pytest.approx(-1.0)


@pytest.mark.parametrize("distortion", [(), BARREL], ids=["pinhole", "barrel"])
@pytest.mark.parametrize("yaw_deg", [0.0, 25.0, -90.0, 180.0])
def test_ground_to_pixel_and_back(
    distortion: tuple[float, ...], yaw_deg: float
) -> None:
    camera = replace(
        LEVEL, pitch_deg=-8.0, roll_deg=3.0, yaw_deg=yaw_deg, distortion=distortion
    )
    u, v = np.meshgrid(np.linspace(0, 1280, 33), np.linspace(330, 720, 14))
    uv = np.column_stack([u.ravel(), v.ravel()])

    ground = pixel_to_ground(camera, uv)
    back = ground_to_pixel(camera, ground)

    assert np.isfinite(ground).all()
    assert np.abs(back - uv).max() < 1e-4


def test_a_camera_looking_back_sees_ground_behind_the_vehicle() -> None:
    back = replace(LEVEL, yaw_deg=180.0)

    # u right of the centre of a camera looking back is the vehicle's left.
    x, y = pixel_to_ground(back, [[820.0, 495.0]])[0]

    assert (x, y) == pytest.approx((-10.0, -2.0))


def test_the_sky_and_the_horizon_have_no_ground() -> None:
    assert np.isnan(pixel_to_ground(LEVEL, [[640.0, 360.0], [640.0, 100.0]])).all()


def test_points_behind_the_camera_have_no_pixel() -> None:
    assert np.isnan(ground_to_pixel(LEVEL, [[-5.0, 0.0]])).all()


@pytest.mark.parametrize(
    "distortion",
    [BARREL, (0.12, -0.03, 0.0, 0.0), (-0.25, 0.05, 0.002, 0.001)],
    ids=["barrel", "pincushion", "tangential"],
)
def test_distortion_agrees_with_opencv(distortion: tuple[float, ...]) -> None:
    camera = replace(LEVEL, distortion=distortion)
    optical = np.random.default_rng(1).uniform((-4, -2, 6), (4, 2, 12), (200, 3))
    matrix = np.array([[900.0, 0, 640], [0, 900.0, 360], [0, 0, 1]])
    expected, _ = cv2.projectPoints(
        optical, np.zeros(3), np.zeros(3), matrix, np.array(distortion)
    )
    vehicle = optical @ rotation(camera).T + (0, 0, camera.height_m)

    uv = ground_to_pixel(camera, vehicle)
    rays = pixel_rays(camera, uv)

    assert uv == pytest.approx(expected.reshape(-1, 2), abs=1e-6)
    unit = (vehicle - (0, 0, 1.5)) / np.linalg.norm(
        vehicle - (0, 0, 1.5), axis=1, keepdims=True
    )
    assert rays == pytest.approx(unit, abs=1e-6)


def test_points_far_outside_the_field_do_not_fold_back_into_the_picture() -> None:
    # k1 = -0.3 turns back at r = 1 / sqrt(0.9) = 1.054; r = 2 would land in the middle.
    camera = replace(LEVEL, distortion=(-0.3, 0.0, 0.0, 0.0))

    inside, outside = ground_to_pixel(camera, [[5.0, 5.0, 1.5], [5.0, 9.0, 1.5]])

    assert np.isfinite(inside).all()
    assert np.isnan(outside).all()


def test_a_pixel_no_ray_reaches_is_nan() -> None:
    # The largest distorted radius of k1 = -0.3 is 1.054 * (1 - 1/3) = 0.703.
    camera = replace(LEVEL, distortion=(-0.3, 0.0, 0.0, 0.0))

    rays = pixel_rays(camera, [[640 + 900 * 0.69, 360], [640 + 900 * 0.72, 360]])

    assert np.isfinite(rays[0]).all()
    assert np.isnan(rays[1]).all()


@pytest.mark.parametrize("roll_deg", [0.0, 12.0])
@pytest.mark.parametrize("yaw_deg", [0.0, 40.0])
def test_horizon_row_is_where_far_ground_converges(
    roll_deg: float, yaw_deg: float
) -> None:
    camera = replace(LEVEL, pitch_deg=-6.0, roll_deg=roll_deg, yaw_deg=yaw_deg)
    far_m = 1e7
    yaw = math.radians(yaw_deg)

    v = ground_to_pixel(camera, [[far_m * math.cos(yaw), far_m * math.sin(yaw)]])[0, 1]

    assert horizon_row_px(camera) == pytest.approx(v, abs=1e-2)


def test_the_other_picture_size_sees_the_same_ground() -> None:
    camera = replace(LEVEL, pitch_deg=-4.0, distortion=BARREL)
    half = scale_camera(camera, 640, 360)

    full_ground = pixel_to_ground(camera, [[900.0, 600.0]])

    assert pixel_to_ground(half, [[450.0, 300.0]]) == pytest.approx(full_ground)


def test_assumed_camera_is_seventy_degrees_wide_and_says_it_is_assumed() -> None:
    camera = assume_camera(1920, 1080)

    left, right = pixel_rays(replace(camera, pitch_deg=0.0), [[0, 540], [1920, 540]])

    assert math.degrees(math.acos(left @ right)) == pytest.approx(70.0)
    assert camera.origin == "assumed"


@pytest.mark.parametrize("ahead_m", [6.0, 12.0, 20.0])
def test_covariance_matches_what_wrong_pitch_really_does(ahead_m: float) -> None:
    sigma_deg = 0.3
    uv = ground_to_pixel(replace(LEVEL, pitch_deg=-4.0), [[ahead_m, 0.0]])
    moved = [
        pixel_to_ground(replace(LEVEL, pitch_deg=-4.0 + s), uv)[0, 0]
        for s in (-sigma_deg, sigma_deg)
    ]

    cov = ground_covariance(
        LEVEL, [[ahead_m, 0.0]], pitch_sigma_deg=sigma_deg, pixel_sigma=0.0
    )[0]

    assert math.sqrt(cov[0, 0]) == pytest.approx(abs(moved[1] - moved[0]) / 2, rel=0.05)


def test_covariance_turns_with_the_ray_and_takes_a_sigma_per_point() -> None:
    points = np.array([[10.0, 0.0], [0.0, 10.0]])

    cov = ground_covariance(LEVEL, points, pitch_sigma_deg=0.5, pixel_sigma=[2.0, 2.0])

    assert cov[0, 0, 0] == pytest.approx(cov[1, 1, 1])
    assert cov[0, 0, 0] > 20 * cov[0, 1, 1]
    assert np.linalg.eigvalsh(cov).min() > 0


def test_a_camera_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "camera.toml"
    path.write_text(TOML + "distortion = [-0.3, 0.1, 0, 0]\nlane_offset_m = 1.75\n")

    camera = load_camera(path)

    assert camera == replace(
        LEVEL, pitch_deg=-3.0, distortion=(-0.3, 0.1, 0.0, 0.0), lane_offset_m=1.75
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("width_px = ", "not valid TOML", id="no TOML"),
        pytest.param(TOML + "zoom = 2\n", "unknown field 'zoom'", id="unknown field"),
        pytest.param("width_px = 1280\n", "incomplete", id="fields missing"),
        pytest.param(TOML.replace("1.5", "-1.5"), "height_m", id="below the road"),
        pytest.param(TOML.replace("1.5", "nan"), "height_m", id="not a number"),
        pytest.param(TOML.replace("640.0", '"640"'), "cx_px", id="a string"),
        pytest.param(TOML + "distortion = 3\n", "distortion", id="distortion a number"),
        pytest.param(TOML + "distortion = [1, 2]\n", "k1, k2", id="two coefficients"),
        pytest.param(TOML + "lane_offset_m = true\n", "lane_offset_m", id="a boolean"),
    ],
)
def test_bad_camera_files_are_refused_in_one_sentence(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "camera.toml"
    path.write_text(text)

    with pytest.raises(CameraError, match=says):
        load_camera(path)


def test_a_missing_camera_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="does not exist"):
        load_camera(tmp_path / "none.toml")
