"""The covers looked for by eye: every unlabelled picture once, every box sound."""

import tomllib
from pathlib import Path

from training.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
STREET = Workspace.beside(ROOT).shared / "data" / "street"
ROWS = tomllib.loads(
    (ROOT / "datasets" / "looked-covers.toml").read_text(encoding="utf-8")
)["looked"]


def test_every_unlabelled_picture_was_looked_at_once() -> None:
    folder = STREET / "panoramax_lege" / "unlabelled"
    there = sorted(p.relative_to(STREET).as_posix() for p in folder.glob("*.jpg"))

    assert sorted(row["image"] for row in ROWS) == there


def test_every_cover_lies_on_the_ground_and_has_area() -> None:
    covers = [box for row in ROWS for box in row["covers"]]

    assert len(covers) == 16
    for x1, y1, x2, y2 in covers:
        assert 0 <= x1 < x2 <= 1
        assert 0.42 <= y1 < y2 <= 1


def test_a_picture_with_a_doubt_says_which_and_claims_nothing() -> None:
    for row in ROWS:
        assert row["complete"] == ("note" not in row)
