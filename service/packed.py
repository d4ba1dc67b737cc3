"""What is read by the million, as bytes: the ground a pass saw, the course of a find.

The ground of one pass over one street is a flag for each strip (a zone on a side) and
then a bit for each metre of each strip. All numbers are little-endian.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from service.types import CoveragePiece, Step
from vision.types import ZONES

CELL_M = 1.0
SIDES = ("left", "right")
STRIPS = tuple((zone, side) for zone in ZONES for side in SIDES)
"""Order of the strips in the bytes."""
KNOWN, EXISTS, READABLE = 1, 2, 4
"""Flags of a strip: there is a piece of it, one that is not absent, one that a reader
could tell."""
NOT_READABLE = "zone_not_readable"

DAY_ROW = np.dtype(
    [
        ("day", "<i4"),
        ("status", "i1"),
        ("grade", "i1"),
        ("certain", "i1"),
        ("value", "<f8"),
        ("low", "<f4"),
        ("high", "<f4"),
        ("coverage", "<f4"),
    ]
)
"""One day of a street on which its score changed, see `service/scoring/days`."""
NOT_PASSED, INSUFFICIENT, STALE, SCORED = range(4)
"""Status of such a row."""

BytesArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]


def cells_of(length_m: float) -> int:
    """Return how many cells a street of this length has; the last may be cut."""
    return max(1, math.ceil(length_m / CELL_M - 1e-9))


def ground_bytes(pieces: Iterable[CoveragePiece], length_m: float) -> bytes:
    """Pack what one pass saw of one street.

    A cell is seen where a seen piece covers its middle.
    """
    cells = cells_of(length_m)
    starts = np.arange(cells) * CELL_M
    middle = (starts + np.minimum(starts + CELL_M, max(length_m, CELL_M))) / 2
    flags = np.zeros(len(STRIPS), np.uint8)
    seen = np.zeros((len(STRIPS), cells), np.bool_)
    number = {strip: n for n, strip in enumerate(STRIPS)}
    for piece in pieces:
        row = number[piece.zone, piece.side]
        flags[row] |= KNOWN
        if piece.status == "absent":
            continue
        flags[row] |= EXISTS
        if piece.status == "seen":
            seen[row] |= (middle > piece.from_m) & (middle < piece.to_m)
        if piece.status == "seen" or piece.reason != NOT_READABLE:
            flags[row] |= READABLE
    bits = np.packbits(seen, axis=1, bitorder="little")
    return flags.tobytes() + bits.tobytes()


def ground_width(length_m: float) -> int:
    """Return how many bytes one strip of a street has."""
    return (cells_of(length_m) + 7) // 8


def grounds(rows: Sequence[bytes], length_m: float) -> tuple[BytesArray, BytesArray]:
    """Unpack passes over one street.

    Returns:
        Flags `(P, STRIPS)` and bits `(P, STRIPS, width)`; a pass whose bytes are of
        another length (the street was drawn anew since) saw nothing.
    """
    width = ground_width(length_m)
    size = len(STRIPS) * (1 + width)
    nothing = bytes(size)
    joined = b"".join(row if len(row) == size else nothing for row in rows)
    whole = np.frombuffer(joined, np.uint8).reshape(-1, size)
    bits = whole[:, len(STRIPS) :].reshape(-1, len(STRIPS), width)
    return whole[:, : len(STRIPS)], bits


def step_bytes(steps: Iterable[Step]) -> bytes:
    """Pack the course of a find."""
    rows = [(s.at_s, s.probability, float(s.seen)) for s in steps]
    return np.array(rows, "<f8").tobytes()


def step_rows(packed: Sequence[bytes]) -> FloatArray:
    """Return the courses of many finds, one after the other.

    Returns:
        `(S, 3)`: Unix seconds, probability, 1 where it was seen.
    """
    rows = np.frombuffer(b"".join(packed), "<f8").reshape(-1, 3)
    return rows.astype(np.float64, copy=False)


def steps_of(packed: bytes) -> tuple[Step, ...]:
    """Return the course of one find."""
    return tuple(Step(at, p, bool(seen)) for at, p, seen in step_rows([packed]))
