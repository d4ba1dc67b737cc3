"""Boxes drawn on a picture."""

from __future__ import annotations

import numpy as np
import pytest

from vision.detect import draw_detections, row_labels
from vision.errors import InputError
from vision.types import Detections

NAMES = ("litter", "car")


def detections(*boxes: tuple[float, float, float, float]) -> Detections:
    n = len(boxes)
    return Detections(
        frame_index=0,
        xyxy=np.array(boxes, np.float32).reshape(-1, 4),
        confidence=np.full(n, 0.534, np.float32),
        class_id=np.zeros(n, np.int32),
        names=NAMES,
        model_id="tiny@1",
    )


def test_the_picture_given_is_not_drawn_on() -> None:
    image = np.full((200, 300, 3), 128, np.uint8)

    drawn = draw_detections(image, detections((50, 80, 120, 160)))

    assert (image == 128).all()
    assert (drawn[80, 51:119] != 128).any(axis=1).all()  # the upper edge
    assert (drawn[160, 51:119] != 128).any(axis=1).all()  # the lower edge
    assert (drawn[100:140, 70:100] == 128).all()  # inside stays visible


@pytest.mark.parametrize(
    "box", [(0, 0, 299, 199), (280, 190, 299, 199), (0, 0, 4, 4), (-5, -5, 310, 220)]
)
def test_labels_stay_in_the_picture(box: tuple[float, float, float, float]) -> None:
    image = np.zeros((200, 300, 3), np.uint8)

    drawn = draw_detections(image, detections(box), ["litter 0.53"])

    # The label's filled ground is at least this many pixels of one colour.
    colours, counts = np.unique(drawn.reshape(-1, 3), axis=0, return_counts=True)
    assert counts[colours.any(axis=1)].max() > 600
    assert drawn.shape == image.shape


def test_labels_say_category_and_confidence() -> None:
    assert row_labels(detections((0, 0, 9, 9))) == ["litter 0.53"]


def test_one_label_a_box_is_required() -> None:
    with pytest.raises(InputError, match="expected 1 labels"):
        draw_detections(np.zeros((9, 9, 3), np.uint8), detections((0, 0, 5, 5)), [])
