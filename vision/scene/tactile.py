"""Tactile paving (盲道) on a pavement, told by its colour from the slabs around it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision.types import FloatArray, Image

BoolArray = npt.NDArray[np.bool_]

LEAST_SAMPLES = 20
"""Fewer samples of a pavement say nothing of its usual colour."""
_MORE_YELLOW = 10.0
"""Above the pavement's median b* (CIE L*a*b*), about four times what is just seen."""
_HUE_DEG = (60.0, 115.0)
"""Of yellow, from the a* axis; red slabs lie below, grass above."""


def looks_tactile(image: Image, uv: FloatArray, on_pavement: BoolArray) -> BoolArray:
    """Return `(N,)`: which samples of a picture are yellow among a pavement's slabs.

    The light tints all slabs alike, so a sample is compared with the median of the
    pavement in the same picture.

    Args:
        image: uint8 `(H, W, 3)` BGR.
        uv: `(N, 2)` fractions of width and height.
        on_pavement: `(N,)`, samples that a layout calls pavement.
    """
    out = np.zeros(len(uv), np.bool_)
    if np.count_nonzero(on_pavement) < LEAST_SAMPLES:
        return out
    height, width = image.shape[:2]
    column = (uv[on_pavement, 0] * width).astype(np.intp)
    row = (uv[on_pavement, 1] * height).astype(np.intp)
    colours = image[row, column].astype(np.float32)[:, None] / 255
    lab = np.asarray(cv2.cvtColor(colours, cv2.COLOR_BGR2Lab), np.float64)[:, 0]
    a, b = lab[:, 1], lab[:, 2]
    hue_deg = np.degrees(np.arctan2(b, a))
    yellow = b - np.median(b) >= _MORE_YELLOW
    out[on_pavement] = yellow & (hue_deg >= _HUE_DEG[0]) & (hue_deg <= _HUE_DEG[1])
    return out
