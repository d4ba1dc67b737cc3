"""Read NMEA 0183 logs: RMC (place, speed, course, date) joined with GGA (HDOP, height).

A sentence that fails its checksum is dropped. Only where most of a log's sentences
fail, the log was edited after the receiver wrote it (some loggers do): then each
complete sentence with sensible fields counts, and a warning is logged. Others
(GSENSORD, GSV, ...) are stepped over.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor
from pathlib import Path

from vision.errors import TelemetryError
from vision.telemetry.base import Telemetry
from vision.telemetry.times import DAY_S, epoch_of_parts
from vision.types import GnssFix

logger = logging.getLogger(__name__)

MPS_PER_KNOT = 1852.0 / 3600.0
NO_LOCK_HDOP = 99.99
"""HDOP given to a place that the receiver itself marks as not locked."""

_SNIFF_BYTES = 8192
_SENTENCE = re.compile(r"\$(G[A-Z]{4},[^*$\r\n]*)\*([0-9A-Fa-f]{2})")
_OPENING = re.compile(rb"\$G[A-Z](?:RMC|GGA),")


@dataclass(frozen=True, slots=True)
class _Moment:
    """What the sentences of one instant say together."""

    day_s: float
    date: tuple[int, int, int] | None = None
    fix: GnssFix | None = None


class NmeaReader:
    """NMEA logs, also as MiVue and other dash-cams write them beside a clip."""

    name = "nmea"

    def accepts(self, path: Path) -> bool:
        """Say if an RMC or GGA sentence stands near the start."""
        with path.open("rb") as stream:
            return _OPENING.search(stream.read(_SNIFF_BYTES)) is not None

    def read(self, path: Path) -> Telemetry | None:
        """Return one fix an instant.

        Raises:
            TelemetryError: places are there, but no sentence gives a date.
        """
        text = path.read_bytes().decode("ascii", errors="replace")
        fixes = parse_nmea(text, source=path.name)
        if not fixes:
            return None
        return Telemetry(fixes=fixes, format=self.name, source=path.name)


def parse_nmea(text: str, *, source: str) -> tuple[GnssFix, ...]:
    """Return one fix an instant, in the order of the log.

    Instants without a place are left out; a place that the receiver marks as void keeps
    a HDOP of 99.99.

    Args:
        text: the whole log; a prefix before `$` (BlackVue's clock) is ignored.
        source: name for messages.

    Raises:
        TelemetryError: places are there, but no sentence gives a date.

    Source:
        NMEA 0183 sentences RMC and GGA.
    """
    moments = _join(_moments(_trusted(text, source)))
    if any(m.fix for m in moments) and not any(m.date for m in moments):
        msg = f"{source} gives times without a date; log RMC or ZDA sentences too."
        raise TelemetryError(msg)
    return tuple(_dated(moments))


def build_nmea(fixes: Iterable[GnssFix]) -> str:
    """Write fixes as RMC and GGA sentences, the inverse of `parse_nmea`.

    Places are rounded to 1e-6 minutes (2 mm), times to a millisecond. Fixes without
    `epoch_s` are left out: NMEA cannot say them.
    """
    lines: list[str] = []
    for fix in fixes:
        if fix.epoch_s is None:
            continue
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            milliseconds=round(fix.epoch_s * 1000)
        )
        clock = f"{moment:%H%M%S}.{moment.microsecond // 1000:03d}"
        place = f"{_degrees(fix.lat, 'NS')},{_degrees(fix.lon, 'EW')}"
        knots = "" if fix.speed_mps is None else f"{fix.speed_mps / MPS_PER_KNOT:.4f}"
        course = "" if fix.course_deg is None else f"{fix.course_deg:.2f}"
        hdop = "" if fix.hdop is None else f"{fix.hdop:.2f}"
        alt = "" if fix.alt_m is None else f"{fix.alt_m:.2f}"
        bodies = (
            f"GPRMC,{clock},A,{place},{knots},{course},{moment:%d%m%y},,,A",
            f"GPGGA,{clock},{place},1,08,{hdop},{alt},M,0.0,M,,",
        )
        lines += [f"${body}*{_checksum(body):02X}\r\n" for body in bodies]
    return "".join(lines)


def _trusted(text: str, source: str) -> list[list[str]]:
    """Return the fields of the sentences that may be believed."""
    found = [
        (body.split(","), _checksum(body) == int(check, 16))
        for body, check in _SENTENCE.findall(text)
        if body[2:5] in _READERS
    ]
    intact = [fields for fields, passed in found if passed]
    if 2 * len(intact) >= len(found):
        return intact
    logger.warning(
        "NMEA checksums fail throughout",
        extra={"source": source, "sentences": len(found), "intact": len(intact)},
    )
    return [fields for fields, _ in found]


def _checksum(body: str) -> int:
    return reduce(xor, body.encode("ascii", errors="replace"), 0)


def _degrees(value: float, signs: str) -> str:
    millionths = round(abs(value) * 60e6)
    degrees, minutes = divmod(millionths, 60_000_000)
    width = 2 if signs == "NS" else 3
    sign = signs[0] if value >= 0 else signs[1]
    return f"{degrees:0{width}d}{minutes / 1e6:09.6f},{sign}"


def _moments(sentences: Iterable[Sequence[str]]) -> Iterator[_Moment]:
    for fields in sentences:
        reader = _READERS.get(fields[0][2:])
        moment = reader(fields) if reader is not None else None
        if moment is not None:
            yield moment


def _join(parts: Iterable[_Moment]) -> list[_Moment]:
    """Merge what adjacent sentences say of the same time of day."""
    joined: list[_Moment] = []
    for part in parts:
        row = next(
            (
                i
                for i in range(-1, -min(3, len(joined)) - 1, -1)
                if joined[i].day_s == part.day_s
            ),
            None,
        )
        if row is None:
            joined.append(part)
            continue
        old = joined[row]
        joined[row] = _Moment(old.day_s, old.date or part.date, _merge(old, part))
    return joined


def _merge(old: _Moment, new: _Moment) -> GnssFix | None:
    if old.fix is None or new.fix is None:
        return old.fix or new.fix
    a, b = old.fix, new.fix
    return replace(
        a,
        alt_m=b.alt_m if a.alt_m is None else a.alt_m,
        speed_mps=b.speed_mps if a.speed_mps is None else a.speed_mps,
        course_deg=b.course_deg if a.course_deg is None else a.course_deg,
        hdop=max((h for h in (a.hdop, b.hdop) if h is not None), default=None),
    )


def _dated(moments: Sequence[_Moment]) -> Iterator[GnssFix]:
    """Carry the date to sentences that have none, over midnight too."""
    first = next((m for m in moments if m.date is not None), None)
    if first is None or first.date is None:
        return
    date, date_day_s = first.date, first.day_s
    for moment in moments:
        if moment.date is not None:
            date, date_day_s = moment.date, moment.day_s
        epoch_s = epoch_of_parts(date, moment.day_s)
        if moment.fix is None or epoch_s is None:
            continue
        days = -round((moment.day_s - date_day_s) / DAY_S)
        yield replace(moment.fix, epoch_s=epoch_s + days * DAY_S)


def _rmc(fields: Sequence[str]) -> _Moment | None:
    if len(fields) < 10:
        return None
    day_s = _day_s(fields[1])
    if day_s is None:
        return None
    fix = _place(fields[3:7])
    if fix is not None:
        knots = _number(fields[7])
        fix = replace(
            fix,
            speed_mps=None if knots is None else knots * MPS_PER_KNOT,
            course_deg=_number(fields[8]),
            hdop=None if fields[2] == "A" else NO_LOCK_HDOP,
        )
    return _Moment(day_s, _date(fields[9]), fix)


def _gga(fields: Sequence[str]) -> _Moment | None:
    if len(fields) < 10:
        return None
    day_s = _day_s(fields[1])
    fix = _place(fields[2:6])
    if day_s is None or fix is None:
        return None
    locked = fields[6] not in ("", "0")
    hdop = _number(fields[8]) if locked else NO_LOCK_HDOP
    return _Moment(day_s, None, replace(fix, alt_m=_number(fields[9]), hdop=hdop))


def _zda(fields: Sequence[str]) -> _Moment | None:
    if len(fields) < 5 or not all(f.isdigit() for f in fields[2:5]):
        return None
    day_s = _day_s(fields[1])
    if day_s is None:
        return None
    return _Moment(day_s, (int(fields[4]), int(fields[3]), int(fields[2])))


_READERS = {"RMC": _rmc, "GGA": _gga, "ZDA": _zda}


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _day_s(text: str) -> float | None:
    value = _number(text[4:])
    if value is None or not text[:4].isdigit() or not 0 <= value < 61:
        return None
    return int(text[:2]) * 3600 + int(text[2:4]) * 60 + value


def _date(text: str) -> tuple[int, int, int] | None:
    if len(text) != 6 or not text.isdigit():
        return None
    year = int(text[4:])
    return (1900 + year if year >= 80 else 2000 + year, int(text[2:4]), int(text[:2]))


def _place(fields: Sequence[str]) -> GnssFix | None:
    lat = nmea_degrees(fields[0], fields[1])
    lon = nmea_degrees(fields[2], fields[3])
    if lat is None or lon is None:
        return None
    return GnssFix(epoch_s=None, lon=lon, lat=lat)


def nmea_degrees(text: str, side: str) -> float | None:
    """Return signed degrees of `dddmm.mmmm` and its N, S, E or W; None if neither."""
    value = _number(text)
    if value is None or value < 0 or side not in ("N", "S", "E", "W"):
        return None
    degrees, minutes = divmod(value, 100.0)
    if minutes >= 60:
        return None
    magnitude = degrees + minutes / 60
    return -magnitude if side in ("S", "W") else magnitude
