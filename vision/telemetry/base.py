"""The plug point of telemetry: one reader a format, each one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vision.types import GnssFix


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Fixes of one source, as received, in time order of the source.

    Attributes:
        fixes: as received, not cleaned; may hold 0,0 and jumps.
        format: reader's name, e.g. `gpx`, `nmea`, `csv`, `exif`, `gpmf`, `novatek`.
        source: file name.
    """

    fixes: tuple[GnssFix, ...]
    format: str
    source: str


class TelemetryReader(Protocol):
    """Reads one format."""

    name: str

    def accepts(self, path: Path) -> bool:
        """Say, from the first bytes (not only the name), if it may be ours."""

    def read(self, path: Path) -> Telemetry | None:
        """Return the fixes in the file, or None when it holds none of this format.

        Raises:
            TelemetryError: it is this format, but damaged beyond use.
        """
