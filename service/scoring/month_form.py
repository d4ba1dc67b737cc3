"""The month's figures and ledger as a TOML file, and the sheet that comes of it.

Numbers are read as exact decimals. A sheet carries a fingerprint of all that it was
worked out from; `locked_months.py` keeps it.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from service.scoring.month import LedgerRow, Sheet, UnitMonth, is_day
from vision.errors import FormError, NotFoundError

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_LEDGER = ("unit", "item", "count", "document", "date", "approver")


@dataclass(frozen=True, slots=True)
class MonthInput:
    """What a month is worked out from.

    Attributes:
        month: `YYYY-MM`.
        figures: unit -> part -> figure, or item -> figure.
        ledger: bonus and penalty.
    """

    month: str
    figures: Mapping[str, Mapping[str, Decimal | Mapping[str, Decimal]]]
    ledger: tuple[LedgerRow, ...]


def read_month(path: Path) -> MonthInput:
    """Read `month`, `[unit.NAME]` tables and `[[ledger]]` rows.

    Raises:
        NotFoundError: there is no such file.
        FormError: no TOML, no month, no unit, a figure that is no number, a row that
            lacks a field or is of another month.
    """
    if not path.is_file():
        msg = f"{path} is missing; it holds the month's figures, see docs/forms.md"
        raise NotFoundError(msg)
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} is not a TOML file: {error}"
        raise FormError(msg) from error
    month = raw.get("month")
    if not isinstance(month, str) or not _MONTH.fullmatch(month):
        msg = f"{path.name} needs a month like month = '2026-03', not {month!r}"
        raise FormError(msg)
    units = raw.get("unit")
    if not isinstance(units, dict) or not units:
        msg = f"{path.name} has no [unit.NAME] with figures"
        raise FormError(msg)
    return MonthInput(
        month=month,
        figures={unit: _figures(unit, given, path) for unit, given in units.items()},
        ledger=tuple(
            _row(row, month, f"{path.name}, ledger row {number}")
            for number, row in enumerate(raw.get("ledger", []), start=1)
        ),
    )


def _figures(
    unit: str, given: Any, path: Path
) -> dict[str, Decimal | Mapping[str, Decimal]]:
    if not isinstance(given, dict):
        msg = f"{path.name}, unit {unit}: needs figures by part"
        raise FormError(msg)
    out: dict[str, Decimal | Mapping[str, Decimal]] = {}
    for part, figure in given.items():
        where = f"{path.name}, unit {unit}, {part}"
        if isinstance(figure, dict):
            out[part] = {
                name: _decimal(one, f"{where}, {name}") for name, one in figure.items()
            }
        else:
            out[part] = _decimal(figure, where)
    return out


def _decimal(value: Any, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        msg = f"{where}: {value!r} is no number"
        raise FormError(msg)
    return Decimal(value)


def _row(row: Any, month: str, where: str) -> LedgerRow:
    if not isinstance(row, dict):
        msg = f"{where}: needs {', '.join(_LEDGER)}"
        raise FormError(msg)
    for field in row:
        if field not in _LEDGER:
            msg = f"{where}: nothing is called {field!r}"
            raise FormError(msg)
    values = {**row, "count": row.get("count", 1), "date": str(row.get("date", ""))}
    if isinstance(values["count"], bool) or not isinstance(values["count"], int):
        msg = f"{where}, count: {values['count']!r} is no whole number"
        raise FormError(msg)
    for field in _LEDGER:
        if field != "count" and not isinstance(values.get(field), str):
            msg = f"{where}: it has no {field}"
            raise FormError(msg)
    if is_day(values["date"]) and not values["date"].startswith(f"{month}-"):
        msg = f"{where}, date: {values['date']} does not lie in the month {month}"
        raise FormError(msg)
    return LedgerRow(**values)


def fingerprint(sheet: Sheet, given: MonthInput) -> str:
    """Return what stands for all that a month was worked out from."""
    parts = [sheet.model_dump(mode="json"), given.month, given.figures]
    rows = (json.dumps(asdict(row), sort_keys=True) for row in given.ledger)
    parts.append(sorted(rows))
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def month_json(
    sheet: Sheet, given: MonthInput, months: Sequence[UnitMonth]
) -> dict[str, Any]:
    """Return a month's sheet as JSON; decimals are text, so that none is rounded."""
    return {
        "sheet": sheet.id,
        "source": sheet.source,
        "month": given.month,
        "fingerprint": fingerprint(sheet, given),
        "units": [_unit_json(month) for month in months],
    }


def year_json(
    sheet: Sheet, names: Sequence[str], year: Sequence[UnitMonth]
) -> dict[str, Any]:
    """Return the mean of some months as JSON, in the form of a month's units."""
    return {
        "sheet": sheet.id,
        "source": sheet.source,
        "months": sorted(names),
        "units": [_unit_json(unit) for unit in year],
    }


def _unit_json(month: UnitMonth) -> dict[str, Any]:
    return {
        "unit": month.unit,
        "rank": month.rank,
        "grade": month.grade,
        "value": str(month.value),
        "before": str(month.before),
        "bonus": str(month.bonus),
        "penalty": str(month.penalty),
        "parts": {part: str(figure) for part, figure in month.parts.items()},
    }
