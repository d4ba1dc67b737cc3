"""Day, dusk or night: from the sun's height at a time and place."""

from __future__ import annotations

import math

from service.records import Light
from service.types import DAY_S

DAY_FROM_DEG = 3.0
NIGHT_FROM_DEG = -6.0
"""Heights of the sun: above the first it is day, below the second night."""
_J2000_S = 946_728_000.0
"""2000-01-01 12:00 UTC."""


def sun_height_deg(at_s: float, lon: float, lat: float) -> float:
    """Return the sun's height above the horizon, to about a hundredth of a degree.

    Args:
        at_s: Unix seconds.
        lon: degrees east.
        lat: degrees north.

    Source:
        The Astronomical Almanac's low-precision formulas for the sun.
    """
    days = (at_s - _J2000_S) / DAY_S
    mean = math.radians((280.460 + 0.9856474 * days) % 360)
    anomaly = math.radians((357.528 + 0.9856003 * days) % 360)
    longitude = mean + math.radians(
        1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)
    )
    tilt = math.radians(23.439 - 0.0000004 * days)
    ascension = math.atan2(math.cos(tilt) * math.sin(longitude), math.cos(longitude))
    declination = math.asin(math.sin(tilt) * math.sin(longitude))
    sidereal_deg = (280.46062 + 360.98564737 * days) % 360
    hour = math.radians(sidereal_deg + lon) - ascension
    north = math.radians(lat)
    height = math.sin(north) * math.sin(declination)
    height += math.cos(north) * math.cos(declination) * math.cos(hour)
    return math.degrees(math.asin(height))


def light_at(at_s: float, lon: float, lat: float) -> Light:
    """Return which light there is; street lamps are not thought of."""
    height_deg = sun_height_deg(at_s, lon, lat)
    if height_deg >= DAY_FROM_DEG:
        return "day"
    return "night" if height_deg < NIGHT_FROM_DEG else "dusk"
