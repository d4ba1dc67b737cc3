"""On which line of a TOML file something is written, for messages to its author."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_HEADER = re.compile(r"\s*\[\[?\s*([\w.\"-]+?)\s*\]\]?\s*(#.*)?$")
_ID = re.compile(r"\s*id\s*=\s*[\"'](.*?)[\"']")
_PLACE = re.compile(
    r"(?P<kind>\w+)(?:,? (?!field )(?P<name>[^,:]+))?(?:, (?P<part>(?!field )\w+))?"
    r"(?:, field (?P<field>\w+))?"
)


def line_of(text: str, place: str) -> int | None:
    """Return the 1-based line of a place; None where it cannot be told.

    Args:
        text: of the file.
        place: as messages name it: `rule heap, field fallback`, `unit item, field
            cell_m`, `element`; the field's line, else that of the table.
    """
    found = _PLACE.match(place)
    if found is None:
        return None
    kind, name = found["kind"], found["name"]
    fields = [field for field in (found["field"], found["part"]) if field is not None]
    for header, own, first, rows in _tables(text):
        if not _is_table(header, own, kind, name):
            continue
        lines = (_line(rows, field) for field in fields)
        return first + next((n for n in lines if n is not None), 0)
    return _line(text.splitlines(), kind) if name is None else None


def _line(rows: Sequence[str], field: str) -> int | None:
    """Return the 1-based line on which a field is set."""
    is_set = re.compile(rf"\s*{field}\s*=")
    return next((n for n, row in enumerate(rows, 1) if is_set.match(row)), None)


def _is_table(header: str, own: str | None, kind: str, name: str | None) -> bool:
    if name is None:
        return header == kind
    return (header == kind and own == name) or header == f"{kind}.{name}"


def _tables(text: str) -> Iterator[tuple[str, str | None, int, list[str]]]:
    """Yield header, id, 1-based line and the rows below of every table."""
    rows = text.splitlines()
    starts = [n for n, row in enumerate(rows) if _HEADER.match(row)]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        header = _HEADER.match(rows[start])
        body = rows[start + 1 : end]
        ids = [found[1] for row in body if (found := _ID.match(row))]
        name = header[1].replace('"', "") if header else ""
        yield name, ids[0] if ids else None, start + 1, body
