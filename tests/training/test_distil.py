from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.collect import load_maps
from training.distil import add_pseudo_labels, distil, plausible, read_taught
from training.types import Box, LabelledImage
from training.workspace import Workspace
from vision.errors import FormError
from vision.types import Image

_, MAPS = load_maps(Workspace.beside(Path(__file__).resolve().parents[2]))
CAR = Box("car", 0.1, 0.4, 0.5, 0.9, 0.8)


def photo(folder: Path, name: str = "a") -> LabelledImage:
    path = folder / f"{name}.png"
    cv2.imwrite(str(path), np.zeros((100, 100, 3), np.uint8))
    pothole = Box("pothole", 0.2, 0.2, 0.4, 0.4)
    known = MAPS["pothole_dnit"].known
    return LabelledImage(path, (pothole,), "pothole_dnit", "s", known)


def test_a_cut_run_goes_on_and_looks_at_each_picture_once(tmp_path: Path) -> None:
    looked: list[int] = []

    def teach(image: Image) -> tuple[Box, ...]:
        looked.append(len(image))
        return (CAR,)

    images = [photo(tmp_path, "a"), photo(tmp_path, "b")]

    assert distil(images[:1], {"one": teach}, cache=tmp_path / "pseudo") == 1
    assert distil(images, {"one": teach}, cache=tmp_path / "pseudo") == 1
    assert len(looked) == 2


def test_a_teachers_box_joins_the_peoples_and_repeats_none(tmp_path: Path) -> None:
    again = Box("pothole", 0.2, 0.2, 0.4, 0.41, 0.9)
    image = photo(tmp_path)
    distil([image], {"one": lambda _: (CAR, again)}, cache=tmp_path / "pseudo")

    (taught,) = add_pseudo_labels([image], MAPS, cache=tmp_path / "pseudo")

    assert [b.category for b in taught.boxes] == ["pothole", "car"]
    assert "car" in taught.known


def test_an_untaught_picture_does_not_claim_to_be_free_of_cars(tmp_path: Path) -> None:
    (same,) = add_pseudo_labels([photo(tmp_path)], MAPS, cache=tmp_path / "none")

    assert "car" not in same.known
    assert "pothole" in same.known


def test_boxes_too_small_to_learn_from_are_left_out(tmp_path: Path) -> None:
    dot = Box("car", 0.5, 0.5, 0.53, 0.53, 0.9)
    image = photo(tmp_path)
    distil([image], {"one": lambda _: (dot,)}, cache=tmp_path / "pseudo")

    (taught,) = add_pseudo_labels([image], MAPS, cache=tmp_path / "pseudo")

    assert [b.category for b in taught.boxes] == ["pothole"]


def test_a_plate_needs_a_vehicle_and_a_doubtful_face_a_person() -> None:
    plate = Box("licence_plate", 0.25, 0.8, 0.35, 0.85, 0.9)
    logo = Box("licence_plate", 0.8, 0.0, 1.0, 0.1, 0.9)
    leaf = Box("face", 0.7, 0.7, 0.8, 0.8, 0.75)
    sure = replace(leaf, confidence=0.95)

    assert plausible([CAR, plate, logo, leaf]) == (CAR, plate)
    assert plausible([sure]) == (sure,)


def test_a_box_says_which_teacher_drew_it(tmp_path: Path) -> None:
    street = replace(photo(tmp_path), source="panoramax_unlabelled")
    cover = Box("manhole_ok", 0.6, 0.6, 0.8, 0.7, 0.9)

    distil(
        [street],
        {"traffic": lambda _: (CAR,)},
        cache=tmp_path / "pseudo",
        cover_teachers={"covers": lambda _: (cover,)},
    )

    got = read_taught(tmp_path / "pseudo" / f"{street.key}.json")
    assert got == (CAR, cover)
    assert [b.origin for b in got] == ["teacher:traffic", "teacher:covers"]


def test_a_cache_from_before_teachers_had_names_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text('[["car", 0.1, 0.4, 0.5, 0.9, 0.8]]')

    (box,) = read_taught(path)

    assert (box, box.origin) == (CAR, "teacher")


@pytest.mark.parametrize("text", ["[[", "[3]", '[["car", 0.1]]', "7"])
def test_a_damaged_cache_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)

    with pytest.raises(FormError, match=r"a\.json is damaged"):
        read_taught(path)


def test_a_picture_that_cannot_be_decoded_is_left_to_the_data_step(
    tmp_path: Path,
) -> None:
    bad, good = photo(tmp_path, "a"), photo(tmp_path, "b")
    bad.path.write_bytes(b"nothing")

    assert distil([bad, good], {"one": lambda _: (CAR,)}, cache=tmp_path / "p") == 1
    assert [p.stem for p in (tmp_path / "p").iterdir()] == [good.key]
