"""Manifests: a device says which files are one drive, and asks what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from service.api.asked import Caller, TheSettings, TheStore, only
from service.api.fields import When
from service.api.refusals import Word, refusals, time_of
from service.api.turning import Turn, write_cursor
from service.device_records import Manifest, ManifestFile, ManifestSaid
from service.intake.devices import device_of
from service.intake.manifests import (
    MOST_FILES,
    Speaker,
    announce,
    progress_of,
    remarks_on,
    state_of,
)
from service.store import Store, manifest_id
from vision.errors import NotFoundError

router = APIRouter(prefix="/drives/manifests", tags=["manifests 清单"])
Sender = Annotated[Caller, Depends(only("device"))]
Anybody = Annotated[Caller, Depends(only("device", "centre"))]
ManifestName = Annotated[
    str,
    Path(
        pattern="^[A-Za-z0-9._-]{1,80}$",
        description="清单名称,由设备取 as its device calls it",
    ),
]
_LIST = "manifests"
_MOST = 1 << 40


class FileIO(BaseModel):
    """One file of a drive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(max_length=200, description="文件名 plain name of the file")
    sha256: str = Field(
        pattern="^[0-9a-f]{64}$", description="整个文件的 SHA-256 of the whole file"
    )
    size: int = Field(strict=True, ge=1, le=_MOST, description="字节数 bytes")


class ManifestIn(BaseModel):
    """What a device says of a drive; what it does not know is null."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vehicle: Word | None = Field(
        default=None, max_length=80, description="车辆 which vehicle drove"
    )
    camera: Word | None = Field(
        default=None, max_length=80, description="相机 which camera filmed"
    )
    started: When | None = Field(
        default=None, description="开始,设备时钟 by the device's clock, RFC 3339"
    )
    ended: When | None = Field(
        default=None, description="结束,设备时钟 by the device's clock, RFC 3339"
    )
    complete: bool = Field(
        default=False,
        strict=True,
        description="不再增加文件 no more files will be added",
    )
    kind: Literal["drive", "edge"] = Field(
        default="drive",
        description="种类:原始影像或车上识别结果 raw footage, or what the vehicle saw",
    )
    files: list[FileIO] = Field(
        default=[], max_length=MOST_FILES, description="文件 files, all or new ones"
    )
    priority: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=100,
        description="优先级 1 comes first; null: usual",
    )


class AsideOut(BaseModel):
    """One file that came and cannot be used."""

    name: str = Field(description="文件名 name of the file")
    reason: str = Field(description="原因 why, one sentence")


class PieceOut(BaseModel):
    """One job of a drive."""

    id: str = Field(description="任务编号 name of the job")
    state: Literal["queued", "running", "done", "failed", "cancelled"] = Field(
        description="状态 state"
    )
    error: str | None = Field(description="失败原因 why it failed, one sentence")


class ManifestOut(BaseModel):
    """A drive as its device describes it, and how far it has come."""

    name: str = Field(description="清单名称 as its device calls it")
    device: str | None = Field(
        description="设备编号 name of the device; null for a key of none"
    )
    district: str | None = Field(description="所在区,空为全市 district, null: city")
    vehicle: str | None = Field(description="车辆 which vehicle drove")
    camera: str | None = Field(description="相机 which camera filmed")
    started: datetime | None = Field(description="开始,设备时钟 by the device's clock")
    ended: datetime | None = Field(description="结束,设备时钟 by the device's clock")
    complete: bool = Field(description="不再增加文件 no more files will be added")
    kind: Literal["drive", "edge"] = Field(description="种类 kind of its files")
    files: list[FileIO] = Field(description="文件 all files that were named")
    priority: int | None = Field(description="优先级 1 comes first; null: usual")
    state: Literal["waiting", "started", "done"] = Field(
        description="状态:等待、已开始、完成 waits for files, is worked on, is done"
    )
    missing: list[str] = Field(
        description="未到的文件 names of files that did not come"
    )
    aside: list[AsideOut] = Field(description="不能用的文件 came and cannot be used")
    elsewhere: list[str] = Field(
        description="已属另一次巡查的影像 footage that another drive has; counts once"
    )
    jobs: list[PieceOut] = Field(description="任务 jobs, one for each piece")
    remarks: list[str] = Field(description="提示 what is odd about its times")
    made: datetime = Field(description="首次收到 when it was first sent, RFC 3339")
    touched: datetime = Field(description="最近收到 when it was last sent, RFC 3339")


class ManifestRow(BaseModel):
    """One drive in the list."""

    name: str = Field(description="清单名称 as its device calls it")
    owner: str = Field(description="设备或密钥编号 the device, or the key of none")
    district: str | None = Field(description="所在区,空为全市 district, null: city")
    vehicle: str | None = Field(description="车辆 which vehicle drove")
    complete: bool = Field(description="不再增加文件 no more files will be added")
    kind: Literal["drive", "edge"] = Field(description="种类 kind of its files")
    files: int = Field(ge=0, description="文件数 how many were named")
    missing: int = Field(ge=0, description="未到文件数 how many did not come")
    state: Literal["waiting", "started", "done"] = Field(description="状态 state")
    touched: datetime = Field(description="最近收到 when it was last sent, RFC 3339")


class ManifestPage(BaseModel):
    """Manifests, the newest first."""

    items: list[ManifestRow] = Field(description="清单 manifests")
    next: str | None = Field(description="下一页游标 cursor of the next page, or null")


@router.put(
    "/{manifest_name}",
    summary="登记清单 Say which files are one drive",
    responses={
        **refusals(400, 401, 403),
        201: {"model": ManifestOut, "description": "新清单 it is new"},
    },
)
def put_manifest(
    manifest_name: ManifestName,
    said: ManifestIn,
    response: Response,
    caller: Sender,
    store: TheStore,
) -> ManifestOut:
    """Files may come before or after; it may be sent again with more of them.

    409 if a file is another one than was said before. The drive starts when all files
    are whole and `complete` is true, or some hours after the last one came.
    """
    speaker = _speaker(store, caller)
    manifest, new = announce(store, speaker, manifest_name, _said(said))
    response.status_code = 201 if new else 200
    return _out(store, manifest)


@router.get("", summary="清单列表 Manifests", responses=refusals(400, 401, 403))
def list_manifests(
    caller: Anybody,
    store: TheStore,
    settings: TheSettings,
    turn: Annotated[Turn, Query()],
) -> ManifestPage:
    """A device sees its own, the centre those of its district."""
    if caller.role == "device":
        wanted = {"owner": _speaker(store, caller).owner}
    else:
        wanted = {} if caller.district is None else {"district": caller.district}
    limit = turn.rows(settings)
    after = turn.after(_LIST, float, str)
    found = store.manifests(
        wanted, after=None if after is None else (after[0], after[1]), limit=limit + 1
    )
    page, last = found[:limit], None
    if len(found) > limit:
        last = write_cursor(_LIST, page[-1].made_s, page[-1].id)
    return ManifestPage(items=[_row(store, one) for one in page], next=last)


@router.get(
    "/{manifest_name}",
    summary="一份清单 How far a drive has come",
    responses=refusals(400, 401, 403, 404),
)
def get_manifest(
    manifest_name: ManifestName,
    caller: Anybody,
    store: TheStore,
    owner: Annotated[
        Word | None,
        Query(description="设备或密钥编号 whose, from the list; a device's own if not"),
    ] = None,
) -> ManifestOut:
    """404 for one of others."""
    mine = _speaker(store, caller).owner
    found = store.manifest(manifest_id(owner or mine, manifest_name))
    if found is None or not _may_see(caller, found, mine):
        msg = f"there is no manifest {manifest_name}; see /drives/manifests"
        raise NotFoundError(msg)
    return _out(store, found)


def _may_see(caller: Caller, manifest: Manifest, mine: str) -> bool:
    if caller.role == "device":
        return manifest.owner == mine
    return caller.sees(manifest.district)


def _speaker(store: Store, caller: Caller) -> Speaker:
    return Speaker(caller.key_id, caller.district, device_of(store, caller.key_id))


def _said(said: ManifestIn) -> ManifestSaid:
    return ManifestSaid(
        vehicle=said.vehicle,
        camera=said.camera,
        started_s=None if said.started is None else said.started.timestamp(),
        ended_s=None if said.ended is None else said.ended.timestamp(),
        complete=said.complete,
        kind=said.kind,
        files=tuple(ManifestFile(f.name, f.sha256, f.size) for f in said.files),
        priority=said.priority,
    )


def _row(store: Store, manifest: Manifest) -> ManifestRow:
    progress, said = progress_of(store, manifest), manifest.said
    return ManifestRow(
        name=manifest.name,
        owner=manifest.owner,
        district=manifest.district,
        vehicle=said.vehicle,
        complete=said.complete,
        kind=said.kind,
        files=len(said.files),
        missing=len(progress.missing),
        state=state_of(progress),
        touched=time_of(manifest.touched_s),
    )


def _out(store: Store, manifest: Manifest) -> ManifestOut:
    progress, said = progress_of(store, manifest), manifest.said
    is_device = any(store.devices(device_id=manifest.owner))
    jobs = [piece.job for piece in progress.pieces]
    return ManifestOut(
        name=manifest.name,
        device=manifest.owner if is_device else None,
        district=manifest.district,
        vehicle=said.vehicle,
        camera=said.camera,
        started=None if said.started_s is None else time_of(said.started_s),
        ended=None if said.ended_s is None else time_of(said.ended_s),
        complete=said.complete,
        kind=said.kind,
        files=[FileIO(name=f.name, sha256=f.sha256, size=f.size) for f in said.files],
        priority=said.priority,
        state=state_of(progress),
        missing=list(progress.missing),
        aside=[AsideOut(name=n, reason=why) for n, why in progress.aside.items()],
        elsewhere=list(progress.elsewhere),
        jobs=[PieceOut(id=j.id, state=j.state, error=j.error) for j in jobs],
        remarks=remarks_on(store, manifest),
        made=time_of(manifest.made_s),
        touched=time_of(manifest.touched_s),
    )
