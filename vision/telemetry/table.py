"""Read tables of fixes (CSV, semicolon or tab) whatever their columns are called."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vision.errors import TelemetryError
from vision.telemetry.base import Telemetry
from vision.telemetry.times import epoch_of_text
from vision.types import GnssFix

_SNIFF_BYTES = 4096

_NAMES: Mapping[str, tuple[str, ...]] = {
    "lon": ("lon", "longitude", "lng", "long", "x_lon", "经度"),
    "lat": ("lat", "latitude", "y_lat", "纬度"),
    "time": (
        "time",
        "timestamp",
        "datetime",
        "date_time",
        "time_utc",
        "utc",
        "utc_time",
        "gps_time",
        "gpstime",
        "t_unix",
        "unix",
        "unix_time",
        "epoch",
        "epoch_s",
        "时间",
    ),
    "stream": ("drive_s", "t_s", "t_s_approx", "seconds", "elapsed_s", "video_s"),
    "date": ("date", "day"),
    "alt_m": ("alt_m", "alt", "altitude", "altitude_m", "ele", "elevation", "height_m"),
    "speed_mps": ("speed_mps", "speed", "speed_ms", "velocity", "velocity_mps"),
    "speed_kmh": ("speed_kmh", "speed_kph", "speed_km_h", "km_h", "kmh"),
    "course_deg": (
        "course_deg",
        "course",
        "heading",
        "heading_deg",
        "bearing",
        "bearing_deg",
        "direction",
        "track_deg",
    ),
    "hdop": ("hdop", "dop"),
}


class TableReader:
    """A header line with at least a longitude and a latitude column, then rows."""

    name = "csv"

    def accepts(self, path: Path) -> bool:
        """Say if the first line names a longitude and a latitude column."""
        with path.open("rb") as stream:
            head = stream.read(_SNIFF_BYTES)
        if b"\0" in head:
            return False
        lines = head.decode("utf-8-sig", errors="replace").splitlines()
        columns = _columns(_split(lines[0])) if lines else {}
        return "lon" in columns and "lat" in columns

    def read(self, path: Path) -> Telemetry | None:
        """Return the rows that hold a place; torn rows are stepped over.

        Times are Unix seconds or ISO 8601 (UTC where no zone is written); a column of
        seconds since the start becomes `drive_s`.

        Raises:
            TelemetryError: rows are there, but none of them holds a place.
        """
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        lines = [line for line in text.splitlines() if line.strip()]
        columns = _columns(_split(lines[0]))
        rows = list(csv.reader(lines[1:], delimiter=_delimiter(lines[0])))
        fixes = [fix for row in rows if (fix := _fix(row, columns)) is not None]
        if rows and not fixes:
            msg = (
                f"{path.name} has {len(rows)} rows but none with numbers for "
                "longitude and latitude; check its columns."
            )
            raise TelemetryError(msg)
        if not fixes:
            return None
        return Telemetry(fixes=tuple(fixes), format=self.name, source=path.name)


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _split(header: str) -> list[str]:
    return next(csv.reader([header], delimiter=_delimiter(header)), [])


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Return our name -> position for the columns that are understood."""
    plain = [_plain(name) for name in header]
    return {
        ours: plain.index(theirs)
        for ours, names in _NAMES.items()
        if (theirs := next((n for n in names if n in plain), None)) is not None
    }


def _plain(name: str) -> str:
    """Reduce `Speed (km/h)` to `speed_km_h`."""
    for mark in "()[]/.- ":
        name = name.replace(mark, "_")
    return "_".join(part for part in name.strip().lower().split("_") if part)


def _fix(row: Sequence[str], columns: Mapping[str, int]) -> GnssFix | None:
    def cell(name: str) -> str:
        position = columns.get(name, len(row))
        return row[position].strip() if position < len(row) else ""

    lon, lat = _number(cell("lon")), _number(cell("lat"))
    if lon is None or lat is None:
        return None
    epoch_s, drive_s = _times(cell)
    kmh = _number(cell("speed_kmh"))
    return GnssFix(
        epoch_s=epoch_s,
        lon=lon,
        lat=lat,
        alt_m=_number(cell("alt_m")),
        speed_mps=_number(cell("speed_mps")) if kmh is None else kmh / 3.6,
        course_deg=_number(cell("course_deg")),
        hdop=_number(cell("hdop")),
        drive_s=drive_s,
    )


def _times(cell: Callable[[str], str]) -> tuple[float | None, float | None]:
    """Return the absolute and the stream time; a small bare number is the latter."""
    text = f"{cell('date')} {cell('time')}".strip()
    epoch_s = epoch_of_text(text) if text else None
    drive_s = _number(cell("stream"))
    if drive_s is None and epoch_s is None:
        drive_s = _number(text)
    return epoch_s, drive_s


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
