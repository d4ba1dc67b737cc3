"""What of each element was seen by the passes of a window, for many days at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from service.packed import CELL_M, EXISTS, KNOWN, READABLE, SIDES, cells_of
from service.scoring.days.columns import (
    BoolArray,
    Columns,
    FlagArray,
    FloatArray,
    IntArray,
    Rows,
    WordArray,
)
from service.scoring.parts import Element
from service.scoring.standard import Standard
from service.types import Segment
from vision.types import ZONES

_ROUNDING = 1e-9
_BITS = 64
_READS = 128


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen; E elements in the standard's order.

    Attributes:
        seen_m: `(R, E)` observed metres, mean over the sides that exist.
        whole_m: `(R, E)` metres there are to see.
        sides: `(R, E)` how many sides have the element.
        assessed: `(R, E)` enough was seen of it.
        coverage: `(R,)` seen fraction over all zones and sides.
        sufficient: `(R,)` enough was seen for a score.
    """

    seen_m: FloatArray
    whole_m: FloatArray
    sides: IntArray
    assessed: BoolArray
    coverage: FloatArray
    sufficient: BoolArray


def what_was_seen(columns: Columns, rows: Rows, standard: Standard) -> Seen:
    """Say what was seen of every element on every row; see `view_segment`."""
    ground = _Ground.of(columns, rows)
    parts = [_element(element, ground) for element in standard.elements]
    seen_m = np.column_stack([metres for metres, _, _ in parts])
    sides = np.column_stack([count for _, count, _ in parts])
    absent = np.column_stack([gone for _, _, gone in parts])
    fraction = np.minimum(1.0, seen_m / ground.length_m[:, None])
    limits = standard.coverage
    enough = limits.element_seen_min - _ROUNDING
    assessed = ~absent & (fraction >= enough) & (fraction > 0)
    weight = np.array([element.weight for element in standard.elements])
    present = (~absent * weight).sum(axis=1)
    unseen = ((~absent & ~assessed) * weight).sum(axis=1)
    coverage = _overall(ground, standard)
    sufficient = (
        rows.passed
        & assessed.any(axis=1)
        & (coverage >= limits.overall_seen_min - _ROUNDING)
        & (unseen <= limits.unseen_weight_max * present + _ROUNDING)
    )
    return Seen(
        seen_m=np.where(absent, 0.0, seen_m),
        whole_m=np.maximum(seen_m, ground.length_m[:, None]),
        sides=sides,
        assessed=assessed,
        coverage=coverage,
        sufficient=sufficient,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """Windows of passes, put together; Z zones, two sides.

    Attributes:
        length_m: `(R,)` of the street.
        bits: `(R, Z, 2, W)` metres that were seen and could be read.
        last_m: `(R,)` length of the last cell.
        last: `(R,)` its number.
        exists: `(R, Z, 2)` there is such a strip.
        absent: `(R, Z)` the street has no such zone.
        readable: `(R, Z)` some eyes could tell it here.
        reads: `(R, Z)` some eyes can tell it anywhere.
    """

    length_m: FloatArray
    bits: WordArray
    last_m: FloatArray
    last: IntArray
    exists: BoolArray
    absent: BoolArray
    readable: BoolArray
    reads: BoolArray

    @classmethod
    def of(cls, columns: Columns, rows: Rows) -> _Ground:
        passes = columns.passes
        flags = passes.flags | (passes.reads * np.uint8(_READS))
        whole = _joined(flags, rows).reshape(-1, len(ZONES), len(SIDES))
        bits: WordArray = _joined(passes.bits, rows)
        bits = bits.reshape(len(bits), len(ZONES), len(SIDES), -1)
        reads = _anywhere(whole & _READS)
        bits &= np.where(reads, ~np.uint64(0), np.uint64(0))[:, :, None, None]
        lacks = np.array([_lacks(segment) for segment in columns.segments])
        absent = lacks[rows.street]
        exists = (whole & EXISTS).astype(np.bool_) & ~absent[:, :, None]
        absent = absent | (_anywhere(whole & KNOWN) & ~_anywhere(exists))
        length_m = np.array([s.length_m for s in columns.segments])
        cells = np.array([cells_of(m) for m in length_m])
        return cls(
            length_m=length_m[rows.street],
            bits=bits,
            last_m=(length_m - (cells - 1) * CELL_M)[rows.street],
            last=(cells - 1)[rows.street],
            exists=exists,
            absent=absent,
            readable=reads & _anywhere(whole & READABLE),
            reads=reads,
        )

    def metres(self, bits: WordArray) -> FloatArray:
        """Return how many metres the bits `(R, W)` are."""
        count = np.bitwise_count(bits).sum(axis=1, dtype=np.float64)
        word = np.take_along_axis(bits, self.last[:, None] // _BITS, axis=1)[:, 0]
        shift = (self.last % _BITS).astype(np.uint64)
        cut = ((word >> shift) & np.uint64(1)).astype(np.float64)
        metres: FloatArray = (count - cut) * CELL_M + cut * self.last_m
        return metres


def _anywhere(sides: FlagArray | BoolArray) -> BoolArray:
    """Say of `(R, Z, 2)` if anything is set on either side."""
    return np.logical_or(sides[:, :, 0], sides[:, :, 1])


def _lacks(segment: Segment) -> list[bool]:
    return [zone in segment.absent_zones for zone in ZONES]


def _joined(values: Any, rows: Rows) -> Any:
    """Put the passes of each row's window together, bit by bit."""
    empty = np.zeros((1, *values.shape[1:]), values.dtype)
    padded = np.concatenate([values, empty])
    pairs = np.column_stack([rows.from_pass, rows.to_pass]).ravel()
    joined = np.bitwise_or.reduceat(padded, pairs, axis=0)[::2]
    joined[rows.from_pass >= rows.to_pass] = 0
    return joined


def _element(
    element: Element, ground: _Ground
) -> tuple[FloatArray, IntArray, BoolArray]:
    """Return metres, sides, and where it is absent."""
    zones = [ZONES.index(zone) for zone in element.zones]
    usable = ~ground.absent[:, zones]
    unknown = usable & ~_anywhere(ground.exists[:, zones])
    total = np.zeros(len(ground.length_m))
    sides = np.zeros(len(ground.length_m), np.intp)
    for side in range(len(SIDES)):
        have = ground.exists[:, zones, side] & usable
        bits = np.where(have[:, :, None], ground.bits[:, zones, side], np.uint64(0))
        metres = _side_metres(element, ground, have, bits, unknown)
        total += np.where(have.any(axis=1), metres, 0.0)
        sides += have.any(axis=1)
    gone: BoolArray = ~np.logical_or.reduce(usable, axis=1)
    return total / np.maximum(sides, 1), sides, gone


def _side_metres(
    element: Element,
    ground: _Ground,
    have: BoolArray,
    bits: WordArray,
    unknown: BoolArray,
) -> FloatArray:
    if element.seen_when == "any":
        return ground.metres(np.bitwise_or.reduce(bits, axis=1))
    if element.seen_when == "all":
        every = np.where(have[:, :, None], bits, ~np.uint64(0))
        every = np.where(unknown[:, :, None], np.uint64(0), every)
        return np.where(
            have.any(axis=1), ground.metres(np.bitwise_and.reduce(every, axis=1)), 0.0
        )
    metres = np.zeros(len(bits))
    for z in range(bits.shape[1]):
        metres += ground.metres(bits[:, z])
    strips = have.sum(axis=1) + unknown.sum(axis=1)
    mean: FloatArray = metres / np.maximum(strips, 1)
    return mean


def _overall(ground: _Ground, standard: Standard) -> FloatArray:
    """Return the seen fraction over the zones and sides that can be read."""
    total = np.zeros(len(ground.length_m))
    count = np.zeros(len(ground.length_m))
    named = {zone for element in standard.elements for zone in element.zones}
    for z, zone in enumerate(ZONES):
        if zone not in named:
            continue
        for side in range(len(SIDES)):
            counts = ground.exists[:, z, side] & ground.readable[:, z]
            metres = ground.metres(ground.bits[:, z, side])
            total += np.where(counts, np.minimum(1.0, metres / ground.length_m), 0.0)
            count += counts
        count += (
            ground.reads[:, z] & ~ground.exists[:, z].any(axis=1) & ~ground.absent[:, z]
        )
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0)
