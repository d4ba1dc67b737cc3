"""Which parts of a picture nobody may see: faces, plates, and where they hide.

A detector misses faces and plates, above all small and turned ones. So the head of
every person without a face found for sure, and the plate band of every near vehicle
without a plate found for sure, are private as well. When in doubt, more is masked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from vision.types import Detections

RegionKind = Literal["face", "plate", "head", "plate_band"]
Box = tuple[float, float, float, float]

_VEHICLES = ("car", "truck", "bus")
_MOTORCYCLES = ("motorcycle",)
_CYCLES = ("bicycle", "motorcycle")
_EDGE_PX = 2.0


@dataclass(frozen=True, slots=True)
class Region:
    """A private rectangle, whole pixels: `x1 <= x < x2`, `y1 <= y < y2`.

    Attributes:
        x1: left, >= 0.
        y1: top, >= 0.
        x2: one past the right, > x1.
        y2: one past the bottom, > y1.
        kind: what it hides, or may hide.
    """

    x1: int
    y1: int
    x2: int
    y2: int
    kind: RegionKind


@dataclass(frozen=True, slots=True)
class PrivacyRule:
    """From when and how widely things are masked. Lower and wider is safer.

    Attributes:
        face_confidence: faces and plates from here.
        sure_confidence: from here a face or plate is believed: the head or the plate
            band around it is then not masked as well.
        person_confidence: persons from here.
        vehicle_confidence: vehicles and cycles from here.
        margin: a face or plate grows by this share of its size on every side.
        cut_margin: likewise where the edge of the picture cuts it off.
        least_margin_px: and by at least this.
        head_fraction: share of a standing person's height from the top.
        small_person_px: a lower person is masked whole.
        near_vehicle_px: from this width a plate may be readable: a plate is about a
            quarter of a car's front, so 15 px for 7 characters.
        band_top: the plate band of a car begins at this share of its height.
        band_bottom: and ends here.
        near_motorcycle_px: as `near_vehicle_px`; seen from behind, where its plate is,
            a motorcycle is three plates wide.
        motorcycle_band_top: its plate hangs below the saddle or above the rear light.
    """

    face_confidence: float = 0.03
    sure_confidence: float = 0.60
    person_confidence: float = 0.03
    vehicle_confidence: float = 0.15
    margin: float = 0.20
    cut_margin: float = 0.50
    least_margin_px: float = 2.0
    head_fraction: float = 0.28
    small_person_px: float = 48.0
    near_vehicle_px: float = 60.0
    band_top: float = 0.40
    band_bottom: float = 1.0
    near_motorcycle_px: float = 45.0
    motorcycle_band_top: float = 0.2


def private_regions(
    detections: Detections,
    shape: tuple[int, ...],
    *,
    rule: PrivacyRule | None = None,
) -> list[Region]:
    """Return what must be masked in one picture.

    Args:
        detections: what was found, down to the low confidence of the mask.
        shape: of the picture, height and width first.
        rule: None for the usual one.

    Returns:
        Regions clipped to the picture; they may overlap. Empty if nothing is private.
    """
    rule = rule or PrivacyRule()
    faces = _boxes(detections, ("face",), rule.face_confidence)
    plates = _boxes(detections, ("licence_plate",), rule.face_confidence)
    sure_faces = _boxes(detections, ("face",), rule.sure_confidence)
    sure_plates = _boxes(detections, ("licence_plate",), rule.sure_confidence)
    persons = _boxes(detections, ("person",), rule.person_confidence)
    vehicles = _boxes(detections, _VEHICLES, rule.vehicle_confidence)
    motorcycles = _boxes(detections, _MOTORCYCLES, rule.vehicle_confidence)
    cycles = _boxes(detections, _CYCLES, rule.vehicle_confidence)
    found: list[tuple[Box, RegionKind]] = []
    found += [(_grown(box, rule, shape), "face") for box in faces]
    found += [(_grown(box, rule, shape), "plate") for box in plates]
    found += [
        (_head(box, rule, shape), "head")
        for box in _unexplained(persons, sure_faces, _upper_half)
    ]
    found += [
        (_rider(box), "head")
        for box in cycles
        if _hides_rider(box, [*persons, *sure_faces])
    ]
    for boxes, nearest_px, top in (
        (vehicles, rule.near_vehicle_px, rule.band_top),
        (motorcycles, rule.near_motorcycle_px, rule.motorcycle_band_top),
    ):
        found += [
            (_band(box, top, rule.band_bottom), "plate_band")
            for box in _unexplained(boxes, sure_plates, _whole)
            if box[2] - box[0] >= nearest_px
        ]
    clipped = (_clipped(box, kind, shape) for box, kind in found)
    return [region for region in clipped if region is not None]


def _boxes(
    detections: Detections, categories: Iterable[str], confidence: float
) -> list[Box]:
    ids = [i for i, name in enumerate(detections.names) if name in set(categories)]
    keep: npt.NDArray[np.bool_] = np.isin(detections.class_id, ids)
    keep &= detections.confidence >= confidence
    return [(x1, y1, x2, y2) for x1, y1, x2, y2 in detections.xyxy[keep].tolist()]


def _grown(box: Box, rule: PrivacyRule, shape: tuple[int, ...]) -> Box:
    """Return a box and a margin; what the edge cuts off is boxed too small."""
    x1, y1, x2, y2 = box
    share = rule.cut_margin if _is_cut(box, shape) else rule.margin
    dx = max(rule.least_margin_px, share * (x2 - x1))
    dy = max(rule.least_margin_px, share * (y2 - y1))
    return x1 - dx, y1 - dy, x2 + dx, y2 + dy


def _is_cut(box: Box, shape: tuple[int, ...]) -> bool:
    """Say if a side of the picture cuts a box off; the upper edge cuts no face off."""
    x1, _, x2, y2 = box
    return x1 <= _EDGE_PX or x2 >= shape[1] - _EDGE_PX or y2 >= shape[0] - _EDGE_PX


def _head(box: Box, rule: PrivacyRule, shape: tuple[int, ...]) -> Box:
    """Return the top of a person, as wide as the person and a little more.

    A person who sits, bends or is cut off has a larger head for its box, and a wider
    box: the head is never taken lower than two thirds of the width.
    """
    x1, y1, x2, y2 = box
    wide, tall = x2 - x1, y2 - y1
    if tall < rule.small_person_px:
        return _grown(box, rule, shape)
    head = max(rule.head_fraction * tall, 0.66 * wide)
    if _is_cut(box, shape):
        # Legs or half of the person outside the picture: the head is more of the rest.
        head = max(head, 0.40 * tall)
    head = min(head, tall)
    return x1 - 0.1 * wide, y1 - 0.15 * head, x2 + 0.1 * wide, y1 + head


def _hides_rider(cycle: Box, people: list[Box]) -> bool:
    """Say if a cycle's box may hold a rider whom nobody found.

    A cycle alone, seen from the side, is wider than high.
    """
    x1, y1, x2, y2 = cycle
    return (y2 - y1) >= 0.9 * (x2 - x1) and not any(_touch(cycle, p) for p in people)


def _rider(cycle: Box) -> Box:
    x1, y1, x2, y2 = cycle
    tall = y2 - y1
    return x1, y1 - 0.05 * tall, x2, y1 + 0.35 * tall


def _band(vehicle: Box, top: float, bottom: float) -> Box:
    x1, y1, x2, y2 = vehicle
    tall = y2 - y1
    return x1, y1 + top * tall, x2, y1 + bottom * tall


def _unexplained(
    owners: list[Box], parts: list[Box], where: Callable[[Box], Box]
) -> list[Box]:
    """Return the owners (persons, vehicles) without a part (face, plate) of their own.

    A part belongs to one owner alone, the one whose middle it is nearest to, measured
    across in widths of the owner: who stands behind somebody whose face was found is
    masked still.
    """
    explained: set[int] = set()
    for part in parts:
        holding = [
            i
            for i, owner in enumerate(owners)
            if i not in explained and _holds(where(owner), part)
        ]
        if holding:
            explained.add(min(holding, key=lambda i: _off_middle(owners[i], part)))
    return [owner for i, owner in enumerate(owners) if i not in explained]


def _off_middle(owner: Box, part: Box) -> float:
    off = (part[0] + part[2] - owner[0] - owner[2]) / 2
    return abs(off) / max(owner[2] - owner[0], 1e-6)


def _upper_half(person: Box) -> Box:
    x1, y1, x2, y2 = person
    return x1, y1, x2, (y1 + y2) / 2


def _whole(vehicle: Box) -> Box:
    return vehicle


def _holds(box: Box, inner: Box) -> bool:
    """Say if the centre of `inner` lies in `box`."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _clipped(box: Box, kind: RegionKind, shape: tuple[int, ...]) -> Region | None:
    """Return the whole pixels that a box touches, inside the picture."""
    height, width = shape[:2]
    x1, y1 = max(0, math.floor(box[0])), max(0, math.floor(box[1]))
    x2, y2 = min(width, math.ceil(box[2])), min(height, math.ceil(box[3]))
    if x1 >= x2 or y1 >= y2:
        return None
    return Region(x1, y1, x2, y2, kind)
