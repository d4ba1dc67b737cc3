"""Monthly sheets: what units came to in a month, with ranks, locked or not yet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from service.api.asked import TheStore
from service.api.fields import Name, utc
from service.api.paging import NOT_MODIFIED, TAGGED, Page, ThePage, cut
from service.api.problems import REFUSALS
from service.api.within import TheDistrict
from service.told import KeptMonth
from vision.errors import NotFoundError

MONTHS = "months"
_MOST = 100
"""More sheets than a city has of one month."""
_MONTH = "^[0-9]{4}-(0[1-9]|1[0-2])$"

router = APIRouter(prefix="/months", tags=["月度成绩 months"], responses=REFUSALS)


class MonthHead(BaseModel):
    """Which month, under which sheet."""

    month: str = Field(description="月份 month, YYYY-MM")
    sheet: str = Field(description="月度考核表 sheet, name@version")
    source: str = Field(description="依据文件 document that the sheet follows")
    locked: bool = Field(
        description="已锁定，不再改动 locked: it will not change any more"
    )
    kept_at: datetime = Field(description="存入时刻 when it was kept, RFC 3339")
    fingerprint: str = Field(
        description="全部依据的校验 SHA-256 of all it was worked out from"
    )


class MonthBrief(MonthHead):
    """One month under one sheet."""

    units: int = Field(description="单位数（所见范围）units, of those the key sees")


class UnitMonthOut(BaseModel):
    """What one unit came to; decimals are text, so that none is rounded."""

    unit: str = Field(description="单位 name")
    rank: int = Field(ge=1, description="名次（全市）rank among all units of the city")
    grade: str = Field(description="等级 grade")
    value: str = Field(description="成绩 value, after bonus and penalty")
    before: str = Field(description="加减分前 value before bonus and penalty")
    bonus: str = Field(description="加分 points gained")
    penalty: str = Field(description="减分 points lost")
    parts: dict[str, str] = Field(description="各项得分 part of the sheet -> figure")


class MonthOut(MonthHead):
    """One month's sheet whole."""

    items: list[UnitMonthOut] = Field(description="各单位 units, by rank")


@router.get(
    "",
    summary="月度成绩列表 months by the page",
    dependencies=[TAGGED],
    responses={**NOT_MODIFIED},
)
def months(wanted: ThePage, store: TheStore, district: TheDistrict) -> Page[MonthBrief]:
    """Return the months that were kept (`liujing month --into`), the newest first.

    A district is told of the months in which a unit has its name.
    """
    found = store.months(
        unit=district, after=wanted.after(MONTHS, str, str), limit=wanted.limit + 1
    )
    page, cursor = cut(MONTHS, found, wanted, lambda one: (one.month, one.sheet_id))
    items = [MonthBrief(**_head(one), units=len(one.units)) for one in page]
    return Page(items=items, next=cursor)


@router.get(
    "/{month}",
    summary="一个月的成绩 one month's sheet",
    dependencies=[TAGGED],
    responses={**NOT_MODIFIED},
)
def one_month(
    month: Annotated[
        str, Path(pattern=_MONTH, description="月份 month, YYYY-MM", max_length=7)
    ],
    store: TheStore,
    district: TheDistrict,
    sheet: Annotated[
        Name | None,
        Query(
            description="月度考核表，省略则为最后存入的 sheet, name@version; the one "
            "kept last if left out"
        ),
    ] = None,
) -> MonthOut:
    """Return what every unit came to; of a district, its own alone."""
    found = [
        one
        for one in store.months(unit=district, month=month, limit=_MOST)
        if sheet in (None, one.sheet_id)
    ]
    if not found:
        under = "" if sheet is None else f" under {sheet}"
        msg = f"no sheet of {month}{under} is kept; see /months"
        raise NotFoundError(msg)
    one = max(found, key=lambda kept: kept.known_s)
    return MonthOut(**_head(one), items=[UnitMonthOut(**unit) for unit in one.units])


def _head(one: KeptMonth) -> dict[str, Any]:
    return {
        "month": one.month,
        "sheet": one.sheet_id,
        "source": one.source,
        "locked": one.locked,
        "kept_at": utc(one.known_s),
        "fingerprint": one.fingerprint,
    }
