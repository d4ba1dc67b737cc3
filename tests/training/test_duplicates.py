import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.duplicates import find_duplicates, write_duplicates
from training.folds import folds
from training.split import perceptual_hash
from training.types import Box, LabelledImage
from vision.errors import FormError, OutputError

HEAP = Box("garbage_pile", 0.1, 0.1, 0.5, 0.5)
NEAR = {"one": 8, "two": 8}


def picture(
    folder: Path, name: str, seed: int, *boxes: Box, source: str = "one"
) -> LabelledImage:
    small = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    big = cv2.resize(small, (160, 160), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(folder / name), big)
    known = frozenset({"garbage_pile"})
    return LabelledImage(folder / name, boxes, source, name, known)


def test_same_and_nearly_same_pictures_are_found_with_their_conflicts(
    tmp_path: Path,
) -> None:
    images = [
        picture(tmp_path, "a.png", 1, HEAP),
        picture(tmp_path, "b.png", 1, source="two"),
        picture(tmp_path, "c.jpg", 1, HEAP),
        picture(tmp_path, "d.png", 2),
    ]
    hashes = [perceptual_hash(i) for i in images]

    found = find_duplicates(images, hashes, near_bits=NEAR)

    rows = {(d.first, d.second): (d.exact, d.conflicts) for d in found}
    assert rows == {
        ("one--a", "two--b"): (True, ("garbage_pile",)),
        ("one--a", "one--c"): (False, ()),
        ("two--b", "one--c"): (False, ("garbage_pile",)),
    }
    write_duplicates(tmp_path / "d.json", found)
    assert len(json.loads((tmp_path / "d.json").read_text())) == 3


def test_a_report_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="gone"):
        write_duplicates(tmp_path / "gone" / "d.json", ())

    assert list(tmp_path.iterdir()) == []


def rows(count: int) -> list[LabelledImage]:
    return [
        LabelledImage(Path(f"p{n}.jpg"), (), s, f"{s}{n // 3}", frozenset())
        for s in NEAR
        for n in range(count)
    ]


def test_folds_hold_every_picture_once_whole_groups_and_even_sources() -> None:
    images = rows(60)

    got = folds(images, None, k=5, near_bits=NEAR)

    assert sorted(r for fold in got for r in fold) == list(range(120))
    for fold in got:
        assert [sum(images[r].source == s for r in fold) for s in NEAR] == [12, 12]
    scenes = [{images[r].scene for r in fold} for fold in got]
    assert sum(len(s) for s in scenes) == len(set.union(*scenes))


def test_folds_do_not_depend_on_the_order_of_the_pictures() -> None:
    images = rows(31)

    once = folds(images, None, k=3, near_bits=NEAR)
    again = folds(images[::-1], None, k=3, near_bits=NEAR)

    for a, b in zip(once, again, strict=True):
        assert {images[r].key for r in a} == {images[::-1][r].key for r in b}


@pytest.mark.parametrize("k", [1, 999])
def test_impossible_numbers_of_folds_are_refused(k: int) -> None:
    with pytest.raises(FormError, match="folds"):
        folds(rows(9), None, k=k, near_bits=NEAR)
