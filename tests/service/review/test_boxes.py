"""Our boxes on pictures of other people's projects."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from service.review.boxes import Boxes, labelled
from vision.catalogue import load_card
from vision.detect.fake import FakeBox, FakeDetector
from vision.errors import InputError
from vision.taxonomy import load_taxonomy

CARD = load_card("street@2", None)
PAGE = """<View>
  <Image name="photo" value="$picture"/>
  <RectangleLabels name="what" toName="photo">
    <Label value="垃圾堆"/><Label value="Graffiti"/>
    <Label value="Loch" alias="pothole"/><Label value="Baum"/>
  </RectangleLabels>
</View>"""


def test_labels_are_ours_by_id_or_name_in_either_language() -> None:
    found = labelled(PAGE, CARD, load_taxonomy())

    assert found.labels == {
        "garbage_pile": "垃圾堆",
        "graffiti": "Graffiti",
        "pothole": "pothole",
    }
    assert (found.control, found.to_name, found.field) == ("what", "photo", "picture")


@pytest.mark.parametrize(
    ("page", "said"),
    [
        pytest.param(
            "<View><Text name='t' value='$t'/></View>",
            "no RectangleLabels over an Image",
            id="a project of texts",
        ),
        pytest.param(
            PAGE.replace("垃圾堆", "Haufen")
            .replace("Graffiti", "Bild")
            .replace("pothole", "loch"),
            r"no label of the project \(Haufen, Bild, Loch, Baum\) is a class of",
            id="labels in a language we do not know",
        ),
        pytest.param("<", "no RectangleLabels over an Image", id="no page at all"),
    ],
)
def test_a_project_that_we_cannot_serve_is_told_why(page: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        labelled(page, CARD, load_taxonomy())


def test_boxes_come_in_percent_under_the_projects_labels() -> None:
    seen = (
        FakeBox("garbage_pile", (100.0, 50.0, 300.0, 150.0)),
        FakeBox("stall", (0.0, 0.0, 50.0, 50.0)),
        FakeBox("graffiti", (0.0, 0.0, 50.0, 50.0), confidence=0.001),
    )
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        picture = io.BytesIO()
        Image.new("RGB", (1000, 500)).save(picture, "PNG")
        return picture.getvalue()

    boxes = Boxes(FakeDetector(CARD.names, {0: seen}, model_id=CARD.id), CARD, fetch)
    task = {"id": 5, "data": {"picture": "http://pictures.example/a.png"}}

    found = boxes.predict(task, labelled(PAGE, CARD, load_taxonomy()))

    assert asked == ["http://pictures.example/a.png"]
    (row,) = found["result"]
    assert row["value"] == {
        "x": 10.0,
        "y": 10.0,
        "width": 20.0,
        "height": 20.0,
        "rotation": 0,
        "rectanglelabels": ["垃圾堆"],
    }
    assert (row["from_name"], row["to_name"]) == ("what", "photo")
    assert (row["original_width"], row["original_height"]) == (1000, 500)
    assert found["model_version"] == "street@2"
    assert 0 < found["score"] == row["score"] <= 1


@pytest.mark.parametrize(
    ("task", "said"),
    [
        pytest.param({"id": 5}, "task 5 names no picture in picture", id="no data"),
        pytest.param({"id": 5, "data": {"picture": 3}}, "names no", id="a number"),
        pytest.param(
            {"id": 5, "data": {"picture": "x"}}, "cannot be decoded", id="no picture"
        ),
    ],
)
def test_a_picture_that_is_none_is_named(task: dict[str, Any], said: str) -> None:
    boxes = Boxes(FakeDetector(CARD.names, {}), CARD, lambda _: b"no picture")

    with pytest.raises(InputError, match=said):
        boxes.predict(task, labelled(PAGE, CARD, load_taxonomy()))
