import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.assemble import (
    KNOWN_FILE,
    Window,
    assemble,
    crop_boxes,
    crop_windows,
    repeats,
)
from training.types import Box, LabelledImage, Part

CATEGORIES = ("litter", "stall")


def white_spot(path: Path, *, size: tuple[int, int], spot: Window) -> Box:
    w, h = size
    pixels = np.zeros((h, w, 3), np.uint8)
    pixels[spot.y : spot.y + spot.h, spot.x : spot.x + spot.w] = 255
    cv2.imwrite(str(path), pixels)
    return Box(
        "litter",
        spot.x / w,
        spot.y / h,
        (spot.x + spot.w) / w,
        (spot.y + spot.h) / h,
    )


def spot_in(path: Path) -> tuple[float, float, float, float]:
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    ys, xs = np.nonzero(pixels > 127)
    h, w = pixels.shape
    return xs.min() / w, ys.min() / h, (xs.max() + 1) / w, (ys.max() + 1) / h


def box_in(path: Path) -> tuple[float, float, float, float]:
    cx, cy, w, h = (float(v) for v in path.read_text().split()[1:])
    return cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2


def test_crops_of_a_frame_reach_both_sides_and_the_bottom() -> None:
    left, right = crop_windows(1280, 720)

    assert left.x == 0
    assert right.x + right.w == 1280
    assert left.x + left.w > right.x
    assert left.y + left.h == right.y + right.h == 720


def test_a_box_cut_to_less_than_its_visible_share_is_left_out() -> None:
    box = Box("litter", 0.45, 0.5, 0.55, 0.6)

    below = crop_boxes([box], Window(0, 0, 520, 500), width_px=1000, height_px=1000)
    hardly = crop_boxes([box], Window(0, 0, 480, 600), width_px=1000, height_px=1000)

    assert below == ()
    assert hardly == ()
    half = crop_boxes([box], Window(0, 0, 500, 600), width_px=1000, height_px=1000)
    assert half[0].x2 == pytest.approx(1.0)
    assert half[0].x1 == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("source", "size"),
    [
        pytest.param("rendered_street", (1280, 720), id="a frame, cut"),
        pytest.param("pothole_dnit", (1920, 1200), id="a photo, shrunk"),
    ],
)
def test_boxes_lie_on_what_they_named(
    tmp_path: Path, source: str, size: tuple[int, int]
) -> None:
    picture = tmp_path / "a.png"
    box = white_spot(picture, size=size, spot=Window(640, 420, 80, 60))
    image = LabelledImage(picture, (box,), source, "s", frozenset(CATEGORIES))
    parts: dict[Part, list[LabelledImage]] = {"train": [image], "val": [], "test": []}

    assemble(
        parts,
        tmp_path / "set",
        categories=CATEGORIES,
        cut=frozenset({"rendered_street"}),
        rejected=[],
    )

    written = sorted((tmp_path / "set" / "images" / "train").iterdir())
    assert len(written) == (2 if source == "rendered_street" else 1)
    for path in written:
        label = tmp_path / "set" / "labels" / "train" / f"{path.stem}.txt"
        pixels = cv2.imread(str(path))
        assert pixels is not None
        assert max(pixels.shape) <= 960
        if label.read_text():
            assert box_in(label) == pytest.approx(spot_in(path), abs=0.01)


def test_what_is_known_travels_with_every_picture(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    box = white_spot(picture, size=(100, 100), spot=Window(10, 10, 50, 50))
    image = LabelledImage(picture, (box,), "litter_kerb", "s", frozenset({"stall"}))
    parts: dict[Part, list[LabelledImage]] = {"train": [image], "val": [], "test": []}

    assemble(
        parts,
        tmp_path / "set",
        categories=CATEGORIES,
        cut=frozenset(),
        rejected=[],
    )

    known = json.loads((tmp_path / "set" / KNOWN_FILE).read_text())
    assert known == {"litter_kerb--a": [1]}


def test_rare_categories_are_shown_more_often_but_never_more_than_twice() -> None:
    rare = LabelledImage(
        Path("r.jpg"), (Box("stall", 0, 0, 1, 1),), "x", "r", frozenset()
    )
    common = [
        LabelledImage(
            Path(f"{k}.jpg"), (Box("litter", 0, 0, 1, 1),), "x", str(k), frozenset()
        )
        for k in range(99)
    ]

    assert repeats([rare, *common]) == [2] + [1] * 99
