"""Label maps are checked key by key; every form is read through them."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.label_maps import LabelMap, read_label_maps
from training.labels import read_source
from training.sources.registry import FORMS
from training.sources.voc import voc_text
from training.types import Box, Rejected
from vision.errors import FormError, NotFoundError

CATEGORIES = ("litter", "stall", "car")
SOUND = """
[sets.one]
folder = "data/one"
known = ["litter"]
taught = false
[sets.one.map]
bottle = "litter"
"""


def read(tmp_path: Path, text: str) -> dict[str, LabelMap]:
    path = tmp_path / "maps.toml"
    path.write_text(text)
    return read_label_maps(path, CATEGORIES)


def test_a_sound_map_is_yolo_unless_it_says_otherwise(tmp_path: Path) -> None:
    plain = read(tmp_path, SOUND)["one"]
    coco = read(tmp_path, SOUND.replace("taught", 'form = "coco"\ntaught'))["one"]

    assert (plain.form, coco.form) == ("yolo", "coco")
    assert plain == replace(coco, form="yolo")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('folder = "data/one"', "", "lacks the key `folder`", id="missing"),
        pytest.param("[sets.one.map]", "[sets.one.mapp]", "lacks .*`map`", id="typo"),
        pytest.param(
            "taught", "colour = 3\ntaught", "key `colour`, which", id="unknown key"
        ),
        pytest.param(
            '"litter"\n', '""\n', "`map` must be .*none empty", id="to nothing"
        ),
        pytest.param(
            '= "litter"', '= "gold"', r"`map` names \['gold'\]", id="category"
        ),
        pytest.param('["litter"]', '["gold"]', r"`known` names", id="known gold"),
        pytest.param('["litter"]', '"litter"', "`known` must be", id="known text"),
        pytest.param("false", '"no"', "`taught` must be", id="taught no"),
        pytest.param("taught", 'form = "xls"\ntaught', "one of yolo, voc", id="form"),
        pytest.param("taught", "form = []\ntaught", "one of yolo, voc", id="no form"),
        pytest.param("taught", 'scene = "["\ntaught', "regular", id="no expression"),
        pytest.param("taught", "near_bits = 65\ntaught", "0 to 64", id="bits"),
        pytest.param("taught", "near_bits = true\ntaught", "0 to 64", id="true bits"),
        pytest.param("taught", 'join = "two"\ntaught', "`join` names 'two'", id="join"),
        pytest.param(
            "taught", 'same = { stall = "x" }\ntaught', "`same` names", id="same"
        ),
        pytest.param("taught", 'form = "masks"\ntaught', "`values`", id="no greys"),
        pytest.param(
            "taught",
            'form = "masks"\nvalues = { white = "bottle" }\ntaught',
            "`values` must be",
            id="a grey that is no number",
        ),
    ],
)
def test_a_bad_map_is_named_by_set_and_key(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(FormError, match=rf"maps\.toml, set one.*{said}"):
        read(tmp_path, SOUND.replace(old, new, 1))


def test_labels_of_another_form_need_classes(tmp_path: Path) -> None:
    text = SOUND.replace('bottle = "litter"', "").replace(
        "taught", 'form = "coco"\ntaught'
    )

    with pytest.raises(FormError, match="set one: `map` is empty"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(SOUND + "bottle = 3\n", "line 8", id="a key twice"),
        pytest.param("[sets.one\n", "line 1", id="no bracket"),
        pytest.param("version = 1\n", "no tables", id="no sets"),
        pytest.param("[sets]\none = 3\n", "set one is no table", id="a number"),
    ],
)
def test_what_is_no_file_of_maps_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FormError, match=rf"maps\.toml.*{said}"):
        read(tmp_path, text)


def test_a_missing_file_of_maps_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"maps\.toml"):
        read_label_maps(tmp_path / "maps.toml", CATEGORIES)


def write_labels(folder: Path, form: str) -> None:
    """Label a picture of 100 x 50 px with one bottle at (10, 10) to (50, 40)."""
    (folder / "labels").mkdir()
    value = {"x": 10, "y": 20, "width": 40, "height": 60, "rectanglelabels": ["bottle"]}
    mask = np.zeros((50, 100), np.uint8)
    mask[10:40, 10:50] = 7
    texts = {
        "yolo": ("labels/a.txt", "0 0.3 0.5 0.4 0.6"),
        "voc": (
            "labels/a.xml",
            voc_text(
                "a.png", [Box("bottle", 0.1, 0.2, 0.5, 0.8)], width_px=100, height_px=50
            ),
        ),
        "coco": (
            "labels.json",
            json.dumps(
                {
                    "images": [
                        {"id": 1, "file_name": "a.png", "width": 100, "height": 50}
                    ],
                    "categories": [{"id": 3, "name": "bottle"}],
                    "annotations": [
                        {"image_id": 1, "category_id": 3, "bbox": [10, 10, 40, 30]}
                    ],
                }
            ),
        ),
        "label_studio": (
            "labels.json",
            json.dumps(
                [
                    {
                        "data": {"image": "/upload/a.png"},
                        "annotations": [
                            {"result": [{"type": "rectanglelabels", "value": value}]}
                        ],
                    }
                ]
            ),
        ),
    }
    (folder / "classes.txt").write_text("bottle\n")
    if form == "masks":
        cv2.imwrite(str(folder / "labels" / "a.png"), mask)
        return
    name, text = texts[form]
    (folder / name).write_text(text)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_box(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "data" / "one"
    (folder / "images").mkdir(parents=True)
    cv2.imwrite(str(folder / "images" / "a.png"), np.zeros((50, 100, 3), np.uint8))
    write_labels(folder, form)
    keys = f'form = "{form}"\nvalues = {{ 7 = "bottle" }}\ntaught'
    label_map = read(tmp_path, SOUND.replace("taught", keys))["one"]

    rejected: list[Rejected] = []

    (image,) = read_source(label_map, tmp_path, rejected)

    assert rejected == []
    (box,) = image.boxes
    assert (box.x1, box.y1, box.x2, box.y2) == pytest.approx((0.1, 0.2, 0.5, 0.8))
    assert box.category == "litter"
    assert box.origin
    assert image.known == {"litter"}


@pytest.mark.parametrize("form", ["voc", "coco", "label_studio", "masks"])
def test_a_picture_that_nobody_labelled_is_left_out_by_name(
    tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "data" / "one"
    (folder / "images").mkdir(parents=True)
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / "images" / name), np.zeros((50, 100, 3), np.uint8))
    write_labels(folder, form)
    keys = f'form = "{form}"\nvalues = {{ 7 = "bottle" }}\ntaught'
    label_map = read(tmp_path, SOUND.replace("taught", keys))["one"]
    rejected: list[Rejected] = []

    images = read_source(label_map, tmp_path, rejected)

    assert [i.path.name for i in images] == ["a.png"]
    assert [r.path for r in rejected] == ["one/b.png"]
