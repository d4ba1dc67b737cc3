from pathlib import Path
from typing import Any

import pytest

from training.sources import read_yolo_folder
from training.sources.registry import SetFolder, read_set
from vision.errors import FormError, NotFoundError

GOOD = "0 0.3 0.5 0.4 0.6"
HOW: dict[str, Any] = {
    "source": "s",
    "names": ("trash",),
    "classes": {"trash": "litter"},
    "known": frozenset({"litter", "stall"}),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    (tmp_path / "images" / "a.jpg").touch()
    (tmp_path / "classes.txt").write_text("trash\n")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("0 0.5 0.5 0.1", "not a line", id="a number is missing"),
        pytest.param("0 0.5 0.5 0.1 wide", "not a line", id="not a number"),
        pytest.param("x 0.5 0.5 0.1 0.1", "not a line", id="no class id"),
        pytest.param("7 0.5 0.5 0.1 0.1", "class 7", id="no such class"),
        pytest.param("-1 0.5 0.5 0.1 0.1", "class -1", id="a class below nought"),
        pytest.param("0 nan 0.5 0.1 0.1", "no number", id="NaN"),
        pytest.param("0 0.5 0.5 inf 0.1", "no number", id="without end"),
        pytest.param("0 0.5 0.5 0 0.1", "no area", id="no width"),
        pytest.param("0 0.5 0.5 0.1 -0.1", "no area", id="turned inside out"),
        pytest.param("0 320 240 50 60", "outside", id="pixels, not fractions"),
    ],
)
def test_a_bad_line_is_named_and_the_others_kept(
    folder: Path, line: str, said: str
) -> None:
    (folder / "labels" / "a.txt").write_text(f"{GOOD}\n{line}\n{GOOD}\n")

    (image,), (fault,) = read_yolo_folder(folder / "images", folder / "labels", **HOW)

    assert [b.origin for b in image.boxes] == ["a.txt:1", "a.txt:3"]
    assert fault.path == "a.txt:2"
    assert said in fault.reason
    assert image.known == {"stall"}, "the lost box must not teach that nothing is there"


def test_labels_that_are_no_text_leave_their_picture_out(folder: Path) -> None:
    (folder / "images" / "b.jpg").touch()
    (folder / "labels" / "a.txt").write_bytes(b"\xff\xfe0\x00")

    images, (fault,) = read_yolo_folder(folder / "images", folder / "labels", **HOW)

    assert [i.path.name for i in images] == ["b.jpg"]
    assert fault.path == "a.txt"


def test_a_label_file_without_a_picture_is_recorded(folder: Path) -> None:
    (folder / "labels" / "lost.txt").write_text(GOOD)

    _, (fault,) = read_yolo_folder(folder / "images", folder / "labels", **HOW)

    assert fault.path == "lost.txt"


@pytest.mark.parametrize(("promise", "notes"), [("each", ["a.jpg"]), ("none", [])])
def test_a_missing_label_file_is_noted_where_the_set_promises_one(
    folder: Path, promise: str, notes: list[str]
) -> None:
    place = SetFolder(
        folder / "images",
        folder / "labels",
        "s",
        HOW["classes"],
        HOW["known"],
        label_each=promise == "each",
    )

    (image,), rejected = read_set(place, "yolo")

    assert image.boxes == ()
    assert image.known == HOW["known"]
    assert [r.path for r in rejected] == notes


def test_pictures_nobody_labelled_need_no_labels(folder: Path) -> None:
    place = SetFolder(folder / "images", None, "s", {}, frozenset({"stall"}))

    (image,), rejected = read_set(place, "yolo")

    assert image.boxes == ()
    assert image.known == {"stall"}
    assert rejected == ()


def test_a_missing_folder_stops_the_set(folder: Path) -> None:
    with pytest.raises(NotFoundError, match="gone"):
        read_yolo_folder(folder / "images", folder / "gone", **HOW)


def test_a_class_that_the_label_map_lacks_stops_the_set(folder: Path) -> None:
    how = {**HOW, "names": ("trash", "ufo")}

    with pytest.raises(FormError, match="ufo"):
        read_yolo_folder(folder / "images", folder / "labels", **how)
