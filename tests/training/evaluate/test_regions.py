from pathlib import Path

import cv2
import numpy as np
import pytest

from training.evaluate.regions import judge_regions, read_picture, read_regions
from vision.detect import FakeBox, FakeDetector
from vision.errors import FootageError, FormError

POINTS = dict.fromkeys(
    ("manhole_ok", "manhole_damaged", "manhole_missing", "stall", "poster", "car"), 0.5
)


def write(folder: Path, rows: list[tuple[str, list[float]]]) -> Path:
    cv2.imwrite(str(folder / "a.png"), np.zeros((100, 100, 3), np.uint8))
    text = "".join(
        f'[[region]]\nimage = "a.png"\nkind = "{kind}"\nof = "x"\nbox = {box}\n'
        for kind, box in rows
    )
    (folder / "list.toml").write_text(text, "utf-8")
    return folder / "list.toml"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('kind = "bench"', "kind must be"),
        ("box = [0.5, 0.0, 0.2, 1.0]", "x1 < x2"),
        ("box = [0.5]", "box must be"),
        ("", "the key"),
    ],
)
def test_a_damaged_row_is_refused_by_number(
    tmp_path: Path, change: str, message: str
) -> None:
    rows = {"image": '"a"', "kind": '"stall"', "of": '"x"', "box": "[0.0,0.0,1.0,1.0]"}
    key = change.partition(" =")[0] or "of"
    lines = [f"{k} = {v}" for k, v in rows.items() if k != key]
    text = "\n".join(["[[region]]", *lines, change])
    (tmp_path / "list.toml").write_text(text, "utf-8")

    with pytest.raises(FormError, match=f"region 1.*{message}"):
        read_regions(tmp_path / "list.toml")


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FootageError, match=r"none\.png"):
        read_picture(tmp_path, "none.png")
    with pytest.raises(FootageError, match=r"none\.mp4"):
        read_picture(tmp_path, "none.mp4#1.5")


def test_regions_are_found_missed_or_false(tmp_path: Path) -> None:
    rows = [
        ("manhole_ok", [0.0, 0.0, 0.2, 0.2]),  # its own box
        ("manhole_ok", [0.3, 0.0, 0.5, 0.2]),  # a cover in another state
        ("stall", [0.0, 0.5, 0.2, 0.7]),  # only below the operating point
        ("negative", [0.5, 0.5, 0.7, 0.7]),  # a poster there
        ("negative", [0.8, 0.8, 1.0, 1.0]),  # a car is none of the five
    ]
    boxes = [
        FakeBox("manhole_ok", (0, 0, 20, 19)),
        FakeBox("manhole_missing", (30, 0, 50, 20)),
        FakeBox("stall", (0, 50, 20, 70), 0.4),
        FakeBox("poster", (50, 50, 70, 70)),
        FakeBox("car", (80, 80, 100, 100)),
    ]
    listed = read_regions(write(tmp_path, rows))

    got = judge_regions(
        listed, tmp_path, FakeDetector(tuple(POINTS), {0: boxes}), POINTS
    )

    verdicts = [find.verdict for find in got.finds]
    assert verdicts == ["found", "other_state", "missed", "false", "quiet"]
    assert got.counts["manhole_ok"].other_state == 1
    assert got.counts["negative"].false == 1
    assert got.false_by_class == {"poster": 1}
    assert got.taught == {}
