"""From confidence to frequency: fit on one part, judge on another.

The score's interval is made of these probabilities, so each must be the share of boxes
like it that are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from training.evaluate.matching import BoolArray, FloatArray, Matches

LEAST_CONFIDENCE = 0.02
BINS = 10
WILSON_Z = 1.645
"""Of a 90 % interval."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Boxes of like probability.

    Attributes:
        low: least probability of the bin.
        high: one past its largest.
        boxes: how many.
        hits: how many of them are right.
        said: mean probability; None without boxes.
        least: lower end of the 90 % Wilson interval of the share that is right.
        most: its upper end.
    """

    low: float
    high: float
    boxes: int
    hits: int
    said: float | None
    least: float
    most: float


def fit_calibration(
    parts: Sequence[Matches],
    *,
    least_confidence: float = LEAST_CONFIDENCE,
    ridge: float = 1.0,
) -> tuple[float, float] | None:
    """Return slope and intercept of `P(hit) = sigmoid(slope logit(c) + intercept)`.

    Args:
        parts: boxes with their verdicts, taken together.
        least_confidence: boxes below are not used.
        ridge: pull of the slope towards 1 and the intercept towards 0, per unit.

    Returns:
        None if there are fewer than 10 hits or 10 misses to learn from.

    Source:
        Platt (1999) on the logit, fitted by Newton's method with short steps.
    """
    confidence, hit = _used(parts, least_confidence)
    y = hit.astype(np.float64)
    if y.sum() < 10 or (1 - y).sum() < 10:
        return None
    x = np.column_stack([_logit(confidence), np.ones(len(y))])
    prior = np.array([1.0, 0.0])
    weights = prior.copy()
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ weights)))
        gradient = x.T @ (p - y) + ridge * (weights - prior)
        curvature = (x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step.clip(-0.5, 0.5)
        if np.abs(step).max() < 1e-8:
            break
    return max(0.0, float(weights[0])), float(weights[1])


def _used(
    parts: Sequence[Matches], least_confidence: float
) -> tuple[FloatArray, BoolArray]:
    confidence = np.concatenate([p.confidence for p in parts] or [np.zeros(0)])
    hit = np.concatenate([p.hit for p in parts] or [np.zeros(0, np.bool_)])
    used = confidence >= least_confidence
    return confidence[used], hit[used]


def _logit(confidence: FloatArray) -> FloatArray:
    c = confidence.clip(1e-6, 1 - 1e-6)
    odds: FloatArray = np.log(c / (1 - c))
    return odds


def reliability(
    matches: Matches, slope: float = 1.0, intercept: float = 0.0
) -> tuple[Bin, ...]:
    """Return ten bins of calibrated probability with the share that is right.

    Boxes below a confidence of 0.02 are left out, as in the fit.
    """
    confidence, hit = _used([matches], LEAST_CONFIDENCE)
    said = 1 / (1 + np.exp(-(slope * _logit(confidence) + intercept)))
    row = np.minimum((said * BINS).astype(int), BINS - 1)
    return tuple(_bin(k, said[row == k], hit[row == k]) for k in range(BINS))


def _bin(number: int, said: FloatArray, hit: BoolArray) -> Bin:
    least, most = wilson(int(hit.sum()), len(hit))
    return Bin(
        low=number / BINS,
        high=(number + 1) / BINS,
        boxes=len(hit),
        hits=int(hit.sum()),
        said=round(float(said.mean()), 4) if len(said) else None,
        least=round(least, 4),
        most=round(most, 4),
    )


def wilson(hits: int, boxes: int) -> tuple[float, float]:
    """Return the 90 % interval of a share; (0, 1) of nothing.

    Source:
        Wilson (1927).
    """
    if not boxes:
        return 0.0, 1.0
    share, z2 = hits / boxes, WILSON_Z**2
    middle = (share + z2 / (2 * boxes)) / (1 + z2 / boxes)
    spread = share * (1 - share) / boxes + z2 / (4 * boxes**2)
    half = WILSON_Z * sqrt(spread) / (1 + z2 / boxes)
    return max(0.0, middle - half), min(1.0, middle + half)


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the expected calibration error, a fraction; None without boxes.

    The mean over boxes of |said - share right| of their bin.

    Source:
        Naeini et al. (2015), ECE with equal-width bins.
    """
    total = sum(b.boxes for b in bins)
    if not total:
        return None
    off = sum(abs(b.said * b.boxes - b.hits) for b in bins if b.said is not None)
    return round(off / total, 4)
