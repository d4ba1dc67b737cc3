"""Turn written times into Unix seconds UTC and back.

GPX, NMEA, EXIF and GPSU give UTC already, so no leap second is added or taken here;
only a count of GPS seconds (CAMM) would need that.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_EXIF_DATE = re.compile(r"^\s*(\d{4})[:/](\d{2})[:/](\d{2})(?=[ T]|$)")
_OFFSET = re.compile(r"^([+-])(\d{1,2}):?(\d{2})$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

DAY_S = 86400.0


def epoch_of(moment: datetime) -> float:
    """Return Unix seconds; a moment without a zone is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH).total_seconds()


def epoch_of_text(text: str) -> float | None:
    """Return Unix seconds of a time as people and devices write it.

    Understands ISO 8601 (with or without zone; without means UTC), the EXIF form
    `2021:10:15 16:55:46`, and a bare number: Unix seconds, or milli-, micro- or
    nanoseconds when it is that large. None if it is none of these. A bare number below
    1e8 is no date and gives None.
    """
    text = text.strip()
    number = _number(text)
    if number is not None:
        for limit, scale in ((1e8, 0.0), (1e11, 1.0), (1e14, 1e-3), (1e17, 1e-6)):
            if abs(number) < limit:
                return number * scale if scale else None
        return number * 1e-9
    text = _EXIF_DATE.sub(r"\1-\2-\3", text).removesuffix(" UTC")
    try:
        return epoch_of(datetime.fromisoformat(text))
    except ValueError:
        return None


def epoch_of_parts(date: tuple[int, int, int], day_s: float) -> float | None:
    """Return Unix seconds of year, month, day and seconds since midnight, in UTC.

    None when there is no such day, or `day_s` lies outside one day (a leap second's
    60 is allowed).
    """
    if not 0 <= day_s < DAY_S + 1:
        return None
    try:
        return epoch_of(datetime(*date, tzinfo=UTC)) + day_s
    except ValueError:
        return None


def zone_of_text(text: str) -> timezone | None:
    """Return the zone of an EXIF offset such as `-07:00`; None if it is not one."""
    if text.strip() == "Z":
        return timezone(timedelta(0))
    match = _OFFSET.match(text.strip())
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        return None
    away = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-away if match[1] == "-" else away)


def iso_utc(epoch_s: float) -> str:
    """Write Unix seconds as `2019-11-18T23:45:14.000Z`, rounded to a millisecond."""
    moment = _EPOCH + timedelta(milliseconds=round(epoch_s * 1000))
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def date_text(epoch_s: float) -> str:
    """Write Unix seconds as `2019-11-18 23:45 UTC`, for messages."""
    moment = _EPOCH + timedelta(seconds=epoch_s)
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
