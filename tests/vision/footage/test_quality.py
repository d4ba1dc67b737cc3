"""Real street pictures pass; the same pictures spoilt do not."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.vision.footage.numbered_video import Picture
from vision.footage import QualityLimits, judge_frame, load_photo

VIDEOS = {
    "gopro": "gopro_pavement/max-heromode.mp4",
    "kitti": "kitti_0005/2011_09_26_drive_0005_sync.mp4",
    "cambridge": "cambridge/camvid_0016E5_15hz.mp4",
}
PHOTOS = {
    "portland": "drives/portland_photos/*.JPG",
    "larochelle": "drives/larochelle_photos/*.jpg",
    "panoramax": "street/panoramax_lege/*/*.jpg",
    "camvid": "scene/camvid/images/*/*0.jpg",
}


@pytest.fixture(scope="module")
def streets(shared: Path) -> dict[str, list[Picture]]:
    """Return real pictures by source."""
    pictures: dict[str, list[Picture]] = {}
    for name, path in VIDEOS.items():
        with av.open(str(shared / "data" / "drives" / path)) as container:
            frames = itertools.islice(container.decode(video=0), 0, 150, 15)
            pictures[name] = [np.array(f.to_ndarray(format="bgr24")) for f in frames]
    for name, pattern in PHOTOS.items():
        files = sorted((shared / "data").glob(pattern))
        step = max(1, len(files) // 60)
        pictures[name] = [at_most_full_hd(load_photo(file)) for file in files[::step]]
    return pictures


def at_most_full_hd(picture: Picture) -> Picture:
    """Keep the tests quick."""
    height, width = picture.shape[:2]
    if width <= 1920:
        return picture
    size = (1920, round(height * 1920 / width))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def brightness(factor: float) -> Callable[[Picture], Picture]:
    return lambda picture: (picture * factor).astype(np.uint8)


def blurred(picture: Picture) -> Picture:
    """Out of focus: sigma of 1 % of the width."""
    return cv2.GaussianBlur(picture, (0, 0), picture.shape[1] / 100)


def smeared(picture: Picture) -> Picture:
    """Turning while exposing: 6 % of the width, sideways."""
    length = int(picture.shape[1] * 0.06) | 1
    return cv2.filter2D(picture, -1, np.full((1, length), 1 / length, np.float32))


def flared(picture: Picture) -> Picture:
    """The low sun in the lens."""
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    square = (columns - 0.5 * width) ** 2 + (rows - 0.4 * height) ** 2
    light = 255 * np.exp(-square / (2 * (0.5 * width) ** 2))
    return np.clip(picture + light[..., None], 0, 255).astype(np.uint8)


def washed_out(picture: Picture) -> Picture:
    return (picture * 0.3 + 175).astype(np.uint8)


NOISE = np.random.default_rng(0).normal(0, 4, (1200, 1920, 3))


def covered(grey: int) -> Callable[[Picture], Picture]:
    """Return a spoiler: something soft-edged and noisy before most of the lens."""

    def spoil(picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        mask = np.zeros((height, width), np.float32)
        centre = (int(width * 0.45), int(height * 0.6))
        axes = (int(width * 0.6), int(height * 0.6))
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 1.0, -1)
        mask = cv2.GaussianBlur(mask, (0, 0), width / 60)[..., None]
        noise = grey + NOISE[:height, :width]
        return np.clip(picture * (1 - mask) + noise * mask, 0, 255).astype(np.uint8)

    return spoil


@pytest.mark.parametrize("source", [*VIDEOS, *PHOTOS])
def test_real_street_passes(source: str, streets: dict[str, list[Picture]]) -> None:
    judged = [judge_frame(picture) for picture in streets[source]]

    assert judged
    assert [quality for quality in judged if quality.reason is not None] == []


@pytest.mark.parametrize("source", [*VIDEOS, *PHOTOS])
def test_street_in_shadow_passes(
    source: str, streets: dict[str, list[Picture]]
) -> None:
    for picture in streets[source]:
        assert judge_frame(brightness(0.6)(picture)).reason is None


@pytest.mark.parametrize("source", [*VIDEOS, *PHOTOS])
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(brightness(0.15), "dark", id="dark"),
        pytest.param(blurred, "blurred", id="out of focus"),
        pytest.param(smeared, "blurred", id="smeared"),
        pytest.param(flared, "glare", id="low sun"),
        pytest.param(washed_out, "glare", id="washed out"),
        pytest.param(covered(60), "covered", id="dark thing"),
        pytest.param(covered(170), "covered", id="bright thing"),
        pytest.param(lambda p: np.full_like(p, 128), "covered", id="nothing to see"),
    ],
)
def test_spoilt_picture_is_dropped_with_its_reason(
    spoil: Callable[[Picture], Picture],
    reason: str,
    source: str,
    streets: dict[str, list[Picture]],
) -> None:
    for picture in streets[source][:5]:
        assert judge_frame(spoil(picture)).reason == reason


def test_limits_are_the_callers(streets: dict[str, list[Picture]]) -> None:
    picture = streets["gopro"][0]

    strict = QualityLimits(blurred_sharpness=2.0)
    loose = QualityLimits(blurred_sharpness=0.0)

    assert judge_frame(picture, strict).reason == "blurred"
    assert judge_frame(blurred(picture), loose).reason is None


def test_more_blur_is_never_sharper(streets: dict[str, list[Picture]]) -> None:
    picture = streets["larochelle"][0]

    sharpness = [
        judge_frame(cv2.GaussianBlur(picture, (0, 0), sigma)).sharpness
        for sigma in (1, 2, 4, 8)
    ]

    assert sharpness == sorted(sharpness, reverse=True)


def test_judging_is_cheap_beside_decoding(streets: dict[str, list[Picture]]) -> None:
    picture = cv2.resize(streets["portland"][0], (1920, 1080))
    judge_frame(picture)

    start_s = time.process_time()
    for _ in range(50):
        judge_frame(picture)

    # About 0.8 ms; a picture costs some 60 ms to decode.
    assert (time.process_time() - start_s) / 50 < 0.006


@pytest.mark.parametrize("size", [(16, 16), (17, 40), (1, 1), (2000, 20)])
def test_any_size_is_judged(size: tuple[int, int]) -> None:
    assert judge_frame(np.full((*size, 3), 128, np.uint8)).reason == "covered"
