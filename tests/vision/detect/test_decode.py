"""Raw network output -> boxes."""

from __future__ import annotations

import numpy as np
import pytest

from vision.detect.decode import (
    Boxes,
    Suppression,
    clip_boxes,
    decode_nms,
    decode_yolo,
    suppress,
)

FLOORS = np.array([0.3, 0.3, 0.1], np.float32)


def rows(*boxes: tuple[float, float, float, float, float, int]) -> Boxes:
    table = np.array(boxes, np.float32).reshape(-1, 6)
    return Boxes(table[:, :4], table[:, 4], table[:, 5].astype(np.int32))


def as_yolo(boxes: Boxes, classes: int) -> np.ndarray:
    output = np.zeros((1, 4 + classes, len(boxes)), np.float32)
    output[0, :2] = ((boxes.xyxy[:, :2] + boxes.xyxy[:, 2:]) / 2).T
    output[0, 2:4] = (boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]).T
    output[0, 4 + boxes.class_id, np.arange(len(boxes))] = boxes.confidence
    return output


def as_nms(boxes: Boxes, filling: int) -> np.ndarray:
    table = np.column_stack([boxes.xyxy, boxes.confidence, boxes.class_id])
    return np.vstack([table, np.zeros((filling, 6))])[None].astype(np.float32)


def test_outputs_with_and_without_suppression_agree() -> None:
    rng = np.random.default_rng(5)
    # 40 boxes, one in each cell of a grid: none overlaps another.
    corner = np.stack(np.meshgrid(np.arange(8), np.arange(5)), -1).reshape(-1, 2) * 50.0
    size = rng.uniform(5, 45, (40, 2))
    boxes = Boxes(
        np.hstack([corner, corner + size]).astype(np.float32),
        rng.uniform(0.02, 1, 40).astype(np.float32),
        rng.integers(0, 3, 40).astype(np.int32),
    )

    plain = decode_yolo(as_yolo(boxes, 3), FLOORS, Suppression())
    inside = decode_nms(as_nms(boxes, filling=7), FLOORS)

    assert len(plain) == np.count_nonzero(boxes.confidence >= FLOORS[boxes.class_id])
    assert 0 < len(plain) < 40
    assert plain.confidence.tolist() == inside.confidence.tolist()
    assert plain.class_id.tolist() == inside.class_id.tolist()
    assert plain.xyxy == pytest.approx(inside.xyxy, abs=1e-4)
    assert (np.diff(plain.confidence) <= 0).all()


@pytest.mark.parametrize(
    ("boxes", "kept"),
    [
        pytest.param(
            rows((0, 0, 10, 10, 0.9, 0), (0, 0, 10, 8, 0.8, 0)),
            [0.9],
            id="one class, IoU 0.8: one thing",
        ),
        pytest.param(
            rows((0, 0, 10, 10, 0.9, 0), (0, 0, 10, 8, 0.8, 1)),
            [0.9, 0.8],
            id="two classes never suppress each other",
        ),
        pytest.param(
            rows((0, 0, 10, 10, 0.9, 0), (0, 0, 10, 6, 0.8, 0)),
            [0.9, 0.8],
            id="IoU of exactly the limit 0.6 stays",
        ),
        pytest.param(
            # 2 is a double of 1 only, and 1 falls to 0: 2 lives.
            rows(
                (0, 0, 10, 10, 0.9, 0), (2, 0, 12, 10, 0.8, 0), (4, 0, 14, 10, 0.7, 0)
            ),
            [0.9, 0.7],
            id="a suppressed box suppresses nobody",
        ),
        pytest.param(
            rows((0, 0, 10, 8, 0.2, 0), (0, 0, 10, 10, 0.9, 0)),
            [0.9],
            id="order of the rows does not matter",
        ),
        pytest.param(rows(), [], id="nothing"),
    ],
)
def test_suppression(boxes: Boxes, kept: list[float]) -> None:
    got = suppress(boxes, Suppression(iou=0.6))

    assert got.confidence == pytest.approx(kept)


def test_no_more_than_the_wanted_number_is_kept() -> None:
    boxes = rows(*((50.0 * i, 0, 50.0 * i + 9, 9, 0.5 + i / 100, 0) for i in range(20)))

    kept = suppress(boxes, Suppression(kept=3))

    assert kept.confidence == pytest.approx([0.69, 0.68, 0.67])


def test_a_row_takes_the_best_class_that_reaches_its_own_floor() -> None:
    # Class 0 scores best but misses its floor of 0.3; class 2 needs only 0.1.
    output = np.array([5, 5, 4, 4, 0.28, 0.0, 0.15], np.float32).reshape(1, 7, 1)

    got = decode_yolo(output, FLOORS, Suppression())

    assert got.class_id.tolist() == [2]
    assert got.confidence == pytest.approx([0.15])


def test_rows_of_unknown_classes_are_dropped() -> None:
    table = np.array([[[0, 0, 9, 9, 0.9, 7], [0, 0, 9, 9, 0.8, 1]]], np.float32)

    assert decode_nms(table, FLOORS).class_id.tolist() == [1]


def test_boxes_end_at_the_picture_and_slivers_vanish() -> None:
    boxes = rows(
        (-5, -5, 200, 300, 0.9, 0),
        (99.5, 0, 120, 50, 0.8, 0),
        (20, 20, 20, 40, 0.7, 0),
        (150, 0, 160, 9, 0.6, 0),
        (float("nan"), 0, 50, 50, 0.5, 0),
    )

    got = clip_boxes(boxes, 100, 80)

    assert got.xyxy.tolist() == [[0, 0, 100, 80]]
    assert got.confidence == pytest.approx([0.9])
