"""Teachers that look closer at people and vehicles."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.closer import MOST_ENLARGED, Closer, look_closer
from training.collect import load_maps
from training.distil import CLOSER, add_pseudo_labels, distil, distil_closer
from training.types import Box, LabelledImage
from training.workspace import Workspace
from vision.types import Image

_, MAPS = load_maps(Workspace.beside(Path(__file__).resolve().parents[2]))
CAR = Box("car", 0.5, 0.25, 0.75, 0.5, 0.9)
VEHICLES = frozenset({"car"})


def bright(image: Image) -> tuple[Box, ...]:
    """Box what is white, as a teacher would."""
    rows, columns = np.nonzero(image[..., 0] > 200)
    if not len(rows):
        return ()
    h, w = image.shape[:2]
    x1, x2 = columns.min() / w, (columns.max() + 1) / w
    y1, y2 = rows.min() / h, (rows.max() + 1) / h
    return (Box("licence_plate", x1, y1, x2, y2, 0.8),)


def street_photo() -> Image:
    image = np.zeros((400, 800, 3), np.uint8)
    image[180:186, 500:520] = 255
    return image


def test_a_box_of_a_window_is_put_where_it_lies_in_the_picture() -> None:
    closer = Closer(bright, VEHICLES, input_px=640)

    (plate,) = look_closer(street_photo(), [CAR], {"plates": closer})

    assert plate.x1 == pytest.approx(500 / 800)
    assert plate.x2 == pytest.approx(520 / 800)
    assert plate.y1 == pytest.approx(180 / 400)
    assert plate.y2 == pytest.approx(186 / 400)
    assert plate.origin == "plates"


def test_what_is_boxed_already_or_twice_is_given_once() -> None:
    closer = Closer(bright, VEHICLES, input_px=640)
    known = Box("licence_plate", 500 / 800, 0.45, 520 / 800, 186 / 400)
    beside = replace(CAR, x1=0.45)

    assert len(look_closer(street_photo(), [CAR, beside], {"a": closer})) == 1
    assert look_closer(street_photo(), [CAR, known], {"a": closer}) == ()


def test_windows_are_enlarged_so_much_and_no_more() -> None:
    sizes: list[tuple[int, int]] = []

    def note(image: Image) -> tuple[Box, ...]:
        sizes.append(image.shape[:2])
        return ()

    closer = Closer(note, VEHICLES, input_px=640)
    small = Box("car", 0.5, 0.5, 0.56, 0.56, 0.9)
    tiny = Box("car", 0.5, 0.5, 0.52, 0.52, 0.9)
    look_closer(street_photo(), [small, tiny], {"a": closer})

    assert sizes == [(640 / MOST_ENLARGED, 640 / MOST_ENLARGED)]


def test_a_person_is_looked_at_from_the_top() -> None:
    seen: list[Image] = []

    def note(image: Image) -> tuple[Box, ...]:
        seen.append(image)
        return ()

    photo = np.zeros((400, 400, 3), np.uint8)
    photo[:, :, 0] = np.arange(400)[:, None] // 2
    closer = Closer(note, frozenset({"person"}), input_px=100, upper_share=0.5)
    look_closer(photo, [Box("person", 0.4, 0.1, 0.6, 0.9, 0.9)], {"a": closer})

    rows = seen[0][:, 0, 0].astype(int) * 2
    assert rows.min() < 0.15 * 400
    assert rows.max() < 0.65 * 400


def test_closer_looks_join_the_pictures_once_and_go_on(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), street_photo())
    image = LabelledImage(path, (), "pothole_dnit", "s", MAPS["pothole_dnit"].known)
    cache = tmp_path / "pseudo"
    closers = {"plates": Closer(bright, VEHICLES, input_px=640)}

    assert distil_closer([image], closers, cache=cache) == 0
    distil([image], {"one": lambda _: (CAR,)}, cache=cache)
    assert distil_closer([image], closers, cache=cache) == 1
    assert distil_closer([image], closers, cache=cache) == 0

    (taught,) = add_pseudo_labels([image], MAPS, cache=cache)
    assert [b.category for b in taught.boxes] == ["car", "licence_plate"]
    assert (cache / CLOSER / f"{image.key}.json").is_file()
