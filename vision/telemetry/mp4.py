"""Walk the boxes of MP4/MOV files: just enough to reach telemetry, no decoder."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vision.errors import TelemetryError

_MAX_MOOV_BYTES = 256 * 2**20
_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its four-character kind and where its payload lies in the file."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Payload:
    """One sample of a track.

    Attributes:
        data: the sample's bytes.
        start_s: when it begins on the container's clock.
        duration_s: how long it lasts.
    """

    data: bytes
    start_s: float
    duration_s: float


def is_mp4(path: Path) -> bool:
    """Say if the file begins with a box that MP4 and MOV files begin with."""
    with path.open("rb") as stream:
        return stream.read(8)[4:] in _FIRST_BOXES


def top_boxes(stream: BinaryIO) -> Iterator[Box]:
    """Yield the outermost boxes; a truncated last one is cut at the file's end."""
    stream.seek(0, 2)
    size = stream.tell()
    position = 0
    while position + 8 <= size:
        stream.seek(position)
        box = _header(stream.read(16), position, size)
        if box is None:
            return
        yield box
        position = box.end


def inner_boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes that lie side by side in `data[start:end]`."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        box = _header(data[start : start + 16], start, end)
        if box is None:
            return
        yield box
        start = box.end


def child(data: bytes, *kinds: bytes) -> bytes | None:
    """Return the payload of the first box reached by going down `kinds`."""
    for kind in kinds:
        found = next((b for b in inner_boxes(data) if b.kind == kind), None)
        if found is None:
            return None
        data = data[found.start : found.end]
    return data


def read_moov(stream: BinaryIO) -> bytes | None:
    """Return the payload of the `moov` box; None when the file has none."""
    for box in top_boxes(stream):
        if box.kind == b"moov" and box.end - box.start <= _MAX_MOOV_BYTES:
            stream.seek(box.start)
            return stream.read(box.end - box.start)
    return None


def movie_duration_s(path: Path) -> float | None:
    """Return the length of the movie as its header says; None if it does not."""
    if not is_mp4(path):
        return None
    with path.open("rb") as stream:
        moov = read_moov(stream)
    header = None if moov is None else child(moov, b"mvhd")
    if header is None:
        return None
    scale, units = _timing(header)
    return units / scale if scale and units else None


def track_payloads(path: Path, *, entry: bytes) -> list[Payload]:
    """Return the samples of the first track whose sample entry is `entry`.

    Args:
        path: an MP4 or MOV file.
        entry: four characters, e.g. `b"gpmd"`.

    Returns:
        Samples in time order, empty when there is no such track. Samples that lie
        beyond the end of a truncated file are left out.

    Raises:
        TelemetryError: the track's tables are damaged.
    """
    with path.open("rb") as stream:
        moov = read_moov(stream)
        for box in inner_boxes(moov or b""):
            trak = (moov or b"")[box.start : box.end]
            if box.kind == b"trak" and _entry(trak) == entry:
                return _samples(stream, trak, path.name)
    return []


def _header(head: bytes, position: int, limit: int) -> Box | None:
    if len(head) < 8:
        return None
    size, kind = struct.unpack_from(">I4s", head)
    start = position + 8
    if size == 1 and len(head) == 16:
        size = struct.unpack_from(">Q", head, 8)[0]
        start = position + 16
    if size == 0:
        size = limit - position
    if size < start - position:
        return None
    return Box(kind, start, min(position + size, limit))


def _entry(trak: bytes) -> bytes | None:
    table = child(trak, b"mdia", b"minf", b"stbl", b"stsd")
    return None if table is None else table[12:16]


def _timing(header: bytes) -> tuple[int, int]:
    """Return timescale and duration of an `mvhd` or `mdhd` box."""
    form, at = (">IQ", 20) if header[:1] == b"\x01" else (">II", 12)
    if len(header) < at + struct.calcsize(form):
        return 0, 0
    scale, units = struct.unpack_from(form, header, at)
    return scale, units


def _samples(stream: BinaryIO, trak: bytes, name: str) -> list[Payload]:
    table = child(trak, b"mdia", b"minf", b"stbl") or b""
    scale, _ = _timing(child(trak, b"mdia", b"mdhd") or b"")
    try:
        sizes = _sizes(child(table, b"stsz") or b"")
        offsets = _offsets(table, sizes)
        times = _times(child(table, b"stts") or b"")
    except (struct.error, IndexError) as error:
        msg = f"The telemetry track of {name} is damaged; copy the file again."
        raise TelemetryError(msg) from error
    if scale == 0 or len(times) < len(sizes):
        msg = f"The telemetry track of {name} has no times; copy the file again."
        raise TelemetryError(msg)
    payloads: list[Payload] = []
    for offset, size, (start, length) in zip(offsets, sizes, times, strict=False):
        stream.seek(offset)
        data = stream.read(size)
        if len(data) == size:
            payloads.append(Payload(data, start / scale, length / scale))
    return payloads


def _numbers(data: bytes, at: int, count: int) -> tuple[int, ...]:
    return struct.unpack_from(f">{count}I", data, at)


def _sizes(stsz: bytes) -> list[int]:
    common, count = struct.unpack_from(">II", stsz, 4)
    return [common] * count if common else list(_numbers(stsz, 12, count))


def _times(stts: bytes) -> list[tuple[int, int]]:
    (rows,) = struct.unpack_from(">I", stts, 4)
    flat = _numbers(stts, 8, 2 * rows)
    times: list[tuple[int, int]] = []
    now = 0
    for count, delta in zip(flat[::2], flat[1::2], strict=True):
        times += [(now + i * delta, delta) for i in range(count)]
        now += count * delta
    return times


def _offsets(table: bytes, sizes: list[int]) -> list[int]:
    stsc = child(table, b"stsc") or b""
    chunks = _chunk_offsets(table)
    (rows,) = struct.unpack_from(">I", stsc, 4)
    runs = _numbers(stsc, 8, 3 * rows)
    firsts, counts = runs[::3], runs[1::3]
    offsets: list[int] = []
    for number, position in enumerate(chunks, start=1):
        run = max(i for i, first in enumerate(firsts) if first <= number)
        for _ in range(counts[run]):
            if len(offsets) == len(sizes):
                return offsets
            offsets.append(position)
            position += sizes[len(offsets) - 1]  # noqa: PLW2901 - walks the chunk
    return offsets


def _chunk_offsets(table: bytes) -> tuple[int, ...]:
    narrow = child(table, b"stco")
    if narrow is not None:
        return _numbers(narrow, 8, struct.unpack_from(">I", narrow, 4)[0])
    wide = child(table, b"co64") or b""
    (count,) = struct.unpack_from(">I", wide, 4)
    return struct.unpack_from(f">{count}Q", wide, 8)
