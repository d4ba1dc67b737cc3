"""Read BlackVue's NMEA: a `.gps` file, or the `gps ` box inside its MP4.

Each line begins with `[milliseconds]`, the camera's own clock, which is often local
time; the UTC inside the sentences is used instead.
"""

from __future__ import annotations

import re
from pathlib import Path

from vision.telemetry.base import Telemetry
from vision.telemetry.mp4 import child, is_mp4, top_boxes
from vision.telemetry.nmea import parse_nmea

_LINE = re.compile(rb"\[\d{10,14}\]\s*\$G")
_SNIFF_BYTES = 8192
_MAX_BOX_BYTES = 16 * 2**20


class BlackVueReader:
    """BlackVue `.gps` logs and MP4 files."""

    name = "blackvue"

    def accepts(self, path: Path) -> bool:
        """Say if bracketed NMEA stands near the start, or it is an MP4."""
        with path.open("rb") as stream:
            return _LINE.search(stream.read(_SNIFF_BYTES)) is not None or is_mp4(path)

    def read(self, path: Path) -> Telemetry | None:
        """Return one fix an instant.

        Raises:
            TelemetryError: places are there, but no sentence gives a date.
        """
        data = _boxed(path) if is_mp4(path) else path.read_bytes()
        if data is None or _LINE.search(data) is None:
            return None
        fixes = parse_nmea(data.decode("ascii", errors="replace"), source=path.name)
        if not fixes:
            return None
        return Telemetry(fixes=fixes, format=self.name, source=path.name)


def _boxed(path: Path) -> bytes | None:
    """Return the `gps ` box inside a top-level `free` box."""
    with path.open("rb") as stream:
        for box in top_boxes(stream):
            if box.kind == b"free" and box.end - box.start <= _MAX_BOX_BYTES:
                stream.seek(box.start)
                inner = child(stream.read(box.end - box.start), b"gps ")
                if inner is not None:
                    return inner
    return None
