"""The monthly sheet: weighted parts, bonus and penalty, rank, year; exact decimals.

What the city's document says, and what it leaves open, is data (`sheets/NAME@V.toml`).
Our own scores may be shown beside the centre's figures and are never written over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from service.scoring.parts import Part, Text
from vision.errors import FormError

ROUNDING = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}
ONE = Decimal(1)
FULL = Decimal(100)


class SheetPart(Part):
    """One part of the month's value.

    Attributes:
        weight: share of the value; all together are 1.
        items: names of what the part is the mean of; empty for a figure of its own.
    """

    id: Text
    zh: Text
    weight: Decimal = Field(gt=0, le=1)
    items: tuple[Text, ...] = ()


class SheetItem(Part):
    """One kind of bonus (points > 0) or penalty (points < 0).

    Attributes:
        monthly_cap: most points of this kind in one month; None for no cap.
    """

    id: Text
    zh: Text
    points: Decimal
    monthly_cap: Decimal | None = None


class SheetGrade(Part):
    """A grade from a value on."""

    id: Text
    floor: Decimal


class SheetGaps(Part):
    """What the document leaves open, as settings."""

    special_weights: Literal["equal"] | dict[str, Decimal]
    year_mean_of: Literal["after_bonus", "before_bonus"]
    clamp_shown: bool
    digits: int = Field(ge=0, le=6)
    rounding: Literal["half_up", "half_even"]


class Sheet(Part):
    """A whole monthly sheet, frozen."""

    name: Text
    version: int = Field(ge=1)
    title_zh: Text
    source: Text
    parts: tuple[SheetPart, ...] = Field(alias="part", min_length=1)
    items: tuple[SheetItem, ...] = Field(alias="item", default=())
    grades: tuple[SheetGrade, ...] = Field(alias="grade", min_length=1)
    gaps: SheetGaps

    @property
    def id(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    @model_validator(mode="after")
    def _agree(self) -> Self:
        total = sum((part.weight for part in self.parts), Decimal(0))
        if total != ONE:
            msg = f"part: the weights sum to {total}, not 1"
            raise ValueError(msg)
        floors = [grade.floor for grade in self.grades]
        if floors != sorted(set(floors), reverse=True):
            msg = "grade, field floor: must fall from the best grade to the worst"
            raise ValueError(msg)
        for what, ids in (
            ("part", [part.id for part in self.parts]),
            ("item", [item.id for item in self.items]),
        ):
            twice = {name for name in ids if ids.count(name) > 1}
            if twice:
                msg = f"{what} {min(twice)}: this id is there twice"
                raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One bonus or penalty of one unit.

    Attributes:
        item: id in the sheet.
        count: how many of them.
        document: number of the paper that says so.
        date: `YYYY-MM-DD`.
        approver: who signed.
    """

    unit: str
    item: str
    count: int
    document: str
    date: str
    approver: str


@dataclass(frozen=True, slots=True)
class UnitMonth:
    """One unit's month.

    Attributes:
        parts: id -> figure of the part.
        before: weighted sum, before bonus and penalty.
        bonus: points added, >= 0, after caps.
        penalty: points taken, >= 0.
        value: `before + bonus - penalty`, rounded as the sheet says.
        grade: of the value.
        rank: 1 is the best; equal values share a rank.
    """

    unit: str
    parts: Mapping[str, Decimal]
    before: Decimal
    bonus: Decimal
    penalty: Decimal
    value: Decimal
    grade: str
    rank: int


def month_of(
    sheet: Sheet,
    figures: Mapping[str, Mapping[str, Decimal | Mapping[str, Decimal]]],
    ledger: Iterable[LedgerRow] = (),
) -> list[UnitMonth]:
    """Work a month out, best unit first.

    Args:
        sheet: the document as data.
        figures: unit -> part -> figure, or item -> figure where a part has items.
        ledger: bonus and penalty of the month.

    Raises:
        FormError: a figure is missing, unknown or not from 0 to 100; a ledger row of an
            unknown unit or item, without document number, date or signature, or of less
            than one.
    """
    rows = list(ledger)
    for number, row in enumerate(rows, start=1):
        _check_row(row, number, sheet, figures)
    worked = []
    for unit, given in figures.items():
        parts = {part.id: _figure(unit, part, given, sheet) for part in sheet.parts}
        _refuse_unknown(unit, given, sheet)
        before = sum((p.weight * parts[p.id] for p in sheet.parts), Decimal(0))
        bonus, penalty = _ledger_points([r for r in rows if r.unit == unit], sheet)
        worked.append((unit, parts, before, bonus, penalty))
    values = {
        unit: rounded(before + bonus - penalty, sheet)
        for unit, _, before, bonus, penalty in worked
    }
    ranks = _ranks(values)
    months = [
        UnitMonth(
            unit=unit,
            parts=parts,
            before=rounded(before, sheet),
            bonus=bonus,
            penalty=penalty,
            value=values[unit],
            grade=_grade(values[unit], sheet),
            rank=ranks[unit],
        )
        for unit, parts, before, bonus, penalty in worked
    ]
    return sorted(months, key=lambda month: (month.rank, month.unit))


def year_of(sheet: Sheet, months: Iterable[Sequence[UnitMonth]]) -> list[UnitMonth]:
    """Return the year's sheet: every figure the mean of the unit's months.

    Raises:
        FormError: no month, or a unit that is not in all of them.
    """
    given = [{month.unit: month for month in one} for one in months]
    if not given:
        msg = "a year needs at least one month"
        raise FormError(msg)
    units = set().union(*given)
    for number, one in enumerate(given, start=1):
        lacking = units - set(one)
        if lacking:
            msg = f"month {number} of the year lacks {min(lacking)}"
            raise FormError(msg)
    count = Decimal(len(given))
    values, rest = {}, {}
    for unit in units:
        own = [one[unit] for one in given]
        before = sum((m.before for m in own), Decimal(0)) / count
        bonus = sum((m.bonus for m in own), Decimal(0)) / count
        penalty = sum((m.penalty for m in own), Decimal(0)) / count
        after = sum((m.value for m in own), Decimal(0)) / count
        chosen = after if sheet.gaps.year_mean_of == "after_bonus" else before
        values[unit] = rounded(chosen, sheet)
        parts = {
            part.id: rounded(
                sum((m.parts[part.id] for m in own), Decimal(0)) / count, sheet
            )
            for part in sheet.parts
        }
        rest[unit] = (parts, before, bonus, penalty)
    ranks = _ranks(values)
    year = [
        UnitMonth(
            unit=unit,
            parts=parts,
            before=rounded(before, sheet),
            bonus=rounded(bonus, sheet),
            penalty=rounded(penalty, sheet),
            value=values[unit],
            grade=_grade(values[unit], sheet),
            rank=ranks[unit],
        )
        for unit, (parts, before, bonus, penalty) in rest.items()
    ]
    return sorted(year, key=lambda month: (month.rank, month.unit))


def rounded(value: Decimal, sheet: Sheet) -> Decimal:
    """Cut a value to the sheet's digits."""
    step = ONE.scaleb(-sheet.gaps.digits)
    return value.quantize(step, rounding=ROUNDING[sheet.gaps.rounding])


def shown_month(value: Decimal, sheet: Sheet) -> Decimal:
    """Return what people are shown: from 0 to 100 where the sheet says so."""
    if not sheet.gaps.clamp_shown:
        return value
    return min(FULL, max(Decimal(0), value))


def _figure(
    unit: str,
    part: SheetPart,
    given: Mapping[str, Decimal | Mapping[str, Decimal]],
    sheet: Sheet,
) -> Decimal:
    if part.id not in given:
        msg = f"{unit} has no figure for {part.id} ({part.zh})"
        raise FormError(msg)
    figure = given[part.id]
    if not isinstance(figure, Mapping):
        return _checked(figure, f"{unit}, {part.id}")
    if not part.items:
        msg = f"{unit}, {part.id}: one figure, not several"
        raise FormError(msg)
    for name in figure:
        if name not in part.items:
            msg = f"{unit}, {part.id}: the sheet has no {name}"
            raise FormError(msg)
    lacking = [name for name in part.items if name not in figure]
    if lacking:
        msg = f"{unit}, {part.id}: no figure for {lacking[0]}"
        raise FormError(msg)
    weights = sheet.gaps.special_weights
    shares = {
        name: ONE if isinstance(weights, str) else weights.get(name, Decimal(0))
        for name in part.items
    }
    total = sum(shares.values(), Decimal(0))
    if total <= 0:
        msg = f"the sheet's special_weights give nothing to the items of {part.id}"
        raise FormError(msg)
    checked = {n: _checked(f, f"{unit}, {part.id}, {n}") for n, f in figure.items()}
    return sum((shares[n] * checked[n] for n in part.items), Decimal(0)) / total


def _checked(figure: Decimal, where: str) -> Decimal:
    if not figure.is_finite() or not 0 <= figure <= FULL:
        msg = f"{where}: {figure} is not from 0 to 100"
        raise FormError(msg)
    return figure


def _refuse_unknown(unit: str, given: Iterable[str], sheet: Sheet) -> None:
    known = {part.id for part in sheet.parts}
    for name in given:
        if name not in known:
            msg = f"{unit}: the sheet {sheet.id} has no part {name}"
            raise FormError(msg)


def _check_row(
    row: LedgerRow, number: int, sheet: Sheet, figures: Mapping[str, object]
) -> None:
    where = f"ledger row {number}"
    if row.unit not in figures:
        msg = f"{where}: no unit is called {row.unit!r} this month"
        raise FormError(msg)
    if row.item not in {item.id for item in sheet.items}:
        msg = f"{where}: the sheet {sheet.id} has no item {row.item!r}"
        raise FormError(msg)
    if row.count < 1:
        msg = f"{where}: {row.count} of {row.item} is not at least 1"
        raise FormError(msg)
    for field in ("document", "date", "approver"):
        if not getattr(row, field).strip():
            msg = f"{where}: it has no {field}; points need a paper, a day and a name"
            raise FormError(msg)
    if not is_day(row.date):
        msg = f"{where}: {row.date!r} is no day; write it like 2026-03-12"
        raise FormError(msg)


def is_day(text: str) -> bool:
    """Say if a text is a day that there was, `YYYY-MM-DD`."""
    try:
        return f"{datetime.strptime(text, '%Y-%m-%d'):%Y-%m-%d}" == text  # noqa: DTZ007
    except ValueError:
        return False


def _ledger_points(rows: Sequence[LedgerRow], sheet: Sheet) -> tuple[Decimal, Decimal]:
    bonus = penalty = Decimal(0)
    for item in sheet.items:
        count = sum(row.count for row in rows if row.item == item.id)
        points = item.points * count
        if item.monthly_cap is not None:
            points = max(-item.monthly_cap, min(item.monthly_cap, points))
        bonus += max(points, Decimal(0))
        penalty -= min(points, Decimal(0))
    return bonus, penalty


def _grade(value: Decimal, sheet: Sheet) -> str:
    for grade in sheet.grades:
        if value >= grade.floor:
            return grade.id
    return sheet.grades[-1].id


def _ranks(values: Mapping[str, Decimal]) -> dict[str, int]:
    return {
        unit: 1 + sum(other > value for other in values.values())
        for unit, value in values.items()
    }
