"""Tactile paving: told by colour, whatever the light, and what stands on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.vision.scene.painted_street import (
    CAMERA,
    KERB_HEIGHT_M,
    NAMES,
    Block,
    PaintedReader,
    Street,
    painted,
    pose_at,
)
from tests.vision.scene.test_street import at
from vision.camera import pixel_rays
from vision.scene import StreetWatch
from vision.scene.tactile import looks_tactile
from vision.scene.watch import StreetSeen
from vision.types import Image

STRIP_M = (3.6, 3.9)
GREY, YELLOW, RED = (120, 126, 128), (60, 150, 185), (70, 84, 150)
"""BGR of slabs and strips."""


def picture(
    street: Street, along_m: float, *, slabs: tuple[int, ...], strip: tuple[int, ...]
) -> Image:
    """Colour the street's layout: a strip along the right pavement, slabs elsewhere."""
    layout = painted(street, along_m)
    h, w = layout.classes.shape
    u, v = np.meshgrid(np.arange(w) + 0.5, np.arange(h) + 0.5)
    rays = pixel_rays(CAMERA, np.stack([u.ravel(), v.ravel()], axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = (KERB_HEIGHT_M - CAMERA.height_m) / rays[:, 2]
    right_m = (reach * rays[:, 1]).reshape(h, w)
    image = np.full((h, w, 3), 90, np.uint8)
    pavement = layout.classes == NAMES.index("pavement")
    image[pavement] = slabs
    image[pavement & (right_m >= STRIP_M[0]) & (right_m <= STRIP_M[1])] = strip
    return image


def seen(street: Street, **colours: tuple[int, ...]) -> StreetSeen:
    places = list(np.arange(0.0, 45.0, 3.0))
    watch = StreetWatch(PaintedReader(street, places))
    for place in places:
        watch.look(picture(street, place, **colours), CAMERA, pose_at(place))
    return watch.finish()


def surface(street: StreetSeen, right_m: float, along_m: float = 22.0) -> str | None:
    bike = replace(at(along_m, right_m), category="bicycle", stationary_probability=0.9)
    belief = street.with_zone(bike).surface_belief
    return None if belief is None else max(belief, key=belief.__getitem__)


@pytest.mark.parametrize(
    ("right_m", "told"),
    [
        (3.75, "tactile_paving"),
        (2.7, "pavement"),
        (5.2, "pavement"),
        (1.0, "kerb_lane"),
    ],
)
def test_what_stands_on_the_strip_is_told_from_what_stands_beside(
    right_m: float, told: str
) -> None:
    assert surface(seen(Street(), slabs=GREY, strip=YELLOW), right_m) == told


def test_no_strip_no_tactile_paving() -> None:
    street = seen(Street(), slabs=GREY, strip=GREY)

    assert surface(street, 3.75) == "pavement"
    assert all(
        not section.sides[side].tactile_m
        for section in street.sections.values()
        for side in ("left", "right")
    )


def test_evening_light_makes_no_strip_and_hides_none() -> None:
    warm = np.array([0.62, 0.85, 1.0])
    dusk = {
        name: tuple(int(v) for v in np.array(colour) * warm)
        for name, colour in (("slabs", GREY), ("strip", YELLOW))
    }

    assert surface(seen(Street(), **dusk), 3.75) == "tactile_paving"
    plain = {"slabs": dusk["slabs"], "strip": dusk["slabs"]}
    assert surface(seen(Street(), **plain), 3.75) == "pavement"


def test_red_slabs_are_no_tactile_paving() -> None:
    assert surface(seen(Street(), slabs=GREY, strip=RED), 3.75) == "pavement"


def test_a_vehicle_on_the_strip_does_not_hide_it() -> None:
    car = Block("vehicle", (20.0, 24.0), (2.9, 4.6), 1.5)
    street = seen(Street(blocks=(car,)), slabs=GREY, strip=YELLOW)

    assert surface(street, 3.75, along_m=22.0) == "tactile_paving"


def test_a_few_samples_say_nothing() -> None:
    image = np.full((10, 10, 3), YELLOW, np.uint8)
    few = np.array([[0.5, 0.5]] * 5)

    assert not looks_tactile(image, few, np.ones(5, np.bool_)).any()
