from pathlib import Path

import cv2
import numpy as np
import pytest

from training.labels import usable
from training.pixels import picture_fault
from training.types import LabelledImage, Rejected


def noise(path: Path) -> Path:
    pixels = np.random.default_rng(1).integers(0, 255, (90, 120, 3), np.uint8)
    cv2.imwrite(str(path), pixels)
    return path


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_whole_picture_has_no_fault(tmp_path: Path, name: str) -> None:
    assert picture_fault(noise(tmp_path / name)) is None


def test_bytes_behind_the_end_of_a_picture_are_no_fault(tmp_path: Path) -> None:
    path = noise(tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes() + b"appended by a camera")

    assert picture_fault(path) is None


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
@pytest.mark.parametrize("share", [0.3, 0.999])
def test_a_cut_picture_is_found_though_opencv_may_fill_it_up(
    tmp_path: Path, name: str, share: float
) -> None:
    path = noise(tmp_path / name)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])

    assert "cut or damaged" in str(picture_fault(path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "empty", id="nothing in it"),
        pytest.param(b"<html>not found</html>", "no picture", id="a page"),
    ],
)
def test_what_is_no_picture_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.jpg").write_bytes(content)

    assert said in str(picture_fault(tmp_path / "a.jpg"))


def test_bad_pictures_and_second_names_are_left_out_by_name(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png", "b.jpg"):
        noise(tmp_path / name)
    (tmp_path / "b.jpg").write_bytes(b"")
    images = [
        LabelledImage(tmp_path / name, (), "s", name, frozenset())
        for name in ("a.jpg", "a.png", "b.jpg")
    ]
    rejected: list[Rejected] = []

    kept = usable(images, rejected)

    assert [i.path.name for i in kept] == ["a.jpg"]
    assert [r.path for r in rejected] == ["s/a.png", "s/b.jpg"]
    assert "a.jpg" in rejected[0].reason
