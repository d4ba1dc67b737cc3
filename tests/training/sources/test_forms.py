import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from training.sources.boxes import sound_box
from training.sources.coco import read_coco
from training.sources.label_studio import file_name, read_label_studio
from training.sources.masks import read_mask_folder
from training.sources.voc import parse_voc, read_voc_folder, voc_text
from training.types import Box, Rejected
from vision.errors import FormError, NotFoundError

SPOT = (0.1, 0.2, 0.5, 0.8)
HOW: dict[str, Any] = {
    "source": "s",
    "classes": {"trash": "litter"},
    "known": frozenset({"litter"}),
}


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / name), np.zeros((50, 100, 3), np.uint8))
    return folder


def corners(box: Box) -> tuple[float, float, float, float]:
    return box.x1, box.y1, box.x2, box.y2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param((float("nan"), 0, 1, 1), "no number", id="NaN"),
        pytest.param((0.5, 0.5, 0.5, 0.9), "no area", id="no area"),
        pytest.param((1.2, 0.5, 1.4, 0.9), "outside", id="wholly outside"),
    ],
)
def test_a_bad_box_is_named_and_skipped(
    given: tuple[float, float, float, float], said: str
) -> None:
    box, fault = sound_box("litter", given, where="a:3")

    assert box is None
    assert fault is not None
    assert fault.path == "a:3"
    assert said in fault.reason


def test_a_box_partly_outside_is_clipped() -> None:
    box, fault = sound_box("litter", (-0.2, 0.5, 0.4, 1.3), where="a:3")

    assert fault is None
    assert box is not None
    assert corners(box) == (0.0, 0.5, 0.4, 1.0)
    assert box.origin == "a:3"


def test_voc_survives_a_round_trip_and_says_where_boxes_came_from(
    tmp_path: Path, images: Path
) -> None:
    box = Box("trash", *SPOT)
    (tmp_path / "a.xml").write_text(
        voc_text("a.png", [box], width_px=100, height_px=50), encoding="utf-8-sig"
    )

    (got,), rejected = read_voc_folder(images, tmp_path, **HOW)

    assert rejected == ()
    assert corners(got.boxes[0]) == pytest.approx(SPOT)
    assert (got.boxes[0].category, got.boxes[0].origin) == ("litter", "a.xml#1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
            "entities",
            id="entities",
        ),
        pytest.param("<annotation>", "no VOC", id="cut off"),
        pytest.param("<annotation/>", "no VOC", id="no size"),
        pytest.param(
            voc_text("a.png", [], width_px=0, height_px=5), "0 x 5", id="no width"
        ),
    ],
)
def test_a_bad_voc_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.xml"
    path.write_text(text)

    with pytest.raises(FormError, match=said):
        parse_voc(path, {}, [])


def test_bad_voc_files_are_recorded_beside_the_good_one(
    tmp_path: Path, images: Path
) -> None:
    boxes = [Box("trash", *SPOT), Box("ufo", *SPOT)]
    text = voc_text("a.png", boxes, width_px=100, height_px=50)
    (tmp_path / "a.xml").write_text(text)
    (tmp_path / "b.xml").write_text(text.replace("a.png", "../secret.png"))
    (tmp_path / "c.xml").write_bytes(b"\xff\xfe\x00")

    good, rejected = read_voc_folder(images, tmp_path, **HOW)

    assert [len(i.boxes) for i in good] == [1]
    assert [r.path for r in rejected] == [
        "a.xml#2",
        "b.xml#2",
        "b.xml",
        "c.xml",
    ]


def coco(tmp_path: Path, **change: object) -> Path:
    box = {"id": 7, "image_id": 1, "category_id": 3, "bbox": [10, 10, 40, 30]}
    table = {
        "images": [{"id": 1, "file_name": "x/a.png", "width": 100, "height": 50}],
        "categories": [{"id": 3, "name": "trash"}],
        "annotations": [box, {**box, "id": 8, **change}] if change else [box],
    }
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(table))
    return path


def test_coco_boxes_become_fractions(tmp_path: Path, images: Path) -> None:
    (got,), rejected = read_coco(images, coco(tmp_path), **HOW)

    assert rejected == ()
    assert corners(got.boxes[0]) == pytest.approx(SPOT)
    assert got.boxes[0].origin == "coco.json#7"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"bbox": [1, 2, 3]}, "four numbers", id="three numbers"),
        pytest.param({"category_id": 99}, "no category 99", id="no such category"),
        pytest.param({"iscrowd": 1}, "crowd", id="crowd"),
        pytest.param({"image_id": 5}, "image 5", id="no such image"),
        pytest.param({"bbox": [200, 0, 5, 5]}, "outside", id="outside"),
    ],
)
def test_a_bad_coco_annotation_is_recorded(
    tmp_path: Path, images: Path, change: dict[str, object], said: str
) -> None:
    (got,), (fault,) = read_coco(images, coco(tmp_path, **change), **HOW)

    assert len(got.boxes) == 1
    assert said in fault.reason
    assert got.known == (HOW["known"] if "image_id" in change else frozenset())


@pytest.mark.parametrize("text", ["{", "[]", '{"images": []}'])
def test_what_is_no_coco_file_stops_the_set(
    tmp_path: Path, images: Path, text: str
) -> None:
    path = tmp_path / "coco.json"
    path.write_text(text)

    with pytest.raises(FormError, match=r"coco\.json"):
        read_coco(images, path, **HOW)


def test_a_missing_label_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nothing"):
        read_coco(tmp_path, tmp_path / "nothing.json", **HOW)


def test_every_patch_of_a_mask_is_a_box_unless_it_is_a_speck(
    tmp_path: Path, images: Path
) -> None:
    mask = np.zeros((50, 100), np.uint8)
    mask[10:40, 10:50] = 1
    mask[2:12, 70:90] = 1
    mask[45:47, 80:82] = 1
    mask[30:40, 60:70] = 9
    cv2.imwrite(str(tmp_path / "a.png"), mask)

    (got,), rejected = read_mask_folder(images, tmp_path, names={1: "trash"}, **HOW)

    assert len(got.boxes) == 2
    assert SPOT in [pytest.approx(corners(b)) for b in got.boxes]
    assert [r.path for r in rejected] == ["a.png", "b.png"]


def rectangle(**change: object) -> dict[str, object]:
    value = {"x": 10, "y": 20, "width": 40, "height": 60}
    value |= {"rectanglelabels": ["trash"]}  # type: ignore[dict-item]
    return {"id": "r", "type": "rectanglelabels", "value": value, **change}


def export(tmp_path: Path, *tasks: dict[str, object]) -> Path:
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(tasks))
    return path


def task(*rows: object, **data: object) -> dict[str, object]:
    return {"id": 1, "data": data, "annotations": [{"result": list(rows)}]}


def test_label_studio_percents_become_fractions_and_choices_are_noted(
    tmp_path: Path, images: Path
) -> None:
    path = export(
        tmp_path, task(rectangle(), {"type": "choices", "value": {}}, image="/u/a.png")
    )

    (got,), (note,) = read_label_studio(images, path, **HOW)

    assert corners(got.boxes[0]) == pytest.approx(SPOT)
    assert got.boxes[0].origin == "tasks.json#1/r"
    assert "choices" in note.reason
    assert got.known == HOW["known"], "an ignored choice is no lost box"


def test_boxes_of_several_images_go_to_their_own(tmp_path: Path, images: Path) -> None:
    rows = (rectangle(item_index=1), rectangle(to_name="lost"))
    path = export(tmp_path, task(*rows, pages=["/u/a.png", "/u/b.png"]))

    got, (fault,) = read_label_studio(images, path, **HOW)

    assert {i.path.name: len(i.boxes) for i in got} == {"a.png": 0, "b.png": 1}
    assert "which of the pictures" in fault.reason


def test_a_task_nobody_finished_says_nothing(tmp_path: Path, images: Path) -> None:
    open_task = {"id": 2, "data": {"image": "b.png"}, "annotations": []}
    path = export(tmp_path, task(rectangle(), image="a.png"), open_task)

    got, rejected = read_label_studio(images, path, **HOW)

    assert [i.path.name for i in got] == ["a.png"]
    assert [r.path for r in rejected] == ["tasks.json#2"]
    assert isinstance(rejected[0], Rejected)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://h/data/upload/1/a%20b.png", "a b.png"),
        ("/data/local-files/?d=sets/one/a.png", "a.png"),
        ("just words", ""),
    ],
)
def test_file_names_are_taken_from_urls(url: str, name: str) -> None:
    assert file_name(url) == name
