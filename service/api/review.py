"""The review desk tells of answers."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, Field

from service.api.asked import Caller, TheSettings, TheStore, only
from service.api.refusals import refusals
from service.review.desks import page_words
from service.review.sync import receive

router = APIRouter(prefix="/review", tags=["review 复核"])
Desk = Annotated[Caller, Depends(only("reviewer"))]


class HeardOut(BaseModel):
    """What came of a message of the desk."""

    received: int = Field(
        ge=0, description="新收到的答复数 answers that we had not heard of"
    )


@router.post(
    "/webhook",
    status_code=202,
    summary="审核台的通知 What the review desk tells",
    responses=refusals(400, 401, 403),
)
def hear(
    payload: Annotated[dict[str, Any], Body(description="Label Studio webhook")],
    _: Desk,
    store: TheStore,
    settings: TheSettings,
) -> HeardOut:
    """Note an answer of the review desk; a worker lets it count within seconds.

    `liujing review setup` sets it up in Label Studio, which waits one second for the
    answer and never sends a message again; what it could not say is asked for later.
    Only the annotation is read; the rest, which has tokens in it, is dropped.
    """
    words = page_words(settings)
    return HeardOut(received=receive(store, words, payload, now_s=time.time()))
