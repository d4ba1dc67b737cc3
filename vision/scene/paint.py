"""Paint a layout over its picture, with a legend, for people."""

from __future__ import annotations

import cv2
import numpy as np

from vision.scene.layout import Layout
from vision.types import Image, MaskedImage

_SHARE = 0.5
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_ROW_PX = 22
_COLOURS = {
    "road": (128, 64, 128),
    "marking": (255, 255, 255),
    "kerb": (0, 215, 255),
    "pavement": (232, 35, 244),
    "building": (90, 90, 90),
    "fence": (153, 153, 190),
    "vegetation": (35, 142, 107),
    "tree_trunk": (19, 69, 139),
    "pole": (0, 165, 255),
    "terrain": (152, 251, 152),
    "tree_pit": (0, 100, 60),
    "vehicle": (142, 0, 0),
    "two_wheeler": (230, 60, 60),
    "person": (60, 20, 220),
    "sky": (230, 190, 130),
    "sign": (220, 220, 0),
    "other": (200, 130, 0),
}
"""BGR; grounds, things and sky are told apart first."""


def paint_layout(picture: MaskedImage, layout: Layout) -> MaskedImage:
    """Return a new picture: the layout over it, a legend of what it shows below.

    Args:
        picture: uint8 `(H, W, 3)` BGR, already masked; not changed.
        layout: of any size; it is scaled.
    """
    height, width = picture.shape[:2]
    rows = cv2.resize(layout.classes, (width, height), interpolation=cv2.INTER_NEAREST)
    palette = np.array([_colour(name) for name in layout.names], np.uint8)
    painted = np.asarray(
        cv2.addWeighted(picture, 1 - _SHARE, palette[rows], _SHARE, 0), np.uint8
    )
    shown = [layout.names[row] for row in np.unique(rows)]
    return MaskedImage(np.concatenate([painted, _legend(shown, width)]))


def _colour(name: str) -> tuple[int, int, int]:
    return _COLOURS.get(name, (127, 127, 127))


def _legend(names: list[str], width: int) -> Image:
    cell = 118
    columns = max(1, width // cell)
    lines = -(-len(names) // columns)
    legend = np.full((lines * _ROW_PX, width, 3), 255, np.uint8)
    for number, name in enumerate(names):
        x, y = number % columns * cell, number // columns * _ROW_PX
        cv2.rectangle(legend, (x + 4, y + 4), (x + 20, y + 18), _colour(name), -1)
        cv2.rectangle(legend, (x + 4, y + 4), (x + 20, y + 18), (60, 60, 60), 1)
        cv2.putText(
            legend, name, (x + 25, y + 16), _FONT, 0.42, (30, 30, 30), 1, cv2.LINE_AA
        )
    return legend
