"""Fit a picture into the network's input and bring boxes back.

The picture keeps its aspect ratio, is centred and padded with grey 114, as in training.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision.types import Image

PADDING_GREY = 114


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture lies in the network's input; all in pixels.

    Attributes:
        picture_px: width and height of the picture.
        input_px: width and height of the network's input.
        inner_px: width and height of the scaled picture inside the input.
        offset_px: left and top padding.
    """

    picture_px: tuple[int, int]
    input_px: tuple[int, int]
    inner_px: tuple[int, int]
    offset_px: tuple[int, int]

    def to_picture(self, xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Map float32 `(N, 4)` boxes from input pixels to picture pixels.

        Boxes are not clipped. Edges are continuous: 0 is the left edge of the first
        pixel, so a full-width box maps to exactly `[0, width]`.
        """
        scale = np.array(self.picture_px * 2, np.float32)
        scale /= np.array(self.inner_px * 2, np.float32)
        return (xyxy - np.array(self.offset_px * 2, np.float32)) * scale


def fit_rectangle(
    width_px: int, height_px: int, *, long_side_px: int, stride: int
) -> Letterbox:
    """Return the smallest input of the picture's own shape: longer side as wanted.

    Both input sides are multiples of `stride`; `long_side_px` is rounded up to one.
    """
    long_side_px = _round_up(long_side_px, stride)
    scale = long_side_px / max(width_px, height_px)
    inner = (max(1, round(width_px * scale)), max(1, round(height_px * scale)))
    into = (_round_up(inner[0], stride), _round_up(inner[1], stride))
    return _centred((width_px, height_px), into, inner)


def fit_native(width_px: int, height_px: int, *, stride: int) -> Letterbox:
    """Return the placement at the picture's own scale, padded to the stride."""
    size = (width_px, height_px)
    into = (_round_up(width_px, stride), _round_up(height_px, stride))
    return _centred(size, into, size)


def fit_fixed(width_px: int, height_px: int, *, input_px: tuple[int, int]) -> Letterbox:
    """Return the placement in an input of fixed (width, height)."""
    scale = min(input_px[0] / width_px, input_px[1] / height_px)
    inner = (
        min(input_px[0], max(1, round(width_px * scale))),
        min(input_px[1], max(1, round(height_px * scale))),
    )
    return _centred((width_px, height_px), input_px, inner)


def make_blob(image: Image, letterbox: Letterbox) -> npt.NDArray[np.float32]:
    """Return the network's input: float32 `(1, 3, H, W)`, RGB, `[0, 1]`.

    Args:
        image: uint8 `(h, w, 3)`, BGR, of the letterbox's picture size; not changed.
        letterbox: where the picture goes.
    """
    width, height = letterbox.inner_px
    left, top = letterbox.offset_px
    full = np.full(
        (letterbox.input_px[1], letterbox.input_px[0], 3), PADDING_GREY, "u1"
    )
    inner = full[top : top + height, left : left + width]
    if letterbox.inner_px == letterbox.picture_px:
        inner[:] = image
    else:
        inner[:] = cv2.resize(image, letterbox.inner_px, interpolation=cv2.INTER_LINEAR)
    return cv2.dnn.blobFromImage(full, 1 / 255, swapRB=True).astype(
        np.float32, copy=False
    )


def _centred(
    picture: tuple[int, int], into: tuple[int, int], inner: tuple[int, int]
) -> Letterbox:
    offset = ((into[0] - inner[0]) // 2, (into[1] - inner[1]) // 2)
    return Letterbox(picture, into, inner, offset)


def _round_up(value: int, stride: int) -> int:
    return math.ceil(value / stride) * stride
