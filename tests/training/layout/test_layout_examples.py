"""Windows of pictures with layouts; weights; shares of a batch."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from training.layout.examples import (
    AllowedTable,
    LayoutExample,
    augmented,
    class_weights,
    load,
    shared_out,
)
from training.layout.measure import agree
from vision.errors import FootageError
from vision.scene import Layout
from vision.types import Image

NAMES = ("road", "sky", "tree")


def table() -> AllowedTable:
    made = AllowedTable(3)
    made.add("one", np.array([[1, 0, 0], [0, 1, 1]], np.bool_))
    made.add("two", np.eye(3, dtype=np.bool_))
    return made


def written(folder: Path, rows: list[list[int]], source: str = "two") -> LayoutExample:
    """Write a picture whose pixels are 60 times their label, and the labels."""
    labels = np.array(rows, np.uint8)
    picture, ids = folder / "p.png", folder / "rows.png"
    cv2.imwrite(str(picture), np.repeat(labels[..., None] * 60, 3, axis=2))
    cv2.imwrite(str(ids), labels)
    return LayoutExample(picture, ids, source)


def test_rows_are_those_of_the_source(tmp_path: Path) -> None:
    _, rows = load(written(tmp_path, [[0, 1], [2, 255]]), table())

    assert rows.tolist() == [[2, 3], [4, 5]]  # 255 is no label: the last row
    assert table().allowed[5].all()


def test_a_label_beyond_its_own_source_teaches_nothing(tmp_path: Path) -> None:
    _, rows = load(written(tmp_path, [[0, 2]], "one"), table())

    assert rows.tolist() == [[0, 5]]


def test_a_picture_that_is_gone_is_named(tmp_path: Path) -> None:
    example = written(tmp_path, [[0, 0]])
    example.rows.unlink()

    with pytest.raises(FootageError, match=r"rows\.png cannot be decoded"):
        load(example, table())


def test_windows_keep_labels_on_their_pixels() -> None:
    rng = np.random.default_rng(4)
    rows = np.zeros((60, 90), np.uint8)
    rows[20:45, 30:70] = 2
    pixels = np.repeat(rows[..., None] * 100, 3, axis=2).astype(np.uint8)
    agreed, shown = [], 0
    for _ in range(40):
        seen, told = augmented(pixels, rows, (64, 48), 9, rng)
        inside = told != 9
        bright = seen.max(axis=2) > 30
        agreed.append(np.mean(bright[inside] == (told[inside] == 2)))
        shown += int((told == 2).any())

        assert seen.shape == (48, 64, 3)
        assert told.shape == (48, 64)

    assert np.mean(agreed) > 0.93  # noise, blur and half pixels at the edge
    assert shown > 30


def test_rare_classes_weigh_more_and_the_mean_is_one() -> None:
    rows = np.full((10, 100), 2, np.uint8)
    rows[0] = 3
    rows[1, :50] = 4
    weights = class_weights([(np.zeros((10, 100, 3), np.uint8), rows)], table().allowed)

    assert weights[0] < weights[1] < weights[2]
    assert weights @ [0.85, 0.1, 0.05] == pytest.approx(1.0, rel=1e-5)


def test_a_batch_is_shared_out_in_whole_pictures() -> None:
    assert shared_out(16, {"a": 0.45, "b": 0.35, "c": 0.2}) == {"a": 7, "b": 6, "c": 3}
    assert shared_out(6, {"b": 0.35, "c": 0.2}) == {"b": 4, "c": 2}


def test_agreement_counts_pixels_by_label(tmp_path: Path) -> None:
    example = written(tmp_path, [[0, 0, 0, 1], [1, 1, 2, 255]])

    def read(pixels: Image) -> Layout:
        seen = np.array([[0, 0, 1, 1], [1, 1, 0, 0]], np.uint8)
        return Layout(seen, np.ones((2, 4), np.float32), NAMES)

    found = agree([example], read, names=NAMES, counts_as=np.arange(3, dtype=np.uint8))

    # road: 2 of 3 labelled, one tree taken for it; sky: all 3, one road taken for it.
    assert found.iou() == pytest.approx({"road": 2 / 4, "sky": 3 / 4, "tree": 0.0})
    assert found.mean_iou() == pytest.approx((0.5 + 0.75) / 3)
    assert found.pictures.tolist() == [1, 1, 1]


def test_what_is_none_of_a_tests_classes_is_wrong(tmp_path: Path) -> None:
    example = written(tmp_path, [[0, 0, 1, 1]])

    def read(pixels: Image) -> Layout:
        seen = np.array([[0, 2, 1, 1]], np.uint8)
        return Layout(seen, np.ones((1, 4), np.float32), NAMES)

    found = agree(
        [example],
        read,
        names=NAMES[:2],
        counts_as=np.array([0, 1, 2], np.uint8),
    )

    assert found.iou() == pytest.approx({"road": 0.5, "sky": 1.0})
