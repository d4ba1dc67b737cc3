"""`coverage.json`: what was seen of each zone, a list of pieces."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from service.scoring.form import checked, read_json, rows_of, write_json
from service.types import CoveragePiece, PieceStatus
from vision.types import ZONES, Side

_LENGTH_DIGITS = 3


class _Piece(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    segment_id: Annotated[str, Field(min_length=1)]
    zone: str
    side: Side
    from_m: float = Field(ge=0)
    to_m: float
    status: PieceStatus
    reason: str | None = None

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if self.zone not in ZONES:
            msg = f"zone must be one of {', '.join(ZONES)}, got {self.zone!r}"
            raise ValueError(msg)
        if self.to_m <= self.from_m:
            msg = f"to_m must exceed from_m, got {self.from_m:g} to {self.to_m:g}"
            raise ValueError(msg)
        return self

    def noun(self) -> CoveragePiece:
        return CoveragePiece(**self.model_dump())


_PIECE = TypeAdapter(_Piece)


def coverage_rows(pieces: Iterable[CoveragePiece]) -> list[dict[str, Any]]:
    """Return coverage as JSON rows, in the order given; metres to the millimetre."""
    return [
        {
            "segment_id": piece.segment_id,
            "zone": piece.zone,
            "side": piece.side,
            "from_m": round(piece.from_m, _LENGTH_DIGITS),
            "to_m": round(piece.to_m, _LENGTH_DIGITS),
            "status": piece.status,
            "reason": piece.reason,
        }
        for piece in pieces
    ]


def write_coverage(path: Path, pieces: Iterable[CoveragePiece]) -> None:
    """Write `coverage.json`.

    Raises:
        OutputError: it cannot be written.
    """
    write_json(path, coverage_rows(pieces))


def read_coverage(path: Path) -> list[CoveragePiece]:
    """Read coverage; only `reason` may be left out.

    Raises:
        NotFoundError: there is no such file.
        FormError: names the row (counted from 1), the field and what is wrong.
    """
    rows = rows_of(read_json(path), what="coverage pieces", where=path.name)
    return [
        checked(_PIECE, row, where=f"{path.name}: row {number}").noun()
        for number, row in enumerate(rows, start=1)
    ]
