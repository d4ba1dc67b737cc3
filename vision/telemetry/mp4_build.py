"""Write the smallest MP4 that holds one telemetry track: the inverse of `mp4`."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from vision.telemetry.mp4 import Payload

_SCALE = 1000


def build_box(kind: bytes, payload: bytes) -> bytes:
    """Return one box."""
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def build_mp4(payloads: Sequence[Payload], *, entry: bytes) -> bytes:
    """Return an MP4 file whose only track holds `payloads` under sample entry `entry`.

    Durations are rounded to a millisecond; starts follow from them, from zero.
    """
    ftyp = build_box(b"ftyp", b"isom\0\0\2\0isom")
    data = b"".join(p.data for p in payloads)
    mdat = build_box(b"mdat", data)
    lengths = [round(p.duration_s * _SCALE) for p in payloads]
    stbl = b"".join(
        (
            _full(b"stsd", _u32(1) + build_box(entry, bytes(6) + b"\0\1")),
            _full(b"stts", _u32(len(lengths), *(n for d in lengths for n in (1, d)))),
            _full(b"stsc", _u32(1, 1, len(payloads), 1)),
            _full(b"stsz", _u32(0, len(payloads), *(len(p.data) for p in payloads))),
            _full(b"stco", _u32(1, len(ftyp) + 8)),
        )
    )
    timing = _u32(0, 0, _SCALE, sum(lengths))
    mdia = _full(b"mdhd", timing + bytes(4)) + build_box(
        b"minf", build_box(b"stbl", stbl)
    )
    trak = build_box(b"trak", build_box(b"mdia", mdia))
    return ftyp + mdat + build_box(b"moov", _full(b"mvhd", timing + bytes(80)) + trak)


def _full(kind: bytes, payload: bytes) -> bytes:
    """Return a box with version and flags zero."""
    return build_box(kind, bytes(4) + payload)


def _u32(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)
