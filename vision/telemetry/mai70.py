"""Read the `$V02` text log of 70mai dash-cams.

Source:
    Field order as in the anonymised fixtures: Unix seconds, A or V, latitude,
    longitude, course in 1/100 degree, speed in cm/s, three accelerations, video name.
"""

from __future__ import annotations

import math
from pathlib import Path

from vision.telemetry.base import Telemetry
from vision.types import GnssFix

_MARK = b"$V02"


class Mai70Reader:
    """One shared log for all cameras; torn rows are stepped over."""

    name = "70mai"

    def accepts(self, path: Path) -> bool:
        """Say if the file begins with the log's version mark."""
        with path.open("rb") as stream:
            return stream.read(len(_MARK)) == _MARK

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
    fields = line.split(",")
    if len(fields) < 7 or fields[1] != "A":
        return None
    try:
        epoch_s, lat, lon, course, speed = (float(fields[i]) for i in (0, 2, 3, 4, 5))
    except ValueError:
        return None
    if not all(math.isfinite(v) for v in (epoch_s, lat, lon, course, speed)):
        return None
    return GnssFix(
        epoch_s=epoch_s,
        lon=lon,
        lat=lat,
        speed_mps=speed / 100,
        course_deg=course / 100 % 360.0,
    )
