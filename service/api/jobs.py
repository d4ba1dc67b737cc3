"""Drives come in, and how far the work on them has come."""

from __future__ import annotations

import base64
import binascii
import json
import time
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from service.api.asked import Admin, Caller, TheSettings, TheStore, TheUploads, only
from service.api.upload import receive_drive
from service.intake.submit import USUAL_PRIORITY, Sender, inspect_again, submit
from service.intake.uploads import UploadSender
from service.job_records import JobKind, JobRecord
from service.store import Store
from vision.errors import InputError, NotFoundError

router = APIRouter(tags=["任务 jobs"])

Device = Annotated[Caller, Depends(only("device"))]
Anybody = Annotated[Caller, Depends(only("device", "reviewer", "centre"))]
JobId = Annotated[
    str, Path(pattern="^[0-9a-f]{32}$", description="任务编号 name of the job")
]
DriveId = Annotated[
    str, Path(pattern="^[0-9a-f]{32}$", description="巡查编号 name of the drive")
]
Priority = Annotated[
    int, Query(ge=1, le=100, description="优先级,1 最先 priority, 1 comes first")
]
State = Literal["queued", "running", "done", "failed", "cancelled"]


class DriveQuery(BaseModel):
    """What is said of a drive beside its files."""

    vehicle: str | None = Field(
        default=None, max_length=80, description="车辆 which vehicle drove"
    )
    priority: int = Field(
        default=USUAL_PRIORITY, ge=1, le=100, description="优先级 1 comes first"
    )


class FailureOut(BaseModel):
    """One item of a drive that failed while the others went on."""

    item: str = Field(description="文件 what failed")
    code: str = Field(description="错误代码 stable code of the error")
    message: str = Field(description="原因 one sentence")


class ResultOut(BaseModel):
    """What came out of a job."""

    drive_id: str = Field(description="巡查编号 name of the drive")
    new: bool = Field(description="是否新存入 false if this inspection was kept before")
    segments: int = Field(description="经过路段数 streets that were driven")
    scored: int = Field(description="已评分路段数 streets that were scored")
    sightings: int = Field(description="所见数 things that were seen and kept")
    findings: int = Field(description="问题数 findings of this drive")
    driven_m: float = Field(description="行驶米数 metres driven")
    failures: list[FailureOut] = Field(description="部分失败 items that failed")


class JobOut(BaseModel):
    """One piece of work and how far it has come."""

    id: str = Field(description="任务编号 name of the job")
    kind: JobKind = Field(
        description="种类 drive 巡查, edge 车上已识别, watch 固定摄像机 kind of job"
    )
    state: State = Field(description="状态 queued, running, or how it ended")
    step: str | None = Field(description="当前步骤 what is being done, or was last")
    progress: float | None = Field(
        ge=0, le=1, description="进度 share of the frames looked at; null if unknown"
    )
    done: int = Field(ge=0, description="已看帧数 frames looked at")
    total: int = Field(ge=0, description="总帧数 frames to look at; 0 if unknown")
    left_s: float | None = Field(
        description="预计剩余秒数 seconds of looking still to come; null if unknown"
    )
    priority: int = Field(ge=1, le=100, description="优先级 1 comes first")
    vehicle: str | None = Field(description="车辆 which vehicle drove")
    model: str = Field(
        description="识别模型 name@version that looks; aboard: the vehicle's own"
    )
    files: dict[str, str] = Field(description="文件及其 SHA-256 name of each file")
    aside: list[FailureOut] = Field(
        description="搁置的文件 files that came and cannot be read; they are kept"
    )
    error: str | None = Field(description="失败原因 why it failed, one sentence")
    submitted: datetime = Field(description="提交时间 when it was sent, RFC 3339")
    started: datetime | None = Field(description="开始时间 when it was begun first")
    finished: datetime | None = Field(description="结束时间 when it ended")
    result: ResultOut | None = Field(description="结果 null before its end")


class JobPage(BaseModel):
    """Jobs, the newest first."""

    items: list[JobOut] = Field(description="任务 jobs")
    next: str | None = Field(description="下一页游标 cursor of the next page, or null")


MOST_BYTES = 1 << 40
"""Of one drive; the room on the disk is the real limit."""


@router.post(
    "/drives",
    status_code=202,
    max_body_size=MOST_BYTES,
    summary="上传一次巡查 Send a drive: footage and what lies beside it",
    responses={200: {"model": JobOut, "description": "此前已收 was sent before"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "file": {
                                "type": "array",
                                "items": {"type": "string", "format": "binary"},
                                "description": "视频、照片、轨迹 videos, photos, "
                                "track, camera.toml, roads.geojson; or alone "
                                "车载识别包 a package NAME.edge.zip",
                            }
                        },
                        "required": ["file"],
                    }
                }
            },
        }
    },
)
async def post_drive(
    request: Request,
    response: Response,
    caller: Device,
    uploads: TheUploads,
    sent: Annotated[DriveQuery, Query()],
) -> JobOut:
    """The files of one form are one drive; the body is never whole in memory.

    What cannot be read is kept aside and named in the answer; 422 if that is all of
    the footage. 413 or 507 if a file is more than the device may have lying here.
    """
    came = await receive_drive(
        request, uploads, UploadSender(caller.key_id, caller.district)
    )
    sender = Sender(
        vehicle=sent.vehicle,
        district=caller.district,
        by=caller.key_id,
        priority=sent.priority,
    )
    job, new = await run_in_threadpool(
        submit,
        uploads.settings,
        uploads.store,
        came.files,
        sender,
        aside=came.aside,
    )
    response.status_code = 202 if new else 200
    return _out(job)


@router.post(
    "/drives/{drive_id}/inspect",
    status_code=202,
    summary="用另一模型重新识别 Inspect a drive again with another model",
)
def post_inspect(
    drive_id: DriveId,
    caller: Admin,
    store: TheStore,
    settings: TheSettings,
    model: Annotated[
        str, Query(max_length=80, description="识别模型 name@version, see /models")
    ],
    priority: Priority = USUAL_PRIORITY,
) -> JobOut:
    """410 when the footage was deleted; the newest inspection counts."""
    sender = Sender(by=caller.key_id, priority=priority, model=model)
    if caller.district is not None:
        _refuse_other(store, drive_id, caller)
    return _out(inspect_again(settings, store, drive_id, sender)[0])


@router.get("/jobs", summary="任务列表 Jobs, the newest first")
def get_jobs(
    caller: Anybody,
    store: TheStore,
    settings: TheSettings,
    state: Annotated[State | None, Query(description="状态 only these")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="每页行数 rows")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=200, description="游标 as the last page gave it")
    ] = None,
) -> JobPage:
    """A device sees what it sent itself."""
    limit = min(limit, settings.limits.page)
    found = store.jobs(
        states=None if state is None else (state,),
        wanted=_wanted(caller),
        after=None if cursor is None else _after(cursor),
        limit=limit + 1,
    )
    page = found[:limit]
    more = len(found) > limit
    return JobPage(
        items=[_out(job) for job in page], next=_cursor(page[-1]) if more else None
    )


@router.get("/jobs/{job_id}", summary="任务进度 How far a job has come")
def get_job(job_id: JobId, caller: Anybody, store: TheStore) -> JobOut:
    """404 for a job of others."""
    return _out(_seen(store, job_id, caller))


@router.post("/jobs/{job_id}/cancel", summary="取消任务 Cancel a job")
def cancel_job(job_id: JobId, caller: Device, store: TheStore) -> JobOut:
    """409 if it ended or its drive is in the store; what runs stops within seconds."""
    job = _seen(store, job_id, caller)
    if not store.cancel_job(job.id, now_s=time.time()):
        job = _seen(store, job_id, caller)
        if job.is_open:
            raise HTTPException(409, "its drive is in the store and is being scored")
        raise HTTPException(409, f"the job has ended already: {job.state}")
    return _out(_seen(store, job_id, caller))


def _seen(store: Store, job_id: str, caller: Caller) -> JobRecord:
    job = store.job(job_id)
    if job is None or not all(
        getattr(job.order, name) == value for name, value in _wanted(caller).items()
    ):
        msg = f"there is no job {job_id}"
        raise NotFoundError(msg)
    return job


def _wanted(caller: Caller) -> dict[str, str]:
    """Return what a job must be like to be shown."""
    if caller.role == "device":
        return {"by": caller.key_id}
    return {} if caller.district is None else {"district": caller.district}


def _refuse_other(store: Store, drive_id: str, caller: Caller) -> None:
    wanted = {"drive_id": drive_id, **_wanted(caller)}
    if not store.jobs(wanted=wanted, limit=1):
        msg = f"there is no drive {drive_id}"
        raise NotFoundError(msg)


def _cursor(job: JobRecord) -> str:
    text = json.dumps([job.submitted_s, job.id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _after(cursor: str) -> tuple[float, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        sent_s, name = json.loads(base64.urlsafe_b64decode(padded))
        return float(sent_s), str(name)
    except (binascii.Error, ValueError, TypeError) as error:
        msg = "cursor: it is not one that this service gave; begin without it"
        raise InputError(msg) from error


def _out(job: JobRecord) -> JobOut:
    done = bool(job.result)
    return JobOut(
        id=job.id,
        kind=job.order.kind,
        state=job.state,
        step=job.step,
        progress=None if not job.total else min(job.done / job.total, 1.0),
        done=job.done,
        total=job.total,
        left_s=job.left_s,
        priority=job.order.priority,
        vehicle=job.order.vehicle,
        model=job.order.model,
        files=dict(job.order.files),
        aside=[
            FailureOut.model_validate(one)
            for one in job.order.given.get("failures", ())
        ],
        error=job.error,
        submitted=_when(job.submitted_s),
        started=None if job.started_s is None else _when(job.started_s),
        finished=None if job.finished_s is None else _when(job.finished_s),
        result=ResultOut.model_validate(job.result) if done else None,
    )


def _when(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
