"""What the finds of each rule and element come to on every row.

A group is the finds of one rule that name one element, on one street. Two finds of one
cell that name two elements, both unseen, are counted each when a third takes them over:
a single street's score knows their cell is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from service.scoring.days.blocks import Blocks
from service.scoring.days.cells import Cells, cell_sums
from service.scoring.days.columns import FloatArray, IntArray
from service.scoring.days.groups import Groups
from service.scoring.days.steps import Setting
from service.scoring.days.sums import Sums, cumulants


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Groups G of finds with their sums on every row of their streets.

    Attributes:
        rule: `(G,)` index of the rule.
        own: `(G,)` index of the element that the rule names.
        blocks: a block for each group.
        sums: one entry for each entry of the blocks.
        found: category -> expected number of finds, for each entry likewise.
    """

    rule: IntArray
    own: IntArray
    blocks: Blocks
    sums: Sums
    found: Mapping[int, FloatArray]


def count_finds(setting: Setting) -> Counted:
    """Sum the finds of every group on every row."""
    groups = Groups.of(setting)
    cells = Cells.of(setting, groups)
    shared = cell_sums(cells, setting, groups)
    known, steps, blocks = setting.known, setting.steps, groups.blocks
    in_cell = np.zeros(len(known.rule), np.bool_)
    in_cell[cells.find] = True
    alone = ~in_cell[steps.find]
    at = blocks.at(groups.of_find[steps.find], steps.row)
    factor = (known.severity * known.place)[steps.find]
    single = _single(
        at[alone], factor[alone], steps.p[alone], steps.before[alone], blocks
    )
    change = steps.p - steps.before
    category = setting.columns.finds.category[steps.find]
    found = {
        int(c): blocks.running(at[category == c], change[category == c])
        for c in np.unique(category)
    }
    return Counted(groups.rule, groups.own, blocks, single.plus(shared), found)


def _single(
    at: IntArray, factor: FloatArray, p: FloatArray, before: FloatArray, blocks: Blocks
) -> Sums:
    """Sum finds that are a unit each."""
    variance, third = cumulants(p)
    old_variance, old_third = cumulants(before)
    certain = (p >= 1).astype(float) - (before >= 1)
    there = (p > 0).astype(float) - (before > 0)
    return Sums(
        units=blocks.running(at, p - before),
        weight=blocks.running(at, factor * (p - before)),
        variance=blocks.running(at, factor**2 * (variance - old_variance)),
        third=blocks.running(at, factor**3 * (third - old_third)),
        sure=blocks.running(at, factor * certain),
        most=blocks.running(at, factor * there),
    )
