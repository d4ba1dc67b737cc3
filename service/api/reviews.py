"""Reviews: a verdict without a desk, an objection, what was said, how well eyes do."""

from __future__ import annotations

import time
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from service.api.asked import Caller, Reader, TheSettings, TheStore, only
from service.api.findings import street_for
from service.api.refusals import Id, refusals
from service.api.review_forms import (
    AgreementOut,
    AppealBody,
    AppliedOut,
    MeasuresOut,
    QueueOut,
    ReviewBody,
    ReviewerOut,
    TaskOut,
    WordsOut,
    applied_out,
    class_out,
    share_out,
    word_out,
)
from service.api.turning import Turn, write_cursor
from service.records import KnownFinding
from service.review.apply import apply_review, finding_for
from service.review.base import AddedBox, ReviewIn
from service.review.measures import measures
from service.review.queue import worth
from service.store import Store

router = APIRouter(tags=["reviews 审核"])
_LIST = "reviews"
Reviewer = Annotated[Caller, Depends(only("reviewer"))]
Centre = Annotated[Caller, Depends(only("centre"))]


def _of_reviewer(finding_id: Id, caller: Reviewer, store: TheStore) -> KnownFinding:
    return _seen_by(finding_id, caller, store)


def _of_centre(finding_id: Id, caller: Centre, store: TheStore) -> KnownFinding:
    return _seen_by(finding_id, caller, store)


def _seen_by(finding_id: str, caller: Caller, store: Store) -> KnownFinding:
    known = finding_for(store, finding_id)
    street_for(store, caller, known.finding.segment_id or "")
    return known


class QueueQuery(BaseModel):
    """How much of the queue is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(
        default=50, ge=1, le=1000, description="最多几条 at most so many"
    )


@router.get(
    "/reviews", summary="审核记录 What was said", responses=refusals(400, 401, 403)
)
def list_reviews(
    caller: Reader,
    store: TheStore,
    settings: TheSettings,
    turn: Annotated[Turn, Query()],
) -> WordsOut:
    """Return what reviewers and units said, the last first."""
    rows = turn.rows(settings)
    after = turn.after(_LIST, str)
    before = None if after is None or not after[0].isdigit() else int(after[0])
    found = store.word_page(district=caller.district, after=before, limit=rows + 1)
    more = len(found) > rows
    return WordsOut(
        items=[word_out(kept, street) for kept, street in found[:rows]],
        next=write_cursor(_LIST, str(found[rows - 1][0].row)) if more else None,
    )


@router.get(
    "/reviews/queue",
    summary="待审队列 What is worth a review",
    responses=refusals(400, 401, 403),
)
def review_queue(
    caller: Reviewer,
    store: TheStore,
    settings: TheSettings,
    wanted: Annotated[QueueQuery, Query()],
) -> QueueOut:
    """Return what is asked first: what makes scores surer, and some by chance.

    Why a finding is asked about is not told: some have a known answer.
    """
    tasks = worth(store, settings, time.time(), district=caller.district)
    return QueueOut(
        items=[
            TaskOut(finding_id=task.finding_id, turn=task.turn)
            for task in tasks[: wanted.limit]
        ]
    )


@router.get(
    "/reviews/measures",
    summary="模型与审核员的表现 How well eyes and reviewers do",
    responses=refusals(401, 403),
)
def review_measures(
    caller: Centre, store: TheStore, settings: TheSettings
) -> MeasuresOut:
    """Return precision, recall, agreement and accuracy; for keys of the whole city."""
    if caller.district is not None:
        raise HTTPException(403, "measures are of the whole city; ask with such a key")
    found = measures(store, settings)
    return MeasuresOut(
        classes=[class_out(one) for one in found.classes],
        agreement=[
            AgreementOut(
                category=one.category,
                pairs=one.pairs,
                agreed=one.agreed,
                kappa=one.kappa,
            )
            for one in found.agreement
        ],
        reviewers=[
            ReviewerOut(
                reviewer=one.reviewer, answers=one.answers, gold=share_out(one.gold)
            )
            for one in found.reviewers
        ],
    )


@router.post(
    "/findings/{finding_id}/reviews",
    status_code=201,
    summary="审核一个问题 Say what a finding is",
    responses=refusals(400, 401, 403, 404),
)
def add_review(
    finding_id: Id,
    known: Annotated[KnownFinding, Depends(_of_reviewer)],
    said: ReviewBody,
    caller: Reviewer,
    store: TheStore,
    settings: TheSettings,
) -> AppliedOut:
    """Let a verdict count: finding, score and sums are another when this answers.

    The reviewer is the key's name. A finding that was taken back is answered for what
    took its place.
    """
    review = ReviewIn(
        source=f"api:{caller.key_id}:{said.source or uuid.uuid4().hex}",
        finding_id=finding_id,
        reviewer=_name_of(store, caller),
        verdict=said.verdict,
        reason=said.reason,
        category=said.category,
        zone=said.zone,
        severity=said.severity,
        added=tuple(AddedBox(box.category, box.xyxy, box.image) for box in said.added),
        at_s=time.time(),
        annotation=f"api:{_name_of(store, caller)}:{known.finding.id}",
    )
    return applied_out(apply_review(store, settings, review))


@router.post(
    "/findings/{finding_id}/appeal",
    status_code=201,
    summary="责任单位申诉 Object to a finding",
    responses=refusals(400, 401, 403, 404),
)
def appeal(
    finding_id: Id,
    known: Annotated[KnownFinding, Depends(_of_centre)],
    said: AppealBody,
    caller: Centre,
    store: TheStore,
    settings: TheSettings,
) -> AppliedOut:
    """Ask reviewers again; what they said counts until somebody answers anew."""
    del known  # asked for so that who may not see it learns nothing
    review = ReviewIn(
        source=f"appeal:{caller.key_id}:{uuid.uuid4().hex}",
        finding_id=finding_id,
        reviewer=said.unit or _name_of(store, caller),
        verdict="unclear",
        reason=said.reason,
        category=None,
        zone=None,
        severity=None,
        added=(),
        at_s=time.time(),
    )
    return applied_out(apply_review(store, settings, review, kind="appeal"))


def _name_of(store: Store, caller: Caller) -> str:
    keys = {key.id: key.name for key in store.all_keys()}
    return keys.get(caller.key_id, caller.key_id)
