"""Days that do not count, and hours in which some rules do not, in the city's time."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
import numpy.typing as npt

from service.scoring.parts import AbnormalReason, Exempt
from vision.errors import FormError, NotFoundError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
REASONS: tuple[str, ...] = get_args(AbnormalReason)
ABNORMAL_DAYS: Final = "abnormal_days"
"""Kind of a layer that has days instead of places."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The city's days.

    Attributes:
        utc_offset_h: of its clocks.
        abnormal: day -> why passes of that day do not count: `rain`, `snow`, `works`,
            `festival`.
    """

    utc_offset_h: float = 8.0
    abnormal: Mapping[date, str] = field(default_factory=dict)

    def local(self, at_s: float) -> datetime:
        """Return the city's clock at a time."""
        return datetime.fromtimestamp(at_s, UTC) + timedelta(hours=self.utc_offset_h)

    def excluded(self, at_s: float) -> str | None:
        """Return why a pass at a time does not count; None if it does."""
        return self.abnormal.get(self.local(at_s).date())

    def is_exempt(self, at_s: float, exempt: Exempt) -> bool:
        """Say if a time lies in the hours of an exemption; they may span midnight."""
        now = self.local(at_s)
        minute = now.hour * 60 + now.minute
        begin, end = _minutes(exempt.begin), _minutes(exempt.end)
        if begin <= end:
            return begin <= minute < end
        return minute >= begin or minute < end

    def are_exempt(self, at_s: FloatArray, exempt: Exempt) -> BoolArray:
        """Say of many times if they lie in the hours of an exemption."""
        local_s = np.asarray(at_s, np.float64) + 3600 * self.utc_offset_h
        minute = np.floor(local_s / 60) % (24 * 60)
        begin, end = _minutes(exempt.begin), _minutes(exempt.end)
        if begin <= end:
            return (begin <= minute) & (minute < end)
        return (minute >= begin) | (minute < end)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def read_abnormal_days(path: Path) -> dict[date, str]:
    """Read `[[day]]` tables with `date` and `reason`.

    Raises:
        NotFoundError: there is no such file.
        FormError: no TOML, no days (`day = []` says that there are none), a reason that
            is none, a day twice.
    """
    if not path.is_file():
        msg = f"{path} is missing; it lists the days that do not count"
        raise NotFoundError(msg)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} is not a TOML file: {error}"
        raise FormError(msg) from error
    rows = table.get("day")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        msg = f"{path.name} has no [[day]] with a date and a reason; write one a day"
        raise FormError(msg)
    days: dict[date, str] = {}
    for number, row in enumerate(rows, start=1):
        where = f"{path.name}, day {number}"
        day = row.get("date")
        if not isinstance(day, date) or isinstance(day, datetime):
            msg = f"{where} needs a date like 2026-03-14, not {day!r}"
            raise FormError(msg)
        if row.get("reason") not in REASONS:
            msg = f"{where}: the reason is one of {', '.join(REASONS)}"
            raise FormError(msg)
        if day in days:
            msg = f"{where}: {day} is there twice"
            raise FormError(msg)
        days[day] = row["reason"]
    return days


def day_rows(days: Mapping[date, str]) -> list[dict[str, str]]:
    """Return days as a store keeps them, oldest first."""
    return [{"date": day.isoformat(), "reason": days[day]} for day in sorted(days)]


def days_of_rows(rows: Iterable[Mapping[str, Any]]) -> dict[date, str]:
    """Return days from the rows that a store keeps."""
    return {date.fromisoformat(row["date"]): row["reason"] for row in rows}
