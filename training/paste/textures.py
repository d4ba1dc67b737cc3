"""Flat faces of manhole covers: cut from real close-ups, or painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.pixels import read_pixels
from training.synth.artwork_covers import FINISHES, PATTERNS, face
from training.types import Box, LabelledImage

FACE_PX = 256
REAL_SOURCE = "manhole_closeup"
REAL_SHARE = 0.6
Rgb = npt.NDArray[np.float32]
"""Colours BGR, `(H, W, 3)`, `[0, 1]`."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A cover seen from straight above, filling its picture.

    Attributes:
        colours: BGR `(256, 256, 3)`, `[0, 1]`.
        round: whether it is a disc; else a square.
        name: key of the photo or `painted:...`.
        source: set it comes from, None for a painted one.
    """

    colours: Rgb
    round: bool
    name: str
    source: str | None


def cut_faces(images: Sequence[LabelledImage]) -> tuple[Face, ...]:
    """Return the covers of the close-ups among `images`, each warped to a full disc."""
    found = []
    for image in sorted(images, key=lambda i: i.key):
        whole = [b for b in image.boxes if b.category == "manhole_ok"]
        if image.source == REAL_SOURCE and len(whole) == 1:
            found.append(_cut(image, whole[0]))
    return tuple(found)


def _cut(image: LabelledImage, box: Box) -> Face:
    pixels = read_pixels(image)
    h, w = pixels.shape[:2]
    area = pixels[int(box.y1 * h) : int(box.y2 * h), int(box.x1 * w) : int(box.x2 * w)]
    inset = [max(1, round(0.015 * side)) for side in area.shape[:2]]
    area = area[inset[0] : -inset[0], inset[1] : -inset[1]]
    flat = cv2.resize(area, (FACE_PX, FACE_PX), interpolation=cv2.INTER_AREA)
    colours = np.asarray(flat / 255.0, np.float32)
    return Face(colours, True, image.key, image.source)


def paint_face(rng: np.random.Generator) -> Face:
    """Paint a cover of a common Chinese pattern."""
    pattern = str(rng.choice(PATTERNS))
    finish = str(rng.choice(sorted(FINISHES)))
    form = str(rng.choice(("round", "round", "round", "square")))
    variant = int(rng.integers(0, 10_000))
    painted = np.asarray(face(variant, pattern, finish, form), np.float32) / 255
    small = cv2.resize(painted, (FACE_PX, FACE_PX), interpolation=cv2.INTER_AREA)
    name = f"painted:{form}/{pattern}/{finish}/{variant}"
    bgr = np.ascontiguousarray(np.asarray(small, np.float32)[..., 2::-1])
    return Face(bgr, form == "round", name, None)


def pick_face(real: Sequence[Face], rng: np.random.Generator) -> Face:
    """Return a cover: mostly a real one, turned at random."""
    chosen = (
        real[int(rng.integers(len(real)))]
        if real and rng.random() < REAL_SHARE
        else paint_face(rng)
    )
    angle = float(rng.uniform(0, 360)) if chosen.round else float(rng.uniform(-25, 25))
    middle = (FACE_PX / 2, FACE_PX / 2)
    turn = cv2.getRotationMatrix2D(middle, angle if chosen.round else 0.0, 1.0)
    turned = cv2.warpAffine(
        chosen.colours, turn, (FACE_PX, FACE_PX), borderMode=cv2.BORDER_REFLECT
    )
    return Face(
        np.asarray(turned, np.float32), chosen.round, chosen.name, chosen.source
    )
