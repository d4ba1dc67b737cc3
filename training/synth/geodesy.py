"""From the plan frame to WGS-84: turn to north, then a local tangent plane."""

from __future__ import annotations

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6378137.0


@dataclass(frozen=True, slots=True)
class GeoFrame:
    """Where a plan lies on the earth.

    `lon = lon0 + east / (R cos lat0)`, `lat = lat0 + north / R` in radians, with
    R = 6378137 m: small-angle, exact to invert.

    Attributes:
        lon0, lat0: degrees of the plan's origin.
        north_turn_deg: true heading of the plan's +y, clockwise from north.
    """

    lon0: float
    lat0: float
    north_turn_deg: float

    def east_north(self, x: float, y: float) -> tuple[float, float]:
        """Turn plan metres into metres east and north of the origin."""
        a = math.radians(self.north_turn_deg)
        return x * math.cos(a) + y * math.sin(a), -x * math.sin(a) + y * math.cos(a)

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        """Turn plan metres into WGS-84 degrees."""
        east, north = self.east_north(x, y)
        k = EARTH_RADIUS_M * math.cos(math.radians(self.lat0))
        return self.lon0 + math.degrees(east / k), self.lat0 + math.degrees(
            north / EARTH_RADIUS_M
        )

    def plan_xy(self, lon: float, lat: float) -> tuple[float, float]:
        """Turn WGS-84 degrees into plan metres."""
        k = EARTH_RADIUS_M * math.cos(math.radians(self.lat0))
        east, north = (
            math.radians(lon - self.lon0) * k,
            math.radians(lat - self.lat0) * EARTH_RADIUS_M,
        )
        a = math.radians(self.north_turn_deg)
        return east * math.cos(a) - north * math.sin(a), east * math.sin(
            a
        ) + north * math.cos(a)

    def heading_deg(self, plan_heading_deg: float) -> float:
        """Turn a plan heading into a true heading, `[0, 360)`."""
        return (plan_heading_deg + self.north_turn_deg) % 360
