"""Files come in piece by piece by tus 1.0, and what of them is here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from service.api.asked import UPLOADS, Caller, TheUploads, only
from service.api.jobs import MOST_BYTES
from service.api.problems import CHECKSUM_MISMATCH, MEDIA_TYPE
from service.api.refusals import ProblemOut
from service.intake.devices import keys_of
from service.intake.incoming import Incoming, resume
from service.intake.received import received
from service.intake.tus import (
    ALGORITHMS,
    EXTENSIONS,
    VERSION,
    read_bytes,
    read_checksum,
    read_promise,
)
from service.intake.uploads import Uploads, UploadSender
from service.upload_records import UploadRecord
from vision.errors import NotFoundError

router = APIRouter(tags=["上传 uploads"])

PIECES = "application/offset+octet-stream"
_AT_ONCE = 4 << 20
"""Bytes that are written together."""

Device = Annotated[Caller, Depends(only("device"))]
UploadId = Annotated[
    str,
    Path(
        description="上传编号 name of the upload",
        json_schema_extra={"pattern": "^[0-9a-f]{32}$"},
    ),
]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class ReceivedOut(BaseModel):
    """What the service has of one file."""

    sha256: str = Field(description="文件 SHA-256 of the file")
    state: Literal["whole", "partial", "unknown", "aside", "deleted"] = Field(
        description="状态 `whole`: on the disk and checked; `aside`: likewise, but it "
        "cannot be read; `deleted`: was here until its days were over. A sender may "
        "delete its file after these three alone"
    )
    offset: int | None = Field(description="已收字节数 bytes that are here, or null")
    size: int | None = Field(description="文件字节数 bytes of the file, or null")
    upload: str | None = Field(description="上传地址 where it is coming, or null")
    reason: str | None = Field(description="搁置原因 why it cannot be read, or null")


class ReceivedList(BaseModel):
    """What the service has of files, in the order asked for."""

    items: list[ReceivedOut] = Field(description="文件 files")


def _header(name: str, schema: Mapping[str, Any], meaning: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": True,
        "schema": {"type": "string", **schema},
        "description": meaning,
    }


_RESUMABLE = _header("Tus-Resumable", {"enum": [VERSION]}, "协议版本 of the protocol")
_LENGTH = _header(
    "Upload-Length", {"pattern": "^[1-9][0-9]{0,9}$"}, "文件字节数 bytes of the file"
)
_METADATA = _header(
    "Upload-Metadata",
    {"examples": ["filename Z28ubXA0"]},
    "文件说明 key and value in base64, parted by commas: filename, sha256, drive",
)
_OFFSET = _header(
    "Upload-Offset", {"pattern": "^[0-9]{1,10}$"}, "起始字节 where the bytes begin"
)
_CHECKSUM = {
    **_header(
        "Upload-Checksum",
        {"pattern": "^(sha1|sha256|md5) [A-Za-z0-9+/]{4,60}={0,2}$"},
        "校验和 algorithm and sum, in base64, of the bytes of this request",
    ),
    "required": False,
}
_BEGUN = {
    "description": "已开始 It has begun; bytes go to `Location`",
    "headers": {
        "Location": {
            "description": "上传地址 of the upload",
            "schema": {"type": "string"},
        },
        "Upload-Offset": {
            "description": "已收字节数 bytes that are here; all, if the file is",
            "schema": {"type": "string"},
        },
    },
}
_BODY = {"content": {PIECES: {"schema": {"type": "string", "format": "binary"}}}}


def _answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    meant = {
        408: "许久没有数据 No byte came for a while; what came is kept",
        412: "协议版本不符 Another version of tus",
        415: "内容类型不符 The body is no piece of a file",
        423: "正在写入 Somebody else is sending to it",
        CHECKSUM_MISMATCH: "校验和不符 The bytes are not those that were promised",
    }
    schema = ProblemOut.model_json_schema()
    return {
        code: {"description": meant[code], "content": {MEDIA_TYPE: {"schema": schema}}}
        for code in codes
    }


@router.options(
    UPLOADS, status_code=204, summary="协议能力 What the service can of tus 1.0"
)
async def options_uploads(_: Device, uploads: TheUploads) -> Response:
    """Concatenation and a length that comes later are not among it."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": ",".join(EXTENSIONS),
        "Tus-Max-Size": str(uploads.largest),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return Response(status_code=204, headers=headers)


@router.post(
    UPLOADS,
    status_code=201,
    response_class=Response,
    max_body_size=MOST_BYTES,
    summary="开始上传 Begin an upload (tus creation, creation-with-upload)",
    responses={201: _BEGUN, **_answers(408, 412, 415, 423, CHECKSUM_MISMATCH)},
    openapi_extra={
        "parameters": [_RESUMABLE, _LENGTH, _METADATA, _CHECKSUM],
        "requestBody": _BODY,
    },
)
async def post_upload(
    request: Request, caller: Device, uploads: TheUploads
) -> Response:
    """A file that is here already, by the sha256 of its metadata, needs no bytes.

    One that this device has begun already is given again, with its offset.
    """
    _refuse_other_version(request)
    given = request.headers
    promised = read_promise(given.get("upload-length"), given.get("upload-metadata"))
    checksum = read_checksum(given.get("upload-checksum"))
    length = _length_of(request)
    if length != 0:
        _refuse_other_type(request)
    sender = UploadSender(caller.key_id, caller.district)
    record = await run_in_threadpool(uploads.begin, promised, sender)
    if length != 0 and not record.is_here and not record.offset:
        record = await _take(request, uploads, record, (0, length, checksum))
    headers = {**_stands(record), "Location": f"{UPLOADS}/{record.id}"}
    return Response(status_code=201, headers=headers)


@router.get(f"{UPLOADS}/received", summary="已收到的文件 What of files is here")
def get_received(
    caller: Device,
    uploads: TheUploads,
    sha256: Annotated[
        list[Sha256],
        Query(min_length=1, max_length=100, description="文件的 SHA-256 of each file"),
    ],
) -> ReceivedList:
    """A sender asks this before it deletes its own files."""
    found = received(uploads.store, uploads.quarantine, sha256, caller.key_id)
    return ReceivedList(
        items=[
            ReceivedOut(
                sha256=one.sha256,
                state=one.state,
                offset=one.offset,
                size=one.size,
                upload=None if one.upload is None else f"{UPLOADS}/{one.upload}",
                reason=one.reason,
            )
            for one in found
        ]
    )


@router.head(
    f"{UPLOADS}/{{upload_id}}",
    response_class=Response,
    summary="上传进度 How far an upload has come",
    responses=_answers(412, 423, CHECKSUM_MISMATCH),
    openapi_extra={"parameters": [_RESUMABLE]},
)
def head_upload(
    request: Request, upload_id: UploadId, caller: Device, uploads: TheUploads
) -> Response:
    """What `Upload-Offset` says is safely on the disk."""
    record = _seen(uploads, upload_id, caller)
    _refuse_other_version(request)
    record = uploads.standing(record)
    headers = {
        **_stands(record),
        "Upload-Length": str(record.size),
        "Upload-Metadata": record.given,
    }
    return Response(status_code=200, headers=headers)


@router.patch(
    f"{UPLOADS}/{{upload_id}}",
    status_code=204,
    max_body_size=MOST_BYTES,
    summary="续传 Send the next bytes of an upload",
    responses=_answers(408, 412, 415, 423, CHECKSUM_MISMATCH),
    openapi_extra={
        "parameters": [_RESUMABLE, _OFFSET, _CHECKSUM],
        "requestBody": {**_BODY, "required": True},
    },
)
async def patch_upload(
    request: Request, upload_id: UploadId, caller: Device, uploads: TheUploads
) -> Response:
    """The last byte is answered when the whole file was checked and kept."""
    record = await run_in_threadpool(_seen, uploads, upload_id, caller)
    _refuse_other_version(request)
    _refuse_other_type(request)
    at = read_bytes("Upload-Offset", request.headers.get("upload-offset"))
    checksum = read_checksum(request.headers.get("upload-checksum"))
    piece = (at, _length_of(request), checksum)
    record = await _take(request, uploads, record, piece)
    return Response(status_code=204, headers=_stands(record))


@router.delete(
    f"{UPLOADS}/{{upload_id}}",
    status_code=204,
    summary="放弃上传 Give an upload up",
    responses=_answers(412, 423, CHECKSUM_MISMATCH),
    openapi_extra={"parameters": [_RESUMABLE]},
)
def delete_upload(
    request: Request, upload_id: UploadId, caller: Device, uploads: TheUploads
) -> Response:
    """409 for a file that is whole: such a one is deleted when its days are over."""
    record = _seen(uploads, upload_id, caller)
    _refuse_other_version(request)
    uploads.end(record)
    return Response(status_code=204)


async def _take(
    request: Request,
    uploads: Uploads,
    record: UploadRecord,
    piece: tuple[int, int | None, tuple[str, bytes] | None],
) -> UploadRecord:
    """Take the body of a request; return how the upload stands then.

    Args:
        request: its body.
        uploads: all of them.
        record: which one.
        piece: where it begins, its bytes if they are known, its checksum if it has one.
    """
    taken = await run_in_threadpool(resume, uploads, record, *piece)
    if isinstance(taken, UploadRecord):
        return taken
    try:
        await _pour(request, taken, uploads.settings.uploads.silent_s)
        return await run_in_threadpool(taken.finish)
    except ClientDisconnect as error:
        await run_in_threadpool(taken.stop)
        raise HTTPException(
            408, "the sender went away; ask with HEAD and go on from there"
        ) from error
    except TimeoutError as error:
        await run_in_threadpool(taken.stop)
        raise HTTPException(
            408, "no byte came for a while; ask with HEAD and go on from there"
        ) from error
    finally:
        await run_in_threadpool(taken.close)


async def _pour(request: Request, into: Incoming, silent_s: float) -> None:
    """Write a body while it comes: the next bytes are received during each write.

    Raises:
        ClientDisconnect: the sender went away.
        TimeoutError: it fell silent.
    """
    clock = asyncio.get_running_loop().time
    pour = _Pour(into)
    try:
        async with asyncio.timeout(silent_s) as silence:
            async for chunk in request.stream():
                if pour.add(chunk):
                    silence.reschedule(None)
                    await pour.write()
                silence.reschedule(clock() + silent_s)
    except (ClientDisconnect, TimeoutError):
        await pour.end()
        raise
    await pour.end()


class _Pour:
    """Bytes that wait to be written, and the write that is going on."""

    def __init__(self, into: Incoming) -> None:
        self._into = into
        self._waiting: list[bytes] = []
        self._size = 0
        self._writing: asyncio.Future[None] | None = None

    def add(self, chunk: bytes) -> bool:
        """Take a chunk; say if it is time to write."""
        self._waiting.append(chunk)
        self._size += len(chunk)
        return self._size >= _AT_ONCE

    async def write(self) -> None:
        """Begin to write what waits, as soon as the write before is done."""
        if self._writing is not None:
            await self._writing
        data = b"".join(self._waiting)
        self._waiting, self._size = [], 0
        self._writing = asyncio.ensure_future(run_in_threadpool(self._into.write, data))

    async def end(self) -> None:
        """Write all that waits."""
        await self.write()
        if self._writing is not None:
            await self._writing


def _seen(uploads: Uploads, upload_id: str, caller: Caller) -> UploadRecord:
    """Return an upload that may be shown: a device's own, a district's to an admin."""
    if upload_id == "received":
        raise HTTPException(405)
    record = uploads.find(upload_id)
    own = record.key_id == caller.key_id or record.key_id in keys_of(
        uploads.store, caller.key_id
    )
    if own or (caller.role == "admin" and caller.sees(record.district)):
        return record
    msg = f"there is no upload {upload_id}"
    raise NotFoundError(msg)


def _stands(record: UploadRecord) -> dict[str, str]:
    """Return the headers that say how an upload stands."""
    headers = {"Upload-Offset": str(record.offset)}
    if not record.is_here:
        until = datetime.fromtimestamp(record.expires_s, UTC)
        headers["Upload-Expires"] = format_datetime(until, usegmt=True)
    return headers


def _refuse_other_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise HTTPException(
            412, f"send the header Tus-Resumable: {VERSION}", {"Tus-Version": VERSION}
        )


def _refuse_other_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != PIECES:
        raise HTTPException(415, f"send pieces of files as Content-Type: {PIECES}")


def _length_of(request: Request) -> int | None:
    """Return the bytes of the body; None if they are not said."""
    if "transfer-encoding" in request.headers:
        return None
    return int(request.headers.get("content-length", "0"))
