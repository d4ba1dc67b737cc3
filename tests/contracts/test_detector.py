"""What every detector promises: the ONNX adapter and the shipped double."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.vision.detect.networks import NAMES, make_card, red_box_network
from vision.catalogue import list_models
from vision.detect import Detector, FakeBox, FakeDetector, Tiling, load_detector
from vision.errors import InputError
from vision.taxonomy import load_taxonomy
from vision.types import Frame

BOX = (20, 30, 60, 50)


def onnx_plain(folder: Path) -> Detector:
    return load_detector(make_card(folder, red_box_network()), device="cpu")


def onnx_suppressed(folder: Path) -> Detector:
    card = make_card(folder, red_box_network("nms"), output_kind="nms")
    return load_detector(card, device="cpu")


def onnx_static(folder: Path) -> Detector:
    card = make_card(folder, red_box_network(fixed_px=(320, 320)))
    return load_detector(card, device="cpu")


def onnx_tiled(folder: Path) -> Detector:
    card = make_card(folder, red_box_network())
    return load_detector(card, device="cpu", tiling=Tiling())


def fake(_folder: Path) -> Detector:
    # The second box hangs out of the picture, the third lies outside of it.
    boxes = [
        FakeBox("car", (-20, -20, 500, 500), 0.3),
        FakeBox("litter", BOX, 0.9),
        FakeBox("litter", (900, 900, 950, 950), 0.8),
    ]
    return FakeDetector(NAMES, {7: boxes, 8: [FakeBox("litter", BOX, 0.9)]})


def installed(_folder: Path) -> Detector:
    """Return the first shipped model, once there is one; else the double."""
    cards = list_models()
    return load_detector(cards[0], device="cpu") if cards else fake(_folder)


MAKERS = [onnx_plain, onnx_suppressed, onnx_static, onnx_tiled, fake, installed]


def red_frame(index: int = 7) -> Frame:
    image = np.full((120, 160, 3), 80, np.uint8)
    x1, y1, x2, y2 = BOX
    image[y1:y2, x1:x2] = (0, 0, 255)
    return Frame(index=index, pts_s=1.0, drive_s=1.0, image=image, source="made.png")


@pytest.fixture(params=MAKERS, ids=lambda make: make.__name__)
def detector(request: pytest.FixtureRequest, tmp_path: Path) -> Detector:
    make: Callable[[Path], Detector] = request.param
    return make(tmp_path)


def test_it_says_what_it_is(detector: Detector) -> None:
    assert re.fullmatch(r"[a-z0-9_-]+@[0-9.]+", detector.model_id)
    assert detector.device in {"cpu", "cuda"}
    assert detector.names
    assert set(detector.names) <= load_taxonomy().predictable


def test_rows_belong_to_the_frame_and_the_model(detector: Detector) -> None:
    found = detector.detect(red_frame(index=7))

    assert found.frame_index == 7
    assert found.names == detector.names
    assert found.model_id == detector.model_id
    assert found.xyxy.dtype == np.float32
    assert found.confidence.dtype == np.float32
    assert found.class_id.dtype == np.int32


def test_boxes_lie_in_the_picture_and_fall_in_confidence(detector: Detector) -> None:
    found = detector.detect(red_frame())

    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= np.array([160, 120, 160, 120])).all()
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert (np.diff(found.confidence) <= 0).all()


@pytest.mark.parametrize("make", MAKERS[:-1], ids=lambda make: make.__name__)
def test_the_box_is_in_pixels_of_the_frame(
    make: Callable[[Path], Detector], tmp_path: Path
) -> None:
    found = make(tmp_path).detect(red_frame())

    assert found.category(0) == "litter"
    assert found.xyxy[0] == pytest.approx(BOX, abs=1.01)


def test_looking_changes_neither_the_picture_nor_the_next_look(
    detector: Detector,
) -> None:
    frame = red_frame()
    before = frame.image.copy()

    first = detector.detect(frame)
    second = detector.detect(frame)

    assert (frame.image == before).all()
    assert (first.xyxy == second.xyxy).all()
    assert (first.confidence == second.confidence).all()


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (1079, 1919), (64, 64)])
def test_any_size_of_picture_is_taken(
    detector: Detector, size: tuple[int, int]
) -> None:
    image = np.full((*size, 3), 114, np.uint8)

    found = detector.detect(Frame(0, 0.0, 0.0, image, "grey.png"))

    assert found.frame_index == 0
    assert (found.xyxy[:, 2:] <= np.array([size[1], size[0]])).all()


def test_the_double_refuses_a_category_it_does_not_name() -> None:
    with pytest.raises(InputError, match="graffiti"):
        FakeDetector(("litter",), {0: [FakeBox("graffiti", (0, 0, 5, 5))]})
