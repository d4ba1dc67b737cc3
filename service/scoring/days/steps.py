"""The steps of finds that count under a standard, and on which row they take effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.scoring.calendar import Calendar
from service.scoring.days.columns import (
    BoolArray,
    Columns,
    Days,
    FloatArray,
    IntArray,
    Rows,
)
from service.scoring.days.table import Ruled
from service.scoring.standard import Standard


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Steps that change what counts, K of them, find by find in time order.

    Attributes:
        find: `(K,)` index of the find.
        row: `(K,)` row on which it takes effect.
        p: `(K,)` probability from then on.
        before: `(K,)` until then.
    """

    find: IntArray
    row: IntArray
    p: FloatArray
    before: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What all counting needs: the streets, their rows, and what counts when."""

    columns: Columns
    rows: Rows
    standard: Standard
    known: Ruled
    steps: Steps

    @property
    def last_pass(self) -> IntArray:
        """The newest pass of each row; the last of all where there is none."""
        return self.rows.to_pass - 1

    @property
    def prior_length_m(self) -> float:
        """The weight that a window gives to the prior."""
        rule = self.standard.interval
        return rule.window_prior_length_m or rule.prior_length_m


def counting_steps(
    columns: Columns,
    rows: Rows,
    days: Days,
    *,
    known: Ruled,
    standard: Standard,
    calendar: Calendar,
) -> Steps:
    """Return the steps of finds under a rule, from when they count.

    What was only seen while its rule is exempt does not count yet.
    """
    finds = columns.finds
    opens = finds.step_seen & ~_exempt(columns, known, standard, calendar)
    starts_s = np.full(len(known.rule), np.inf)
    np.minimum.at(starts_s, finds.step_find[opens], finds.step_at_s[opens])
    p = np.where(finds.step_at_s >= starts_s[finds.step_find], finds.step_p, 0.0)
    before = np.concatenate([[0.0], p[:-1]])[: len(p)]
    before[np.diff(finds.step_find, prepend=-1) != 0] = 0.0
    day = days.of(finds.step_at_s)
    kept = (known.rule[finds.step_find] >= 0) & (day < days.count) & (p != before)
    find = finds.step_find[kept]
    row = rows.at(finds.street[find], day[kept], days.count)
    return Steps(find, row, p[kept], before[kept])


def _exempt(
    columns: Columns, known: Ruled, standard: Standard, calendar: Calendar
) -> BoolArray:
    finds = columns.finds
    exempt = np.zeros(len(finds.step_at_s), np.bool_)
    rule = known.rule[finds.step_find]
    for hours in standard.exempts:
        numbers = [n for n, r in enumerate(standard.rules) if r.id in hours.rules]
        here = np.flatnonzero(np.isin(rule, numbers))
        exempt[here] |= calendar.are_exempt(finds.step_at_s[here], hours)
    return exempt
