"""Turns that the camera sees, and headings made steady by them."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from vision.camera import load_camera
from vision.locate.steer import Steerer, turned_deg
from vision.locate.turn import TurnSeer
from vision.types import Camera, FloatArray, Image, Pose

SAMPLE = Path(__file__).resolve().parents[3] / "datasets" / "sample-drive"
# KITTI's 1242 x 375 px, 721.5 px focal length, shrunk to 400 px.
KITTI = Camera(400, 120, 232.4, 232.4, 196.3, 55.5, height_m=1.65, pitch_deg=0.0)
GREY = np.full((120, 400, 3), 128, np.uint8)


def pictures(video: Path, every: int) -> tuple[list[float], list[Image]]:
    """Return times in seconds and every n-th picture of a video."""
    times, images = [], []
    with av.open(str(video)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % every == 0:
                times.append(float(frame.time or 0.0))
                images.append(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
    return times, images


def seen_turns(camera: Camera, images: list[Image], told: FloatArray) -> FloatArray:
    """Return the turn before each picture but the first, NaN where not seen."""
    seer = TurnSeer(camera)
    turns = [
        seer.see(image, expected_deg=float(deg))
        for image, deg in zip(images, [0.0, *told], strict=True)
    ]
    assert turns[0] is None
    return np.array([np.nan if t is None else t for t in turns[1:]])


def test_turns_of_the_sample_drive_are_seen_to_a_tenth_of_a_degree() -> None:
    times, images = pictures(SAMPLE / "drive.mp4", 4)
    truth = json.loads((SAMPLE / "truth.json").read_text("utf-8"))["cameras"]
    headings = np.unwrap([math.radians(row["heading_deg"]) for row in truth])
    at = np.interp(times, [row["pts_s"] for row in truth], np.degrees(headings))

    camera, told = load_camera(SAMPLE / "camera.toml"), np.diff(at)
    wrong = np.abs(seen_turns(camera, images, told + 1.0) - told)

    assert np.isnan(wrong).mean() < 0.05
    assert np.nanmedian(wrong) < 0.05
    assert np.nanpercentile(wrong, 95) < 0.3


def test_turns_of_a_real_drive_agree_with_its_inertial_unit(shared: Path) -> None:
    folder = shared / "data" / "drives" / "kitti_0005"
    _, images = pictures(folder / "2011_09_26_drive_0005_sync.mp4", 4)
    with (folder / "gps_imu.csv").open(encoding="utf-8") as lines:
        yaw = [float(row["yaw_rad"]) for row in csv.DictReader(lines)][::4]
    told = -np.degrees(np.diff(np.unwrap(yaw[: len(images)])))  # yaw is anticlockwise

    wrong = np.abs(seen_turns(KITTI, images, told + 1.0) - told)

    assert np.isnan(wrong).mean() < 0.2
    assert np.nanmedian(wrong) < 0.3


class Scripted(Steerer):
    """A steerer whose camera sees what the test says."""

    def __init__(self, turns: list[float | None]) -> None:
        super().__init__(KITTI)
        rest = iter(turns)
        self._seer.see = lambda *_, **__: next(rest)  # type: ignore[method-assign]


def pose(drive_s: float, heading_deg: float) -> Pose:
    return Pose(drive_s, 113.0, 34.0, heading_deg % 360.0, 8.0, 1.0)


def steadied(turns: list[float | None], told: list[float]) -> list[float]:
    steerer = Scripted(turns)
    return [
        steerer.steady(GREY, pose(0.4 * k, deg)).heading_deg
        for k, deg in enumerate(told)
    ]


def test_a_wandering_receiver_is_steadied() -> None:
    wander = [1.2 * math.sin(2 * math.pi * 0.4 * k / 7) for k in range(100)]

    found = steadied([0.0] * 100, [90 + w for w in wander])

    assert np.std(found[20:]) < 0.3 * np.std(wander)
    assert abs(np.mean(found[20:]) - 90) < 0.3


def test_a_turn_is_followed_through_north() -> None:
    true = [350.0 + 5.0 * k for k in range(12)]

    found = steadied([None, *[5.0] * 11], true)

    assert [turned_deg(t, f) for t, f in zip(true, found, strict=True)] == (
        pytest.approx([0.0] * 12, abs=0.01)
    )
    assert all(0 <= deg < 360 for deg in found)


def test_a_turn_that_the_receiver_denies_is_not_believed() -> None:
    found = steadied([None, 0.0, 25.0, 0.0], [10.0] * 4)

    assert found == pytest.approx([10.0] * 4)


def test_with_the_lens_covered_the_receiver_leads() -> None:
    # The receiver jumps by 5 degrees while the camera sees no turn: not followed at
    # once. Then nothing is seen any more.
    told = [10.0] * 10 + [15.0] * 20

    found = steadied([None, *[0.0] * 12, *[None] * 17], told)

    assert found[12] < 12.0
    assert found[13 + 10] == pytest.approx(15.0, abs=0.5)  # four seconds later


def test_after_a_gap_the_receiver_is_asked_anew() -> None:
    steerer = Scripted([None, 0.0])
    steerer.steady(GREY, pose(0.0, 10.0))

    assert steerer.steady(GREY, pose(9.0, 100.0)).heading_deg == 100.0


def test_a_poor_receiver_is_left_alone() -> None:
    steerer = Scripted([None, 0.0])
    poor = [replace(pose(0.4 * k, 10.0 + 3 * k), sigma_m=4.0) for k in range(2)]

    assert [steerer.steady(GREY, p) for p in poor] == poor


def test_pictures_without_structure_tell_nothing() -> None:
    seer = TurnSeer(KITTI)
    seer.see(GREY)

    assert seer.see(GREY) is None


def test_a_vehicle_that_stands_does_not_turn() -> None:
    rng = np.random.default_rng(0)
    image = np.asarray(rng.integers(0, 255, (120, 400, 3)), np.uint8)
    seer = TurnSeer(KITTI)
    seer.see(image)

    assert seer.see(image) == 0.0
