"""Draw boxes with readable labels onto a copy of a picture."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import cv2
import numpy as np

from vision.errors import InputError
from vision.types import Detections, Image, MaskedImage

_FONT = cv2.FONT_HERSHEY_SIMPLEX

# BGR, apart from one another for colour-blind eyes too (Okabe and Ito, 2008).
_COLOURS = (
    (0, 159, 230),
    (233, 180, 86),
    (115, 158, 0),
    (66, 228, 240),
    (178, 114, 0),
    (0, 94, 213),
    (167, 121, 204),
)


def row_labels(detections: Detections) -> list[str]:
    """Return `category confidence` of each row, e.g. `litter 0.53`."""
    return [
        f"{detections.category(row)} {detections.confidence[row]:.2f}"
        for row in range(len(detections))
    ]


def draw_detections(
    image: MaskedImage, detections: Detections, labels: Sequence[str] | None = None
) -> MaskedImage:
    """Return a new picture with every box and its label.

    Args:
        image: uint8 `(H, W, 3)`, BGR, already masked; not changed.
        detections: boxes in its pixels; the most confident is drawn on top.
        labels: one a row, ASCII (the font has no Chinese); None for `row_labels`.

    Raises:
        InputError: not one label a row.
    """
    if labels is None:
        labels = row_labels(detections)
    if len(labels) != len(detections):
        msg = f"expected {len(detections)} labels, one a box, got {len(labels)}"
        raise InputError(msg)
    drawn = image.copy()
    for row in reversed(range(len(detections))):
        colour = _colour(detections.category(row))
        _draw_box(drawn, detections.xyxy[row].round().astype(int).tolist(), colour)
        _draw_label(
            drawn, detections.xyxy[row].astype(int).tolist(), labels[row], colour
        )
    return MaskedImage(drawn)


def _colour(category: str) -> tuple[int, int, int]:
    return _COLOURS[zlib.crc32(category.encode()) % len(_COLOURS)]


def _thickness(image: Image) -> int:
    return max(1, round(max(image.shape[:2]) / 640))


def _draw_box(image: Image, box: list[int], colour: tuple[int, int, int]) -> None:
    x1, y1, x2, y2 = box
    line = _thickness(image)
    cv2.rectangle(image, (x1, y1), (x2, y2), (0, 0, 0), line + 2)
    cv2.rectangle(image, (x1, y1), (x2, y2), colour, line)


def _draw_label(
    image: Image, box: list[int], label: str, colour: tuple[int, int, int]
) -> None:
    """Write above the box, or inside it where there is no room above."""
    height, width = image.shape[:2]
    scale = max(0.35, max(height, width) / 2200)
    line = max(1, round(scale * 1.6))
    (wide, high), base = cv2.getTextSize(label, _FONT, scale, line)
    pad = 2 + line
    tall = high + base + 2 * pad
    left = int(np.clip(box[0], 0, max(0, width - wide - 2 * pad)))
    top = box[1] - tall if box[1] >= tall else box[1]
    top = int(np.clip(top, 0, max(0, height - tall)))
    cv2.rectangle(
        image, (left, top), (left + wide + 2 * pad, top + tall), colour, cv2.FILLED
    )
    place = (left + pad, top + pad + high)
    cv2.putText(image, label, place, _FONT, scale, (0, 0, 0), line, cv2.LINE_AA)
