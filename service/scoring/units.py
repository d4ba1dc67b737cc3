"""Counting finds in units: items, dirty bins, pits, poster clusters.

Finds that share a cell share its units. `u_f` of a find is the chance that the cell
still has room when the graver finds in it have been counted, so that the sum of
`factor_f * u_f * p_f` is the expected total of the gravest `capacity` real finds. From
this follow a bin's total 1 - prod(1 - p), a cluster's expected min(n, capacity), and
that one more find never lowers what a cell costs.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from service.scoring.parts import Unit
from service.types import Finding


def cell_of(finding: Finding, unit: Unit) -> Hashable:
    """Return the cell a find lies in; finds of one cell share its units.

    Cells start at the segment's first vertex, per side; a find without an offset, and
    every find of a unit without cells, is a cell of its own.
    """
    if unit.cell_m is None or finding.offset_m is None:
        return finding.id
    return (finding.side or "", cell_index(finding.offset_m, unit.cell_m))


def cell_index(offset_m: float, cell_m: float) -> int:
    """Return the 0-based number of the cell of `cell_m` metres at an offset."""
    return math.floor(offset_m / cell_m)


def shared_units(
    factors: Sequence[float], probabilities: Sequence[float], capacity: int | None
) -> list[float]:
    """Return `u_f` of each find of one cell, in the order given.

    Args:
        factors: severity times zone factor, >= 0; graver finds take room first, equal
            ones share in proportion to their probability.
        probabilities: `p_f` in `[0, 1]`, taken as independent.
        capacity: units the cell can hold; None = no limit, every find is a unit.
    """
    if capacity is None:
        return [1.0] * len(factors)
    units = [0.0] * len(factors)
    for sharing in sharings(factors, probabilities, capacity):
        for i in sharing.members:
            units[i] = sharing.share
    return units


@dataclass(frozen=True, slots=True)
class Sharing:
    """Finds of one cell that are equally grave, and the room that they take.

    Attributes:
        members: positions of the finds.
        total_p: the sum of their probabilities.
        before: units expected of graver ones.
        used: P(n units are used) when these are counted too; the last is P(full).
    """

    members: tuple[int, ...]
    total_p: float
    before: float
    used: tuple[float, ...]

    @property
    def after(self) -> float:
        """Units expected of graver ones and these."""
        return _expected(self.used)

    @property
    def share(self) -> float:
        """`u_f` of each of them."""
        return (self.after - self.before) / self.total_p if self.total_p > 0 else 0.0


def sharings(
    factors: Sequence[float], probabilities: Sequence[float], capacity: int
) -> Iterator[Sharing]:
    """Yield how finds of one cell take its room, the gravest first; see above."""
    room = [1.0] + [0.0] * capacity
    order = sorted(range(len(factors)), key=lambda i: -factors[i])
    for _, ties in groupby(order, key=lambda i: factors[i]):
        members = tuple(ties)
        before = _expected(room)
        for p in sorted(probabilities[i] for i in members):
            room = _with_one_more(room, p)
        total_p = math.fsum(probabilities[i] for i in members)
        yield Sharing(members, total_p, before, tuple(room))


def _expected(counts: Sequence[float]) -> float:
    return math.fsum(n * p for n, p in enumerate(counts))


def _with_one_more(counts: Sequence[float], p: float) -> list[float]:
    """Return P(n units used), the last entry meaning full, after one more find."""
    after = [(1 - p) * here for here in counts]
    after[-1] += p * counts[-1]
    for n, here in enumerate(counts[:-1]):
        after[n + 1] += p * here
    return after


def cells_in_runs(
    dirty: Iterable[tuple[str, int, float]], unit: Unit
) -> frozenset[tuple[str, int]]:
    """Return the cells that lie in a run of dirty cells longer than the unit's limit.

    Args:
        dirty: side, cell number and probability that the cell is dirty.
        unit: its cells, the run's least length and a cell's least probability.
    """
    if unit.cell_m is None or unit.run_longer_than_m is None:
        return frozenset()
    sure = sorted((s, n) for s, n, p in dirty if p >= unit.run_probability - 1e-12)
    found: set[tuple[str, int]] = set()
    runs = groupby(enumerate(sure), key=lambda at: (at[1][0], at[1][1] - at[0]))
    for _, members in runs:
        run = [cell for _, cell in members]
        if len(run) * unit.cell_m > unit.run_longer_than_m:
            found.update(run)
    return frozenset(found)
