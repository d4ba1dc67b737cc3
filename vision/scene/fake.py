"""A zone reader for tests: hard borders, no doubt, one fixed street."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vision.scene.base import StreetShape


@dataclass(frozen=True, slots=True)
class FixedZones:
    """Answers with certainty from the distance to the street's centre line.

    Attributes:
        kerb_m: centre line to kerb line; the kerb strip is 0.5 m to each side of it.
        wall_m: centre line to where the wall base begins.
    """

    kerb_m: float = 3.5
    wall_m: float = 6.5

    @property
    def zones(self) -> frozenset[str]:
        """The zones of the fixed street."""
        return frozenset({"carriageway", "kerb_strip", "pavement", "wall_base"})

    def belief(
        self,
        lateral_m: float,
        lateral_sigma_m: float,  # noqa: ARG002 - the double has no doubt
        street: StreetShape,
    ) -> Mapping[str, float]:
        """Return 1 for the zone that holds the place, 0 for the others."""
        from_centre_m = abs(lateral_m + (street.lane_offset_m or 0.0))
        borders = (
            ("carriageway", self.kerb_m - 0.5),
            ("kerb_strip", self.kerb_m + 0.5),
            ("pavement", self.wall_m),
        )
        zone = next((z for z, end_m in borders if from_centre_m < end_m), "wall_base")
        return {z: float(z == zone) for z in sorted(self.zones)}
