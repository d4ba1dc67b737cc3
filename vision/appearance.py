"""How a thing looks: twelve numbers that tell it from another of its kind.

Shares of the box's area by lightness, against the picture's own lightness, and by hue,
against half the picture's own tint: what exposure and white balance change in the whole
picture hardly counts. The shares know no place in the box, so neither a face nor a
plate can be made of them. Imports numpy and nothing else.

Source: chosen and measured by `tests/benchmarks/measure_appearance.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vision.types import FloatArray, Image, MaskedImage

LIGHTNESSES = 5
"""Shares at -40, -20, 0, +20, +40 of CIELAB lightness; what is beyond counts there."""
HUES = 6
"""Shares at 0, 60, ... 300 degrees of CIELAB hue; one more is of what has no colour."""
LENGTH = LIGHTNESSES + HUES + 1
LEAST_SIDE_PX = 24
"""Of a box; a smaller one is too blurred to say."""

_GRID = 24
_SPARE_FRACTION = 0.1
_LIGHTNESS_STEP = 20.0
_GREY_CHROMA = 10.0
_FULL_CHROMA = 25.0
_TINT_TAKEN = 0.5
_TONE_ROWS = 24
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
) / np.array([[0.950456], [1.0], [1.088754]])
"""Linear sRGB to XYZ over its white (D65)."""

_STEPS = np.arange(256) / 255
_LINEAR = np.where(_STEPS <= 0.04045, _STEPS / 12.92, ((_STEPS + 0.055) / 1.055) ** 2.4)


def tone_of(image: MaskedImage) -> FloatArray:
    """Return a picture's median L, a, b of CIELAB `(3,)`, from about 24 rows of it."""
    stride = max(1, len(image) // _TONE_ROWS)
    few = image[::stride, ::stride].reshape(-1, 3)
    return np.asarray(np.median(_lab(few), axis=0), np.float64)


def appearance_of(
    image: MaskedImage, box: Sequence[float], tone: FloatArray
) -> tuple[float, ...] | None:
    """Return how the thing in a box looks; None where it is too small to say.

    Args:
        image: uint8 `(H, W, 3)`, BGR, masked: what nobody may see counts as its mask.
        box: x1, y1, x2, y2 in pixels; what lies outside the picture is left out.
        tone: `tone_of(image)`.

    Returns:
        5 shares by lightness, dark first, then 6 by hue and 1 without colour; each of
        the two groups sums to 1.
    """
    height_px, width_px = image.shape[:2]
    x1, y1 = (max(0, round(v)) for v in box[:2])
    x2, y2 = min(width_px, round(box[2])), min(height_px, round(box[3]))
    if min(x2 - x1, y2 - y1) < LEAST_SIDE_PX:
        return None
    dx, dy = (round(_SPARE_FRACTION * v) for v in (x2 - x1, y2 - y1))
    lab = _lab(_small(image[y1 + dy : y2 - dy, x1 + dx : x2 - dx]))
    shares = (_lightness_shares(lab[:, 0] - tone[0]), _hue_shares(lab[:, 1:], tone))
    return tuple(round(float(v), 4) for v in np.concatenate(shares))


def appearance_distance(
    one: Sequence[float] | None, other: Sequence[float] | None
) -> float | None:
    """Return how unlike two things look, 0 (alike) to 2; None where one is not known.

    The sum of the Hellinger distances of their lightness and of their hue. Descriptors
    of unlike length are of unlike versions and say nothing of each other.
    """
    if one is None or other is None or len(one) != len(other):
        return None
    cut = LIGHTNESSES
    return _hellinger(one[:cut], other[:cut]) + _hellinger(one[cut:], other[cut:])


def _hellinger(p: Sequence[float], q: Sequence[float]) -> float:
    shared = math.fsum(math.sqrt(a * b) for a, b in zip(p, q, strict=True))
    return math.sqrt(max(0.0, 1 - shared))


def _small(crop: Image) -> Image:
    """Return the mean colours of at most 24 x 24 pieces of a crop, a row each.

    Of a large crop every second, third ... row and column does.
    """
    tall, wide = crop.shape[:2]
    crop = crop[:: max(1, tall // 48), :: max(1, wide // 48)]
    tall, wide = crop.shape[:2]
    rows = _means(tall) @ crop.reshape(tall, -1).astype(np.float32)
    pieces = _means(wide) @ rows.reshape(len(rows), wide, 3)
    return np.asarray(pieces + 0.5, np.uint8).reshape(-1, 3)


def _means(size_px: int) -> npt.NDArray[np.float32]:
    """Return what takes the means of equal pieces of a side, `(pieces, size_px)`."""
    pieces = min(_GRID, size_px)
    of = np.arange(size_px) * pieces // size_px == np.arange(pieces)[:, None]
    return np.asarray(of / of.sum(axis=1, keepdims=True), np.float32)


def _lab(bgr: Image) -> FloatArray:
    """Return CIELAB (D65) of sRGB colours `(N, 3)`, blue first."""
    xyz = _LINEAR[bgr[:, ::-1]] @ _TO_XYZ.T
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def _lightness_shares(lightness: FloatArray) -> FloatArray:
    at = lightness / _LIGHTNESS_STEP + (LIGHTNESSES - 1) / 2
    return _shares(np.clip(at, 0, LIGHTNESSES - 1), LIGHTNESSES, np.ones(len(at)))


def _hue_shares(ab: FloatArray, tone: FloatArray) -> FloatArray:
    a, b = (ab - _TINT_TAKEN * tone[1:]).T
    chroma = np.hypot(a, b)
    coloured = np.clip((chroma - _GREY_CHROMA) / (_FULL_CHROMA - _GREY_CHROMA), 0, 1)
    hues = _shares(np.arctan2(b, a) * HUES / (2 * np.pi) + HUES, HUES, coloured)
    return np.append(hues, max(0.0, 1 - hues.sum()))


def _shares(at: FloatArray, bins: int, weight: FloatArray) -> FloatArray:
    """Return the mean weight by bin, round the circle; what lies between is shared."""
    low = np.floor(at).astype(np.int64)
    part = weight * (at - low)
    lower = np.bincount(low % bins, weight - part, bins)
    upper = np.bincount((low + 1) % bins, part, bins)
    return (lower + upper) / len(at)
