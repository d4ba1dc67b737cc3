"""Says if a frame can be judged: not too dark, blurred, blinded or covered.

All is measured on a grey copy at most 480 px wide, so that one limit holds for a 400 px
dash-cam and for 4K. Measured on 1,317 real street pictures (CamVid, KITTI, Panoramax,
GoPro, survey and phone photos): sharpness 0.60 or more but for one, saturated 0.32 or
less, featureless 0.56 or less (low part 0.69), 95th percentile of brightness 103 up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from vision.types import Image

Reason = Literal["dark", "blurred", "glare", "covered"]

_WIDTH_PX = 480
_COARSE_PX = (96, 72)
_CELLS = (16, 12)
_SATURATED = 250
_STILL_GRADIENT = 2.0
_EDGE_FRACTION = 0.99

GreyImage = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """Beyond which a frame is not judged. Brightness is 0 to 255.

    Attributes:
        dark_p95: dark if 95 % of the picture is below this.
        dark_mean: dark if the mean is below this.
        glare_saturated_fraction: glare if more than this part is blown out (250 up), of
            the picture or of its lower two thirds, where the street is.
        glare_p5: glare if 95 % of the picture is above this: washed out.
        covered_fraction: covered if more than this part of the lower two thirds has no
            texture, and three quarters of it of the whole picture.
        blurred_sharpness: blurred if `FrameQuality.sharpness` is below this.
    """

    dark_p95: float = 60.0
    dark_mean: float = 20.0
    glare_saturated_fraction: float = 0.4
    glare_p5: float = 150.0
    covered_fraction: float = 0.75
    blurred_sharpness: float = 0.58


@dataclass(frozen=True, slots=True)
class FrameQuality:
    """What was measured in a frame.

    Attributes:
        reason: why it cannot be judged, the first that holds of dark, glare (blown
            out), covered, glare (washed out), blurred; None if it can.
        mean: brightness, 0 to 255.
        p5: brightness that 5 % of the picture lie below.
        p95: brightness that 95 % lie below.
        saturated_fraction: blown out part, of the picture or of its lower two thirds,
            whichever is larger.
        featureless_fraction: part of the picture without texture.
        featureless_low_fraction: the same in its lower two thirds.
        sharpness: how strong the strongest edges are against those of the same picture
            at half size; about 0.5 for a smooth (blurred) picture, 0.6 to 1.4 for a
            sharp one. Of the two directions the less sharp, so motion blur counts.
    """

    reason: Reason | None
    mean: float
    p5: float
    p95: float
    saturated_fraction: float
    featureless_fraction: float
    featureless_low_fraction: float
    sharpness: float


def judge_frame(image: Image, limits: QualityLimits | None = None) -> FrameQuality:
    """Measure a frame and say if it can be judged.

    Args:
        image: uint8 `(H, W, 3)`, BGR.
        limits: beyond which it cannot; the defaults if None.
    """
    grey = _small_grey(image)
    levels = np.cumsum(_histogram(grey))
    low = grey[len(grey) // 3 :]
    low_levels = np.cumsum(_histogram(low))
    below = (counts[_SATURATED - 1] / counts[-1] for counts in (levels, low_levels))
    half = cv2.resize(
        grey,
        (max(8, grey.shape[1] // 2), max(8, grey.shape[0] // 2)),
        interpolation=cv2.INTER_AREA,
    ).astype(np.uint8, copy=False)
    still = _still_cells(half)
    measured = FrameQuality(
        reason=None,
        mean=float(grey.mean()),
        p5=_level_at(levels, 0.05),
        p95=_level_at(levels, 0.95),
        saturated_fraction=1 - float(min(below)),
        featureless_fraction=float(still.mean()),
        featureless_low_fraction=float(still[len(still) // 3 :].mean()),
        sharpness=min(
            _edge_strength(grey, axis) / max(_edge_strength(half, axis), 1.0)
            for axis in (0, 1)
        ),
    )
    return _judged(measured, limits or QualityLimits())


def _judged(measured: FrameQuality, limits: QualityLimits) -> FrameQuality:
    checks: tuple[tuple[Reason, bool], ...] = (
        ("dark", measured.p95 < limits.dark_p95 or measured.mean < limits.dark_mean),
        ("glare", measured.saturated_fraction > limits.glare_saturated_fraction),
        (
            "covered",
            measured.featureless_low_fraction > limits.covered_fraction
            and measured.featureless_fraction > 0.75 * limits.covered_fraction,
        ),
        ("glare", measured.p5 > limits.glare_p5),
        ("blurred", measured.sharpness < limits.blurred_sharpness),
    )
    reason = next((name for name, holds in checks if holds), None)
    return replace(measured, reason=reason)


def _small_grey(image: Image) -> GreyImage:
    """Return a grey copy at most 480 px wide: whole steps first, then by area."""
    height, width = image.shape[:2]
    step = max(1, round(width / _WIDTH_PX))
    size = (max(16, width // step), max(16, height // step))
    picked = cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
    grey = cv2.cvtColor(picked, cv2.COLOR_BGR2GRAY)
    if size[0] > _WIDTH_PX:
        smaller = (_WIDTH_PX, max(16, round(size[1] * _WIDTH_PX / size[0])))
        grey = cv2.resize(grey, smaller, interpolation=cv2.INTER_AREA)
    return grey.astype(np.uint8, copy=False)


def _histogram(values: GreyImage) -> npt.NDArray[np.float32]:
    counts = cv2.calcHist([values], [0], None, [256], [0, 256])
    return counts.ravel().astype(np.float32, copy=False)


def _level_at(levels: npt.NDArray[np.float32], fraction: float) -> float:
    """Return the level below which a fraction lies, from a running sum."""
    goal = float(levels[-1]) * fraction
    level = int(np.searchsorted(levels, goal))
    below = float(levels[level - 1]) if level else 0.0
    return level + (goal - below) / max(float(levels[level]) - below, 1.0) - 0.5


def _edge_strength(grey: GreyImage, axis: int) -> float:
    """Return the step over two pixels that 1 % of the pixels exceed."""
    if axis == 0:
        step = cv2.absdiff(grey[2:], grey[:-2])
    else:
        step = cv2.absdiff(grey[:, 2:], grey[:, :-2])
    counts = _histogram(step.astype(np.uint8, copy=False))
    return _level_at(np.cumsum(counts), _EDGE_FRACTION)


def _still_cells(grey: GreyImage) -> npt.NDArray[np.bool_]:
    """Return which of 12 x 16 cells have no texture once noise is averaged out."""
    coarse = cv2.resize(grey, _COARSE_PX, interpolation=cv2.INTER_AREA)
    across = cv2.absdiff(coarse[:-1, 1:], coarse[:-1, :-1])
    down = cv2.absdiff(coarse[1:, :-1], coarse[:-1, :-1])
    steps = cv2.max(across, down).astype(np.float32)
    still: npt.NDArray[np.bool_] = (
        cv2.resize(steps, _CELLS, interpolation=cv2.INTER_AREA) < _STILL_GRADIENT
    )
    return still
