"""Cameras that stand: registered by administrators, read in their district.

An address is written and never shown: it may hold a password.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from service.api.asked import Admin, Caller, Reader, TheSettings, TheStore
from service.api.refusals import Id, Word, refusals, time_of
from service.camera_records import CameraStanding, Schedule
from service.cameras.wish import (
    LEAST_INTERVAL_S,
    MOST_FILE,
    MOST_INTERVAL_S,
    USUAL_INTERVAL_S,
    CameraWish,
)
from service.store import Store
from vision.errors import InputError, NotFoundError

router = APIRouter(prefix="/cameras", tags=["固定摄像机 cameras"])


class ScheduleIo(BaseModel):
    """When a camera is watched, on the city's clock."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    every_min: int = Field(
        ge=1, le=1440, description="每隔多少分钟 minutes from one begin to the next"
    )
    for_min: int = Field(
        ge=1, le=1440, description="每次看多少分钟 minutes of one watch"
    )
    from_hour: int = Field(
        default=0, ge=0, le=23, description="从几点起 first hour of the day"
    )
    to_hour: int = Field(
        default=24,
        ge=1,
        le=24,
        description="到几点止，不晚于起点即次日 last hour; "
        "not after the first is on the next day",
    )
    days: list[Annotated[int, Field(ge=1, le=7)]] = Field(
        default=[1, 2, 3, 4, 5, 6, 7],
        min_length=1,
        max_length=7,
        description="星期几，1 为周一 days of the week, 1 is Monday",
    )


class CameraIn(BaseModel):
    """A camera as it is wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Word = Field(
        min_length=1, max_length=80, description="名称 as people call it"
    )
    district: Word | None = Field(
        default=None, description="所在区，空为全市 district, null for the whole city"
    )
    kind: Literal["rtsp", "snapshots"] = Field(
        description="rtsp 实时流, snapshots 抓拍文件夹 a live stream or a folder"
    )
    address: SecretStr | None = Field(
        default=None,
        max_length=2000,
        description="RTSP 地址（可含密码，只写不读）或抓拍文件夹名；修改时空为不变 "
        "RTSP address, may hold a password, is never shown; or name of the folder "
        "below cameras.folder; null in a change leaves it as it is",
    )
    file: str = Field(
        max_length=MOST_FILE,
        description="摄像机文件（TOML 文本） text of the fixed camera's file, see "
        "docs/forms.md",
    )
    schedule: ScheduleIo = Field(description="何时查看 when it is watched")
    interval_s: float = Field(
        default=USUAL_INTERVAL_S,
        ge=LEAST_INTERVAL_S,
        le=MOST_INTERVAL_S,
        description="两幅画面相隔秒数 seconds between two looked-at pictures",
    )
    enabled: bool = Field(default=True, description="启用 whether it is watched")


class CameraOut(BaseModel):
    """A camera and how it fares; without its address."""

    id: str = Field(description="编号 id")
    version: int = Field(ge=1, description="版本 version, from 1 on")
    name: str = Field(description="名称 as people call it")
    district: str | None = Field(description="所在区 district, null for the whole city")
    kind: Literal["rtsp", "snapshots"] = Field(description="种类 kind")
    address: str = Field(
        description="地址，仅主机或文件夹 host or folder; the rest is never shown"
    )
    schedule: ScheduleIo = Field(description="何时查看 when it is watched")
    interval_s: float = Field(description="两幅画面相隔秒数 seconds between pictures")
    enabled: bool = Field(description="启用 whether it is watched")
    registered: datetime = Field(description="登记时刻 when it was registered")
    changed: datetime = Field(description="本版本起于 since when this version holds")
    ended: datetime | None = Field(description="撤除时刻 when it was taken out")
    condition: Literal["off", "new", "failing", "ok"] = Field(
        description="状况 off 停用, new 尚无画面, failing 异常, ok 正常"
    )
    last_seen: datetime | None = Field(
        description="最近画面时刻 when its last picture was taken"
    )
    last_tried: datetime | None = Field(
        description="最近一次取画面 when it was last asked for pictures"
    )
    error: str | None = Field(description="异常原因 what is wrong, null if all is well")
    failing_since: datetime | None = Field(description="异常起于 since when")
    job_id: str | None = Field(description="最近任务 job of its newest watch")


class CameraWholeOut(CameraOut):
    """One camera with its file."""

    file: str = Field(description="摄像机文件 text of its file")


class CamerasOut(BaseModel):
    """The cameras that the key may see."""

    items: list[CameraOut] = Field(description="摄像机 cameras, the oldest first")


class TriedOut(BaseModel):
    """What came of one picture, which is neither kept nor shown."""

    ok: bool = Field(description="可用 whether all is well")
    reason: str | None = Field(description="问题 what is wrong, one sentence")
    width_px: int | None = Field(description="画面宽 width of the picture")
    height_px: int | None = Field(description="画面高 height of the picture")
    took_s: float = Field(description="用时秒数 seconds until it was there")


def _find(store: Store, caller: Caller, camera_id: str) -> CameraStanding:
    from service.cameras.register import camera_of  # noqa: PLC0415 - loads eyes

    one = camera_of(store, camera_id)
    if not caller.sees(one.camera.district):
        msg = f"there is no camera {camera_id}; see /cameras"
        raise NotFoundError(msg)
    return one


def _own(camera_id: Id, caller: Admin, store: TheStore) -> CameraStanding:
    return _find(store, caller, camera_id)


Own = Annotated[CameraStanding, Depends(_own)]
"""A camera that the caller may change; looked for before the body is read."""


@router.post(
    "",
    status_code=201,
    summary="登记摄像机 Register a camera",
    responses=refusals(400, 401, 403),
)
def post_camera(
    wanted: CameraIn, caller: Admin, store: TheStore, settings: TheSettings
) -> CameraWholeOut:
    """A camera whose file shows no ground of any street is refused at once."""
    from service.cameras.register import add_camera  # noqa: PLC0415 - loads eyes

    wish = _wish(wanted, caller)
    return _whole(add_camera(settings, store, wish, by=caller.key_id))


@router.get("", summary="摄像机列表 Cameras", responses=refusals(401, 403))
def list_cameras(
    caller: Reader,
    store: TheStore,
    *,
    ended: Annotated[bool, Query(description="含已撤除 those taken out too")] = False,
) -> CamerasOut:
    """Return the cameras of the key's district and how they fare."""
    found = [one for one in store.cameras() if caller.sees(one.camera.district)]
    items = [_out(one) for one in found if ended or one.ended_s is None]
    return CamerasOut(items=items)


@router.get(
    "/{camera_id}",
    summary="一台摄像机 One camera",
    responses=refusals(400, 401, 403, 404),
)
def get_camera(camera_id: Id, caller: Reader, store: TheStore) -> CameraWholeOut:
    """Return a camera, its file and how it fares."""
    return _whole(_find(store, caller, camera_id))


@router.put(
    "/{camera_id}",
    summary="修改摄像机 Change a camera",
    responses=refusals(400, 401, 403, 404),
)
def put_camera(
    one: Own,
    wanted: CameraIn,
    caller: Admin,
    store: TheStore,
    settings: TheSettings,
) -> CameraWholeOut:
    """Write a new version; what is watched just now ends under the old one."""
    from service.cameras.register import change_camera  # noqa: PLC0415 - loads eyes

    wish = _wish(wanted, caller)
    name = one.camera.id
    return _whole(change_camera(settings, store, name, wish, by=caller.key_id))


@router.delete(
    "/{camera_id}",
    status_code=204,
    response_class=Response,
    summary="撤除摄像机 Take a camera out",
    responses=refusals(400, 401, 403, 404),
)
def delete_camera(one: Own, caller: Admin, store: TheStore) -> None:
    """A watch at hand is cancelled; what earlier ones saw stays."""
    from service.cameras.register import end_camera  # noqa: PLC0415 - loads eyes

    reason = f"taken out with the key {caller.key_id}"
    end_camera(store, one.camera.id, reason=reason)


@router.post(
    "/{camera_id}/try",
    summary="试取一幅画面 Try to take one picture",
    responses=refusals(400, 401, 403, 404),
)
def post_try(one: Own, store: TheStore, settings: TheSettings) -> TriedOut:
    """Say in one sentence what is wrong; the picture is neither kept nor shown."""
    from service.cameras.once import try_camera  # noqa: PLC0415 - loads eyes

    tried = try_camera(settings, store, one.camera)
    return TriedOut(
        ok=tried.reason is None,
        reason=tried.reason,
        width_px=tried.width_px,
        height_px=tried.height_px,
        took_s=round(tried.took_s, 3),
    )


def _wish(wanted: CameraIn, caller: Caller) -> CameraWish:
    if not caller.sees(wanted.district):
        msg = f"district: a key of {caller.district} registers cameras there alone"
        raise InputError(msg)
    hours = wanted.schedule.model_dump()
    address = wanted.address
    return CameraWish(
        name=wanted.name,
        district=wanted.district,
        kind=wanted.kind,
        address=None if address is None else address.get_secret_value(),
        file=wanted.file,
        schedule=Schedule(**{**hours, "days": tuple(hours["days"])}),
        interval_s=wanted.interval_s,
        enabled=wanted.enabled,
    )


def _whole(one: CameraStanding) -> CameraWholeOut:
    return CameraWholeOut(**_out(one).model_dump(), file=one.camera.file)


def _out(one: CameraStanding) -> CameraOut:
    camera = one.camera
    return CameraOut(
        id=camera.id,
        version=camera.version,
        name=camera.name,
        district=camera.district,
        kind=camera.kind,
        address=camera.shown,
        schedule=ScheduleIo(
            every_min=camera.schedule.every_min,
            for_min=camera.schedule.for_min,
            from_hour=camera.schedule.from_hour,
            to_hour=camera.schedule.to_hour,
            days=list(camera.schedule.days),
        ),
        interval_s=camera.interval_s,
        enabled=camera.enabled,
        registered=time_of(one.registered_s),
        changed=time_of(camera.known_s),
        ended=_time(one.ended_s),
        condition=one.condition,
        last_seen=_time(one.seen_s),
        last_tried=_time(one.tried_s),
        error=one.error,
        failing_since=_time(one.failing_since_s),
        job_id=one.job_id,
    )


def _time(at_s: float | None) -> datetime | None:
    return None if at_s is None else time_of(at_s)
