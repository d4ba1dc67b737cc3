"""Boxes found against boxes labelled, class by class, at all ten IoU thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.evaluate.seen import Seen
from training.labels import RENDERED, LabelMap
from training.types import Box

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

IOUS = tuple(round(0.5 + 0.05 * k, 2) for k in range(10))
"""COCO: .50:.05:.95."""

LEAST_READABLE_PX = 8.0
"""Shorter side of a rendered instance, pixels of the frame, from which it counts."""
LOOKED_AT_M = 22.0
"""So far ahead the audit looks (`InspectOptions.find_range_m`); what a renderer placed
farther off does not count."""
IGNORED_IOU = 0.3

HEAPS = "garbage_pile+bin_overflow"
MERGED: Mapping[str, frozenset[str]] = {
    HEAPS: frozenset({"garbage_pile", "bin_overflow"})
}
"""Rows that take several categories for one, beside the categories themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """All boxes of one class over many pictures, compared with truth.

    Attributes:
        confidence: float64 `(N,)`, falling.
        hits: bool `(N, 10)`, the box is the first to claim its instance at `IOUS`.
        picture: int64 `(N,)`, row of the picture.
        claimed: int64 `(N,)`, row of the instance claimed at IoU 0.5, -1 for none.
        area_px2: float64 `(N,)`, of the box, in pixels of the network's input.
        truth_picture: int64 `(M,)`, row of the picture of each instance.
        truth_area_px2: float64 `(M,)`, of each instance, same pixels.
    """

    confidence: FloatArray
    hits: BoolArray
    picture: IntArray
    claimed: IntArray
    area_px2: FloatArray
    truth_picture: IntArray
    truth_area_px2: FloatArray

    @property
    def hit(self) -> BoolArray:
        """Return bool `(N,)`: hits at IoU 0.5."""
        return self.hits[:, 0]

    @property
    def instances(self) -> int:
        """Return the number of labelled instances."""
        return len(self.truth_picture)


def pairwise_iou(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return float64 `(N, M)`: intersection over union of xyxy boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = (high - low).clip(0).prod(axis=2)
    union = box_areas(a)[:, None] + box_areas(b)[None, :] - common
    iou: FloatArray = common / np.maximum(union, 1e-12)
    return iou


def box_areas(xyxy: FloatArray) -> FloatArray:
    """Return float64 `(N,)`, in the square of the boxes' unit."""
    areas: FloatArray = (xyxy[:, 2:] - xyxy[:, :2]).prod(axis=1)
    return areas


def claim(overlap: FloatArray, least_iou: float) -> IntArray:
    """Return int64 `(N,)`: which instance each box claims, -1 for none.

    Args:
        overlap: float64 `(N, M)` IoU, the most confident box first.
        least_iou: claims need at least this.

    Source:
        PASCAL VOC and COCO: greedy by confidence, each box takes the best free
        instance.
    """
    boxes, instances = overlap.shape
    claimed = np.full(boxes, -1, np.int64)
    if not instances:
        return claimed
    free = np.ones(instances, np.bool_)
    for row in np.flatnonzero(overlap.max(axis=1) >= least_iou):
        candidates = np.where(free, overlap[row], -1.0)
        best = int(candidates.argmax())
        if candidates[best] >= least_iou:
            claimed[row], free[best] = best, False
    return claimed


def match_all(
    pictures: Sequence[Seen], maps: Mapping[str, LabelMap], names: Sequence[str]
) -> dict[str, Matches]:
    """Return the matches of every class, and of the merged rows.

    Boxes of a class that is not known in a picture count only if they touch a labelled
    instance: there a miss proves nothing. Where a person said that there is none, they
    count as false; in unsure places they are ignored. A merged row is known where all
    its categories are. Rendered instances less than `LEAST_READABLE_PX` thin or farther
    than `LOOKED_AT_M` are ignored: they count neither as missed nor, when found, as
    false.
    """
    wanted: dict[str, frozenset[str]] = {name: frozenset({name}) for name in names}
    wanted |= {k: v for k, v in MERGED.items() if v <= set(names)}
    return {
        name: _join(
            [_match(row, seen, members, maps) for row, seen in enumerate(pictures)]
        )
        for name, members in wanted.items()
    }


def truth_boxes(seen: Seen, members: frozenset[str]) -> FloatArray:
    """Return float64 `(M, 4)` xyxy pixels of the labelled boxes of some categories."""
    return _pixels([b for b in seen.image.boxes if b.category in members], seen)


def _pixels(boxes: Sequence[Box], seen: Seen) -> FloatArray:
    w, h = seen.width_px, seen.height_px
    rows = [(b.x1 * w, b.y1 * h, b.x2 * w, b.y2 * h) for b in boxes]
    return np.array(rows, np.float64).reshape(-1, 4)


def _match(
    row: int, seen: Seen, members: frozenset[str], maps: Mapping[str, LabelMap]
) -> Matches:
    same = maps[seen.image.source].same
    taken = np.array([same.get(n, n) in members for n in seen.found_names], np.bool_)
    xyxy, confidence = seen.xyxy[taken], seen.confidence[taken]
    truth, unread = readable(seen, members)
    ours = ~_hits_only(xyxy, unread, truth)
    xyxy, confidence = xyxy[ours], confidence[ours]
    overlap = pairwise_iou(xyxy, truth)
    if not members <= seen.image.known:
        touching = overlap.max(axis=1, initial=0.0) > 0
        looked = _pixels([b for b in seen.image.absent if b.category in members], seen)
        touching |= pairwise_iou(xyxy, looked).max(axis=1, initial=0.0) >= IGNORED_IOU
        xyxy, confidence, overlap = (
            xyxy[touching],
            confidence[touching],
            overlap[touching],
        )
    claims = [claim(overlap, iou) for iou in IOUS]
    return Matches(
        confidence=confidence,
        hits=np.stack([c >= 0 for c in claims], axis=1),
        picture=np.full(len(xyxy), row, np.int64),
        claimed=claims[0],
        area_px2=box_areas(xyxy) * seen.scale**2,
        truth_picture=np.full(len(truth), row, np.int64),
        truth_area_px2=box_areas(truth) * seen.scale**2,
    )


def readable(seen: Seen, members: frozenset[str]) -> tuple[FloatArray, FloatArray]:
    """Return the instances that count, and those too thin or too far to be asked for.

    A renderer labels what is a few pixels thin and what stands at the end of the
    street; people do not, so photos keep all. Of photos the second are places of which
    people were unsure.
    """
    boxes = [b for b in seen.image.boxes if b.category in members]
    truth = _pixels(boxes, seen)
    if seen.image.source != RENDERED:
        unsure = [b for b in seen.image.unsure if b.category in members]
        return truth, _pixels(unsure, seen)
    least = (truth[:, 2:] - truth[:, :2]).min(axis=1, initial=np.inf)
    far = np.array([b.range_m is not None and b.range_m > LOOKED_AT_M for b in boxes])
    left_out = (least < LEAST_READABLE_PX) | far.astype(np.bool_)
    return truth[~left_out], truth[left_out]


def _hits_only(xyxy: FloatArray, unread: FloatArray, truth: FloatArray) -> BoolArray:
    """Return bool `(N,)`: boxes on an ignored instance that claim no other."""
    on_unread = pairwise_iou(xyxy, unread).max(axis=1, initial=0.0) >= IGNORED_IOU
    on_truth = pairwise_iou(xyxy, truth).max(axis=1, initial=0.0) >= IOUS[0]
    only: BoolArray = on_unread & ~on_truth
    return only


def _join(parts: Sequence[Matches]) -> Matches:
    if not parts:
        return no_matches()
    offsets = np.cumsum([0] + [p.instances for p in parts])
    claimed = [
        np.where(p.claimed >= 0, p.claimed + offset, -1)
        for p, offset in zip(parts, offsets, strict=False)
    ]
    joined = Matches(
        confidence=np.concatenate([p.confidence for p in parts]),
        hits=np.concatenate([p.hits for p in parts]),
        picture=np.concatenate([p.picture for p in parts]),
        claimed=np.concatenate(claimed),
        area_px2=np.concatenate([p.area_px2 for p in parts]),
        truth_picture=np.concatenate([p.truth_picture for p in parts]),
        truth_area_px2=np.concatenate([p.truth_area_px2 for p in parts]),
    )
    return _select(joined, np.argsort(-joined.confidence, kind="stable"))


def no_matches() -> Matches:
    """Return the matches of no pictures."""
    none, rows = np.zeros(0), np.zeros(0, np.int64)
    return Matches(
        none, np.zeros((0, len(IOUS)), np.bool_), rows, rows, none, rows, none
    )


def _select(matches: Matches, rows: IntArray | BoolArray) -> Matches:
    return Matches(
        confidence=matches.confidence[rows],
        hits=matches.hits[rows],
        picture=matches.picture[rows],
        claimed=matches.claimed[rows],
        area_px2=matches.area_px2[rows],
        truth_picture=matches.truth_picture,
        truth_area_px2=matches.truth_area_px2,
    )


def of_pictures(matches: Matches, wanted: BoolArray) -> Matches:
    """Return what lies in some pictures.

    Args:
        matches: of all pictures.
        wanted: bool `(P,)` by row of the picture.
    """
    return _narrow(matches, wanted[matches.picture], wanted[matches.truth_picture])


def of_areas(matches: Matches, low_px2: float, high_px2: float) -> Matches:
    """Return instances of `[low, high)` px2 and the boxes that speak of them.

    A box that claimed an instance of another size is left out, and so is one that
    claimed none and is itself of another size.

    Source:
        COCO area ranges: instances outside are ignored, and unmatched boxes outside.
    """
    inside = (matches.truth_area_px2 >= low_px2) & (matches.truth_area_px2 < high_px2)
    own = (matches.area_px2 >= low_px2) & (matches.area_px2 < high_px2)
    claims = matches.claimed >= 0
    kept = own & ~claims
    kept[claims] = inside[matches.claimed[claims]]
    return _narrow(matches, kept, inside)


def _narrow(matches: Matches, boxes: BoolArray, instances: BoolArray) -> Matches:
    number = np.cumsum(instances) - 1
    left = _select(matches, boxes)
    claimed = left.claimed.copy()
    claims = claimed >= 0
    claimed[claims] = number[claimed[claims]]
    return Matches(
        confidence=left.confidence,
        hits=left.hits,
        picture=left.picture,
        claimed=claimed,
        area_px2=left.area_px2,
        truth_picture=matches.truth_picture[instances],
        truth_area_px2=matches.truth_area_px2[instances],
    )
