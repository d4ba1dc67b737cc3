"""Which ground was seen: not seen is not clean."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from service.api.asked import Reader, TheStore
from service.api.fields import Name, Span, span
from service.api.paging import Page, ThePage, cut
from service.api.problems import REFUSALS
from service.api.within import segment_for
from service.store import PassSeen

COVERAGE = "coverage"

router = APIRouter(tags=["看清 coverage"], responses=REFUSALS)


class PieceItem(BaseModel):
    """What was seen of one zone on one side, from here to there."""

    zone: str = Field(description="地面 zone")
    side: Literal["left", "right"] = Field(
        description="侧别（按画线方向）side of the drawing direction"
    )
    from_m: float = Field(description="起点（米）begin, metres along the segment")
    to_m: float = Field(description="终点（米）end, metres along the segment")
    status: Literal["seen", "unusable", "hidden", "not_passed", "absent"] = Field(
        description="看清、不可用、遮挡、未经过、没有 what became of it"
    )
    reason: str | None = Field(description="原因 why it was not seen; null where seen")


class PassItem(BaseModel):
    """One pass over a segment and the ground it saw."""

    inspection_id: str = Field(description="检查编号 id of the inspection")
    drive_id: str = Field(description="行驶编号 id of the drive")
    passed: Span = Field(description="经过时间 when the vehicle was there")
    model_id: str = Field(description="检测模型 detector, name@version")
    layout_id: str | None = Field(description="地面模型 layout network, name@version")
    pieces: list[PieceItem] = Field(description="各段地面 ground, zone by zone")


@router.get("/coverage", summary="各次经过看清的地面 ground that passes saw")
def coverage(
    caller: Reader,
    store: TheStore,
    wanted: ThePage,
    segment_id: Annotated[Name, Query(description="路段编号 id of the segment")],
) -> Page[PassItem]:
    """Return the passes over a segment that count, the newest first."""
    after = wanted.after(COVERAGE, float, str)
    segment = segment_for(caller, store, segment_id)
    rows = store.passes_of(
        segment.id,
        after=None if after is None else (after[0], after[1]),
        limit=wanted.limit + 1,
    )
    page, cursor = cut(
        COVERAGE, rows, wanted, lambda row: (row.from_s, row.inspection_id)
    )
    return Page(items=[_item(row) for row in page], next=cursor)


def _item(row: PassSeen) -> PassItem:
    return PassItem(
        inspection_id=row.inspection_id,
        drive_id=row.drive_id,
        passed=span(row.from_s, row.to_s),
        model_id=row.model_id,
        layout_id=row.layout_id,
        pieces=[
            PieceItem(
                zone=piece.zone,
                side=piece.side,
                from_m=piece.from_m,
                to_m=piece.to_m,
                status=piece.status,
                reason=piece.reason,
            )
            for piece in row.pieces
        ],
    )
