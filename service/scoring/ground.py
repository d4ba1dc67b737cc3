"""What pictures truly showed beside a segment, and what it was seen not to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.types import Side

BoolArray = npt.NDArray[np.bool_]

NEAR_M = 1.5
"""A cell without a row this near was looked at by nobody who reads layouts."""
OWN_M = 0.75
"""Rows this near a cell's middle tell of the cell itself."""
LEAST_SHARE = 0.6
"""Of a side's metres must have shown the pavement before trees are said not to be."""
FOUND_BY = {"tree_pit": "pavement"}
"""A zone that a street may lack -> the zone that must be seen to know it."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundSeen:
    """Rows along one segment.

    Attributes:
        offset_m: float64 `(N,)`, ascending, along the segment.
        seen: per row, side of the drawing -> zones whose ground was truly visible.
        there: per row, side -> zones that the street was seen to have.
    """

    offset_m: npt.NDArray[np.float64]
    seen: tuple[Mapping[Side, frozenset[str]], ...]
    there: tuple[Mapping[Side, frozenset[str]], ...]

    def hides(self, at_m: npt.NDArray[np.float64], zone: str, side: Side) -> BoolArray:
        """Return bool `(M,)`: pictures looked there and did not see this zone.

        Where the drive passed twice, having seen it once is enough.
        """
        gap_m = np.abs(self.offset_m[None] - at_m[:, None])
        nearest_m = gap_m.min(axis=1)
        here = gap_m <= np.maximum(nearest_m, OWN_M)[:, None]
        shown = np.array([zone in zones.get(side, ()) for zones in self.seen])
        out: BoolArray = (nearest_m <= NEAR_M) & ~(here & shown).any(axis=1)
        return out

    def lacks(self, zone: str, side: Side) -> bool:
        """Return whether this side was seen well enough to say it has no such zone."""
        by = FOUND_BY.get(zone)
        if by is None or not self.seen:
            return False
        shown = np.mean([by in zones.get(side, ()) for zones in self.seen])
        anywhere = any(zone in zones.get(side, ()) for zones in self.there)
        return bool(shown >= LEAST_SHARE) and not anywhere
