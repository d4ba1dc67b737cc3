"""Streets: where they are, what they are worth, how that came about and went."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from service.api.asked import TheSettings, TheStore
from service.api.fields import Span, When, city_day, span, utc
from service.api.paging import (
    NOT_MODIFIED,
    TAGGED,
    Page,
    ThePage,
    cut,
    tag_of,
    unless_known,
)
from service.api.problems import REFUSALS
from service.api.score_forms import (
    ScoreBrief,
    SegmentScore,
    Status,
    brief_of,
    whole_of,
)
from service.api.standards import standard_of
from service.api.within import TheDistrict, TheSegment, TheStandard
from service.packed import DAY_ROW, INSUFFICIENT, NOT_PASSED, SCORED, STALE
from service.store import DaysRow
from service.types import DAY_S, Segment
from vision.errors import NotFoundError

SEGMENTS, HISTORY = "segments", "history"
DAY_STATUS: dict[int, Status] = {
    NOT_PASSED: "not_passed",
    INSUFFICIENT: "insufficient",
    STALE: "stale",
    SCORED: "scored",
}

router = APIRouter(prefix="/segments", tags=["路段 segments"], responses=REFUSALS)


class LineString(BaseModel):
    """A line, GeoJSON."""

    type: Literal["LineString"] = Field(
        default="LineString", description="几何类型 kind of geometry"
    )
    coordinates: list[list[float]] = Field(
        description="经纬度（WGS-84）longitude and latitude, degrees"
    )


class SegmentItem(BaseModel):
    """A piece of road between junctions: what a score belongs to."""

    id: str = Field(description="路段编号 id")
    name: str | None = Field(description="路名 name of the street")
    road_class: str = Field(description="道路等级 road class: 1-4 or alley")
    length_m: float = Field(description="长度（米）length, metres")
    width_m: float | None = Field(description="车行道宽（米）carriageway width, metres")
    oneway: bool = Field(description="单行 traffic only in the drawing direction")
    district: str | None = Field(description="区 district")
    unit_grid: str | None = Field(description="单元网格 unit grid")
    responsible_unit: str | None = Field(description="责任单位 responsible unit")
    absent_zones: list[str] = Field(description="没有的部位 zones it does not have")
    assumed: bool = Field(
        description="无路网，按行驶轨迹画出 laid along a drive, no road file was given"
    )
    geometry: LineString = Field(description="中心线 its line")


class DayScore(BaseModel):
    """A score from one day on, until the next row."""

    day: date = Field(description="起始日（当地）first day it holds, the city's clock")
    status: Status = Field(description="状态 status, as of a score")
    value: float | None = Field(description="得分 score, 0-100")
    low: float | None = Field(description="区间下限 5th percentile")
    high: float | None = Field(description="区间上限 95th percentile, or the value")
    grade: str | None = Field(description="等级 grade")
    grade_certain: bool | None = Field(description="等级是否确定 grade is certain")
    coverage: float = Field(description="看清比例 seen fraction, 0-1")


class SegmentDays(BaseModel):
    """How a segment's score went, day by day: a row where it changed."""

    segment_id: str = Field(description="路段编号 id of the segment")
    standard: str = Field(description="评分标准 standard, name@version")
    days: Span = Field(description="评了哪些天 the days that were scored")
    window_days: float = Field(
        description="每天评分所用天数 days of passes behind each day's score"
    )
    known_at: datetime = Field(description="算出时间 when it was worked out")
    items: list[DayScore] = Field(description="变化各行 rows, by day")


@router.get(
    "",
    summary="路段 segments by the page",
    dependencies=[TAGGED],
    responses={**NOT_MODIFIED},
)
def segments(
    wanted: ThePage, store: TheStore, district: TheDistrict
) -> Page[SegmentItem]:
    """Return the segments as they are known now, by id."""
    after = wanted.after(SEGMENTS, str)
    rows = store.segment_page(
        district=district,
        after=None if after is None else after[0],
        limit=wanted.limit + 1,
    )
    page, cursor = cut(SEGMENTS, rows, wanted, lambda row: (row.id,))
    return Page(items=[_item(row) for row in page], next=cursor)


@router.get("/{segment_id}", summary="一个路段 one segment")
def segment(segment: TheSegment) -> SegmentItem:
    """Return a segment as it is known now."""
    return _item(segment)


@router.get(
    "/{segment_id}/score",
    summary="路段得分及缘由 a segment's score with its reasons",
    responses={**NOT_MODIFIED},
)
def segment_score(
    request: Request,
    response: Response,
    segment: TheSegment,
    store: TheStore,
    standard: TheStandard,
    as_of: Annotated[
        When | None,
        Query(
            description="当时所知的得分，省略为最新 the score as it was known then "
            "(RFC 3339); the newest if left out"
        ),
    ] = None,
) -> SegmentScore:
    """Return the newest score whole: that of the latest window, worked out last."""
    as_of_s = None if as_of is None else as_of.timestamp()
    row = store.score_row(segment.id, standard, as_of_s=as_of_s)
    if row is None:
        then = "" if as_of is None else f" at {as_of.isoformat()}"
        msg = f"{segment.id} has no score under {standard}{then}; rescore its store"
        raise NotFoundError(msg)
    tag = tag_of(segment.id, standard, row["from_s"], row["to_s"], row["known_s"])
    unless_known(request, response, tag)
    return whole_of(row)


@router.get(
    "/{segment_id}/scores", summary="路段历次得分 a segment's scores, the last first"
)
def segment_scores(
    wanted: ThePage, segment: TheSegment, store: TheStore, standard: TheStandard
) -> Page[ScoreBrief]:
    """Return every score of a segment that was worked out, the last one first."""
    rows = store.score_history(
        segment.id,
        standard,
        after=wanted.after(HISTORY, float, float, float),
        limit=wanted.limit + 1,
    )
    page, cursor = cut(
        HISTORY, rows, wanted, lambda row: (row.known_s, row.to_s, row.from_s)
    )
    return Page(items=[brief_of(row) for row in page], next=cursor)


@router.get("/{segment_id}/days", summary="路段逐日得分 a segment's score, day by day")
def segment_days(
    segment: TheSegment, store: TheStore, settings: TheSettings, standard: TheStandard
) -> SegmentDays:
    """Return the newest scores by day; a row holds until the next one."""
    row = store.newest_days(segment.id, standard)
    if row is None:
        msg = (
            f"{segment.id} has no scores by day under {standard}; "
            "run liujing rescore --every-day"
        )
        raise NotFoundError(msg)
    grades = [grade.id for grade in standard_of(store, standard).grades]
    return SegmentDays(
        segment_id=row.segment_id,
        standard=row.standard_id,
        days=span(row.from_s, row.to_s),
        window_days=row.window_s / DAY_S,
        known_at=utc(row.known_s),
        items=_days(row, grades, settings.score.utc_offset_h),
    )


def _item(segment: Segment) -> SegmentItem:
    return SegmentItem(
        id=segment.id,
        name=segment.name,
        road_class=segment.road_class,
        length_m=segment.length_m,
        width_m=segment.width_m,
        oneway=segment.oneway,
        district=segment.district,
        unit_grid=segment.unit_grid,
        responsible_unit=segment.responsible_unit,
        absent_zones=sorted(segment.absent_zones),
        assumed=segment.assumed,
        geometry=LineString(coordinates=segment.lonlat.tolist()),
    )


def _days(row: DaysRow, grades: list[str], utc_offset_h: float) -> list[DayScore]:
    found = []
    for day in np.frombuffer(row.rows, DAY_ROW):
        has, grade = not np.isnan(day["value"]), int(day["grade"])
        value, low, high = (
            float(day[name]) if has else None for name in ("value", "low", "high")
        )
        found.append(
            DayScore(
                day=city_day(row.from_s + int(day["day"]) * DAY_S, utc_offset_h),
                status=DAY_STATUS[int(day["status"])],
                value=value,
                low=low,
                high=high,
                grade=None if grade < 0 else grades[grade],
                grade_certain=bool(day["certain"]) if has else None,
                coverage=float(day["coverage"]),
            )
        )
    return found
