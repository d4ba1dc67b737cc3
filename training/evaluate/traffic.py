"""Cars, persons and two-wheelers against the sure boxes of the teacher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluate.matching import claim, pairwise_iou
from training.evaluate.seen import Seen

GROUPS: Mapping[str, frozenset[str]] = {
    "cars": frozenset({"car", "truck", "bus"}),
    "persons": frozenset({"person"}),
    "two_wheelers": frozenset({"bicycle", "motorcycle"}),
}
SURE = 0.5
TARGET = 0.85


@dataclass(frozen=True, slots=True)
class TrafficRecall:
    """How much of the teacher's traffic is found.

    Attributes:
        boxes: of the teacher, confidence of at least 0.5.
        strict: share claimed by a box of the same class; None without boxes.
        merged: share claimed by a box of the same group.
    """

    boxes: int
    strict: float | None
    merged: float | None


def traffic_recall(
    pictures: Sequence[Seen], confidence: Mapping[str, float]
) -> dict[str, TrafficRecall]:
    """Return the recall at the operating points, IoU 0.5, by group of traffic.

    Only pictures that the teacher looked at count: those where the class is known.
    """
    out: dict[str, TrafficRecall] = {}
    for group, members in GROUPS.items():
        counts = np.zeros(3, np.int64)
        for seen in pictures:
            if members <= seen.image.known:
                counts += _count(seen, members, confidence)
        boxes, strict, merged = (int(v) for v in counts)
        out[group] = TrafficRecall(
            boxes=boxes,
            strict=round(strict / boxes, 3) if boxes else None,
            merged=round(merged / boxes, 3) if boxes else None,
        )
    return out


def _count(
    seen: Seen, members: frozenset[str], confidence: Mapping[str, float]
) -> tuple[int, int, int]:
    truth = [
        b for b in seen.image.boxes if b.category in members and b.confidence >= SURE
    ]
    size = np.array([seen.width_px, seen.height_px] * 2, np.float64)
    xyxy = np.array([(b.x1, b.y1, b.x2, b.y2) for b in truth]).reshape(-1, 4) * size
    rows = [
        row
        for row, name in enumerate(seen.found_names)
        if name in members and seen.confidence[row] >= confidence[name]
    ]
    overlap = pairwise_iou(seen.xyxy[rows], xyxy)
    found = np.array([seen.found_names[row] for row in rows], dtype=object)
    wanted = np.array([b.category for b in truth], dtype=object)
    same = np.where(found[:, None] == wanted[None], overlap, 0.0)
    strict = int((claim(same, 0.5) >= 0).sum())
    merged = int((claim(overlap, 0.5) >= 0).sum())
    return len(truth), strict, merged
