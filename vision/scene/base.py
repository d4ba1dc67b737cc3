"""The plug point of the street's layout: which zone of 六净 a place belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StreetShape:
    """The cross-section of the street where a thing lies.

    Attributes:
        carriageway_width_m: kerb to kerb; None if unknown.
        lane_offset_m: vehicle's path right of the centre line; None if unknown.
        oneway: traffic in one direction only.
    """

    carriageway_width_m: float | None
    lane_offset_m: float | None
    oneway: bool = False


class ZoneReader(Protocol):
    """Says in which zone a place lies, as probabilities that sum to 1."""

    @property
    def zones(self) -> frozenset[str]:
        """The zones this reader can tell apart; others are never observed by it."""

    def belief(
        self, lateral_m: float, lateral_sigma_m: float, street: StreetShape
    ) -> Mapping[str, float]:
        """Return zone id -> probability for a place right of the driven path."""
