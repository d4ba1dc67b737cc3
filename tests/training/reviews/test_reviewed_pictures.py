"""What reviewers said becomes boxes, places and parts; nothing else teaches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from training.reviews.data_set import write_version
from training.reviews.form import read_reviews
from training.reviews.frozen import freeze, read_frozen, spread
from training.reviews.parts import part_of_street, part_reviews
from training.types import Box, LabelledImage, Rejected
from vision.errors import FormError, NotFoundError

CATEGORIES = ("litter", "poster", "stall")


def street(part: str, number: int = 0) -> str:
    """Return the name of a street that goes to a part."""
    names = (f"street {n}" for n in range(1000))
    return [name for name in names if part_of_street(name) == part][number]


def box(verdict: str, category: str = "litter", *, left: float = 10.0) -> Any:
    return {
        "category": category,
        "xyxy": [left, 10, left + 20, 30],
        "verdict": verdict,
        "finding": f"{category}-{left:.0f}",
    }


def picture(number: int, *boxes: Any, **changes: Any) -> Any:
    return {
        "image": f"images/{number}.png",
        "streets": [street("train")],
        "day": "2026-03-01",
        "boxes": list(boxes),
        **changes,
    }


def export(folder: Path, *pictures: Any) -> Path:
    """Write an export whose pictures are grey, each of its own shade."""
    (folder / "images").mkdir(parents=True)
    for number, one in enumerate(pictures):
        pixels = np.full((50, 100, 3), number, np.uint8)
        cv2.imwrite(str(folder / one["image"]), pixels)
    table = {"form": "liujing-reviews@1", "made": "now", "pictures": list(pictures)}
    (folder / "reviews.json").write_text(json.dumps(table), "utf-8")
    return folder


def read_one(folder: Path, *boxes: Any, **changes: Any) -> LabelledImage:
    ((_, image),) = read_reviews(
        export(folder, picture(0, *boxes, **changes)), CATEGORIES, []
    )
    return image


@pytest.mark.parametrize(
    ("verdict", "where"),
    [
        pytest.param("real", "boxes", id="a real thing is a box"),
        pytest.param("permitted", "boxes", id="a stall with a permit is a stall"),
        pytest.param("duplicate", "boxes", id="what was counted twice is there"),
        pytest.param("false", "absent", id="a rejected find is a hard negative"),
        pytest.param("unclear", "unsure", id="unclear says nothing"),
        pytest.param("unreviewed", "unsure", id="nobody asked says nothing"),
    ],
)
def test_a_verdict_becomes(tmp_path: Path, verdict: str, where: str) -> None:
    image = read_one(tmp_path / "e", box(verdict))

    held = {n: getattr(image, n) for n in ("boxes", "absent", "unsure")}
    assert {name for name, own in held.items() if own} == {where}
    assert held[where] == (Box("litter", 0.1, 0.2, 0.3, 0.6),)
    assert image.known == frozenset()  # what nobody boxed may still be there


def test_a_thing_that_is_boxed_twice_is_one_and_no_negative(tmp_path: Path) -> None:
    image = read_one(
        tmp_path / "e",
        box("real"),
        box("duplicate", left=12.0),
        box("false", left=11.0),
    )

    assert len(image.boxes) == 1
    assert image.absent == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"xyxy": [120, 10, 140, 30]}, "no area inside"),
        ({"xyxy": [30, 10, 30, 30]}, "no area inside"),
        ({"category": "elephant"}, "no category"),
    ],
    ids=["outside of the picture", "without area", "of no class"],
)
def test_a_box_that_cannot_be_is_named_and_the_rest_goes_on(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    rejected: list[Rejected] = []
    rows = picture(0, {**box("real"), **changes}, box("real", "stall"))

    ((_, image),) = read_reviews(export(tmp_path / "e", rows), CATEGORIES, rejected)

    assert [b.category for b in image.boxes] == ["stall"]
    (fault,) = rejected
    assert said in fault.reason


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"form": "liujing-reviews@2"}', None]
)
def test_a_file_of_another_form_is_one_sentence(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "reviews.json").write_text(text, "utf-8")

    with pytest.raises((FormError, NotFoundError), match=r"reviews\.json"):
        read_reviews(tmp_path, CATEGORIES, [])


def test_a_street_never_parts_whatever_the_day(tmp_path: Path) -> None:
    streets = [f"s{number}" for number in range(40)]
    rows = [
        picture(number, box("real"), streets=[name], day=f"2026-03-{day:02d}")
        for number, (name, day) in enumerate((n, d) for n in streets for d in (1, 2, 3))
    ]
    found = read_reviews(export(tmp_path / "e", *rows), CATEGORIES, [])

    parted = part_reviews(found, [])

    scenes = [{image.scene for image in own} for own in parted.parts.values()]
    assert all(scenes)
    assert sum(map(len, scenes)) == len(set().union(*scenes)) == 40
    assert sum(map(len, parted.parts.values())) == 120


def test_gold_never_teaches_nor_what_stands_beside_it(tmp_path: Path) -> None:
    here, there = street("train"), street("train", 1)
    rows = (
        picture(0, box("real"), streets=[here], gold=True),
        picture(1, box("real", "poster"), streets=[here]),  # same street and day
        picture(2, box("real"), streets=[there], day="2026-03-09"),  # same finding
        picture(3, box("real", "stall"), streets=[here], day="2026-03-09"),
    )
    found = read_reviews(export(tmp_path / "e", *rows), CATEGORIES, [])

    parted = part_reviews(found, [])

    assert [i.path.stem for i in parted.gold] == ["0"]
    assert [i.path.stem for i in parted.parts["test"]] == ["1", "2"]
    assert [i.path.stem for i in parted.parts["train"]] == ["3"]


def test_what_cannot_be_parted_is_left_out_and_named(tmp_path: Path) -> None:
    both = [street("train"), street("test")]
    rows = (picture(0, box("real"), streets=both), picture(1, box("real"), streets=[]))
    rejected: list[Rejected] = []
    found = read_reviews(export(tmp_path / "e", *rows), CATEGORIES, [])

    parted = part_reviews(found, rejected)

    assert not any(parted.parts.values())
    assert [one.path for one in rejected] == ["images/0.png", "images/1.png"]


def test_the_same_reviews_are_the_same_version(tmp_path: Path) -> None:
    def version(*boxes: Any) -> str:
        folder = tmp_path / f"e{len(list(tmp_path.iterdir()))}"
        found = read_reviews(export(folder, picture(0, *boxes)), CATEGORIES, [])
        facts = [one for one, _ in found]
        parted = part_reviews(found, [])
        made = write_version(tmp_path / "data", parted, facts, made_at="now")
        return made.id

    assert version(box("real")) == "reviews@1"
    assert version(box("false")) == "reviews@2"
    assert version(box("real")) == "reviews@1"
    card = (tmp_path / "data" / "reviews@2.toml").read_text("utf-8")
    assert "[absent]\nlitter = 1\n" in card


def test_a_frozen_set_stays_as_it_was_frozen(tmp_path: Path) -> None:
    ((_, image),) = read_reviews(
        export(tmp_path / "e", picture(0, box("real"))), CATEGORIES, []
    )
    parts: Any = {"train": [image], "val": [image], "test": [image]}

    first = freeze(parts, tmp_path / "frozen")
    again = freeze({**parts, "test": []}, tmp_path / "frozen")
    back = read_frozen(tmp_path / "frozen", [])

    assert first == again
    assert [i.boxes for i in back["test"]] == [image.boxes]


def test_rehearsal_is_spread_over_the_sets() -> None:
    def of(source: str, number: int) -> LabelledImage:
        return LabelledImage(Path(f"{number}.jpg"), (), source, "", frozenset())

    many = [of("many", number) for number in range(50)]
    few = [of("few", number) for number in range(3)]

    chosen = spread([*many, *few], 10)

    assert [sum(i.source == name for i in chosen) for name in ("few", "many")] == [3, 7]
