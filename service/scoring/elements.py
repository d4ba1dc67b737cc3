"""What of a street's elements was seen: absent, unseen or assessed.

The status comes from coverage and layout, never from findings: not seen is not clean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.packed import NOT_READABLE
from service.scoring.parts import Element
from service.scoring.standard import Standard
from service.types import CoveragePiece, ElementStatus, Segment

NO_COVERAGE = "no_coverage"
ABSENT = "absent_zone"

_OVERRUN_M = 1.0
_OVERRUN_FRACTION = 0.02
_ROUNDING = 1e-9

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ElementView:
    """How much of one element of one segment was seen.

    Attributes:
        seen_m: observed metres, mean over the sides that exist.
        whole_m: metres there are to see: the segment's, or more where more was seen.
        seen_fraction: of the segment's length, at most 1; None where absent.
        sides: how many sides of the street have it.
        reason: why it is unseen or absent; None if assessed.
    """

    element: Element
    status: ElementStatus
    seen_m: float
    whole_m: float
    seen_fraction: float | None
    sides: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class SegmentView:
    """What was seen of one segment.

    Attributes:
        elements: in the standard's order.
        coverage: seen fraction over all zones and sides that exist and can be read.
        sufficient: enough was seen for a score.
    """

    elements: tuple[ElementView, ...]
    coverage: float
    sufficient: bool

    def assessed(self) -> dict[str, ElementView]:
        """Return the elements that take deductions, by id."""
        return {v.element.id: v for v in self.elements if v.status == "assessed"}


def view_segment(
    segment: Segment,
    pieces: Iterable[CoveragePiece],
    *,
    standard: Standard,
    readable_zones: frozenset[str] | None,
) -> SegmentView:
    """Say which elements of a segment were seen, from its coverage.

    Args:
        segment: zones in its `absent_zones` do not exist.
        pieces: coverage of this segment; where pieces overlap, seen wins. A side of a
            zone without any piece, or with `absent` ones alone, does not exist; a zone
            all of whose pieces are `absent` was seen not to exist.
        standard: names the elements, their zones and the thresholds.
        readable_zones: zones the installed reader can tell apart; None = every zone
            that the coverage calls seen.
    """
    ground = _Ground.of(segment, pieces, readable_zones=readable_zones)
    elements = tuple(_view_element(e, ground, standard) for e in standard.elements)
    coverage = ground.overall(standard)
    present = sum(v.element.weight for v in elements if v.status != "absent")
    unseen = sum(v.element.weight for v in elements if v.status == "unseen")
    assessed = any(v.status == "assessed" for v in elements)
    limits = standard.coverage
    sufficient = (
        assessed
        and coverage >= limits.overall_seen_min - _ROUNDING
        and unseen <= limits.unseen_weight_max * present + _ROUNDING
    )
    return SegmentView(elements=elements, coverage=coverage, sufficient=sufficient)


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """Coverage of one segment cut into stretches on which nothing changes.

    Attributes:
        seen: (zone, side) -> which stretches were seen.
        lost: (zone, reason) -> metres not seen.
    """

    length_m: float
    absent: frozenset[str]
    readable: frozenset[str] | None
    stretch_m: FloatArray
    seen: Mapping[tuple[str, str], BoolArray]
    lost: Mapping[tuple[str, str], float]

    @classmethod
    def of(
        cls,
        segment: Segment,
        pieces: Iterable[CoveragePiece],
        *,
        readable_zones: frozenset[str] | None,
    ) -> _Ground:
        overrun_m = max(_OVERRUN_M, _OVERRUN_FRACTION * segment.length_m)
        end_m = segment.length_m + overrun_m
        known = [p for p in pieces if p.zone not in segment.absent_zones]
        kept = [p for p in known if p.status != "absent"]
        lacking = {p.zone for p in known} - {p.zone for p in kept}
        ends = {min(max(m, 0.0), end_m) for p in kept for m in (p.from_m, p.to_m)}
        cuts = np.array(sorted(ends), dtype=np.float64)
        middle = (cuts[1:] + cuts[:-1]) / 2
        seen: dict[tuple[str, str], BoolArray] = {}
        lost: dict[tuple[str, str], float] = {}
        for piece in kept:
            here = (middle > piece.from_m) & (middle < piece.to_m)
            key = (piece.zone, piece.side)
            before = seen.setdefault(key, np.zeros(len(middle), dtype=np.bool_))
            if piece.status == "seen" and _readable(piece.zone, readable_zones):
                before |= here
            else:
                why = (piece.zone, piece.reason or piece.status)
                lost[why] = lost.get(why, 0.0) + piece.to_m - piece.from_m
        return cls(
            length_m=segment.length_m,
            absent=segment.absent_zones | lacking,
            readable=readable_zones,
            stretch_m=np.diff(cuts),
            seen=seen,
            lost=lost,
        )

    def metres(self, stretches: npt.ArrayLike) -> float:
        return float(self.stretch_m[np.asarray(stretches, dtype=np.bool_)].sum())

    def fraction(self, metres: float) -> float:
        return min(1.0, metres / self.length_m) if self.length_m > 0 else 0.0

    def sides(self, zones: Iterable[str]) -> list[list[BoolArray]]:
        """Return, for each side that has one of the zones, what was seen of each."""
        wanted = list(zones)
        by_side: dict[str, list[BoolArray]] = {}
        for (zone, side), stretches in self.seen.items():
            if zone in wanted:
                by_side.setdefault(side, []).append(stretches)
        missing: list[BoolArray] = [
            np.zeros(len(self.stretch_m), dtype=np.bool_)
            for zone in wanted
            if not any(z == zone for z, _ in self.seen)
        ]
        return [have + missing for _, have in sorted(by_side.items())]

    def overall(self, standard: Standard) -> float:
        """Return the seen fraction over the zones and sides that can be read."""
        named = {zone for element in standard.elements for zone in element.zones}
        fractions = [
            self.fraction(self.metres(stretches))
            for (zone, _), stretches in self.seen.items()
            if zone in named and not self.unreadable(zone)
        ]
        known = {zone for zone, _ in self.seen} | self.absent
        fractions += [0.0 for zone in named & (self.readable or set()) - known]
        return sum(fractions) / len(fractions) if fractions else 0.0

    def unreadable(self, zone: str) -> bool:
        """Say whether nothing could read this zone here, however well it was seen."""
        if not _readable(zone, self.readable):
            return True
        reasons = {why for z, why in self.lost if z == zone}
        anything = any(s.any() for (z, _), s in self.seen.items() if z == zone)
        return not anything and reasons == {NOT_READABLE}

    def reason(self, zones: Iterable[str]) -> str:
        """Return the reason for which most of these zones was not seen."""
        wanted = list(zones)
        if all(self.unreadable(zone) for zone in wanted):
            return NOT_READABLE
        metres: dict[str, float] = {}
        for (zone, why), length_m in self.lost.items():
            if zone in wanted:
                metres[why] = metres.get(why, 0.0) + length_m
        return max(sorted(metres), key=metres.__getitem__) if metres else NO_COVERAGE


def _readable(zone: str, readable_zones: frozenset[str] | None) -> bool:
    return readable_zones is None or zone in readable_zones


def _view_element(element: Element, ground: _Ground, standard: Standard) -> ElementView:
    zones = [zone for zone in element.zones if zone not in ground.absent]
    if not zones:
        return ElementView(element, "absent", 0.0, 0.0, None, 0, ABSENT)
    sides = ground.sides(zones)
    per_side = [_side_metres(element, side, ground) for side in sides]
    seen_m = sum(per_side) / len(per_side) if per_side else 0.0
    whole_m = max(seen_m, ground.length_m)
    fraction = ground.fraction(seen_m)
    enough = standard.coverage.element_seen_min - _ROUNDING
    if fraction >= enough and fraction > 0:
        return ElementView(
            element, "assessed", seen_m, whole_m, fraction, len(sides), None
        )
    reason = ground.reason(zones)
    return ElementView(element, "unseen", seen_m, whole_m, fraction, len(sides), reason)


def _side_metres(element: Element, side: Sequence[BoolArray], ground: _Ground) -> float:
    if element.seen_when == "each":
        return sum(ground.metres(zone) for zone in side) / len(side)
    if element.seen_when == "any":
        return ground.metres(np.logical_or.reduce(side))
    return ground.metres(np.logical_and.reduce(side))
