"""What every element loses on every row, and how far that could lie off.

The loss is exact. Its spread is that of independent parts whose cumulants add up: each
unreviewed find, what stands over an allowance, and what was missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from service.scoring.days.columns import BoolArray, FloatArray, IntArray
from service.scoring.days.counted import Counted, count_finds
from service.scoring.days.lacking import Ground, lacking
from service.scoring.days.seen import Seen
from service.scoring.days.spread import Spread
from service.scoring.days.steps import Setting
from service.scoring.days.sums import Sums
from service.scoring.parts import Rule

_METRES_PER_LENGTH_UNIT = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """Of one element on every row, `(R,)` in points of the element, before its cap.

    Attributes:
        lost: D_e.
        spread: of what is lost in truth.
        sure: lost whatever turns out.
    """

    lost: FloatArray
    spread: Spread
    sure: FloatArray


def losses_of(setting: Setting, seen: Seen) -> list[Loss]:
    """Add up what all rules take from each element, in the standard's order."""
    rows = len(setting.rows.street)
    elements = [element.id for element in setting.standard.elements]
    total = [
        Loss(np.zeros(rows), Spread.nothing((rows,)), np.zeros(rows)) for _ in elements
    ]
    counted = count_finds(setting)
    for number, rule in enumerate(setting.standard.rules):
        names = dict.fromkeys(e for e in (*rule.zones.values(), rule.any_zone) if e)
        own = [elements.index(name) for name in names]
        fallback = -1 if rule.fallback is None else elements.index(rule.fallback)
        target = _targets(counted, seen, number, fallback)
        share = 1 / (len(own) * len(rule.categories))
        for element in sorted({*own, fallback} - {-1}):
            taken = _Taken.of(counted, target == element, rows)
            part = share if element in own else 0.0
            more = _loss(setting, seen, rule, taken, element=element, share=part)
            before = total[element]
            total[element] = Loss(
                before.lost + more.lost,
                before.spread.plus(more.spread),
                before.sure + more.sure,
            )
    return total


def _targets(counted: Counted, seen: Seen, number: int, fallback: int) -> IntArray:
    """Return which element takes the finds of each entry; -1 = none, or other rules."""
    blocks = counted.blocks
    own = counted.own[blocks.block]
    stays = seen.assessed[blocks.row, own]
    falls = seen.assessed[blocks.row, fallback] if fallback >= 0 else ~stays
    other = np.where(falls & (fallback >= 0), fallback, -1)
    target = np.where(stays, own, other)
    return np.where(counted.rule[blocks.block] == number, target, -1)


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    """What one element takes under one rule, on every row."""

    sums: Sums
    found: Mapping[int, FloatArray]

    @classmethod
    def of(cls, counted: Counted, mine: BoolArray, rows: int) -> _Taken:
        at = counted.blocks.row[mine]
        found = {
            c: np.bincount(at, n[mine], rows).astype(np.float64)
            for c, n in counted.found.items()
        }
        return cls(counted.sums.only(mine).gathered(at, rows), found)


def _loss(
    setting: Setting,
    seen: Seen,
    rule: Rule,
    taken: _Taken,
    *,
    element: int,
    share: float,
) -> Loss:
    sums, assessed = taken.sums, seen.assessed[:, element]
    length = _length(rule, seen.seen_m[:, element])
    whole = _length(rule, seen.whole_m[:, element])
    classes = [segment.road_class for segment in setting.columns.segments]
    alpha = np.array([rule.allowance_per_100m.get(name, 0.0) for name in classes])
    alpha = alpha[setting.rows.street]
    taking = np.where(assessed, rule.a, 0.0)
    ground = Ground(
        element=element,
        share=share,
        among=assessed & ((share > 0) | (sums.units > 0)),
        units=sums.units,
        found=taken.found,
    )
    missed = lacking(setting, seen, rule, ground)
    some = sums.units > 0
    usual = np.divide(sums.weight, sums.units, out=np.ones_like(length), where=some)
    allowed = alpha * length
    forgiven = np.divide(allowed, sums.units, out=np.ones_like(length), where=some)
    kept = np.maximum(0.0, 1 - forgiven)  # rho_r
    spread, sure = _doubt(sums, missed, usual, alpha * whole)
    return Loss(
        taking / length * sums.weight * kept,
        spread.times(taking / whole),
        taking / whole * sure,
    )


def _doubt(
    sums: Sums, missed: Spread, usual: FloatArray, allowed: FloatArray
) -> tuple[Spread, FloatArray]:
    """Return the weight that finds and missed ones may have, and what of it is sure.

    Args:
        sums: the finds.
        missed: weight of those missed.
        usual: factor of a unit.
        allowed: units forgiven on the whole street.
    """
    real = Spread(sums.weight, sums.variance, sums.third)
    plain = real.plus(missed)
    forgiving = allowed > 0
    if not forgiving.any():
        return plain, sums.sure
    counts = real.times(1 / usual).plus(missed)
    spread = counts.over(allowed).times(usual).where(forgiving, plain)
    over = usual * np.maximum(0.0, sums.sure / usual - allowed)
    return spread, np.where(forgiving, over, sums.sure)


def _length(rule: Rule, metres: FloatArray) -> FloatArray:
    """Return `L_r` on so many metres."""
    if rule.safety:
        return np.ones_like(metres)
    return np.maximum(1.0, metres / _METRES_PER_LENGTH_UNIT)
