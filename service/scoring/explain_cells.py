"""How finds of one cell share its units, and which stretches are runs, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from service.scoring.assign import run_cells
from service.scoring.standard import Standard
from service.scoring.tally import Tally
from service.scoring.units import Sharing, sharings

_SIDE = {"left": "左侧", "right": "右侧", "": "侧别不明"}


def run_lines(tally: Tally, standard: Standard) -> Iterator[str]:
    """Yield a line for each run of dirty cells: where it lies and what it counts."""
    rule, unit = tally.rule, tally.unit
    if rule.run_level is None or unit.cell_m is None:
        return
    named = standard.level_names.get(rule.run_level)
    level = rule.run_level if named is None else named.zh
    cells = sorted(run_cells(tally.charges, unit))
    numbered = enumerate(cells)
    for _, members in groupby(numbered, key=lambda at: (at[1][0], at[1][1] - at[0])):
        run = [cell for _, cell in members]
        side, first = run[0]
        yield (
            f"  连片：{_SIDE[side]} {first * unit.cell_m:g}-"
            f"{(run[-1][1] + 1) * unit.cell_m:g} 米，{len(run)} 格 × {unit.cell_m:g} 米"
            f" = {len(run) * unit.cell_m:g} 米，超过 {unit.run_longer_than_m:g} 米，"
            f"其中问题的程度按“{level}”计，至少 {rule.levels[rule.run_level]:g}"
        )


def cell_lines(tally: Tally) -> Iterator[str]:
    """Yield, for each cell that finds share, how many units each of them has."""
    capacity = tally.unit.capacity
    if capacity is None:
        return
    for cell in tally.cells:
        if len(cell) < 2:
            continue
        charges = [tally.charges[i] for i in cell]
        ids = [charge.finding.id for charge in charges]
        where = _where(tally, cell[0])
        yield f"  同一格 {where}：{'、'.join(ids)}，共计至多 {capacity} 个"
        factors = [charge.factor for charge in charges]
        chances = [charge.probability for charge in charges]
        for sharing in sharings(factors, chances, capacity):
            yield _sharing_line(sharing, factors, chances)


def _where(tally: Tally, first: int) -> str:
    finding, cell_m = tally.charges[first].finding, tally.unit.cell_m
    if finding.offset_m is None or cell_m is None:
        return ""
    begin_m = finding.offset_m // cell_m * cell_m
    return f"{_SIDE[finding.side or '']} {begin_m:g}-{begin_m + cell_m:g} 米"


def _sharing_line(sharing: Sharing, factors: list[float], chances: list[float]) -> str:
    """Return the sum that a person can do: units expected, shared by chance."""
    capacity = len(sharing.used) - 1
    lacking = [
        f"{capacity - n:g} × {p:.4g}" for n, p in enumerate(sharing.used[:-1]) if p > 0
    ]
    expected = " - ".join([f"{capacity}", *lacking])
    spread = "，".join(f"P({n}) = {p:.4g}" for n, p in enumerate(sharing.used[:-1]))
    less = f" - {sharing.before:.4g}" if sharing.before > 0 else ""
    added = " + ".join(f"{chances[i]:.4g}" for i in sharing.members)
    return (
        f"    程度×地点 {factors[sharing.members[0]]:g}：计入后 {spread}，"
        f"期望 {expected} = {sharing.after:.4g}；"
        f"u = ({sharing.after:.4g}{less}) / ({added}) = {sharing.share:.4g}"
    )
