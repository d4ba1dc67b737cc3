"""Which box of this frame is which object: gate, likelihood, assignment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from vision.types import FloatArray

_NEGLIGIBLE_LOG_WEIGHT = -4.0


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Where T objects should appear, each under H hypotheses (still, moving).

    Attributes:
        mean: `(T, H, 2)` in metres of the local frame, or pixels.
        cov: `(T, H, 2, 2)`.
        log_weight: `(T, H)`, -inf where an object has no such hypothesis.
    """

    mean: FloatArray
    cov: FloatArray
    log_weight: FloatArray


@dataclass(frozen=True, slots=True)
class Gate:
    """When a box may be an object, and what it costs to leave both alone.

    Attributes:
        squared: largest squared Mahalanobis distance.
        apart_cost: cost of "a new object and a missed one", on the scale of
            d^2 + ln|S|: -2 ln(new objects per unit area * chance to miss).
    """

    squared: float
    apart_cost: float


def mahalanobis2(offset: FloatArray, cov: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return squared distance `(...)` and ln|S| `(...)` of offsets `(..., 2)`."""
    a, b, c = cov[..., 0, 0], cov[..., 0, 1], cov[..., 1, 1]
    det = np.maximum(a * c - b * b, 1e-12)
    x, y = offset[..., 0], offset[..., 1]
    return (c * x * x - 2 * b * x * y + a * y * y) / det, np.log(det)


def assign(
    prediction: Prediction,
    measured: tuple[FloatArray, FloatArray],
    *,
    penalty: FloatArray,
    gate: Gate,
) -> list[tuple[int, int]]:
    """Return (object, box) pairs with the least total cost.

    The cost of a pair is -2 ln of the mixture over the object's hypotheses of
    N(box; mean, cov + box's cov), plus `penalty`.

    Args:
        prediction: T objects.
        measured: places `(D, 2)` and covariances `(D, 2, 2)` of the boxes.
        penalty: `(T, D)`; inf where the pair is not allowed.
        gate: limits.
    """
    place, spread = measured
    if prediction.mean.shape[0] == 0 or len(place) == 0:
        return []
    offset = place[None, None] - prediction.mean[:, :, None]
    total = prediction.cov[:, :, None] + spread[None, None]
    d2, log_det = mahalanobis2(offset, total)
    weight = prediction.log_weight[:, :, None]
    reachable = (d2 <= gate.squared) & (weight > _NEGLIGIBLE_LOG_WEIGHT)
    likelihood = np.logaddexp.reduce(weight - 0.5 * (d2 + log_det), axis=1)
    cost = -2 * likelihood + penalty
    allowed = reachable.any(axis=1) & np.isfinite(cost) & (cost < gate.apart_cost)
    objects, boxes = linear_sum_assignment(np.where(allowed, cost, gate.apart_cost))
    return [
        (int(t), int(d)) for t, d in zip(objects, boxes, strict=True) if allowed[t, d]
    ]
