"""Masked pictures by signed links, and the proof that one is the one that was taken."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field

from service.api.asked import Caller, Reader, TheStore
from service.api.refusals import refusals, time_of
from service.evidence import walk, what_is_wrong
from service.links import link_secret, signed_by_us
from service.records import ChainLink
from service.store import Store
from vision.errors import GoneError, NotFoundError

router = APIRouter(prefix="/evidence", tags=["evidence 图片"])
_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
_UNKNOWN = "application/octet-stream"
Name = Annotated[
    str,
    Path(
        pattern=r"^[0-9A-Za-z_-]{1,128}\.[0-9a-z]{1,8}$",
        description="图片名：内容的 SHA-256 和后缀 SHA-256 of its bytes and a suffix",
    ),
]
_PICTURE = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (
    *dict.fromkeys(_TYPES.values()), _UNKNOWN)}  # fmt: skip


class ProofOut(BaseModel):
    """The row of the chain in which a picture was first kept, and whether it holds."""

    name: str = Field(description="图片名 name of the picture")
    row: int = Field(description="证据链中的行 row of the evidence chain, from 1 on")
    at: datetime = Field(description="存入时刻 when it was kept, RFC 3339")
    inspection_id: str = Field(description="检查编号 inspection that took it")
    footage_sha256: str | None = Field(
        description="原始影像的 SHA-256，未知为空 SHA-256 of the original footage file"
    )
    pts_s: float = Field(
        description="在原始影像中的时刻，秒 time in that file, seconds"
    )
    previous: str = Field(description="前一行的哈希 hash of the row before")
    hash: str = Field(description="本行的哈希 hash of this row")
    bytes_match: bool = Field(
        description="图片内容与名称一致 the bytes on disk hash to the name"
    )
    chain_intact: bool = Field(
        description="从头到本行的证据链完整 the chain is intact up to this row"
    )
    wrong: str | None = Field(
        description="不符之处，没有则为空 what is wrong, null if nothing is"
    )


@router.get(
    "/{name}",
    summary="图片 A masked picture",
    response_class=Response,
    responses={
        200: {"description": "图片 the picture", "content": _PICTURE},
        304: {"description": "未变 not changed"},
        **refusals(400, 403, 404),
    },
)
def get_picture(
    name: Name,
    request: Request,
    store: TheStore,
    until: Annotated[int, Query(description="链接的期限，Unix 秒 end of the link")],
    sig: Annotated[str, Query(max_length=128, description="签名 signature")],
) -> Response:
    """Return a picture for a link of ours; the signature is the permission."""
    if not signed_by_us(link_secret(store), name, until, sig):
        raise HTTPException(403, "this link is not ours: ask the finding for its links")
    left_s = int(until - time.time())
    if left_s <= 0:
        raise HTTPException(403, "this link has expired: ask the finding for a new one")
    headers = {
        "Cache-Control": f"private, max-age={left_s}",
        "ETag": f'"{PurePath(name).stem}"',
        # The link is the permission, so a page of another origin (the review desk) may
        # read the picture too; nothing else here may.
        "Access-Control-Allow-Origin": "*",
    }
    content = _content(store, name)
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(None, 304, headers)
    kind = _TYPES.get(PurePath(name).suffix, _UNKNOWN)
    return Response(content, 200, headers, media_type=kind)


def _content(store: Store, name: str) -> bytes:
    try:
        return store.blobs.get(name)
    except NotFoundError:
        gone_s = store.picture_gone_s(name)
        if gone_s is None:
            raise
        day = time_of(gone_s).date().isoformat()
        msg = (
            f"the picture {name} was deleted on {day} (UTC), its days being over; what "
            "was seen in it is kept"
        )
        raise GoneError(msg) from None


@router.get(
    "/{name}/proof",
    summary="图片的证明 Proof of a picture",
    responses=refusals(400, 401, 403, 404),
)
def get_proof(name: Name, caller: Reader, store: TheStore) -> ProofOut:
    """Check a picture's bytes, and the chain from its beginning to the picture's row.

    The whole way is walked at every question; a million rows take some seconds.
    """
    links = [link for link in store.chained(name) if _may_see(store, caller, link)]
    if not links:
        msg = f"there is no picture {name} in the evidence chain"
        raise NotFoundError(msg)
    link = links[0]
    walked = walk(store, to=link.row)
    changed = what_is_wrong(store, name)
    broken = None if walked.broken is None else walked.broken.message
    return ProofOut(
        **link.as_row() | {"at": time_of(link.at_s)},
        bytes_match=changed is None,
        chain_intact=broken is None,
        wrong="; ".join(said for said in (changed, broken) if said) or None,
    )


def _may_see(store: Store, caller: Caller, link: ChainLink) -> bool:
    if caller.district is None:
        return True
    found = (
        store.district_of(street)
        for street in store.streets_of_picture(link.inspection_id, link.name)
    )
    return any(one is not None and caller.sees(one[0]) for one in found)
