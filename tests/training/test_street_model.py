"""The shipped detector: its file, its card, and what it sees on kept-back photos."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from training.collect import collect_parts, load_maps
from training.evaluate import open_eye, see
from training.evaluate.ap import ap50
from training.evaluate.matching import match_all
from training.labels import RENDERED, read_categories
from training.types import LabelledImage
from training.workspace import Workspace
from vision.catalogue import load_card, model_file

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = Workspace.beside(ROOT)
CARD = load_card("street@2", ROOT / "models")


@pytest.fixture(scope="module")
def kept_back() -> list[LabelledImage]:
    _, maps = load_maps(WORKSPACE)
    return collect_parts(WORKSPACE, maps)["test"]


def test_the_file_is_the_one_of_the_card_and_small_enough_for_git() -> None:
    path = model_file(CARD)

    assert path.stat().st_size <= 15_000_000


def test_its_classes_are_the_taxonomys_in_order() -> None:
    assert CARD.names == read_categories(ROOT / "datasets" / "taxonomy.toml")


def test_the_network_file_tells_nothing_of_the_machine_that_made_it() -> None:
    content = model_file(CARD).read_bytes()

    assert not [w for w in (b"/work", b"/root", b"/home", b".venv") if w in content]


@pytest.mark.parametrize("shape", [(544, 960), (384, 640), (640, 480), (320, 320)])
def test_any_rectangle_of_the_stride_runs(shape: tuple[int, int]) -> None:
    session = ort.InferenceSession(
        str(model_file(CARD)), providers=["CPUExecutionProvider"]
    )
    height, width = shape
    cells = sum((height // s) * (width // s) for s in (8, 16, 32))

    feed = {session.get_inputs()[0].name: np.zeros((1, 3, height, width), np.float32)}
    (output,) = session.run(None, feed)

    assert output.shape == (1, 4 + len(CARD.names), cells)
    assert output[0, 4:].min() >= 0
    assert output[0, 4:].max() <= 1


@pytest.mark.parametrize("category", ["garbage_pile", "litter", "pothole", "graffiti"])
def test_it_sees_its_classes_on_photos_kept_back(
    category: str, kept_back: list[LabelledImage]
) -> None:
    _, maps = load_maps(WORKSPACE)
    photos = [
        image
        for image in kept_back
        if image.source != RENDERED and category in {b.category for b in image.boxes}
    ]
    eye = open_eye(CARD, str(CARD.long_side_px))

    seen = see(eye, photos[:: 1 + len(photos) // 16])
    matches = match_all(seen, maps, CARD.names)[category]

    measured = CARD.measured[category].real
    got = ap50(matches)
    assert measured is not None
    assert got is not None
    assert matches.instances >= 10
    assert got >= 0.5 * measured.ap50


def test_the_card_measures_what_it_was_not_taught() -> None:
    roles = {row.name: set() for row in CARD.data}
    for row in CARD.data:
        roles[row.name].add(row.role)

    assert {"train", "test"} <= roles["pothole_dnit"]
    assert not {"kitti_0005", "cambridge"} & set(roles)
