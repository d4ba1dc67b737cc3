"""Sums that change step by step: a block of rows for each group of finds.

A block belongs to one street and has one entry for each of its rows, so that all blocks
lie one after the other in one array. A step of a find adds a difference at its row;
running sums within each block do the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.scoring.days.columns import FloatArray, IntArray, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """B blocks of rows.

    Attributes:
        begin: `(B,)` where each begins.
        size: `(B,)` how many rows each has.
        row: `(T,)` the row of each entry.
        block: `(T,)` the block of each entry.
        first: `(B,)` first row of each block's street.
    """

    begin: IntArray
    size: IntArray
    row: IntArray
    block: IntArray
    first: IntArray

    @classmethod
    def of(cls, street: IntArray, rows: Rows) -> Blocks:
        """Make a block for each of some streets; a street may have several."""
        size = rows.count[street]
        begin = np.cumsum(size) - size
        block = np.repeat(np.arange(len(street)), size)
        first = rows.first[street]
        within = np.arange(int(size.sum())) - begin[block]
        return cls(begin, size, first[block] + within, block, first)

    def at(self, block: IntArray, row: IntArray) -> IntArray:
        """Return where the entries of rows in blocks are."""
        return self.begin[block] + row - self.first[block]

    def running(self, at: IntArray, difference: FloatArray) -> FloatArray:
        """Return the running sums `(T,)` of differences at entries."""
        total: FloatArray = np.cumsum(np.bincount(at, difference, len(self.row)))
        if not len(total):
            return total
        before = np.where(self.begin > 0, total[self.begin - 1], 0.0)
        sums: FloatArray = total - before[self.block]
        sums[np.abs(sums) < _NOTHING] = 0.0
        return sums


_NOTHING = 1e-9
"""Sums and differences leave such a rest where nothing is."""
