"""Read the place, bearing and time that a photo carries in its EXIF."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

from vision.errors import TelemetryError
from vision.telemetry.base import Telemetry
from vision.telemetry.times import epoch_of, epoch_of_parts, zone_of_text
from vision.types import GnssFix

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp")

_MAGIC = (b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"\x89PNG", b"RIFF")
_MPS = {"K": 1 / 3.6, "M": 1609.344 / 3600, "N": 1852 / 3600}
_QUARTER_HOUR_S = 900.0
_SAME_CLOCK_S = 2.0

_GPS = ExifTags.GPS
_BASE = ExifTags.Base


class ExifReader:
    """One photo, one fix; `course_deg` is where the picture looks (GPSImgDirection)."""

    name = "exif"

    def accepts(self, path: Path) -> bool:
        """Say if the file begins like a photo that can hold EXIF."""
        with path.open("rb") as stream:
            return stream.read(4).startswith(_MAGIC) and (
                path.suffix.lower() in PHOTO_SUFFIXES
            )

    def read(self, path: Path) -> Telemetry | None:
        """Return the photo's fix, with `drive_s` None.

        The time is GPSDateStamp and GPSTimeStamp (UTC), sharpened by the camera's own
        sub-seconds where both clocks agree; else DateTimeOriginal in its OffsetTime;
        a camera time without a zone is taken as UTC, as containers do.

        Raises:
            TelemetryError: the file is not readable as a photo.
        """
        try:
            with Image.open(path) as image:
                exif = image.getexif()
                gps: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.GPSInfo)
                shot: dict[int, Any] = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
        except (UnidentifiedImageError, OSError, SyntaxError) as error:
            msg = f"{path.name} is not readable as a photo; export it again."
            raise TelemetryError(msg) from error
        lat = _degrees(gps.get(_GPS.GPSLatitude), gps.get(_GPS.GPSLatitudeRef))
        lon = _degrees(gps.get(_GPS.GPSLongitude), gps.get(_GPS.GPSLongitudeRef))
        if lat is None or lon is None:
            return None
        fix = GnssFix(
            epoch_s=_epoch_s(gps, shot),
            lon=lon,
            lat=lat,
            alt_m=_altitude_m(gps),
            speed_mps=_speed_mps(gps),
            course_deg=_bearing_deg(gps),
            hdop=_number(gps.get(_GPS.GPSDOP)),
        )
        return Telemetry(fixes=(fix,), format=self.name, source=path.name)


def _epoch_s(gps: Mapping[int, Any], shot: Mapping[int, Any]) -> float | None:
    received = _gps_epoch_s(gps)
    taken = _camera_epoch_s(shot)
    if received is None or taken is None:
        return taken if received is None else received
    zone_s = round((taken - received) / _QUARTER_HOUR_S) * _QUARTER_HOUR_S
    if abs(taken - zone_s - received) <= _SAME_CLOCK_S:
        return taken - zone_s
    return received


def _gps_epoch_s(gps: Mapping[int, Any]) -> float | None:
    date = _text(gps.get(_GPS.GPSDateStamp)).replace("-", ":").split(":")
    clock = _numbers(gps.get(_GPS.GPSTimeStamp))
    if len(date) != 3 or not all(p.strip().isdigit() for p in date) or len(clock) != 3:
        return None
    day_s = clock[0] * 3600 + clock[1] * 60 + clock[2]
    return epoch_of_parts((int(date[0]), int(date[1]), int(date[2])), day_s)


def _camera_epoch_s(shot: Mapping[int, Any]) -> float | None:
    for time, offset, subsec in (
        (_BASE.DateTimeOriginal, _BASE.OffsetTimeOriginal, _BASE.SubsecTimeOriginal),
        (_BASE.DateTimeDigitized, _BASE.OffsetTimeDigitized, _BASE.SubsecTimeDigitized),
        (_BASE.DateTime, _BASE.OffsetTime, _BASE.SubsecTime),
    ):
        try:
            moment = datetime.strptime(_text(shot.get(time)), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        zone = zone_of_text(_text(shot.get(offset) or shot.get(_BASE.OffsetTime)))
        digits = _text(shot.get(subsec))
        part_s = float(f"0.{digits}") if digits.isdigit() else 0.0
        return epoch_of(moment.replace(tzinfo=zone or UTC)) + part_s
    return None


def _degrees(parts: object, side: object) -> float | None:
    numbers = _numbers(parts)
    sign = {"N": 1.0, "E": 1.0, "S": -1.0, "W": -1.0}.get(_text(side).upper()[:1])
    if len(numbers) != 3 or sign is None:
        return None
    return sign * (numbers[0] + numbers[1] / 60 + numbers[2] / 3600)


def _altitude_m(gps: Mapping[int, Any]) -> float | None:
    metres = _number(gps.get(_GPS.GPSAltitude))
    below = gps.get(_GPS.GPSAltitudeRef) in (b"\x01", 1)
    return -metres if below and metres is not None else metres


def _speed_mps(gps: Mapping[int, Any]) -> float | None:
    speed = _number(gps.get(_GPS.GPSSpeed))
    unit = _MPS.get(_text(gps.get(_GPS.GPSSpeedRef)) or "K")
    return None if speed is None or unit is None else speed * unit


def _bearing_deg(gps: Mapping[int, Any]) -> float | None:
    looking = _number(gps.get(_GPS.GPSImgDirection))
    bearing = _number(gps.get(_GPS.GPSTrack)) if looking is None else looking
    return None if bearing is None else bearing % 360.0


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", errors="replace")
    return value.strip(" \0") if isinstance(value, str) else ""


def _numbers(value: object) -> list[float]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return []
    numbers = [_number(part) for part in value]
    return [n for n in numbers if n is not None]


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None
