"""Drives: when, which inspections, which streets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from service.api.asked import Reader, TheSettings, TheStore
from service.api.refusals import Id, refusals, time_of
from service.api.turning import Turn, write_cursor
from service.records import StreetPass
from service.told import ListedDrive, ListedInspection
from vision.errors import NotFoundError

router = APIRouter(prefix="/drives", tags=["drives 巡查"])
_LIST = "drives"


class InspectionOut(BaseModel):
    """One inspection of a drive's footage by one model."""

    id: str = Field(description="编号 id")
    model_id: str = Field(description="检测模型 detector, name@version")
    model_sha256: str = Field(description="模型文件的 SHA-256 of the model's file")
    layout_id: str | None = Field(
        description="街面模型，空为几何推算 layout reader; null where geometry stood in"
    )
    known: datetime = Field(description="存入时刻 when it was kept, RFC 3339")
    counts: bool = Field(description="以此为准 it is the newest, which counts")
    passes: int = Field(ge=0, description="经过的路段数 streets passed")
    sightings: int = Field(ge=0, description="所见数 things and vehicles seen")


class DriveOut(BaseModel):
    """One drive; numbers are of the streets that the key may see."""

    id: str = Field(description="编号 id")
    started: datetime = Field(description="开始 start, RFC 3339")
    ended: datetime = Field(description="结束 end, RFC 3339")
    vehicle: str | None = Field(
        description="车辆；未知或也经过别的区时为空 "
        "vehicle; null if unknown, or if the drive went beyond the key's district"
    )
    known: datetime = Field(description="存入时刻 when it was first kept, RFC 3339")
    inspections: list[InspectionOut] = Field(description="检查 newest first")


class PassOut(BaseModel):
    """One street passed."""

    segment_id: str = Field(description="路段 street")
    since: datetime = Field(description="驶入 when the vehicle came to it, RFC 3339")
    until: datetime = Field(description="驶出 when it left it, RFC 3339")


class WholeDriveOut(DriveOut):
    """One drive with its streets and its footage."""

    footage: dict[str, str] | None = Field(
        description="影像文件名和 SHA-256；也经过别的区时为空 footage file -> SHA-256; "
        "null if the drive went beyond the key's district"
    )
    passes: list[PassOut] = Field(
        description="经过的路段，按先后 streets of the inspection that counts, in order"
    )


class DrivesOut(BaseModel):
    """One page of drives."""

    items: list[DriveOut] = Field(description="本页 this page, the latest first")
    next: str | None = Field(
        description="下一页的 cursor，没有则为空 cursor of the next page, or null"
    )


@router.get("", summary="巡查列表 Drives", responses=refusals(400, 401, 403))
def list_drives(
    caller: Reader,
    store: TheStore,
    settings: TheSettings,
    turn: Annotated[Turn, Query()],
) -> DrivesOut:
    """Return drives, the latest first; for a district those that passed through it."""
    rows = turn.rows(settings)
    after = turn.after(_LIST, float, str)
    found = store.list_drives(district=caller.district, after=after, limit=rows + 1)
    last = found[rows - 1] if len(found) > rows else None
    return DrivesOut(
        items=[DriveOut(**_facts(one)) for one in found[:rows]],
        next=None if last is None else write_cursor(_LIST, last.started_s, last.id),
    )


@router.get(
    "/{drive_id}",
    summary="一次巡查 One drive",
    responses=refusals(400, 401, 403, 404),
)
def get_drive(drive_id: Id, caller: Reader, store: TheStore) -> WholeDriveOut:
    """Return a drive; 404 if it passed no street that the key may see."""
    found = store.listed_drive(drive_id, district=caller.district)
    if found is None:
        msg = f"there is no drive {drive_id}; see /drives"
        raise NotFoundError(msg)
    newest = next((one.id for one in found.inspections if one.counts), "")
    passes = store.passes_of_drive(newest, district=caller.district)
    return WholeDriveOut(
        **_facts(found),
        footage=None if found.footage is None else dict(found.footage),
        passes=[_pass(one) for one in passes],
    )


def _facts(one: ListedDrive) -> dict[str, Any]:
    return {
        "id": one.id,
        "started": time_of(one.started_s),
        "ended": time_of(one.ended_s),
        "vehicle": one.vehicle,
        "known": time_of(one.known_s),
        "inspections": [_inspection(i) for i in one.inspections],
    }


def _inspection(one: ListedInspection) -> InspectionOut:
    return InspectionOut(
        id=one.id,
        model_id=one.model_id,
        model_sha256=one.model_sha256,
        layout_id=one.layout_id,
        known=time_of(one.known_s),
        counts=one.counts,
        passes=one.passes,
        sightings=one.sightings,
    )


def _pass(one: StreetPass) -> PassOut:
    return PassOut(
        segment_id=one.segment_id, since=time_of(one.from_s), until=time_of(one.to_s)
    )
