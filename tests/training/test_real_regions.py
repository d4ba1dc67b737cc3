"""The hand-made list of real regions: sound boxes, real files, nothing that teaches."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import av
import pytest

from training.collect import load_maps
from training.labels import read_photos
from training.split import perceptual_hash, split_images
from training.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = Workspace.beside(ROOT)
DATA = WORKSPACE.shared / "data"
ROWS: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "datasets" / "real-regions.toml").read_text(encoding="utf-8")
)["region"]
KINDS = {
    "manhole_ok",
    "manhole_damaged",
    "manhole_missing",
    "stall",
    "poster",
    "negative",
}
TEST_ONLY = ("drives/", "scene/camvid/")
"""Folders that the detector never learns from."""


@pytest.fixture(scope="module")
def kept_back() -> set[str]:
    _, maps = load_maps(WORKSPACE)
    photos = read_photos(WORKSPACE.shared, maps)
    bits = {source: row.near_bits for source, row in maps.items()}
    parts = split_images(photos, [perceptual_hash(p) for p in photos], near_bits=bits)
    return {i.path.relative_to(DATA).as_posix() for i in parts["val"] + parts["test"]}


def test_there_are_enough_rows_of_what_the_shared_data_show() -> None:
    kinds = Counter(row["kind"] for row in ROWS if not row.get("taught"))

    assert sum(kinds.values()) >= 60
    assert kinds["manhole_ok"] >= 25
    assert kinds["negative"] >= 30
    assert kinds["poster"] >= 5
    assert kinds["stall"] >= 1


def test_every_row_says_what_it_is_and_no_row_is_there_twice() -> None:
    assert {row["kind"] for row in ROWS} <= KINDS
    assert all(row["of"].strip() for row in ROWS)
    keys = Counter((row["image"], row["kind"], *row["box"]) for row in ROWS)
    assert max(keys.values()) == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['image']} {row['of']}")
def test_a_box_lies_in_the_picture_and_has_area(row: dict[str, Any]) -> None:
    x1, y1, x2, y2 = row["box"]

    assert 0 <= x1 < x2 <= 1
    assert 0 <= y1 < y2 <= 1


@pytest.mark.parametrize("image", sorted({row["image"] for row in ROWS}))
def test_a_picture_is_there_and_a_frame_within_its_video(image: str) -> None:
    name, _, seconds = image.partition("#")

    assert (DATA / name).is_file()
    assert bool(seconds) == name.endswith(".mp4")
    if seconds:
        with av.open(str(DATA / name)) as video:
            assert video.duration is not None
            assert 0 <= float(seconds) * av.time_base < video.duration


def test_no_teaching_picture_is_in_the_list_unless_marked(kept_back: set[str]) -> None:
    unmarked = {row["image"] for row in ROWS if not row.get("taught")}
    marked = {row["image"] for row in ROWS if row.get("taught")}
    photos = {image for image in unmarked if not image.startswith(TEST_ONLY)}

    assert photos <= kept_back
    assert not unmarked & marked
