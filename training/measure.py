"""Detections against truth: matches, average precision, operating point, calibration.

Pure numpy; pictures are reduced to `Match` columns first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

MATCH_IOU = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """All boxes of one class over many pictures, compared with truth.

    Attributes:
        confidence: float64 `(N,)`.
        hit: bool `(N,)`, the box is the first to claim its instance.
        instances: number of labelled instances.
    """

    confidence: FloatArray
    hit: BoolArray
    instances: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Precision and recall from one confidence upwards, fractions."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return their harmonic mean."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def match_boxes(found: FloatArray, truth: FloatArray) -> BoolArray:
    """Return bool `(N,)`: which found boxes claim an instance nobody claimed before.

    Args:
        found: float64 `(N, 4)` xyxy of one class and picture, most confident first.
        truth: float64 `(M, 4)` xyxy, same frame of reference.

    Source:
        PASCAL VOC: greedy by confidence, IoU of at least 0.5.
    """
    hit = np.zeros(len(found), np.bool_)
    free = np.ones(len(truth), np.bool_)
    overlap = pairwise_iou(found, truth)
    for row in range(len(found)):
        candidates = np.where(free, overlap[row], -1.0)
        best = int(candidates.argmax()) if len(truth) else -1
        if best >= 0 and candidates[best] >= MATCH_IOU:
            hit[row], free[best] = True, False
    return hit


def pairwise_iou(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return float64 `(N, M)`: intersection over union of xyxy boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = (high - low).clip(0).prod(axis=2)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=1)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=1)
    union = area_a[:, None] + area_b[None, :] - common
    iou: FloatArray = common / np.maximum(union, 1e-12)
    return iou


def join_matches(parts: Sequence[Matches]) -> Matches:
    """Return all rows, most confident first."""
    confidence = np.concatenate([p.confidence for p in parts] or [np.zeros(0)])
    hit = np.concatenate([p.hit for p in parts] or [np.zeros(0, np.bool_)])
    order = np.argsort(-confidence, kind="stable")
    return Matches(confidence[order], hit[order], sum(p.instances for p in parts))


def average_precision(matches: Matches) -> float | None:
    """Return the area under the precision-recall curve; None without instances.

    Source:
        PASCAL VOC 2010: precision made monotone, every recall step counted.
    """
    if not matches.instances:
        return None
    if not len(matches.hit):
        return 0.0
    hits = np.cumsum(matches.hit)
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(envelope[matches.hit].sum() / matches.instances)


def rate_at(matches: Matches, confidence: float) -> Rate:
    """Return precision and recall of the boxes from `confidence` upwards.

    Without any such box the precision is 0; without instances the recall is 0.
    """
    above = matches.confidence >= confidence
    hits = int(matches.hit[above].sum())
    count = int(above.sum())
    return Rate(
        precision=hits / count if count else 0.0,
        recall=hits / matches.instances if matches.instances else 0.0,
    )


def best_confidence(
    parts: Sequence[Matches], candidates: Sequence[float], *, fallback: float
) -> float:
    """Return the candidate with the highest mean F1 over the parts with instances.

    A part is a kind of picture (real, rendered); each counts the same, however many
    instances it has. Of equal candidates the lowest is taken.
    """
    held = [part for part in parts if part.instances >= 5]
    if not held:
        return fallback
    scores = [
        sum(rate_at(part, candidate).f1 for part in held) for candidate in candidates
    ]
    best = int(np.argmax(scores))
    return candidates[best] if scores[best] > 0 else fallback


def fit_calibration(
    matches: Matches, *, least_confidence: float = 0.02, ridge: float = 1.0
) -> tuple[float, float] | None:
    """Return slope and intercept of `P(hit) = sigmoid(slope logit(c) + intercept)`.

    Args:
        matches: boxes with their verdicts.
        least_confidence: boxes below are not used.
        ridge: pull of the slope towards 1 and the intercept towards 0, per unit.

    Returns:
        None if there are fewer than 10 hits or 10 misses to learn from.

    Source:
        Platt (1999) on the logit, fitted by Newton's method with short steps.
    """
    used = matches.confidence >= least_confidence
    y = matches.hit[used].astype(np.float64)
    if y.sum() < 10 or (1 - y).sum() < 10:
        return None
    c = matches.confidence[used].clip(1e-6, 1 - 1e-6)
    x = np.column_stack([np.log(c / (1 - c)), np.ones(len(c))])
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
