"""Fields of questions and answers that mean the same on every route."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from service.types import DAY_S

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern="^[^\\u0000]*$"),
]
"""What somebody asks for by name; databases refuse a zero byte."""

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)


def _strict(value: Any) -> Any:
    number = isinstance(value, int | float)
    if number or (isinstance(value, str) and not _RFC_3339.fullmatch(value)):
        msg = "must be a time like 2026-04-02T09:00:00Z (in an address, + is %2B)"
        raise ValueError(msg)
    return value


When = Annotated[datetime, BeforeValidator(_strict)]
"""A time that somebody asks for, RFC 3339 with its offset."""


class Span(BaseModel):
    """A stretch of time."""

    begin: datetime = Field(
        serialization_alias="from", description="起始（含）begin, included"
    )
    end: datetime = Field(
        serialization_alias="to", description="结束（不含）end, excluded"
    )


def utc(at_s: float) -> datetime:
    """Return a time as answers have it."""
    return datetime.fromtimestamp(at_s, UTC)


def span(from_s: float, to_s: float) -> Span:
    """Return a stretch of time as answers have it."""
    return Span(begin=utc(from_s), end=utc(to_s))


def city_day(midnight_s: float, utc_offset_h: float) -> date:
    """Return which day of the city begins at a time."""
    return utc(midnight_s + utc_offset_h * DAY_S / 24).date()
