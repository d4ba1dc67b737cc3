"""The covers of the city (井盖), and whether enough of them are proven intact."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from service.api.asked import TheStore
from service.api.fields import utc
from service.api.paging import Page, ThePage, cut
from service.api.problems import REFUSALS
from service.api.within import TheDistrict
from service.scoring import IntactRate, intact_rate
from service.store import CoverRow

COVERS = "covers"
DAMAGED = "manhole_damaged"

router = APIRouter(prefix="/covers", tags=["井盖 covers"], responses=REFUSALS)


class CoverItem(BaseModel):
    """One cover."""

    id: str = Field(description="井盖编号 id")
    segment_id: str | None = Field(description="路段编号 id of its segment")
    district: str | None = Field(description="区 district")
    side: str | None = Field(description="侧别 side: left or right")
    offset_m: float | None = Field(description="沿路位置（米）metres along the segment")
    lon: float = Field(description="经度（WGS-84）degrees east")
    lat: float = Field(description="纬度（WGS-84）degrees north")
    sigma_m: float = Field(description="位置误差（米）1-sigma of its place, metres")
    state: Literal["ok", "damaged", "missing"] = Field(
        description="完好、破损、缺失 what it is now, as far as is known"
    )
    bad_probability: float = Field(
        description="破损或缺失的概率 chance that it is damaged or missing, 0-1"
    )
    first_seen: datetime = Field(description="首次看到 first seen")
    last_seen: datetime = Field(description="最近看到 last seen")
    looks: int = Field(description="看到次数 times it was seen")


class IntactItem(BaseModel):
    """How many covers of a district are intact (完好率), and whether 98 % is proven."""

    district: str | None = Field(
        description="区，未划分为 null district; null for covers outside all"
    )
    seen: int = Field(description="看到的井盖数 different covers that were seen")
    bad: int = Field(description="破损缺失数 of them damaged or missing")
    rate: float | None = Field(description="完好率 intact share, 0-1; null of none")
    low: float = Field(description="下限（单侧 95%）exact lower bound, misses counted")
    high: float = Field(description="上限（单侧 95%）exact upper bound")
    verdict: Literal["达标", "未达标", "证据不足"] = Field(
        description="98% 结论 whether 98 % is reached, missed, or not proven"
    )


class IntactList(BaseModel):
    """The intact rate of every district, and of all together."""

    recall: float = Field(
        description="破损井盖检出率 recall of bad covers, the worst of all eyes; 1 "
        "where none has one"
    )
    items: list[IntactItem] = Field(description="各区 districts, by name")
    total: IntactItem = Field(
        description="合计（所见范围）all that the key sees or asked for; no district"
    )


@router.get("", summary="井盖 covers by the page")
def covers(wanted: ThePage, store: TheStore, district: TheDistrict) -> Page[CoverItem]:
    """Return the covers as they are known now, by id."""
    after = wanted.after(COVERS, str)
    rows = store.cover_page(
        district=district,
        after=None if after is None else after[0],
        limit=wanted.limit + 1,
    )
    page, cursor = cut(COVERS, rows, wanted, lambda row: (row.cover.id,))
    return Page(items=[_item(row) for row in page], next=cursor)


@router.get("/intact", summary="井盖完好率 intact rate of covers")
def intact(store: TheStore, district: TheDistrict) -> IntactList:
    """Return how many covers of each district are intact, and what is proven."""
    counts = store.cover_counts(district=district)
    known = [recall for one in store.recalls() if (recall := one.get(DAMAGED))]
    recall = min(known, default=1.0)
    seen, bad = sum(one.seen for one in counts), sum(one.bad for one in counts)
    return IntactList(
        recall=recall,
        items=[
            _intact(one.district, intact_rate(one.seen, one.bad, recall=recall))
            for one in counts
        ],
        total=_intact(None, intact_rate(seen, bad, recall=recall)),
    )


def _item(row: CoverRow) -> CoverItem:
    cover = row.cover
    return CoverItem(
        id=cover.id,
        segment_id=cover.segment_id,
        district=row.district,
        side=cover.side,
        offset_m=cover.offset_m,
        lon=cover.lon,
        lat=cover.lat,
        sigma_m=cover.sigma_m,
        state=cover.state,
        bad_probability=cover.bad,
        first_seen=utc(cover.history[0].at_s),
        last_seen=utc(cover.history[-1].at_s),
        looks=len(cover.history),
    )


def _intact(district: str | None, found: IntactRate) -> IntactItem:
    return IntactItem(
        district=district,
        seen=found.seen,
        bad=found.bad,
        rate=found.rate,
        low=found.low,
        high=found.high,
        verdict=found.verdict,
    )
