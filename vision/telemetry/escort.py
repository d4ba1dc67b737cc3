"""Read the `.map` text log of Escort dash-cams.

Source:
    Field order as in the anonymised fixtures: A or V, ddmmyy, hhmmss, latitude, N/S,
    longitude, E/W, speed in km/h, three accelerations, `;`.
"""

from __future__ import annotations

import re
from pathlib import Path

from vision.telemetry.base import Telemetry
from vision.telemetry.nmea import nmea_degrees
from vision.telemetry.times import epoch_of_parts
from vision.types import GnssFix

_ROW = re.compile(
    r"^A,(\d\d)(\d\d)(\d\d),(\d\d)(\d\d)(\d\d),([\d.]+),([NS]),([\d.]+),([EW]),([\d.]+),"
)
_SNIFF = re.compile(rb"^[AV],\d{6},\d{6},[\d.]+,[NS],[\d.]+,[EW],", re.MULTILINE)


class EscortReader:
    """Escort `.map` logs; rows that are torn or out of range are stepped over."""

    name = "escort"

    def accepts(self, path: Path) -> bool:
        """Say if one of the log's rows stands near the start."""
        with path.open("rb") as stream:
            return _SNIFF.search(stream.read(4096)) is not None

    def read(self, path: Path) -> Telemetry | None:
        """Return the rows marked active, in file order."""
        text = path.read_text(encoding="ascii", errors="replace")
        fixes = tuple(
            fix for line in text.splitlines() if (fix := _fix(line)) is not None
        )
        if not fixes:
            return None
        return Telemetry(fixes=fixes, format=self.name, source=path.name)


def _fix(line: str) -> GnssFix | None:
    match = _ROW.match(line)
    if match is None:
        return None
    day, month, year, hour, minute, second = (int(match[i]) for i in range(1, 7))
    lat = nmea_degrees(match[7], match[8])
    lon = nmea_degrees(match[9], match[10])
    if lat is None or lon is None or hour > 23 or minute > 59 or second > 60:
        return None
    epoch_s = epoch_of_parts(
        (2000 + year, month, day), hour * 3600 + minute * 60 + second
    )
    return GnssFix(epoch_s=epoch_s, lon=lon, lat=lat, speed_mps=float(match[11]) / 3.6)
