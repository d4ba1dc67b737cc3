"""Grids, districts, the city: what their streets come to, weighted by length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from service.api.asked import TheStore
from service.api.paging import NOT_MODIFIED, TAGGED
from service.api.problems import REFUSALS
from service.api.standards import standard_of
from service.api.within import TheDistrict, TheStandard
from service.scoring import Share, Standard, UnitScore, sum_up
from service.scoring.rollup import CITY, UNKNOWN
from service.store import StreetRow

Level = Literal["city", "district", "unit_grid", "responsible_unit"]
USUAL: tuple[Level, ...] = ("city", "district", "unit_grid")
Unit = tuple[Level, str, str | None]
"""Its level, its name, and the district it lies in where it is less than one."""

router = APIRouter(tags=["汇总 roll-ups"], responses=REFUSALS)


class UnitItem(BaseModel):
    """One unit of the city."""

    level: Level = Field(
        description="层级：全市、区、单元网格、责任单位 city, district, unit grid or "
        "responsible unit"
    )
    unit: str = Field(description="名称 name; 未划分 for streets without one")
    parent: str | None = Field(description="上一级 unit above; null of the city")
    value: float | None = Field(
        description="得分（按长度加权）mean weighted by length; null if none counts"
    )
    low: float | None = Field(description="区间下限 5th percentile of that mean")
    high: float | None = Field(description="区间上限 95th percentile, or the value")
    grade: str | None = Field(description="等级 grade")
    worst: float | None = Field(
        description="最差一成长度的得分 mean of the worst tenth of the length"
    )
    streets: int = Field(description="计入路段数 segments that count")
    left_out: int = Field(description="未计入路段数 segments that do not")
    length_m: float = Field(description="计入长度（米）metres that count")
    length_left_out_m: float = Field(description="未计入长度（米）metres that do not")
    red_lines: int = Field(description="已确认红线数 confirmed red lines")


class Rollups(BaseModel):
    """Units of the city under one standard, each after the one above it."""

    standard: str = Field(description="评分标准 standard, name@version")
    items: list[UnitItem] = Field(description="各单位 units")


@router.get(
    "/rollups",
    summary="网格、区、全市汇总 roll-ups",
    dependencies=[TAGGED],
    responses={**NOT_MODIFIED},
)
def rollups(
    store: TheStore,
    standard: TheStandard,
    district: TheDistrict,
    level: Annotated[
        Level | None,
        Query(description="只要这一层 only this level; city, districts, grids if not"),
    ] = None,
) -> Rollups:
    """Return what the newest scores of streets come to; the worst stays in sight.

    The city is left out where only a district is asked for or may be seen.
    """
    levels = USUAL if level is None else (level,)
    if district is not None:
        levels = tuple(one for one in levels if one != "city")
    members: dict[Unit, list[Share]] = {}
    for rows in store.street_rows(standard, district=district):
        for row in rows:
            share = _share(row)
            for unit in _units_of(row, levels):
                members.setdefault(unit, []).append(share)
    rules = standard_of(store, standard)
    return Rollups(standard=standard, items=list(_items(members, rules)))


def _share(row: StreetRow) -> Share:
    return Share(
        length_m=row.length_m,
        value=row.value,
        low=row.low,
        high=row.high,
        red_lines=int(row.red_lines),
        counts=row.status == "scored",
    )


def _units_of(row: StreetRow, levels: Iterable[Level]) -> Iterator[Unit]:
    district = row.district or UNKNOWN
    for level in levels:
        if level == "city":
            yield level, CITY, None
        elif level == "district":
            yield level, district, None
        else:
            yield level, getattr(row, level) or UNKNOWN, district


def _items(members: dict[Unit, list[Share]], standard: Standard) -> Iterator[UnitItem]:
    """Yield units so that each comes after the one above it, by name."""

    def place(unit: Unit) -> tuple[bool, str, bool, Level, str]:
        level, name, district = unit
        return level != "city", district or name, district is not None, level, name

    for unit in sorted(members, key=place):
        level, name, district = unit
        parent = None if level == "city" else district or CITY
        found: UnitScore = sum_up(
            members[unit], unit=name, parent=parent, standard=standard
        )
        yield UnitItem(level=level, **asdict(found))
