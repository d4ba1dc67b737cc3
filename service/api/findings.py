"""Findings: what lies where, how sure, since when, with pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from service.api.asked import Caller, Reader, TheSettings, TheStore
from service.api.fields import When
from service.api.refusals import Id, Word, refusals, time_of
from service.api.turning import Turn, write_cursor
from service.links import link_secret, signed_link
from service.settings import Settings
from service.store import Store
from service.told import FindingFilter, ListedFinding
from service.types import FindingState
from vision.errors import NotFoundError
from vision.types import Evidence

router = APIRouter(tags=["findings 问题"])
_LIST = "findings"
Link = Callable[[str], str]


class EvidenceOut(BaseModel):
    """One masked picture, and where in it the thing is."""

    image: str = Field(
        description="整幅图片（已打码）的限时链接 masked frame, a link that expires",
        examples=["/evidence/5f1c.jpg?until=1790000000&sig=ab12"],
    )
    crop: str = Field(description="局部图片的限时链接 masked crop, a link that expires")
    xyxy: tuple[float, float, float, float] = Field(
        description="框，image 的像素 box in pixels of image: left, top, right, bottom"
    )
    pts_s: float = Field(
        description="在原始影像中的时刻，秒 time in its footage file, seconds"
    )


class FindingOut(BaseModel):
    """One thing on one street, as it is known now."""

    id: str = Field(description="编号 id")
    category: str = Field(description="类别 category, see the taxonomy")
    state: FindingState = Field(
        description="状态 state: raw 待核实, confirmed 属实, rejected 不属实, "
        "permitted 合法许可, duplicate 重复, cleared 已整改, recurred 复发"
    )
    probability: float = Field(
        ge=0, le=1, description="属实且仍在的概率 chance that it is real and there"
    )
    candidate: bool = Field(
        description="一次经过不能证实，不扣分 one pass cannot prove it: scores nothing"
    )
    segment_id: str | None = Field(description="路段 street")
    district: str | None = Field(description="区，未知为空 district, null if unknown")
    side: Literal["left", "right"] | None = Field(
        description="路段绘制方向的左侧或右侧 side of the street's drawing direction"
    )
    zone: str | None = Field(description="部位 zone, null if unknown")
    offset_m: float | None = Field(
        description="距路段起点，米 metres along the street from its first point"
    )
    lon: float = Field(description="经度 WGS-84, degrees east")
    lat: float = Field(description="纬度 WGS-84, degrees north")
    sigma_m: float = Field(description="位置误差，米 1-sigma of its place, metres")
    severity: str | None = Field(
        description="程度，空为该规则第一级 level; null is the first of its rule"
    )
    size_m: float | None = Field(description="看上去的宽度，米 apparent width, metres")
    first_seen: datetime | None = Field(description="首次发现 first seen, RFC 3339")
    last_seen: datetime | None = Field(description="最近一次看到 last seen, RFC 3339")
    cleared: datetime | None = Field(
        description="看到已清除的时刻，仍在为空 when a pass saw it gone, or null"
    )
    recurrences: int = Field(ge=0, description="复发次数 how often it came back")
    looked: int = Field(ge=0, description="能看到它的经过次数 passes that could see it")
    known: datetime = Field(description="何时得知 since when it is known so, RFC 3339")
    evidence: list[EvidenceOut] = Field(description="图片 pictures, the best first")


class FindingsOut(BaseModel):
    """One page of findings."""

    items: list[FindingOut] = Field(description="本页 this page, by street and id")
    next: str | None = Field(
        description="下一页的 cursor，没有则为空 cursor of the next page, or null"
    )


class FindingQuery(Turn):
    """Which findings are asked for."""

    district: Word | None = Field(default=None, description="区 district")
    category: Word | None = Field(default=None, description="类别 category")
    state: FindingState | None = Field(default=None, description="状态 state")
    segment_id: Word | None = Field(default=None, description="路段 street")
    since: When | None = Field(
        default=None, description="此时或以后看到过 last seen then or later, RFC 3339"
    )


@router.get(
    "/findings", summary="问题列表 Findings", responses=refusals(400, 401, 403, 404)
)
def list_findings(
    caller: Reader,
    store: TheStore,
    settings: TheSettings,
    wanted: Annotated[FindingQuery, Query()],
) -> FindingsOut:
    """Return findings that are known now, by street and id."""
    if wanted.district is not None and not caller.sees(wanted.district):
        raise HTTPException(404, f"your key sees no district {wanted.district}")
    if wanted.segment_id is not None:
        street_for(store, caller, wanted.segment_id)
    chosen = FindingFilter(
        district=wanted.district or caller.district,
        category=wanted.category,
        state=wanted.state,
        segment_id=wanted.segment_id,
        since_s=None if wanted.since is None else wanted.since.timestamp(),
    )
    return _page(store, settings, chosen, wanted)


@router.get(
    "/findings/{finding_id}",
    summary="一个问题 One finding",
    responses=refusals(400, 401, 403, 404),
)
def get_finding(
    finding_id: Id, caller: Reader, store: TheStore, settings: TheSettings
) -> FindingOut:
    """Return a finding as it is known now; 404 if it was taken back."""
    found = store.listed_finding(finding_id, district=caller.district)
    if found is None:
        msg = f"there is no finding {finding_id}; see /findings"
        raise NotFoundError(msg)
    return _out(found, _linked(store, settings))


@router.get(
    "/segments/{segment_id}/findings",
    summary="一个路段的问题 Findings of a street",
    responses=refusals(400, 401, 403, 404),
)
def list_street_findings(
    segment_id: Id,
    caller: Reader,
    store: TheStore,
    settings: TheSettings,
    turn: Annotated[Turn, Query()],
) -> FindingsOut:
    """Return the findings of a street that are known now."""
    street_for(store, caller, segment_id)
    return _page(store, settings, FindingFilter(segment_id=segment_id), turn)


def street_for(store: Store, caller: Caller, segment_id: str) -> None:
    """Let those pass who may see a street.

    Raises:
        NotFoundError: there is no such street, or it lies in another district.
    """
    found = store.district_of(segment_id)
    if found is None or not caller.sees(found[0]):
        msg = f"there is no street {segment_id}; see /segments"
        raise NotFoundError(msg)


def _page(
    store: Store, settings: Settings, wanted: FindingFilter, turn: Turn
) -> FindingsOut:
    rows = turn.rows(settings)
    found = store.list_findings(
        wanted, after=turn.after(_LIST, str, str), limit=rows + 1
    )
    link = _linked(store, settings)
    return FindingsOut(
        items=[_out(one, link) for one in found[:rows]],
        next=None if len(found) <= rows else _cursor(found[rows - 1]),
    )


def _cursor(last: ListedFinding) -> str:
    one = last.known.finding
    return write_cursor(_LIST, one.segment_id or "", one.id)


def _linked(store: Store, settings: Settings) -> Link:
    """Return what makes a link of a picture's name."""
    secret, now_s = link_secret(store), time.time()
    life_s = settings.limits.link_minutes * 60
    base = (settings.server.public_url or "").rstrip("/")
    return lambda name: base + signed_link(secret, name, now_s=now_s, life_s=life_s)


def _out(listed: ListedFinding, link: Link) -> FindingOut:
    known, one = listed.known, listed.known.finding
    cleared_s = known.cleared_s
    return FindingOut(
        id=one.id,
        category=one.category,
        state=one.state,
        probability=one.probability,
        candidate=one.candidate,
        segment_id=one.segment_id,
        district=listed.district,
        side=one.side,
        zone=one.zone,
        offset_m=one.offset_m,
        lon=one.lon,
        lat=one.lat,
        sigma_m=one.sigma_m,
        severity=one.severity,
        size_m=one.size_m,
        first_seen=_time(one.first_seen),
        last_seen=_time(one.last_seen),
        cleared=None if cleared_s is None else time_of(cleared_s),
        recurrences=known.recurrences,
        looked=known.looked,
        known=time_of(listed.known_s),
        evidence=_pictures(one.evidence, link),
    )


def _pictures(evidence: Sequence[Evidence], link: Link) -> list[EvidenceOut]:
    return [
        EvidenceOut(
            image=link(one.image), crop=link(one.crop), xyxy=one.xyxy, pts_s=one.pts_s
        )
        for one in evidence
    ]


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
