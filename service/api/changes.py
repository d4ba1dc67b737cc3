"""Changes since a number: for who keeps a copy and asks now and then."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from service.api.asked import Reader, TheSettings, TheStore
from service.api.refusals import refusals, time_of
from vision.errors import InputError

router = APIRouter(tags=["changes 变化"])
MOST = 2**31 - 1
"""The largest number that a change can have."""


class ChangeQuery(BaseModel):
    """Which changes are asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: int = Field(
        default=0,
        ge=0,
        le=MOST,
        description="上次的 next；从头为 0 `next` of the last answer; 0 for all",
    )
    limit: int = Field(
        default=1000,
        ge=0,
        le=100_000,
        description="最多几条；0 只问 next most changes in an answer; 0 asks for "
        "`next` alone, that of the newest change",
    )


class ChangeOut(BaseModel):
    """Something that changed; ask for it by its id."""

    number: int = Field(description="序号，递增 number, grows; some may be left out")
    at: datetime = Field(description="时刻 when, RFC 3339")
    kind: str = Field(
        description="变化的是什么 what changed: drive 巡查, segment 路段 (new or "
        "changed), finding 问题, asset 井盖, score 得分, red_line 触发红线 (an alert: "
        "a score came to have a confirmed red line), red_line_over 红线解除, "
        "month 月度成绩",
        examples=["finding"],
    )
    id: str = Field(
        description="编号；得分为路段，红线为问题，月度成绩为月份 id of it; of a score "
        "the street, of a red line the finding, of a month YYYY-MM"
    )
    segment_id: str | None = Field(description="路段 its street, null if it has none")


class ChangesOut(BaseModel):
    """Changes, the oldest first."""

    items: list[ChangeOut] = Field(description="变化 changes, the oldest first")
    next: int = Field(description="下次的 since the `since` of the next question")


@router.get("/changes", summary="变化 Changes since", responses=refusals(400, 401, 403))
def list_changes(
    caller: Reader,
    store: TheStore,
    settings: TheSettings,
    asked: Annotated[ChangeQuery, Query()],
) -> ChangesOut:
    """Return what changed after a number, for a district what changed there.

    Fewer items than `limit` are all that there are. Nothing appears later at or before
    `next`. A `since` beyond the newest change, as after a restored backup, is 400: ask
    from 0 again.
    """
    if asked.limit == 0:
        return ChangesOut(items=[], next=store.newest_change()[0])
    limit = min(asked.limit, settings.limits.page)
    found, newest = store.changes(
        since=asked.since, limit=limit, district=caller.district
    )
    refuse_later(asked.since, newest)
    return ChangesOut(
        items=[
            ChangeOut(
                number=one.number,
                at=time_of(one.at_s),
                kind=one.kind,
                id=one.id,
                segment_id=one.segment_id,
            )
            for one in found
        ],
        next=newest if len(found) < limit else found[-1].number,
    )


def refuse_later(since: int, newest: int) -> None:
    """Refuse a number that no change has yet.

    Raises:
        InputError: it was another store's, or this one was put back from a backup.
    """
    if since > newest:
        msg = f"since: the newest change is {newest}, not {since}; ask from 0 again"
        raise InputError(msg)
