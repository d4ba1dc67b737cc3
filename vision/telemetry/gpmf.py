"""Read GoPro telemetry (GPMF): GPS5 and GPS9 from an MP4's `gpmd` track or a raw dump.

GPSU and GPS9 are UTC already: the receiver has applied the leap seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vision.telemetry.base import Telemetry
from vision.telemetry.klv import NESTED, Klv, build_klv, iter_klv, numbers_of
from vision.telemetry.mp4 import Payload, is_mp4, track_payloads
from vision.telemetry.nmea import NO_LOCK_HDOP
from vision.telemetry.times import DAY_S, epoch_of_parts, iso_utc
from vision.types import GnssFix

_EPOCH_2000_S = 946684800.0
_DEPTH = 4


class GpmfReader:
    """GoPro videos (HERO5 and later) and raw GPMF streams."""

    name = "gpmf"

    def accepts(self, path: Path) -> bool:
        """Say if the file is an MP4/MOV or begins with a GPMF device."""
        with path.open("rb") as stream:
            return stream.read(4) == b"DEVC" or is_mp4(path)

    def read(self, path: Path) -> Telemetry | None:
        """Return the fixes; from a video they carry `drive_s`, its container's time.

        Raises:
            TelemetryError: the telemetry track is damaged.
        """
        if is_mp4(path):
            payloads = track_payloads(path, entry=b"gpmd")
            fixes = [fix for p in payloads for fix in parse_payload(p)]
        else:
            fixes = _parse_raw(path.read_bytes())
        if not fixes:
            return None
        return Telemetry(fixes=tuple(fixes), format=self.name, source=path.name)


def parse_payload(payload: Payload) -> list[GnssFix]:
    """Return the fixes of one GPMF payload, spread evenly over its time.

    GPS9 (HERO11 and later: own UTC, DOP and lock per fix) is preferred to GPS5 (one
    UTC, DOP and lock per payload). A fix without lock keeps a HDOP of 99.99.
    """
    streams = [_stream(items) for items in _streams(payload.data)]
    gps9 = [s for s in streams if s.key == b"GPS9"]
    chosen = gps9 or [s for s in streams if s.key == b"GPS5"]
    fixes: list[GnssFix] = []
    for stream in chosen:
        step_s = payload.duration_s / max(1, len(stream.rows))
        make = _gps9_fix if stream.key == b"GPS9" else _gps5_fix
        fixes += [
            make(stream, row, (payload.start_s + i * step_s, i * step_s))
            for i, row in enumerate(stream.rows)
        ]
    return fixes


@dataclass(frozen=True, slots=True)
class _Stream:
    """One GPS stream of one payload, scaled."""

    key: bytes = b""
    rows: tuple[tuple[float, ...], ...] = ()
    epoch_s: float | None = None
    hdop: float | None = None


def _streams(data: bytes, depth: int = 0) -> Iterator[list[Klv]]:
    """Yield the items of every STRM, at any depth."""
    for item in iter_klv(data):
        if item.key == b"STRM":
            yield list(iter_klv(item.data))
        elif item.kind == NESTED and depth < _DEPTH:
            yield from _streams(item.data, depth + 1)


def _stream(items: Sequence[Klv]) -> _Stream:
    by_key = {item.key: item for item in items}
    key = next((k for k in (b"GPS9", b"GPS5") if k in by_key), None)
    scales = _scales(by_key.get(b"SCAL"))
    if key is None or not scales:
        return _Stream()
    letters = by_key[b"TYPE"].data if b"TYPE" in by_key else b""
    width = 9 if key == b"GPS9" else 5
    rows = tuple(
        tuple(n / s for n, s in zip(row, scales, strict=False))
        for row in numbers_of(by_key[key], letters)
        if len(row) == width <= len(scales)
    )
    return _Stream(key, rows, _gpsu(by_key.get(b"GPSU")), _hdop(by_key))


def _scales(item: Klv | None) -> list[float]:
    if item is None:
        return []
    scales = [n for row in numbers_of(item) for n in row]
    if len(scales) == 1:
        scales *= 9
    return [] if 0 in scales else scales


def _gpsu(item: Klv | None) -> float | None:
    """Return the UTC of a `yymmddhhmmss.sss` text."""
    if item is None:
        return None
    text = item.data.decode("ascii", errors="replace").strip("\0 ")
    try:
        parts = [int(text[i : i + 2]) for i in range(0, 10, 2)]
        seconds = float(text[10:])
    except ValueError:
        return None
    day_s = parts[3] * 3600 + parts[4] * 60 + seconds
    return epoch_of_parts((2000 + parts[0], parts[1], parts[2]), day_s)


def _hdop(by_key: dict[bytes, Klv]) -> float | None:
    dop = _first(by_key.get(b"GPSP"))
    if _first(by_key.get(b"GPSF")) == 0:
        return NO_LOCK_HDOP
    return None if dop is None else dop / 100


def _first(item: Klv | None) -> float | None:
    rows = [] if item is None else numbers_of(item)
    return rows[0][0] if rows else None


def _gps5_fix(
    stream: _Stream, row: tuple[float, ...], at: tuple[float, float]
) -> GnssFix:
    lat, lon, alt_m, speed_mps, _ = row
    return GnssFix(
        epoch_s=None if stream.epoch_s is None else stream.epoch_s + at[1],
        lon=lon,
        lat=lat,
        alt_m=alt_m,
        speed_mps=speed_mps,
        hdop=stream.hdop,
        drive_s=at[0],
    )


def _gps9_fix(
    _stream: _Stream, row: tuple[float, ...], at: tuple[float, float]
) -> GnssFix:
    lat, lon, alt_m, speed_mps, _, days, day_s, dop, lock = row
    return GnssFix(
        epoch_s=_EPOCH_2000_S + days * DAY_S + day_s,
        lon=lon,
        lat=lat,
        alt_m=alt_m,
        speed_mps=speed_mps,
        hdop=dop if lock else NO_LOCK_HDOP,
        drive_s=at[0],
    )


def _parse_raw(data: bytes) -> list[GnssFix]:
    """Return the fixes of payloads without a container: their own clock is unknown."""
    fixes: list[GnssFix] = []
    for device in iter_klv(data):
        body = build_klv(device.key, NESTED, 1, device.data)
        fixes += parse_payload(Payload(body, 0.0, 1.0))
    return [replace(fix, drive_s=None) for fix in fixes]


def build_gps5(fixes: Sequence[GnssFix]) -> bytes:
    """Return one GPMF payload holding `fixes` as GPS5, the inverse of `parse_payload`.

    UTC, DOP and lock are the first fix's: GPS5 has one of each a payload. Places are
    rounded to 1e-7 degrees, height and speed to a millimetre.
    """
    head = b""
    if fixes and fixes[0].epoch_s is not None:
        text = iso_utc(fixes[0].epoch_s)
        digits = "".join(c for c in text[2:19] if c.isdigit()) + text[19:23]
        head += build_klv(b"GPSU", b"U", 16, digits.encode())
    dop = 99.99 if not fixes or fixes[0].hdop is None else fixes[0].hdop
    lock = 0 if dop >= NO_LOCK_HDOP else 3
    head += build_klv(b"GPSF", b"L", 4, lock.to_bytes(4, "big"))
    head += build_klv(b"GPSP", b"S", 2, round(dop * 100).to_bytes(2, "big"))
    scales = (10**7, 10**7, 1000, 1000, 100)
    head += build_klv(b"SCAL", b"l", 4, b"".join(s.to_bytes(4, "big") for s in scales))
    rows = b"".join(_gps5_row(fix, scales) for fix in fixes)
    stream = build_klv(b"STRM", NESTED, 1, head + build_klv(b"GPS5", b"l", 20, rows))
    return build_klv(b"DEVC", NESTED, 1, stream)


def _gps5_row(fix: GnssFix, scales: Sequence[int]) -> bytes:
    speed = fix.speed_mps or 0.0
    values = (fix.lat, fix.lon, fix.alt_m or 0.0, speed, speed)
    return b"".join(
        round(v * s).to_bytes(4, "big", signed=True)
        for v, s in zip(values, scales, strict=True)
    )
