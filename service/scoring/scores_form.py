"""`scores.json`: every score whole, with what people are shown beside the value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from service.scoring.form import checked, read_json, rows_of, write_json
from service.types import Score

_SCORE = TypeAdapter(Score)


def score_rows(scores: Iterable[Score]) -> list[dict[str, Any]]:
    """Return scores as JSON rows: every field of `Score`, in the order given."""
    return [_listed(asdict(score)) for score in scores]


def _listed(value: Any) -> Any:
    """Return nested tuples as lists, as JSON will have them."""
    if isinstance(value, dict):
        return {key: _listed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_listed(inner) for inner in value]
    return value


def write_scores(path: Path, scores: Iterable[Score]) -> None:
    """Write `scores.json`.

    Raises:
        OutputError: it cannot be written.
    """
    write_json(path, score_rows(scores))


def read_scores(path: Path) -> list[Score]:
    """Read scores.

    Raises:
        NotFoundError: there is no such file.
        FormError: names the row (counted from 1), the field and what is wrong.
    """
    rows = rows_of(read_json(path), what="scores", where=path.name)
    return [
        checked(_SCORE, row, where=f"{path.name}: row {number}")
        for number, row in enumerate(rows, start=1)
    ]
