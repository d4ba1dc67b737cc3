"""Scores of many streets on many days at once, recomputed where something changed.

The value is that of `score_segment`. The interval is that of three cumulants instead of
a whole distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.packed import INSUFFICIENT, NOT_PASSED, SCORED, STALE
from service.scoring.assign import Landmark
from service.scoring.calendar import Calendar
from service.scoring.days.blocks import Blocks
from service.scoring.days.columns import (
    BoolArray,
    Columns,
    Days,
    FloatArray,
    IntArray,
    Rows,
    rows_of,
)
from service.scoring.days.losses import Loss, losses_of
from service.scoring.days.seen import what_was_seen
from service.scoring.days.spread import Spread
from service.scoring.days.steps import Setting, counting_steps
from service.scoring.days.table import rule_finds
from service.scoring.parts import FULL_POINTS
from service.scoring.standard import Standard

_ROUND_DIGITS = 6


@dataclass(frozen=True, slots=True, eq=False)
class DayScores:
    """Scores of streets from each day on which something changed.

    Attributes:
        rows: street, day.
        status: `(R,)` one of the four above.
        value: `(R,)` S; NaN where there is none.
        low: `(R,)` 5th percentile.
        high: `(R,)` 95th percentile, at least the value.
        grade: `(R,)` index in the standard's grades; -1 where there is none.
        certain: `(R,)` low and high share the grade, no provisional red line stands.
        coverage: `(R,)` overall seen fraction.
    """

    rows: Rows
    status: IntArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    grade: IntArray
    certain: BoolArray
    coverage: FloatArray


def score_days(
    columns: Columns,
    days: Days,
    *,
    standard: Standard,
    places: Sequence[Landmark] = (),
    calendar: Calendar | None = None,
) -> DayScores:
    """Score streets on days.

    Args:
        columns: streets, passes and finds.
        days: which days, and the window that ends with each.
        standard: the rules; its prior is that of a window.
        places: schools, markets ... of the city.
        calendar: the city's clock; None for China's.

    Raises:
        FormError: a find's severity is no level of its rule.
    """
    rows = rows_of(columns, days)
    known = rule_finds(columns, standard, places)
    clock = calendar or Calendar()
    steps = counting_steps(
        columns, rows, days, known=known, standard=standard, calendar=clock
    )
    setting = Setting(columns, rows, standard, known, steps)
    seen = what_was_seen(columns, rows, standard)
    losses = losses_of(setting, seen)
    weight = np.array([element.weight for element in standard.elements])
    assessed_weight = (seen.assessed * weight).sum(axis=1)
    k = np.divide(
        FULL_POINTS, assessed_weight, out=np.zeros(len(rows.day)), where=seen.sufficient
    )
    value, low, high = _values(losses, weight, k, standard)
    certain_red, likely_red = _red_lines(setting)
    grade, certain = _grades(value, low, high, certain_red, likely_red, standard)
    some = seen.sufficient
    status = np.where(some, SCORED, INSUFFICIENT)
    status[rows.stale] = STALE
    status[~rows.passed] = NOT_PASSED
    nothing = np.where(some, 0.0, np.nan)
    return DayScores(
        rows=rows,
        status=status,
        value=value + nothing,
        low=low + nothing,
        high=high + nothing,
        grade=np.where(some, grade, -1),
        certain=certain & some,
        coverage=seen.coverage,
    )


def _values(
    losses: Sequence[Loss], weight: FloatArray, k: FloatArray, standard: Standard
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return value, low and high."""
    lost, sure = np.zeros(len(k)), np.zeros(len(k))
    spread = Spread.nothing((len(k),))
    most = np.zeros(len(k))
    for loss, limit in zip(losses, weight.tolist(), strict=True):
        room = np.full(len(k), limit)
        lost += np.minimum(limit, loss.lost)
        sure += np.minimum(limit, loss.sure)
        spread = spread.plus(loss.spread.capped(room))
        most += np.where(loss.spread.mean > 0, limit, 0.0)
    value = _rounded(FULL_POINTS - k * lost)
    worst = np.clip(spread.quantile(standard.interval.high), sure, most)
    best = np.clip(spread.quantile(standard.interval.low), sure, most)
    low = _rounded(FULL_POINTS - k * worst)
    high = _rounded(FULL_POINTS - k * best)
    return value, np.minimum(low, value), np.maximum(high, value)


def _rounded(value: FloatArray) -> FloatArray:
    return np.clip(np.round(value, _ROUND_DIGITS), 0.0, FULL_POINTS)


_NOT_SURE = 1 - 1e-9


def _red_lines(setting: Setting) -> tuple[BoolArray, BoolArray]:
    """Return where a red line is crossed for certain, and where it is likely."""
    steps, rows = setting.steps, setting.rows
    blocks = Blocks.of(np.arange(len(rows.first)), rows)
    mine = setting.known.red[steps.find]
    street = setting.columns.finds.street[steps.find[mine]]
    at = blocks.at(street, steps.row[mine])
    p, before = steps.p[mine], steps.before[mine]
    once = setting.columns.finds.once
    if once is not None:  # it counts whole, but its red line waits for a second word
        least_sure = np.where(once[steps.find[mine]], _NOT_SURE, 1.0)
        p, before = np.minimum(p, least_sure), np.minimum(before, least_sure)
    least = max(setting.standard.red_line_policy.provisional_probability, 1e-12)

    def standing(now: BoolArray, until: BoolArray) -> BoolArray:
        change = now.astype(np.float64) - until
        return blocks.running(at, change) > 0

    certain = standing(p >= 1, before >= 1)
    likely = standing((p >= least) & (p < 1), (before >= least) & (before < 1))
    return certain, likely


def _grades(
    value: FloatArray,
    low: FloatArray,
    high: FloatArray,
    certain_red: BoolArray,
    likely_red: BoolArray,
    standard: Standard,
) -> tuple[IntArray, BoolArray]:
    """Return the grade of each row and whether it is certain."""
    floors = np.array([grade.floor for grade in standard.grades])
    names = [grade.id for grade in standard.grades]
    ceiling = names.index(standard.red_line_policy.ceiling)

    def grade(points: FloatArray, capped: BoolArray) -> IntArray:
        by_points = np.argmax(points[:, None] >= floors, axis=1)
        return np.where(capped, np.maximum(by_points, ceiling), by_points)

    found = grade(value, certain_red | likely_red)
    same = grade(low, certain_red) == grade(high, certain_red)
    return found, same & ~likely_red
