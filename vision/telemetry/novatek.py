"""Read the GPS blocks that Novatek dash-cams (VIOFO, 2E, SilverStone, ...) interleave.

Source:
    Layout seen in real files (`freeGPS ` blocks; the older one has its clock 44 bytes
    in, the newer one 12), cross-checked with the anonymised fixtures.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vision.telemetry.base import Telemetry
from vision.telemetry.mp4 import (
    child,
    is_mp4,
    movie_duration_s,
    read_moov,
    top_boxes,
)
from vision.telemetry.nmea import MPS_PER_KNOT
from vision.telemetry.times import epoch_of_parts
from vision.types import GnssFix

_MARK = b"freeGPS "
_CLOCKS_AT = (44, 12)
_BLOCK_BYTES = 512


@dataclass(frozen=True, slots=True)
class _Block:
    """One block: its clock, and its place when the receiver had one."""

    epoch_s: float
    fix: tuple[float, float, float, float] | None


class NovatekReader:
    """One block a second; the camera's clock is often local time written as UTC."""

    name = "novatek"

    def accepts(self, path: Path) -> bool:
        """Say if the file is an MP4 or MOV."""
        return is_mp4(path)

    def read(self, path: Path) -> Telemetry | None:
        """Return the locked fixes; `drive_s` counts the blocks before each."""
        with path.open("rb") as stream:
            parsed = [_parse(data) for data in _blocks(stream)]
        blocks = [block for block in parsed if block is not None]
        step_s = _step_s(len(blocks), movie_duration_s(path))
        fixes = tuple(
            GnssFix(
                epoch_s=block.epoch_s,
                lon=block.fix[0],
                lat=block.fix[1],
                speed_mps=block.fix[2] * MPS_PER_KNOT,
                course_deg=block.fix[3] % 360.0,
                drive_s=i * step_s,
            )
            for i, block in enumerate(blocks)
            if block.fix is not None
        )
        if not fixes:
            return None
        return Telemetry(fixes=fixes, format=self.name, source=path.name)


def _step_s(blocks: int, duration_s: float | None) -> float:
    """Return the seconds between blocks: one, unless the movie's length says else."""
    if duration_s is None or blocks < 2:
        return 1.0
    step_s = duration_s / blocks
    return step_s if abs(step_s - 1.0) > 0.2 else 1.0


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield blocks from their `freeGPS ` mark on: by the index, else in file order."""
    moov = read_moov(stream) or b""
    index = child(moov, b"gps ")
    if index is not None and len(index) >= 8:
        pairs = struct.iter_unpack(">II", index[8 : 8 + (len(index) - 8) // 8 * 8])
        places = [at for at, _ in pairs if at]
    else:
        places = [box.start - 8 for box in top_boxes(stream) if box.kind == b"free"]
    for place in places:
        stream.seek(place)
        data = stream.read(_BLOCK_BYTES)
        mark = data.find(_MARK, 0, 24)
        if mark >= 0:
            yield data[mark:]


def _parse(block: bytes) -> _Block | None:
    for at in _CLOCKS_AT:
        if len(block) < at + 48:
            continue
        hour, minute, second, year, month, day = struct.unpack_from("<6I", block, at)
        if not (year < 100 and 1 <= month <= 12 and 1 <= day <= 31 and minute < 60):
            continue
        epoch_s = epoch_of_parts(
            (2000 + year, month, day), hour * 3600 + minute * 60 + second
        )
        if epoch_s is not None:
            return _Block(epoch_s, _place(block[at + 24 :]))
    return None


def _place(data: bytes) -> tuple[float, float, float, float] | None:
    """Return lon, lat, knots, course of an active record."""
    if data[:1] != b"A" or data[1:2] not in b"NS" or data[2:3] not in b"EW":
        return None
    lat, lon, knots, course = struct.unpack_from("<4f", data, 4)
    if not all(math.isfinite(v) for v in (lat, lon, knots, course)):
        return None
    lat_deg, lon_deg = _degrees(lat), _degrees(lon)
    return (
        -lon_deg if data[2:3] == b"W" else lon_deg,
        -lat_deg if data[1:2] == b"S" else lat_deg,
        knots,
        course,
    )


def _degrees(value: float) -> float:
    """Turn `dddmm.mmmm` into degrees."""
    degrees, minutes = divmod(abs(value), 100.0)
    return degrees + minutes / 60
