"""Months that were locked: files that stay as they are, and say so when they do not.

A locked month carries the SHA-256 of all that stands in it, and that of the locked
month before it in its folder: who changes one must change all that follow.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from service.scoring.month import UnitMonth
from vision.errors import FormError, OutputError

_TEXTS = ("fingerprint", "month", "sheet")
_OWN = ("digest", "previous")
"""What a month gets when it is locked."""


def lock_month(path: Path, sheet: dict[str, Any]) -> bool:
    """Write a month's sheet for good; False if the same one was locked before.

    Args:
        path: of the file; other locked months lie in its folder.
        sheet: of `month_json`.

    Raises:
        FormError: another sheet was locked there, or one of its units was locked for
            this month in another file; they stay as they are.
        OutputError: it cannot be written.
    """
    if path.exists():
        locked = read_locked(path)
        if {k: v for k, v in locked.items() if k not in _OWN} != sheet:
            msg = (
                f"{path.name} was locked with other figures; a month is locked once, "
                "so it stays as it is"
            )
            raise FormError(msg)
        return False
    others = dict(_locked_in(path.parent))
    _refuse_twice(sheet, others)
    whole = {**sheet, "previous": _previous(sheet["month"], others.values())}
    whole["digest"] = digest_of(whole)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", "utf-8")
        part.replace(path)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        msg = f"cannot write {path} ({reason}); name a file you may write"
        raise OutputError(msg) from error
    return True


def digest_of(locked: Mapping[str, Any]) -> str:
    """Return the digest that a locked month must have.

    SHA-256 of the file's JSON without `digest`, its keys sorted, without spaces, UTF-8.
    """
    rest = {name: value for name, value in locked.items() if name != "digest"}
    said = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def read_locked(path: Path) -> dict[str, Any]:
    """Return a locked month.

    Raises:
        FormError: the file is no locked month, or was changed since it was locked.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path.name} is no locked month: it cannot be read as JSON"
        raise FormError(msg) from error
    for field in (*_TEXTS, "digest"):
        if not isinstance(read, dict) or not isinstance(read.get(field), str):
            msg = f"{path.name} is no locked month: it has no {field}"
            raise FormError(msg)
    if digest_of(read) != read["digest"]:
        msg = (
            f"{path.name} was changed after it was locked: its digest is of other "
            "figures; put back a copy of it"
        )
        raise FormError(msg)
    return dict(read)


def read_year(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Return locked months, in their order, each checked and against one another.

    Raises:
        FormError: see `read_locked`; a month is there twice; a month was locked after
            another one that is not the one given.
    """
    files = [(path.name, read_locked(path)) for path in paths]
    months = [month["month"] for _, month in files]
    for month in months:
        if months.count(month) > 1:
            msg = f"the month {month} is there twice"
            raise FormError(msg)
    given = {month["month"]: month["digest"] for _, month in files}
    for name, locked in files:
        before = locked.get("previous") or {}
        kept = given.get(before.get("month"))
        if kept is not None and kept != before.get("digest"):
            msg = (
                f"{name} was locked after another {before['month']} than the one "
                "given; put back the month that was locked"
            )
            raise FormError(msg)
    return sorted((month for _, month in files), key=lambda month: str(month["month"]))


def months_of_locked(read: Mapping[str, Any], where: str) -> list[UnitMonth]:
    """Return the units of a locked month.

    Raises:
        FormError: a field is missing or no number.
    """
    try:
        return [
            UnitMonth(
                unit=row["unit"],
                parts={part: Decimal(f) for part, f in row["parts"].items()},
                before=Decimal(row["before"]),
                bonus=Decimal(row["bonus"]),
                penalty=Decimal(row["penalty"]),
                value=Decimal(row["value"]),
                grade=row["grade"],
                rank=row["rank"],
            )
            for row in read["units"]
        ]
    except (KeyError, TypeError, ArithmeticError) as error:
        msg = f"{where} is no locked month: a unit's row is damaged"
        raise FormError(msg) from error


def _locked_in(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and content of the locked months in a folder, checked or not."""
    for path in sorted(folder.glob("*.json")):
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(read, dict) and all(isinstance(read.get(f), str) for f in _TEXTS):
            yield path.name, read


def _units_of(locked: Mapping[str, Any]) -> set[str]:
    rows = locked.get("units")
    if not isinstance(rows, list):
        return set()
    return {str(row.get("unit")) for row in rows if isinstance(row, dict)}


def _refuse_twice(sheet: Mapping[str, Any], others: Mapping[str, Any]) -> None:
    for name, other in others.items():
        both = _units_of(sheet) & _units_of(other)
        if other["month"] == sheet["month"] and both:
            msg = (
                f"{min(both)} was locked for {sheet['month']} in {name}; a month is "
                "locked once"
            )
            raise FormError(msg)


def _previous(month: str, others: Iterable[Mapping[str, Any]]) -> dict[str, str] | None:
    """Return the month and digest of the locked month before; None for the first."""
    before = [
        other
        for other in others
        if other["month"] < month and isinstance(other.get("digest"), str)
    ]
    if not before:
        return None
    last = max(before, key=lambda other: (str(other["month"]), str(other["digest"])))
    return {name: last[name] for name in ("month", "digest")}
