"""Just enough of MP4 and MOV to know that a recording ended, and when it was made.

Source: ISO/IEC 14496-12: boxes (4.2), `moov` (8.2.1), `mvhd` (8.2.2).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".3gp"})
_EPOCH_1904_S = 2_082_844_800
_EARLIEST_S = 1_262_304_000  # 2010: a clock before it was never set
_HEADER = 8
_MOST_BOXES = 1_000_000


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file says of itself.

    Attributes:
        whole: its boxes fill it exactly and its index is there.
        start_s: Unix seconds by the camera's clock; None if it does not say.
        duration_s: None if it does not say.
    """

    whole: bool
    start_s: float | None = None
    duration_s: float | None = None


def read_recording(path: Path) -> Recording:
    """Read the boxes of a file; what is no MP4 is not whole.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        moov: tuple[int, int] | None = None
        end = 0
        for kind, start, end in _boxes(file, 0, size):
            if kind == b"moov":
                moov = start, end
        if moov is None or end != size:
            return Recording(whole=False)
        for kind, start, stop in _boxes(file, *moov):
            if kind == b"mvhd":
                return _times(_at(file, start, min(stop - start, 32)))
    return Recording(whole=True)


def _boxes(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, begin of the content and end of each box that is wholly there."""
    for _ in range(_MOST_BOXES):
        head = _at(file, start, 2 * _HEADER)
        if start + _HEADER > stop or len(head) < _HEADER:
            return
        length, kind = struct.unpack(">I4s", head[:_HEADER])
        inside = start + _HEADER
        if length == 1 and len(head) == 2 * _HEADER:
            (length,) = struct.unpack(">Q", head[_HEADER:])
            inside += _HEADER
        elif length == 0:
            length = stop - start
        if length < inside - start or start + length > stop:
            return
        start += length
        yield kind, inside, start


def _at(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    return file.read(size)


def _times(mvhd: bytes) -> Recording:
    form = ">xxxxQQIQ" if mvhd[:1] == b"\1" else ">xxxxIIII"
    size = struct.calcsize(form)
    if len(mvhd) < size:
        return Recording(whole=True)
    made, _, scale, duration = struct.unpack(form, mvhd[:size])
    start_s = float(made - _EPOCH_1904_S)
    return Recording(
        whole=True,
        start_s=start_s if start_s > _EARLIEST_S else None,
        duration_s=duration / scale if scale else None,
    )
