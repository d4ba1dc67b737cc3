"""Average precision, precision and recall, and what chance has in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.evaluate.matching import FloatArray, IntArray, Matches

Interval = tuple[float, float]

RESAMPLES = 300
LEAST_GROUPS = 3
PERCENTILES = (5.0, 95.0)


@dataclass(frozen=True, slots=True)
class Rate:
    """Precision and recall from one confidence upwards, fractions."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return their harmonic mean."""
        return self.f(1.0)

    def f(self, beta: float) -> float:
        """Return their weighted harmonic mean: recall counts `beta` times as much.

        Source:
            van Rijsbergen (1979), Information Retrieval, ch. 7.
        """
        total = beta**2 * self.precision + self.recall
        return (1 + beta**2) * self.precision * self.recall / total if total else 0.0


def ap50(matches: Matches) -> float | None:
    """Return the AP at IoU 0.5; None without instances."""
    values = ap_by_iou(matches)
    return None if values is None else float(values[0])


def ap50_95(matches: Matches) -> float | None:
    """Return the mean AP over the ten IoU thresholds; None without instances."""
    values = ap_by_iou(matches)
    return None if values is None else float(values.mean())


def ap_by_iou(matches: Matches) -> FloatArray | None:
    """Return float64 `(10,)`: AP at each of `IOUS`; None without instances.

    Source:
        PASCAL VOC 2010: precision made monotone, every recall step counted. (COCO reads
        the same curve at 101 recalls.)
    """
    if not matches.instances:
        return None
    weights = np.ones((1, len(matches.confidence)))
    instances = np.array([float(matches.instances)])
    by_iou: FloatArray = _weighted_ap(matches, weights, instances)[0]
    return by_iou


def _weighted_ap(
    matches: Matches, weights: FloatArray, instances: FloatArray
) -> FloatArray:
    """Return float64 `(R, 10)`: AP where box n counts `weights[r, n]` times.

    Args:
        matches: N boxes.
        weights: `(R, N)`, >= 0.
        instances: `(R,)`, weighted number of instances, > 0.
    """
    out = np.zeros((len(weights), matches.hits.shape[1]))
    if not matches.hits.any():
        return out
    boxes = np.maximum(np.cumsum(weights, axis=1), 1e-12)
    for column in np.flatnonzero(matches.hits.any(axis=0)):
        hits = weights * matches.hits[:, column]
        precision = np.cumsum(hits, axis=1) / boxes
        envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        out[:, column] = (envelope * hits).sum(axis=1) / instances
    return out


def intervals(
    matches: Matches, group: IntArray, *, seed: int = 1
) -> tuple[Interval | None, Interval | None]:
    """Return the 90 % intervals of AP50 and AP50-95 by drawing whole groups anew.

    Args:
        matches: the boxes and instances of one class.
        group: int64 `(P,)`, number of the scene of each picture.
        seed: of the draws.

    Returns:
        The 5th and 95th percentile over 300 draws with replacement among the groups
        that hold an instance or a box of the class; None where fewer than 3 groups hold
        an instance. A draw without an instance is left out.

    Source:
        Efron (1979), percentile bootstrap over clusters.
    """
    of_box, of_truth = group[matches.picture], group[matches.truth_picture]
    if len(np.unique(of_truth)) < LEAST_GROUPS:
        return None, None
    groups, where = np.unique(np.concatenate([of_box, of_truth]), return_inverse=True)
    box_group, truth_group = where[: len(of_box)], where[len(of_box) :]
    drawn = _draws(len(groups), seed)
    per_group = np.bincount(truth_group, minlength=len(groups)).astype(np.float64)
    instances = drawn @ per_group
    held = instances > 0
    values = _weighted_ap(matches, drawn[held][:, box_group], instances[held])
    return _percentiles(values[:, 0]), _percentiles(values.mean(axis=1))


def _draws(groups: int, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    even = np.full(groups, 1 / groups)
    return rng.multinomial(groups, even, size=RESAMPLES).astype(np.float64)


def _percentiles(values: npt.NDArray[np.float64]) -> Interval:
    low, high = np.percentile(values, PERCENTILES)
    return round(float(low), 3), round(float(high), 3)


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


def curve(matches: Matches, *, points: int = 120) -> list[tuple[float, float]]:
    """Return (recall, precision) along falling confidence, thinned to `points`."""
    if not matches.instances or not len(matches.confidence):
        return []
    hits = np.cumsum(matches.hit)
    recall = hits / matches.instances
    precision = hits / np.arange(1, len(hits) + 1)
    rows = np.unique(np.linspace(0, len(hits) - 1, points).astype(int))
    return [(round(float(recall[r]), 4), round(float(precision[r]), 4)) for r in rows]
