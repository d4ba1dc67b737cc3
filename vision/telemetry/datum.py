"""Bring fixes to WGS-84, once, where they enter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from vision.errors import TelemetryError
from vision.geo import gcj02_to_wgs84
from vision.types import GnssFix

DATUMS = ("wgs84", "gcj02")


def convert_datum(fixes: Iterable[GnssFix], *, datum: str) -> tuple[GnssFix, ...]:
    """Return the fixes in WGS-84.

    Args:
        fixes: in the datum named.
        datum: `wgs84` (returned as they are) or `gcj02`.

    Raises:
        TelemetryError: `datum` is neither.
    """
    if datum == "wgs84":
        return tuple(fixes)
    if datum != "gcj02":
        msg = f"Unknown datum {datum!r}; use one of {', '.join(DATUMS)}."
        raise TelemetryError(msg)
    return tuple(_from_gcj02(fix) for fix in fixes)


def _from_gcj02(fix: GnssFix) -> GnssFix:
    lon, lat = gcj02_to_wgs84(fix.lon, fix.lat)
    return replace(fix, lon=lon, lat=lat)
