"""How a thing looks is a few shares that light hardly moves and nothing is made of."""

from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest

from vision.appearance import (
    LENGTH,
    LIGHTNESSES,
    appearance_distance,
    appearance_of,
    tone_of,
)
from vision.evidence import EvidenceSink, PictureOptions, Pictures
from vision.privacy import mask_regions, private_regions
from vision.types import Detections, Frame, Image

BOX = (100.0, 60.0, 200.0, 140.0)
COLOURS = {
    "red": (40, 30, 170), "blue": (160, 70, 30), "green": (60, 130, 50),
    "white": (235, 235, 235), "black": (20, 20, 20),
}  # fmt: skip


def street(colour: str, *, exposure: float = 1.0) -> Image:
    """Return a grey street under a pale sky with one thing of a colour in `BOX`."""
    rng = np.random.default_rng(0)
    image = np.full((240, 320, 3), (110, 112, 115), np.float64)
    image[:50] = (215, 205, 195)
    image[60:140, 100:200] = COLOURS[colour]
    image = np.clip(image + rng.normal(0, 4, image.shape), 0, 255)
    linear = (image / 255) ** 2.2 * exposure
    return np.asarray(np.clip(linear, 0, 1) ** (1 / 2.2) * 255, np.uint8)


def look(image: Image, box: tuple[float, ...] = BOX) -> tuple[float, ...]:
    masked = mask_regions(image, [])
    found = appearance_of(masked, box, tone_of(masked))
    assert found is not None
    return found


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    distance = appearance_distance(one, other)
    assert distance is not None
    return distance


def test_a_look_is_two_groups_of_shares() -> None:
    found = look(street("red"))

    assert len(found) == LENGTH == 12
    assert min(found) >= 0
    assert sum(found[:LIGHTNESSES]) == pytest.approx(1, abs=0.001)
    assert sum(found[LIGHTNESSES:]) == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("exposure", [0.7, 1.3])
def test_exposure_moves_a_look_less_than_another_colour(
    colour: str, exposure: float
) -> None:
    usual = look(street(colour))
    same = apart(usual, look(street(colour, exposure=exposure)))
    others = [
        apart(usual, look(street(other, exposure=exposure)))
        for other in COLOURS
        if other != colour
    ]

    assert same < 0.35
    assert min(others) > 0.5


def test_where_in_the_box_a_colour_is_cannot_be_told() -> None:
    image = street("red")
    image[60:100, 100:150] = COLOURS["blue"]
    turned = image.copy()
    turned[60:140, 100:200] = image[60:140, 100:200][::-1, ::-1]

    assert apart(look(image), look(turned)) < 0.02


def test_a_sighting_looks_as_its_masked_picture_does() -> None:
    image = street("green")
    image[64:136, 110:190] = (np.arange(80) // 4 % 2 * 255)[None, :, None]
    face = np.array([[110, 64, 190, 136]], np.float32)
    seen = Detections(
        0, face, np.array([0.9], np.float32), np.array([0], np.int32), ("face",), "t@1"
    )
    pictures = Pictures(
        Frame(0, 0.0, 0.0, image, "a.mp4"),
        seen,
        Mock(spec=EvidenceSink),
        PictureOptions(),
    )

    found = pictures.appearance(np.array(BOX, np.float32))

    masked = mask_regions(image, private_regions(seen, (240, 320)))
    assert found == appearance_of(masked, BOX, tone_of(masked))
    assert apart(look(image), look(masked)) > 0.3


@pytest.mark.parametrize(
    "box",
    [
        pytest.param((100, 60, 120, 140), id="too narrow"),
        pytest.param((310, 60, 400, 140), id="nearly out of the picture"),
        pytest.param((400, 60, 500, 140), id="out of the picture"),
    ],
)
def test_a_small_box_has_no_look(box: tuple[float, ...]) -> None:
    masked = mask_regions(street("red"), [])

    assert appearance_of(masked, box, tone_of(masked)) is None


@pytest.mark.parametrize("side_px", [24, 25, 31, 97, 200])
def test_boxes_of_any_size_look_alike(side_px: int) -> None:
    image = np.full((240, 320, 3), 90, np.uint8)
    image[::2] = (30, 30, 200)

    size = float(side_px)
    found = look(image, (20.0, 10.0, 20.0 + size, 10.0 + size))

    assert sum(found) == pytest.approx(2, abs=0.002)


def test_unknown_and_unlike_versions_say_nothing() -> None:
    red = look(street("red"))

    assert appearance_distance(red, None) is None
    assert appearance_distance(None, red) is None
    assert appearance_distance(red, red[:-1]) is None
    assert appearance_distance(red, red) == pytest.approx(0, abs=0.02)
