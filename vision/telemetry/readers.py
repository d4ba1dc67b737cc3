"""Which formats are read: adding one is one file beside this and one row here."""

from __future__ import annotations

import logging
from pathlib import Path

from vision.errors import NotFoundError, TelemetryError
from vision.telemetry.base import Telemetry, TelemetryReader
from vision.telemetry.blackvue import BlackVueReader
from vision.telemetry.escort import EscortReader
from vision.telemetry.exif import PHOTO_SUFFIXES, ExifReader
from vision.telemetry.gpmf import GpmfReader
from vision.telemetry.gpx import GpxReader
from vision.telemetry.mai70 import Mai70Reader
from vision.telemetry.nmea import NmeaReader
from vision.telemetry.novatek import NovatekReader
from vision.telemetry.table import TableReader

logger = logging.getLogger(__name__)

READERS: tuple[TelemetryReader, ...] = (
    GpmfReader(),
    NovatekReader(),
    BlackVueReader(),
    ExifReader(),
    GpxReader(),
    Mai70Reader(),
    EscortReader(),
    NmeaReader(),
    TableReader(),
)
"""Tried in this order; the first that finds fixes wins. Readers hold no state."""


def read_telemetry(path: Path) -> Telemetry:
    """Return the fixes in a file, whatever the box, or in a folder of photos.

    Raises:
        NotFoundError: there is no such file.
        TelemetryError: it holds no fixes, or is damaged beyond use.
    """
    if path.is_dir():
        telemetry, _ = read_photos(photos_in(path), name=path.name)
        return telemetry
    if not path.is_file():
        msg = f"There is no telemetry file {path}; check the name."
        raise NotFoundError(msg)
    if path.stat().st_size == 0:
        msg = f"{path.name} is empty; copy it again."
        raise TelemetryError(msg)
    damage: TelemetryError | None = None
    for reader in READERS:
        try:
            telemetry_or_none = reader.read(path) if reader.accepts(path) else None
        except TelemetryError as error:
            damage = damage or error
            continue
        except OSError as error:
            why = error.strerror or "unknown reason"
            msg = f"{path.name} cannot be read ({why}); check its rights."
            raise TelemetryError(msg) from error
        if telemetry_or_none is not None:
            return telemetry_or_none
    if damage is not None:
        raise damage
    formats = ", ".join(reader.name for reader in READERS)
    msg = f"{path.name} holds no GPS fixes in a form we read ({formats})."
    raise TelemetryError(msg)


def photos_in(folder: Path) -> list[Path]:
    """Return the photos of a folder by name."""
    return sorted(
        p
        for p in folder.iterdir()
        if p.suffix.lower() in PHOTO_SUFFIXES and p.is_file()
    )


def read_photos(photos: list[Path], *, name: str) -> tuple[Telemetry, tuple[str, ...]]:
    """Return the EXIF fix of each photo that has one, and those photos' names.

    Args:
        photos: files, in the order wanted.
        name: of the folder, for messages.

    Raises:
        TelemetryError: no photo has a place.
    """
    reader = ExifReader()
    found: list[tuple[str, Telemetry]] = []
    for photo in photos:
        try:
            telemetry = reader.read(photo) if reader.accepts(photo) else None
        except (TelemetryError, OSError) as error:
            logger.warning(
                "photo skipped", extra={"photo": photo.name, "why": str(error)}
            )
            continue
        if telemetry is not None:
            found.append((photo.name, telemetry))
    if not found:
        msg = f"{name} holds no photo with a GPS place in its EXIF."
        raise TelemetryError(msg)
    fixes = tuple(fix for _, telemetry in found for fix in telemetry.fixes)
    names = tuple(photo for photo, _ in found)
    return Telemetry(fixes=fixes, format=reader.name, source=name), names
