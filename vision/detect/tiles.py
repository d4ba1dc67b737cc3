"""Look closer where small litter lies: windows of the lower picture at native scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.detect.decode import Boxes
from vision.errors import InputError

Window = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Tiling:
    """Which windows are looked at besides the whole picture.

    Attributes:
        top_fraction: windows begin at this share of the height; the sky has no litter.
        columns: windows side by side.
        overlap: share of a window that the next one repeats, `[0, 0.5]`.
        longest_px: a window whose longer side is larger is scaled down to this.

    Raises:
        InputError: a number outside its range.
    """

    top_fraction: float = 0.5
    columns: int = 2
    overlap: float = 0.15
    longest_px: int = 1280

    def __post_init__(self) -> None:
        """Refuse tilings that are no tilings."""
        for name, low, high in (
            ("top_fraction", 0, 0.9),
            ("columns", 1, 8),
            ("overlap", 0, 0.5),
            ("longest_px", 64, 4096),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                msg = f"tiling {name} must be in [{low}, {high}], got {value}"
                raise InputError(msg)


def lay_windows(width_px: int, height_px: int, tiling: Tiling) -> list[Window]:
    """Return x1, y1, x2, y2 of each window, left to right, inside the picture.

    Together they cover everything below `top_fraction`.
    """
    top = min(int(height_px * tiling.top_fraction), height_px - 1)
    wide = width_px / (1 + (tiling.columns - 1) * (1 - tiling.overlap))
    step = wide * (1 - tiling.overlap)
    windows = []
    for column in range(tiling.columns):
        left = int(column * step)
        right = width_px if column == tiling.columns - 1 else int(column * step + wide)
        windows.append((left, top, max(right, left + 1), height_px))
    return windows


def drop_cut_boxes(boxes: Boxes, window: Window, *, width_px: int) -> Boxes:
    """Drop boxes that a window's inner border cuts; the picture's own border is none.

    Args:
        boxes: in picture pixels.
        window: where they were found.
        width_px: of the picture.
    """
    left, top, right, _ = window
    near_px = 2
    cut = boxes.xyxy[:, 1] < top + near_px if top > 0 else np.zeros(len(boxes), "?")
    if left > 0:
        cut = cut | (boxes.xyxy[:, 0] < left + near_px)
    if right < width_px:
        cut = cut | (boxes.xyxy[:, 2] > right - near_px)
    return boxes.select(~cut)
