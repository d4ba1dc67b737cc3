"""Zones from geometry alone: where across the street a place lies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vision.errors import InputError
from vision.scene.base import StreetShape


@dataclass(frozen=True, slots=True)
class StreetDefaults:
    """What a street usually looks like, for what is not known of this one.

    Attributes:
        width_m: carriageway, kerb to kerb, where two directions share it.
        oneway_width_m: carriageway of a one-way street.
        default_width_sigma_m: 1-sigma of those two.
        known_width_sigma_m: 1-sigma of a width from the road file.
        lane_centre_from_kerb_m: the usual path of a vehicle: middle of the rightmost
            lane, left of the right kerb.
        default_lane_sigma_m: 1-sigma of that.
        known_lane_sigma_m: 1-sigma of a configured lane offset.
        kerb_half_m: the kerb strip reaches this far to each side of the kerb line.
        pavement_m: kerb line to building line: a footway of 2.5 m and a strip for
            trees, poles and parked bicycles of 1.5 m.
        wall_base_m: the wall base starts this far before the building line.

    Raises:
        InputError: a length that is not positive, or no room between strip and wall.
    """

    width_m: float = 7.0
    oneway_width_m: float = 5.5
    default_width_sigma_m: float = 2.0
    known_width_sigma_m: float = 0.4
    lane_centre_from_kerb_m: float = 1.75
    default_lane_sigma_m: float = 0.8
    known_lane_sigma_m: float = 0.3
    kerb_half_m: float = 0.5
    pavement_m: float = 4.0
    wall_base_m: float = 0.5

    def __post_init__(self) -> None:
        """Refuse a cross-section that no street has."""
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                msg = f"{name} must be > 0, got {value}"
                raise InputError(msg)
        if self.pavement_m <= self.kerb_half_m + self.wall_base_m:
            msg = (
                f"pavement_m must exceed kerb_half_m + wall_base_m, "
                f"got {self.pavement_m}"
            )
            raise InputError(msg)


class GeometryZones:
    """Reads carriageway, kerb strip, pavement and wall base from the lateral offset.

    The kerb lines come from the lane offset and the carriageway's width. Each zone's
    probability is a normal distribution around `lateral_m` integrated over the zone;
    its sigma joins the object's, the lane's and the width's doubt. The wall base has no
    outer end.
    """

    def __init__(self, defaults: StreetDefaults | None = None) -> None:
        self._defaults = defaults or StreetDefaults()

    @property
    def zones(self) -> frozenset[str]:
        """The zones that geometry can tell apart."""
        return frozenset({"carriageway", "kerb_strip", "pavement", "wall_base"})

    def belief(
        self, lateral_m: float, lateral_sigma_m: float, street: StreetShape
    ) -> Mapping[str, float]:
        """Return zone id -> probability for a place right of the driven path.

        Raises:
            InputError: the offset is not finite or its sigma is negative.
        """
        if not (math.isfinite(lateral_m) and lateral_sigma_m >= 0):
            msg = (
                f"lateral_m must be finite and lateral_sigma_m >= 0, "
                f"got {lateral_m}, {lateral_sigma_m}"
            )
            raise InputError(msg)
        (right_m, right_sigma_m), (left_m, left_sigma_m) = self._kerbs(street)
        right = self._outward(
            lateral_m - right_m, math.hypot(lateral_sigma_m, right_sigma_m)
        )
        left = self._outward(
            left_m - lateral_m, math.hypot(lateral_sigma_m, left_sigma_m)
        )
        belief = {zone: right[zone] + left[zone] for zone in right}
        belief["carriageway"] = max(0.0, 1.0 - sum(belief.values()))
        total = sum(belief.values())
        return {zone: share / total for zone, share in belief.items()}

    def _kerbs(
        self, street: StreetShape
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return (lateral, sigma) of the right and the left kerb line, metres."""
        usual = self._defaults
        width_m, width_sigma_m = street.carriageway_width_m, usual.known_width_sigma_m
        if width_m is None:
            width_m = usual.oneway_width_m if street.oneway else usual.width_m
            width_sigma_m = usual.default_width_sigma_m
        if street.lane_offset_m is None:
            right_m = usual.lane_centre_from_kerb_m
            lane_sigma_m = usual.default_lane_sigma_m
            left_sigma_m = math.hypot(lane_sigma_m, width_sigma_m)
            return (right_m, lane_sigma_m), (right_m - width_m, left_sigma_m)
        sigma_m = math.hypot(usual.known_lane_sigma_m, width_sigma_m / 2)
        centre_m = -street.lane_offset_m
        return (centre_m + width_m / 2, sigma_m), (centre_m - width_m / 2, sigma_m)

    def _outward(self, beyond_m: float, sigma_m: float) -> dict[str, float]:
        """Share the mass beyond one kerb line; `beyond_m` is outward of the kerb."""
        usual = self._defaults
        starts_m = (
            -usual.kerb_half_m,
            usual.kerb_half_m,
            usual.pavement_m - usual.wall_base_m,
        )
        strip, pavement, wall = (_above(s, beyond_m, sigma_m) for s in starts_m)
        return {
            "kerb_strip": strip - pavement,
            "pavement": pavement - wall,
            "wall_base": wall,
        }


def _above(limit_m: float, mean_m: float, sigma_m: float) -> float:
    """Return the mass of a normal distribution above `limit_m`."""
    return 0.5 * math.erfc((limit_m - mean_m) / (sigma_m * math.sqrt(2)))
