"""Webhooks: the centre asks to be told; the secret is shown once."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from service.api.asked import Caller, TheSettings, TheStore, only
from service.api.changes import MOST, refuse_later
from service.api.refusals import Id, refusals, time_of
from service.outward import check_url
from service.store import Store
from service.told import ChangeKind, HookState
from service.webhooks import make_hook
from vision.errors import NotFoundError

router = APIRouter(prefix="/webhooks", tags=["webhooks 推送"])
Centre = Annotated[Caller, Depends(only("centre"))]


class HookIn(BaseModel):
    """A webhook as it is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl = Field(
        description="接收地址，http 或 https，须为公网地址 "
        "where to post: http or https, a public address",
        examples=["https://centre.example/liujing"],
    )
    kinds: list[ChangeKind] = Field(
        default=[],
        max_length=10,
        description="变化种类，空为全部 kinds of changes, empty for all",
    )
    since: int | None = Field(
        default=None,
        ge=0,
        le=MOST,
        description="从此序号之后的变化起，空为从现在起 from the changes after this "
        "number; null for those from now on",
    )


class HookOut(BaseModel):
    """A webhook and how it fares."""

    id: str = Field(description="编号 id")
    url: str = Field(description="接收地址 where it posts to")
    kinds: list[str] = Field(description="变化种类，空为全部 kinds, empty for all")
    district: str | None = Field(
        description="只推送该区，空为全市 only this district, null for all"
    )
    made: datetime = Field(description="建立时刻 when it was made, RFC 3339")
    state: Literal["active", "failing", "given_up"] = Field(
        description="状态 state: active 正常, failing 重试中, given_up 已停用"
    )
    sent: int = Field(description="已送达的序号 changes up to this number came through")
    failures: int = Field(ge=0, description="连续失败次数 failures in a row")
    failing_since: datetime | None = Field(
        description="从何时起失败 since when it fails, RFC 3339"
    )
    next_try: datetime | None = Field(
        description="下次重试 when it tries again, null unless it fails"
    )
    last_delivery: datetime | None = Field(
        description="最近一次送达 when a delivery last came through, RFC 3339"
    )
    reason: str | None = Field(description="失败原因 why it fails or was given up")


class NewHookOut(HookOut):
    """A webhook that was just made."""

    secret: str = Field(
        description="签名密钥，只显示这一次 signs the deliveries; shown only now"
    )


class HooksOut(BaseModel):
    """All webhooks that the key may see."""

    items: list[HookOut] = Field(description="推送 webhooks, the oldest first")


@router.post(
    "",
    status_code=201,
    summary="建立推送 Make a webhook",
    responses=refusals(400, 401, 403),
)
def add_webhook(
    wanted: HookIn, caller: Centre, store: TheStore, settings: TheSettings
) -> NewHookOut:
    """Make a webhook; a key of a district is told of that district alone.

    Changes come as `{"hook", "items", "next"}`, `items` and `next` as in `/changes`,
    in their order, each until it was answered with 2xx, and perhaps more than once.
    They are signed as the Standard Webhooks specification says, in the headers
    `webhook-id`, `webhook-timestamp` and `webhook-signature`: `v1,` and the base64 of
    HMAC-SHA256 over `ID.TIMESTAMP.BODY`, the key being the base64 after `whsec_` in
    the secret. The same id is the same delivery.
    """
    url = str(wanted.url)
    check_url(url, private=settings.hooks.private)
    if wanted.since is not None:
        refuse_later(wanted.since, store.changes(limit=1)[1])
    hook = make_hook(
        store,
        url=url,
        kinds=wanted.kinds,
        district=caller.district,
        key_id=caller.key_id,
        since=wanted.since,
    )
    made = _find(store, caller, hook.id)
    return NewHookOut(**_out(made).model_dump(), secret=hook.secret)


@router.get("", summary="推送列表 Webhooks", responses=refusals(401, 403))
def list_webhooks(caller: Centre, store: TheStore) -> HooksOut:
    """Return the webhooks that were not deleted, those given up among them."""
    found = [one for one in store.hooks() if _may_see(caller, one)]
    return HooksOut(items=[_out(one) for one in found])


@router.get(
    "/{hook_id}",
    summary="一个推送 One webhook",
    responses=refusals(400, 401, 403, 404),
)
def get_webhook(hook_id: Id, caller: Centre, store: TheStore) -> HookOut:
    """Return a webhook and how it fares; its secret is not shown again."""
    return _out(_find(store, caller, hook_id))


@router.delete(
    "/{hook_id}",
    status_code=204,
    summary="删除推送 Delete a webhook",
    responses=refusals(400, 401, 403, 404),
)
def delete_webhook(hook_id: Id, caller: Centre, store: TheStore) -> None:
    """Delete a webhook; one that was given up is made anew by making another."""
    _find(store, caller, hook_id)
    reason = f"deleted with the key {caller.key_id}"
    store.end_hook(hook_id, cause="deleted", reason=reason, known_s=time.time())


def _find(store: Store, caller: Caller, hook_id: str) -> HookState:
    for one in store.hooks():
        if one.hook.id == hook_id and _may_see(caller, one):
            return one
    msg = f"there is no webhook {hook_id}; see /webhooks"
    raise NotFoundError(msg)


def _may_see(caller: Caller, one: HookState) -> bool:
    return caller.sees(one.hook.district)


def _out(one: HookState) -> HookOut:
    hook, failing = one.hook, one.failures > 0
    state: Literal["active", "failing"] = "failing" if failing else "active"
    tries_again = failing and one.failed is None
    return HookOut(
        id=hook.id,
        url=hook.url,
        kinds=list(hook.kinds),
        district=hook.district,
        made=time_of(hook.known_s),
        state=state if one.failed is None else "given_up",
        sent=one.sent,
        failures=one.failures,
        failing_since=_time(one.failed_since_s),
        next_try=time_of(one.next_s) if tries_again else None,
        last_delivery=_time(one.last_s),
        reason=one.failed or one.last_error,
    )


def _time(at_s: float | None) -> datetime | None:
    return None if at_s is None else time_of(at_s)
