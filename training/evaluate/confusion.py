"""Which class is taken for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluate.matching import IntArray, claim, pairwise_iou, truth_boxes
from training.evaluate.seen import Seen
from training.labels import LabelMap

BACKGROUND = "background"
LEAST_IOU = 0.5


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of instances and boxes at the operating points.

    Attributes:
        names: the classes, `background` last.
        counts: `counts[labelled][found]`; the last row holds false finds, the last
            column missed instances.
    """

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def confuse(
    pictures: Sequence[Seen],
    maps: Mapping[str, LabelMap],
    names: Sequence[str],
    confidence: Mapping[str, float],
) -> Confusion:
    """Return who was taken for whom at IoU 0.5.

    An instance is first claimed by boxes of its own class, then what is left over by
    boxes of any class, the most confident first. A box that claims nothing counts as
    false only where its class is known.
    """
    counts = np.zeros((len(names) + 1, len(names) + 1), np.int64)
    for seen in pictures:
        _count(seen, maps[seen.image.source].same, names, confidence, counts)
    rows = tuple(tuple(int(v) for v in row) for row in counts)
    return Confusion((*names, BACKGROUND), rows)


def _count(
    seen: Seen,
    same: Mapping[str, str],
    names: Sequence[str],
    confidence: Mapping[str, float],
    counts: IntArray,
) -> None:
    row_of = {name: row for row, name in enumerate(names)}
    found = [row_of[same.get(n, n)] for n in seen.found_names]
    above = np.array(
        [
            c >= confidence[n]
            for n, c in zip(seen.found_names, seen.confidence, strict=True)
        ],
        np.bool_,
    )
    boxes, ids = seen.xyxy[above], np.array(found, np.int64)[above]
    truth_ids = np.array([row_of[b.category] for b in seen.image.boxes], np.int64)
    every = [truth_boxes(seen, frozenset({n})) for n in names]
    order = np.argsort(truth_ids, kind="stable")
    truth, truth_ids = np.concatenate(every), truth_ids[order]
    overlap = pairwise_iou(boxes, truth)
    own = claim(np.where(ids[:, None] == truth_ids[None], overlap, 0.0), LEAST_IOU)
    free = overlap.copy()
    free[own >= 0] = 0.0
    free[:, own[own >= 0]] = 0.0
    claimed = np.where(own >= 0, own, claim(free, LEAST_IOU))
    for box, instance in enumerate(claimed):
        if instance >= 0:
            counts[truth_ids[instance], ids[box]] += 1
        elif names[ids[box]] in seen.image.known:
            counts[-1, ids[box]] += 1
    missed = np.setdiff1d(np.arange(len(truth)), claimed)
    np.add.at(counts, (truth_ids[missed], -1), 1)
