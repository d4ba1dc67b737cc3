"""Finds that share a cell share its units: the gravest real ones count, up to a limit.

Gone through are the cells that several finds ever lie in, and all cells of rules under
which neighbouring dirty cells are a run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from service.scoring.days.blocks import Blocks
from service.scoring.days.columns import BoolArray, FloatArray, IntArray
from service.scoring.days.groups import Groups
from service.scoring.days.steps import Setting
from service.scoring.days.sums import Sums, cumulants
from service.scoring.standard import Standard

_SIDES = 3
_FURTHEST = 1 << 24
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells that finds share, C of them, neighbours one after the other.

    Attributes:
        find: `(M,)` finds in them, cell by cell, the gravest first.
        cell: `(M,)` cell of each.
        rank: `(M,)` 0 for the gravest of its cell.
        group: `(C,)` index of the group.
        chain: `(C,)` cells that follow on one another without a gap have the same.
    """

    find: IntArray
    cell: IntArray
    rank: IntArray
    group: IntArray
    chain: IntArray

    @classmethod
    def of(cls, setting: Setting, groups: Groups) -> Cells:
        """Return the cells that have to be gone through."""
        finds, known = setting.columns.finds, setting.known
        standard, group = setting.standard, groups.of_find
        units = [standard.units[rule.unit] for rule in standard.rules]
        size_m = np.array([unit.cell_m or math.nan for unit in units])
        runs = np.array([_has_runs(standard, n) for n in range(len(units))])
        has_cell = (group >= 0) & np.isfinite(size_m[known.rule] + finds.offset_m)
        find = np.flatnonzero(has_cell)
        number = np.floor(finds.offset_m[find] / size_m[known.rule[find]])
        side = group[find] * _SIDES + finds.side[find] + 1
        key = side * _FURTHEST + number.astype(np.intp) + _FURTHEST // 2
        _, cell, count = np.unique(key, return_inverse=True, return_counts=True)
        kept = (count[cell] > 1) | runs[known.rule[find]]
        find, key = find[kept], key[kept]
        names, cell = np.unique(key, return_inverse=True)
        factor = (known.severity * known.place)[find]
        order = np.lexsort((-factor, cell))
        cell = cell[order]
        begin = np.searchsorted(cell, np.arange(len(names)))
        return cls(
            find=find[order],
            cell=cell,
            rank=np.arange(len(cell)) - begin[cell],
            group=names // _FURTHEST // _SIDES,
            chain=np.cumsum(np.diff(names, prepend=-1) != 1),
        )


def _has_runs(standard: Standard, number: int) -> bool:
    rule = standard.rules[number]
    unit = standard.units[rule.unit]
    known = unit.cell_m is not None and unit.run_longer_than_m is not None
    return known and rule.run_level is not None


def cell_sums(cells: Cells, setting: Setting, groups: Groups) -> Sums:
    """Return what finds in cells come to, on the entries of their groups' blocks."""
    blocks, standard = groups.blocks, setting.standard
    out = Sums.nothing(len(blocks.row))
    if not len(cells.find):
        return out
    here = Blocks.of(groups.street[cells.group], setting.rows)
    chances = _Chances.of(cells, setting, here)
    rule = groups.rule[cells.group]
    factor = _factors(chances, cells, setting, rule, here)
    at = blocks.at(cells.group[here.block], here.row)
    units = [standard.units[r.unit] for r in standard.rules]
    capacity = np.array([unit.capacity or 0 for unit in units])
    of_cell = capacity[rule]
    for limit in np.unique(of_cell).tolist():
        kept = of_cell[cells.cell[chances.member]] == limit
        sums = _shared(chances.only(kept), factor[kept], limit, len(here.row))
        out = out.plus(sums.gathered(at, len(blocks.row)))
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Chances:
    """Chances of finds in cells on the rows of their streets, one entry for each.

    Attributes:
        member: place of the find in `Cells.find`.
        rank: of the find in its cell.
        at: entry of the cell's block.
        p: chance that it is real and there.
    """

    member: IntArray
    rank: IntArray
    at: IntArray
    p: FloatArray

    @classmethod
    def of(cls, cells: Cells, setting: Setting, here: Blocks) -> _Chances:
        street, steps = setting.columns.finds.street, setting.steps
        place = np.full(len(street), -1)
        place[cells.find] = np.arange(len(cells.find))
        own = Blocks.of(street[cells.find], setting.rows)
        mine = place[steps.find] >= 0
        at = own.at(place[steps.find[mine]], steps.row[mine])
        p = own.running(at, (steps.p - steps.before)[mine])
        there = np.flatnonzero(p > 0)
        member = own.block[there]
        return cls(
            member=member,
            rank=cells.rank[member],
            at=here.at(cells.cell[member], own.row[there]),
            p=np.minimum(p[there], 1.0),
        )

    def only(self, kept: BoolArray) -> _Chances:
        return _Chances(self.member[kept], self.rank[kept], self.at[kept], self.p[kept])


def _factors(
    chances: _Chances,
    cells: Cells,
    setting: Setting,
    rule: IntArray,
    here: Blocks,
) -> FloatArray:
    """Return the factor of each chance; in a run of dirty cells it may be graver.

    `rule` is that of each cell.
    """
    known, standard = setting.known, setting.standard
    find = cells.find[chances.member]
    severity = known.severity[find]
    clean = np.ones(len(here.row))
    for rank in range(int(chances.rank.max(initial=-1)) + 1):
        mine = chances.rank == rank
        clean[chances.at[mine]] *= 1 - chances.p[mine]
    for number, one in enumerate(standard.rules):
        if not _has_runs(standard, number) or one.run_level is None:
            continue
        unit = standard.units[one.unit]
        least = math.floor((unit.run_longer_than_m or 0) / (unit.cell_m or 1)) + 1
        dirty = 1 - clean >= max(unit.run_probability, _ROUNDING) - _ROUNDING
        dirty &= (clean < 1) & (rule == number)[here.block]
        run = _in_run(dirty, cells, here, least)
        raised = np.maximum(severity, one.levels[one.run_level])
        severity = np.where(run[chances.at], raised, severity)
    return severity * known.place[find]


def _in_run(dirty: BoolArray, cells: Cells, here: Blocks, least: int) -> BoolArray:
    """Say which cells lie among at least so many neighbours that are all dirty."""
    run: BoolArray = np.zeros(len(dirty), np.bool_)
    last = len(cells.chain) - 1

    def neighbour(step: int) -> BoolArray:
        other = np.arange(len(cells.chain)) + step
        there = (other >= 0) & (other <= last)
        other = np.clip(other, 0, last)
        there &= cells.chain[other] == cells.chain
        moved = here.begin[other][here.block] + here.row - here.first[here.block]
        inside = np.where(there[here.block], moved, 0)
        found: BoolArray = dirty[inside] & there[here.block]
        return found

    shifted = {step: neighbour(step) for step in range(1 - least, least)}
    for begin in range(1 - least, 1):
        run |= np.logical_and.reduce([shifted[begin + n] for n in range(least)])
    return run


def _shared(chances: _Chances, factor: FloatArray, limit: int, size: int) -> Sums:
    """Go through the finds of each cell, the gravest first, while there is room.

    Args:
        chances: of finds in cells of one capacity.
        factor: of each.
        limit: units a cell can hold; 0 = no limit.
        size: entries of all cells' blocks.
    """
    out = Sums.nothing(size)
    room: list[FloatArray] = [np.zeros(size) for _ in range(limit + 1)]
    room[0] += 1
    second, raw_third = np.zeros(size), np.zeros(size)
    certain, any_there = np.zeros(size), np.zeros(size)
    for rank in range(int(chances.rank.max(initial=-1)) + 1):
        mine = chances.rank == rank
        at, p, f = chances.at[mine], chances.p[mine], factor[mine]
        take = p * (1 - room[limit][at]) if limit else p
        out.units[at] += take
        out.weight[at] += f * take
        if limit == 1:
            second[at] += f**2 * take
            raw_third[at] += f**3 * take
        else:
            variance, third = cumulants(take)
            out.variance[at] += f**2 * variance
            out.third[at] += f**3 * third
        free = limit or np.inf
        sure = p >= 1 - _ROUNDING
        out.sure[at] += np.where(sure & (certain[at] < free), f, 0.0)
        out.most[at] += np.where(any_there[at] < free, f, 0.0)
        certain[at] += sure
        any_there[at] += 1
        _fill(room, at, p)
    if limit == 1:
        mean = out.weight
        out.variance[:] = np.maximum(0.0, second - mean**2)
        out.third[:] = raw_third - 3 * mean * second + 2 * mean**3
    return out


def _fill(room: list[FloatArray], at: IntArray, p: FloatArray) -> None:
    """Let one more find be real with its chance; the last state means full."""
    if len(room) == 1:
        return
    room[-1][at] += p * room[-2][at]
    for n in range(len(room) - 2, 0, -1):
        room[n][at] = (1 - p) * room[n][at] + p * room[n - 1][at]
    room[0][at] *= 1 - p
