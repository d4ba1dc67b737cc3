"""`liujing layout` on real photos: ids, names, overlays, one bad among good ones."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.cli import main
from vision.catalogue import load_layout_card


@pytest.fixture
def photos(tmp_path: Path, shared: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    camvid = sorted((shared / "data/scene/camvid/images/val").iterdir())
    (folder / "street.jpg").write_bytes(camvid[0].read_bytes())
    car = sorted((shared / "data/street/panoramax_lege/unlabelled").iterdir())
    (folder / "car.jpg").write_bytes(car[0].read_bytes())
    return folder


def test_each_photo_gets_its_ids_in_its_own_size(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    assert main(["layout", str(photos), "--out", str(out), "--device", "cpu"]) == 0

    names = json.loads((out / "classes.json").read_text("utf-8"))
    assert tuple(names) == load_layout_card("layout@1").names
    for photo in photos.iterdir():
        picture = cv2.imread(str(photo))
        ids = cv2.imread(str(out / f"{photo.stem}.png"), cv2.IMREAD_UNCHANGED)
        assert picture is not None
        assert ids is not None
        assert ids.shape == picture.shape[:2]
        assert ids.dtype == np.uint8
        assert ids.max() < len(names)
    street = cv2.imread(str(out / "street.png"), cv2.IMREAD_UNCHANGED)
    assert street is not None
    middle_below = street[-40:, street.shape[1] // 2 - 40 : street.shape[1] // 2 + 40]
    assert names[np.bincount(middle_below.ravel()).argmax()] == "road"


def test_overlays_are_for_people(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    code = main(["layout", str(photos), "--out", str(out), "--overlay"])

    assert code == 0
    shown = cv2.imread(str(out / "street-layout.jpg"))
    picture = cv2.imread(str(photos / "street.jpg"))
    assert shown is not None
    assert picture is not None
    assert shown.shape[0] > picture.shape[0]  # the legend
    assert shown.shape[1] == picture.shape[1]


def test_a_broken_photo_is_named_beside_the_good_ones(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    out = tmp_path / "out"

    code = main(["layout", str(photos), "--out", str(out)])

    assert code == 1
    assert "broken.jpg" in capsys.readouterr().err
    assert sorted(p.stem for p in out.glob("*.png")) == ["car", "street"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nowhere.jpg", "--out", "x"], "nowhere.jpg does not exist"),
        (["{photos}", "--out", "{photos}"], "is the folder of the photos"),
        (["{photos}", "--out", "x", "--layout-model", "y@9"], "there is no model y@9"),
    ],
)
def test_bad_input_is_one_sentence(
    photos: Path, capsys: pytest.CaptureFixture[str], given: list[str], said: str
) -> None:
    code = main(["layout", *(part.format(photos=photos) for part in given)])

    shown = capsys.readouterr().err
    assert code == 2
    assert said in shown
    assert len(shown.strip().splitlines()) == 1
