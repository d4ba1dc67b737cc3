"""When a photo was taken, from its EXIF.

Source:
    CIPA DC-008 (Exif 2.32): DateTimeOriginal 0x9003, OffsetTimeOriginal 0x9011,
    SubSecTimeOriginal 0x9291; GPSTimeStamp 7 and GPSDateStamp 29 are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image as PillowImage

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_TAKEN, _TAKEN_OFFSET, _TAKEN_SUBSECOND = 0x9003, 0x9011, 0x9291
_GPS_TIME, _GPS_DATE = 7, 29
_ZONE_STEP_S = 900
_WIDEST_ZONE_S = 14 * 3600
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")


@dataclass(frozen=True, slots=True)
class PhotoTime:
    """When a photo was taken.

    Attributes:
        local: the camera's wall clock, without a zone.
        utc_offset_s: local minus UTC; None if the photo does not say.
    """

    local: datetime
    utc_offset_s: float | None


def read_photo_time(exif: PillowImage.Exif) -> PhotoTime | None:
    """Return when the photo was taken; None if its EXIF has no believable time."""
    tags = exif.get_ifd(_EXIF_IFD)
    local = _local(tags)
    if local is None:
        return None
    offset_s = _stated_offset_s(str(tags.get(_TAKEN_OFFSET, "")))
    if offset_s is None:
        offset_s = _offset_by_gps_s(local, exif.get_ifd(_GPS_IFD))
    return PhotoTime(local=local, utc_offset_s=offset_s)


def _local(tags: Mapping[int, object]) -> datetime | None:
    text = str(tags.get(_TAKEN, "")).strip("\x00 ")
    try:
        local = datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - has no zone
    except ValueError:
        return None
    digits = str(tags.get(_TAKEN_SUBSECOND, "")).strip("\x00 ")
    if digits.isdecimal():
        local += timedelta(seconds=float(f"0.{digits}"))
    return local if local.year > 1970 else None


def _stated_offset_s(text: str) -> float | None:
    match = _OFFSET.match(text.strip("\x00 "))
    if match is None:
        return None
    seconds = int(match[2]) * 3600 + int(match[3]) * 60
    return float(-seconds if match[1] == "-" else seconds)


def _offset_by_gps_s(local: datetime, gps: Mapping[int, object]) -> float | None:
    """Return the camera's zone as the quarter hour nearest to local minus GPS time."""
    time = gps.get(_GPS_TIME)
    if not isinstance(time, tuple) or len(time) != 3:
        return None
    try:
        day = datetime.strptime(  # noqa: DTZ007 - UTC by definition, kept naive
            str(gps.get(_GPS_DATE, "")).strip("\x00 "), "%Y:%m:%d"
        )
        hours, minutes, seconds = (float(part) for part in time)
    except (ValueError, ZeroDivisionError):
        return None
    utc = day + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    offset_s = round((local - utc).total_seconds() / _ZONE_STEP_S) * _ZONE_STEP_S
    return float(offset_s) if abs(offset_s) <= _WIDEST_ZONE_S else None
