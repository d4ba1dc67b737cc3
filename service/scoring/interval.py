"""How far the value could lie off: finds that are not real, finds that were missed.

Each unreviewed find is real with `p_f`. Of every category the number missed follows
from recall: with a Gamma prior on the rate per 100 m, the count missed is negative
binomial. The loss of each element is a distribution on a grid, built find by find and
capped at the element's weight; the elements' losses are added by convolution. Exact up
to the grid but for three simplifications: which cells form a run is taken as in the
value, missed finds weigh their category's default level away from any special place,
and the rate prior is updated with expected, not random, counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.scoring.elements import ElementView
from service.scoring.grade import rounded
from service.scoring.missed import Missed
from service.scoring.parts import FULL_POINTS, IntervalRule
from service.scoring.tally import Tally

FloatArray = npt.NDArray[np.float64]

_STEP_POINTS = 0.05
_TAIL = 1e-12


def value_interval(
    tallies: Sequence[Tally],
    missed: Sequence[Missed],
    *,
    views: Mapping[str, ElementView],
    rule: IntervalRule,
    value: float,
) -> tuple[float, float]:
    """Return low and high of the value; both equal it where nothing is uncertain.

    Args:
        tallies: what the value was computed from.
        missed: recall per rule and category; each refers to one of `tallies` or to an
            empty tally.
        views: the assessed elements, by id.
        rule: percentiles and the prior's weight.
        value: S; the interval always contains it.
    """
    k = FULL_POINTS / math.fsum(v.element.weight for v in views.values())
    sure = 0.0
    extra: FloatArray = np.ones(1)
    for element, view in views.items():
        loss = _ElementLoss.of(element, view.element.weight, tallies)
        sure += loss.sure
        if loss.room > 0:
            mine = [t for t in tallies if t.element == element]
            lacking = [m for m in missed if m.tally.element == element]
            extra = _convolved(extra, loss.spread(mine, lacking, rule.prior_length_m))
    cdf = np.cumsum(extra)
    most = _STEP_POINTS * int(np.searchsorted(cdf, rule.high - _TAIL))
    least = _STEP_POINTS * int(np.searchsorted(cdf, rule.low - _TAIL))
    low = rounded(FULL_POINTS - k * (sure + most))
    high = rounded(FULL_POINTS - k * (sure + least))
    return min(low, value), max(high, value)


def _convolved(one: FloatArray, other: FloatArray) -> FloatArray:
    return np.convolve(one, other).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _ElementLoss:
    """The part of an element's loss that is certain, and the room above it.

    Attributes:
        sure: points lost whatever turns out, at most the weight.
        room: points that can still be lost.
    """

    sure: float
    room: float

    @classmethod
    def of(cls, element: str, weight: float, tallies: Sequence[Tally]) -> _ElementLoss:
        certain = math.fsum(_sure_cost(t) for t in tallies if t.element == element)
        sure = min(weight, certain)
        return cls(sure=sure, room=weight - sure)

    def spread(
        self,
        tallies: Sequence[Tally],
        missed: Sequence[Missed],
        prior_length_m: float,
    ) -> FloatArray:
        """Return the distribution of the loss above `sure`, on the common grid."""
        grid = _Grid(room=self.room, cells=math.ceil(self.room / _STEP_POINTS))
        pmf = grid.at_zero()
        for tally in tallies:
            if tally.allowance == 0:
                pmf = _with_finds(pmf, tally, grid)
        for group in _by_tally(tallies, missed):
            pmf = _with_counts(pmf, group, grid=grid, prior_length_m=prior_length_m)
        return grid.on_common_grid(pmf)


@dataclass(frozen=True, slots=True)
class _Group:
    """A tally and what may be missing from it."""

    tally: Tally
    missed: tuple[Missed, ...]


def _by_tally(tallies: Sequence[Tally], missed: Sequence[Missed]) -> list[_Group]:
    groups = {(t.rule.id, t.element): (t, list[Missed]()) for t in tallies}
    for entry in missed:
        key = (entry.tally.rule.id, entry.tally.element)
        groups.setdefault(key, (entry.tally, []))[1].append(entry)
    return [_Group(tally, tuple(lacking)) for tally, lacking in groups.values()]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Loss from 0 to `room` in equal cells; the last cell holds all that is more."""

    room: float
    cells: int

    def at_zero(self) -> FloatArray:
        pmf = np.zeros(self.cells + 1)
        pmf[0] = 1.0
        return pmf

    def kernel(self, costs: FloatArray, chances: FloatArray) -> FloatArray:
        """Put chances at costs, each shared by the two nearest cells."""
        at = np.minimum(costs * (self.cells / self.room), self.cells)
        below = np.minimum(at.astype(np.intp), self.cells - 1)
        upper = at - below
        n = self.cells + 1
        pmf: FloatArray = np.zeros(n)
        pmf += np.bincount(below, chances * (1 - upper), n)
        pmf += np.bincount(below + 1, chances * upper, n)
        return pmf

    def added(self, pmf: FloatArray, other: FloatArray) -> FloatArray:
        full = np.convolve(pmf, other)
        out: FloatArray = full[: self.cells + 1].astype(np.float64)
        out[-1] += full[self.cells + 1 :].sum()
        return out

    def on_common_grid(self, pmf: FloatArray) -> FloatArray:
        costs = np.arange(self.cells + 1, dtype=np.float64) * (self.room / self.cells)
        n = math.ceil(self.room / _STEP_POINTS)
        return _Grid(room=n * _STEP_POINTS, cells=n).kernel(costs, pmf)


def _sure_cost(tally: Tally) -> float:
    """Return what the tally costs when only its certain finds are real."""
    certain = [i for i, c in enumerate(tally.charges) if c.probability >= 1]
    if tally.allowance > 0:
        return float(_excess_cost(tally, np.array([float(len(certain))]))[0])
    whole = {i for cell in tally.cells if set(cell) <= set(certain) for i in cell}
    return math.fsum(
        tally.cost(tally.charges[i].factor) * tally.units[i] for i in whole
    )


def _excess_cost(tally: Tally, counts: FloatArray) -> FloatArray:
    """Return the cost of each number of real finds above the allowance."""
    total_p = math.fsum(c.probability for c in tally.charges)
    mean = 1.0
    if total_p > 0:
        weight = math.fsum(c.factor * c.probability for c in tally.charges)
        mean = weight / total_p
    costs: FloatArray = tally.cost(mean) * np.maximum(0.0, counts - tally.allowance)
    return costs


def _with_finds(pmf: FloatArray, tally: Tally, grid: _Grid) -> FloatArray:
    """Add the loss of every cell that holds an uncertain find."""
    for cell in tally.cells:
        charges = [tally.charges[i] for i in cell]
        if all(c.probability >= 1 for c in charges):
            continue
        capacity = tally.unit.capacity or len(charges)
        states = [grid.at_zero()] + [np.zeros(grid.cells + 1) for _ in range(capacity)]
        for charge in sorted(charges, key=lambda c: -c.factor):
            step = grid.kernel(np.array([tally.cost(charge.factor)]), np.ones(1))
            p = charge.probability
            after = [(1 - p) * state for state in states]
            after[-1] += p * states[-1]
            for n, state in enumerate(states[:-1]):
                after[n + 1] += p * grid.added(state, step)
            states = after
        pmf = grid.added(pmf, _summed(states))
    return pmf


def _summed(states: Sequence[FloatArray]) -> FloatArray:
    total = states[0].copy()
    for state in states[1:]:
        total += state
    return total


def _with_counts(
    pmf: FloatArray, group: _Group, *, grid: _Grid, prior_length_m: float
) -> FloatArray:
    """Add what depends on a count: missed finds, and finds over an allowance."""
    tally = group.tally
    if tally.allowance == 0:
        for entry in group.missed:
            chances = _missed_counts(entry, prior_length_m)
            costs = tally.cost(entry.factor()) * _new_units(entry, len(chances))
            pmf = grid.added(pmf, grid.kernel(costs, chances))
        return pmf
    counts: FloatArray = np.ones(1)
    for charge in tally.charges:
        if charge.probability < 1:
            p = charge.probability
            counts = _convolved(counts, np.array([1 - p, p]))
    for entry in group.missed:
        counts = _convolved(counts, _missed_counts(entry, prior_length_m))
    certain = sum(c.probability >= 1 for c in tally.charges)
    reals: FloatArray = certain + np.arange(len(counts), dtype=np.float64)
    costs = _excess_cost(tally, reals)
    return grid.added(pmf, grid.kernel(costs - _sure_cost(tally), counts))


def _missed_counts(entry: Missed, prior_length_m: float) -> FloatArray:
    """Return P(0 missed), P(1 missed) ...; the tail is in the last."""
    size, odds = entry.size_and_odds(prior_length_m)
    if size <= 0 or odds <= 0:
        return np.ones(1)
    mean = size * odds
    most = math.ceil(mean + 10 * math.sqrt(mean * (1 + odds)) + 10)
    n = np.arange(1, most + 1, dtype=np.float64)
    ratio = np.log((size + n - 1) / n * (odds / (1 + odds)))
    logs = -size * math.log1p(odds) + np.concatenate([[0.0], np.cumsum(ratio)])
    chances = np.exp(logs)
    chances[-1] += max(0.0, 1 - chances.sum())
    whole: FloatArray = chances / chances.sum()
    return whole


def _new_units(entry: Missed, counts: int) -> FloatArray:
    """Return how many units 0, 1, 2 ... missed finds add to those already counted."""
    n: FloatArray = np.arange(counts, dtype=np.float64)
    unit = entry.tally.unit
    if unit.cell_m is None or unit.capacity is None:
        return n
    sides = max(1, entry.sides)
    total = max(1.0, sides * entry.whole_m / unit.cell_m * unit.capacity)
    free = max(0.0, total - entry.tally.total_units())
    new: FloatArray = free * (1 - (1 - 1 / total) ** n)
    return new
