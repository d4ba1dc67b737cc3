"""Cold start: prompts, candidates, what becomes of them; the network is a double."""

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.cold_start import (
    Proposals,
    accept,
    label_studio_tasks,
    prompts_of,
    propose,
    read_proposals,
    write_proposals,
)
from training.open_vocabulary import open_network
from vision.detect.decode import Boxes
from vision.errors import CatalogueError, FormError, InputError, NotFoundError
from vision.taxonomy import load_taxonomy
from vision.types import Image

# x1, y1, x2, y2 in pixels of a 200 x 100 picture, confidence, number of the prompt.
CART = (20.0, 10.0, 120.0, 90.0, 0.4, 1)
CART_AGAIN = (22.0, 10.0, 120.0, 90.0, 0.6, 0)
SHEET = (150.0, 50.0, 220.0, 100.0, 0.3, 2)
FAINT = (1.0, 1.0, 9.0, 9.0, 0.05, 0)


class FakeVocabulary:
    def __init__(self, *rows: tuple[float, ...]) -> None:
        self.rows = rows
        self.asked: list[str] = []

    @property
    def name(self) -> str:
        return "fake-world"

    def ask(self, prompts: Sequence[str]) -> None:
        self.asked = list(prompts)

    def look(self, image: Image, *, floor: float) -> Boxes:
        assert image.shape == (100, 200, 3)
        assert 0 <= floor <= 1
        table = np.array(self.rows, np.float32).reshape(-1, 6)
        return Boxes(table[:, :4], table[:, 4], table[:, 5].astype(np.int32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    (pictures / "b").mkdir(parents=True)
    for name in ("a.jpg", "b/c.png"):
        cv2.imwrite(str(pictures / name), np.full((100, 200, 3), 90, np.uint8))
    return pictures


def stalls(folder: Path) -> Proposals:
    network = FakeVocabulary(CART, CART_AGAIN, SHEET, FAINT)
    return propose(network, "stall", folder)


def test_every_category_but_the_derived_has_prompts_of_its_own() -> None:
    taxonomy = load_taxonomy()
    words = [word for category in taxonomy for word in category.prompts]

    assert {c.id for c in taxonomy if not c.prompts} == {
        "parking_motor",
        "parking_bike",
        "fire_lane_blocked",
    }
    assert len(words) == len(set(words))
    assert all(word.isascii() for word in words)


def test_the_network_is_asked_in_the_words_of_the_taxonomy(folder: Path) -> None:
    network = FakeVocabulary()

    propose(network, "stall", folder)

    assert network.asked == list(prompts_of("stall", load_taxonomy()))
    assert len(network.asked) >= 2


def test_one_thing_found_by_two_prompts_is_one_box_of_the_surer_prompt(
    folder: Path,
) -> None:
    prompts = prompts_of("stall", load_taxonomy())

    first = stalls(folder).pictures[0]

    assert [b.confidence for b in first.boxes] == pytest.approx([0.6, 0.3])
    assert first.prompts == (prompts[0], prompts[2])


def test_boxes_are_clipped_fractions_with_their_origin(folder: Path) -> None:
    cart, sheet = stalls(folder).pictures[0].boxes

    assert (cart.x1, cart.y1, cart.x2, cart.y2) == pytest.approx((0.11, 0.1, 0.6, 0.9))
    assert sheet.x2 == 1.0
    assert cart.category == "stall"
    assert cart.origin == "proposed:fake-world"


def test_a_picture_that_does_not_decode_is_named_and_the_rest_goes_on(
    folder: Path,
) -> None:
    (folder / "b" / "bad.jpg").write_bytes(b"no picture")

    made = stalls(folder)

    assert made.failed == ("b/bad.jpg",)
    assert [p.image for p in made.pictures] == ["a.jpg", "b/c.png"]


def test_the_file_reads_back_and_says_that_nobody_looked(folder: Path) -> None:
    made = stalls(folder)
    target = folder.parent / "out" / "stalls.json"

    write_proposals(made, target)

    assert read_proposals(target) == made
    document = json.loads(target.read_text("utf-8"))
    assert document["looked_at"] is False
    assert document["origin"] == "proposed:fake-world"
    assert not list(target.parent.glob("*.part"))


def test_only_looked_at_candidates_become_labels(folder: Path) -> None:
    made = stalls(folder)

    kept = accept(made, {"a.jpg": [1], "b/c.png": []})

    assert kept == {"a.jpg": (made.pictures[0].boxes[1],), "b/c.png": ()}
    assert accept(made, {}) == {}


@pytest.mark.parametrize(
    ("looked", "message"),
    [
        pytest.param({"x.jpg": [0]}, "names x.jpg", id="unknown picture"),
        pytest.param({"a.jpg": [2]}, "no number 2", id="number too high"),
        pytest.param({"a.jpg": [-1]}, "no number -1", id="negative number"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(
    folder: Path, looked: dict[str, list[int]], message: str
) -> None:
    made = stalls(folder)

    with pytest.raises(InputError, match=message):
        accept(made, looked)


def test_label_studio_gets_percent_of_the_picture(folder: Path) -> None:
    task = label_studio_tasks(stalls(folder))[0]

    prediction = task["predictions"][0]  # type: ignore[index]
    value = prediction["result"][0]["value"]
    assert prediction["model_version"] == "proposed:fake-world"
    assert value["rectanglelabels"] == ["stall"]
    assert (value["x"], value["width"]) == pytest.approx((11, 49))


def test_what_cannot_be_asked_is_refused(folder: Path) -> None:
    network = FakeVocabulary()

    with pytest.raises(InputError, match="parking_bike has no prompts"):
        propose(network, "parking_bike", folder)
    with pytest.raises(CatalogueError, match="no category unicorn"):
        propose(network, "unicorn", folder)
    with pytest.raises(InputError, match=r"floor must be in \[0, 1\], got 2"):
        propose(network, "stall", folder, floor=2)
    with pytest.raises(NotFoundError, match=r"holds no \.jpg"):
        propose(network, "stall", folder / "nowhere")


@pytest.mark.parametrize("text", ["[]", "{", '{"form": "other"}', '{"form": 3}'])
def test_another_file_is_no_proposals(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text, "utf-8")

    with pytest.raises(FormError, match="is not a file of proposals"):
        read_proposals(path)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"yoloe\.pt is missing"):
        open_network(tmp_path / "yoloe.pt")
