"""What some finds come to on many rows: units, and how the weight of them is spread."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from service.scoring.days.columns import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """One entry for each row of each group; weights are factors of real units.

    Attributes:
        units: units times probability, N.
        weight: expected weight.
        variance: of the weight.
        third: third cumulant of the weight.
        sure: weight of what is certain.
        most: weight if everything is real.
    """

    units: FloatArray
    weight: FloatArray
    variance: FloatArray
    third: FloatArray
    sure: FloatArray
    most: FloatArray

    @classmethod
    def nothing(cls, size: int) -> Self:
        """Return sums of no finds."""
        return cls(*(np.zeros(size) for _ in fields(cls)))

    def plus(self, other: Sums) -> Sums:
        """Return the sums of both; independent, so cumulants add up."""
        mine = (getattr(self, f.name) for f in fields(self))
        theirs = (getattr(other, f.name) for f in fields(self))
        return Sums(*(a + b for a, b in zip(mine, theirs, strict=True)))

    def only(self, kept: BoolArray) -> Sums:
        """Return some of the entries."""
        return Sums(*(getattr(self, f.name)[kept] for f in fields(self)))

    def gathered(self, at: IntArray, size: int) -> Sums:
        """Return what falls on each of `size` entries, by the entry of each."""
        parts = (getattr(self, f.name) for f in fields(self))
        return Sums(*(np.bincount(at, part, size).astype(np.float64) for part in parts))


def cumulants(p: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return variance and third cumulant of things that are real with chances."""
    variance = p * (1 - p)
    return variance, variance * (1 - 2 * p)
