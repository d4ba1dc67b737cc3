"""Where road and wall are in a photo, as a public street-scene network says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.layout.pseudo import city_teacher
from training.pixels import read_pixels
from training.types import LabelledImage
from vision.types import Image

Mask = npt.NDArray[np.bool_]
ROAD, PAVEMENT, BUILDING, WALL = 0, 1, 2, 3
GROUND_ROWS, WALL_ROWS = (ROAD, PAVEMENT), (BUILDING, WALL)
"""Rows of the 19 Cityscapes classes."""

Segmenter = Callable[[Image], npt.NDArray[np.uint8]]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """What may be pasted onto, bool `(H, W)` of the photo.

    Attributes:
        ground: road and pavement.
        wall: buildings and free-standing walls.
    """

    ground: Mask
    wall: Mask


def load_segmenter(weights: Path) -> Segmenter:
    """Return the network: BGR picture -> class rows, uint8 `(480, 640)`."""
    teacher = city_teacher(weights)

    def segment(pixels: Image) -> npt.NDArray[np.uint8]:
        return np.asarray(teacher(pixels).argmax(0), np.uint8)

    return segment


def find_layout(image: LabelledImage, segment: Segmenter, *, cache: Path) -> Layout:
    """Return the layout of a photo; what the network said is kept in `cache`.

    Raises:
        FootageError: the photo cannot be decoded.
    """
    target = cache / f"{image.key}.png"
    pixels = read_pixels(image)
    rows = cv2.imread(str(target), cv2.IMREAD_GRAYSCALE) if target.is_file() else None
    if rows is None:
        rows = segment(pixels)
        cache.mkdir(parents=True, exist_ok=True)
        part = cache / f"{image.key}.{os.getpid()}.part.png"
        cv2.imwrite(str(part), rows)
        part.replace(target)
    return layout_from_rows(np.asarray(rows, np.uint8), pixels.shape[:2])


def layout_from_rows(rows: npt.NDArray[np.uint8], shape: tuple[int, ...]) -> Layout:
    """Return the layout at the size `(H, W)` of the photo; ragged edges are cut off."""
    h, w = shape
    full = cv2.resize(rows, (w, h), interpolation=cv2.INTER_NEAREST)
    return Layout(
        ground=_largest(_solid(np.isin(full, GROUND_ROWS), max(3, h // 100))),
        wall=_solid(np.isin(full, WALL_ROWS), max(3, h // 70)),
    )


def _solid(mask: Mask, radius_px: int) -> Mask:
    """Close pinholes, then draw the edge back by `radius_px`."""
    disc = cv2.getStructuringElement(
        cv2.MORPH_ELLIPSE, (2 * radius_px + 1, 2 * radius_px + 1)
    )
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, disc)
    return np.asarray(cv2.erode(closed, disc) > 0)


def _largest(mask: Mask) -> Mask:
    """Keep the largest connected piece."""
    count, rows, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    return np.asarray(rows == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))
