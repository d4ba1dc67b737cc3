"""Answers come in by webhook and by poll under the same names, and are applied once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from service.review.answers import Asked, name_of, read_answer, version_of
from service.review.base import AddedBox, DeskTask, ReviewDesk, ReviewIn, token_of
from service.review.page import KEY_FIELD
from service.review.words import Words
from service.review_records import AnswerRow, Came, PushedTask
from service.settings import Settings
from service.store import Store
from vision.errors import AuditError, FormError, StoreError

logger = logging.getLogger(__name__)

Apply = Callable[[Store, Settings, ReviewIn], Any]
"""`service.review.apply.apply_review`: lets an answer change findings and scores; the
same source a second time changes nothing."""
SWEEP_EVERY_S = 3600.0
_MARGIN_S = 120.0
"""Clocks differ, and what is written now may be seen a little later."""
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Polled:
    """What a look at the desk's answers came to.

    Attributes:
        tasks: that were looked at.
        received: answers that we had not heard of.
        unusable: those of them that cannot be used.
        lost: tasks of ours that somebody deleted there.
    """

    tasks: int
    received: int
    unusable: int
    lost: int


def receive(
    store: Store, words: Words, payload: Mapping[str, Any], *, now_s: float
) -> int:
    """Note what a webhook tells; return how many answers were new.

    Of what it holds only the annotation and its task's name are read; nothing else is
    kept or logged: the rest has tokens in it. A task that is not ours is no concern of
    ours, though its number be one of ours: another Label Studio counts anew.

    Raises:
        FormError: this is none of the desk's messages.
    """
    action = payload.get("action")
    if action in ("ANNOTATION_CREATED", "ANNOTATION_UPDATED"):
        annotation = payload.get("annotation")
        number = annotation.get("task") if isinstance(annotation, Mapping) else None
        if not isinstance(annotation, Mapping) or not isinstance(number, int):
            msg = f"a webhook of {action} names no annotation and task"
            raise FormError(msg)
        return sum(
            note_answer(store, words, row, annotation, came="webhook", now_s=now_s)
            for row in store.pushed_tasks(task_ids=[number])
            if _is_called(row, _token(payload.get("task")))
        )
    if action == "ANNOTATIONS_DELETED":
        return sum(
            _take_back(store, last, now_s=now_s, came="webhook")
            for number in _numbers(payload.get("annotations"))
            if (last := _last(_at_this_desk(store, number))) is not None
        )
    return 0


def note_answer(
    store: Store,
    words: Words,
    row: PushedTask,
    annotation: Mapping[str, Any],
    *,
    came: Came,
    now_s: float,
) -> bool:
    """Note one version of an answer; False if it was in, in whatever way it came.

    Raises:
        FormError: this is no annotation at all.
    """
    source, name = version_of(annotation), name_of(annotation)
    asked = Asked(row.key, row.task_id or 0, row.image, (row.width_px, row.height_px))
    new = AnswerRow(
        source=source,
        annotation=name,
        number=annotation["id"],
        key=row.key,
        came=came,
        said=None,
        at_s=int(source.rpartition("-")[2]) / 1e6,
        received_s=now_s,
        state="waiting",
    )
    try:
        said = read_answer(annotation, asked, words)
    except FormError as error:
        added = store.add_answer(
            replace(new, state="failed", error=str(error), done_s=now_s)
        )
        if added:
            logger.warning("answer cannot be used", extra={"said": str(error)})
        return added
    return store.add_answer(replace(new, said=asdict(said)))


def poll(
    store: Store,
    words: Words,
    desk: ReviewDesk,
    *,
    name: str,
    now_s: float,
    whole: bool = False,
) -> Polled:
    """Ask the desk for answers: a webhook that met a closed door never comes again.

    Args:
        store: the city's memory.
        words: that the page offers.
        desk: where people review.
        name: under which the store knows it.
        now_s: Unix seconds.
        whole: look at every task; else at those that changed since the last look, and
            at all of them once an hour.

    Raises:
        DeskError: the desk cannot be reached, refuses us, or is not what we made.
    """
    with store.at_the_desk():
        state = store.desk_state(name)
        whole = whole or now_s - state.swept_s >= SWEEP_EVERY_S
        since_s = None if whole else state.polled_s - _MARGIN_S
        tasks = [task for task in desk.changed(since_s) if task.token is not None]
        called = {task.id: task.token for task in tasks}
        rows = {
            row.task_id: row
            for row in store.pushed_tasks(task_ids=called)
            if _is_called(row, called[row.task_id or 0])
        }
        before = store.review_counts()["answers"]
        for task in tasks:
            row = rows.get(task.id)
            if row is not None:
                _note_task(store, words, row, task, now_s=now_s)
        lost = _find_lost(store, desk, called, now_s=now_s) if whole else 0
        store.note_desk(
            replace(
                state,
                polled_s=now_s,
                swept_s=now_s if whole else state.swept_s,
                error=None,
            )
        )
    after = store.review_counts()["answers"]
    return Polled(
        tasks=len(tasks),
        received=sum(after.values()) - sum(before.values()),
        unusable=after.get("failed", 0) - before.get("failed", 0),
        lost=lost,
    )


def apply_waiting(
    store: Store, settings: Settings, apply: Apply, *, now_s: float
) -> tuple[int, int]:
    """Apply the answers that wait, in the order they were said.

    Returns:
        How many were applied, and how many cannot be.

    Raises:
        StoreError: the store cannot be used now; the answer at hand waits on.
    """
    applied = failed = 0
    if not store.answers(state="waiting", limit=1):
        return 0, 0
    with store.at_the_answers():
        for row in store.answers(state="waiting", limit=_AT_ONCE):
            if _is_overtaken(store, row):
                store.end_answer(row.source, "overtaken", now_s=now_s)
                continue
            try:
                apply(store, settings, review_of(row))
            except StoreError:  # it says nothing of the answer, and may pass
                raise
            except AuditError as error:
                said = f"task {row.key}: {error}"
                store.end_answer(row.source, "failed", now_s=now_s, error=said)
                logger.warning("answer not applied", extra={"said": said})
                failed += 1
            else:
                store.end_answer(row.source, "applied", now_s=now_s)
                applied += 1
    return applied, failed


def review_of(row: AnswerRow) -> ReviewIn:
    """Return the answer of a row."""
    said = dict(row.said or {})
    said["added"] = tuple(
        AddedBox(**{**one, "xyxy": tuple(one["xyxy"])}) for one in said["added"]
    )
    box = said["box"]
    return ReviewIn(**{**said, "box": None if box is None else tuple(box)})


def _note_task(
    store: Store, words: Words, row: PushedTask, task: DeskTask, *, now_s: float
) -> None:
    """Note the answers of a task, and those that are there no more.

    What came in since the desk was asked, or just before, may be missing from what it
    said then: that is no sign that somebody took it back.
    """
    there = set()
    for annotation in task.annotations:
        try:
            there.add(name_of(annotation))
            note_answer(store, words, row, annotation, came="poll", now_s=now_s)
        except FormError as error:
            logger.warning("no annotation", extra={"task": task.id, "said": str(error)})
    for name, versions in _by_annotation(store.answers(key=row.key)).items():
        last = _last(versions)
        fresh = any(one.received_s >= now_s - _MARGIN_S for one in versions)
        if name not in there and last is not None and not fresh:
            _take_back(store, last, now_s=now_s, came="poll")


def _find_lost(
    store: Store,
    desk: ReviewDesk,
    called: Mapping[int, str | None],
    *,
    now_s: float,
) -> int:
    """Note which open tasks somebody deleted at the desk; what they said stays.

    Args:
        store: the city's memory.
        desk: where people review.
        called: number -> name of the tasks that are there: another desk's are not ours.
        now_s: Unix seconds.
    """
    there = desk.numbers()
    lost = [
        row
        for row in store.pushed_tasks(states=("open",))
        if row.task_id not in there
        or not _is_called(row, called.get(row.task_id, token_of(row.key)))
    ]
    for row in lost:
        store.note_task(
            row.key, state="lost", reason="deleted at the desk", ended_s=now_s
        )
    return len(lost)


def _take_back(store: Store, last: AnswerRow, *, now_s: float, came: Came) -> bool:
    """Note that a reviewer took an answer back; False if that is known."""
    said = review_of(last)
    source = f"{last.annotation}-deleted"
    if last.source == source:
        return False
    gone = replace(
        said,
        source=source,
        verdict="withdrawn",
        reason=None,
        category=None,
        zone=None,
        severity=None,
        added=(),
        box=None,
        at_s=max(now_s, last.at_s),
    )
    return store.add_answer(
        replace(
            last,
            source=source,
            came=came,
            said=asdict(gone),
            at_s=gone.at_s,
            received_s=now_s,
            state="waiting",
            error=None,
            done_s=None,
        )
    )


def _at_this_desk(store: Store, number: int) -> list[AnswerRow]:
    """Return the versions of an answer to a task that lies at the desk."""
    rows = store.answers(number=number)
    here = {
        row.key
        for row in store.pushed_tasks(keys={row.key for row in rows})
        if row.state == "open"
    }
    return [row for row in rows if row.key in here]


def _is_called(row: PushedTask, token: str | None) -> bool:
    """Say if a task at the desk is this one; the older ones bear their key."""
    return token in (row.key, token_of(row.key))


def _token(task: Any) -> str | None:
    data = task.get("data") if isinstance(task, Mapping) else None
    found = data.get(KEY_FIELD) if isinstance(data, Mapping) else None
    return found if isinstance(found, str) else None


def _is_overtaken(store: Store, row: AnswerRow) -> bool:
    """Say if a later version was applied, or there is nothing to take back."""
    versions = store.answers(annotation=row.annotation)
    applied = [one for one in versions if one.state == "applied"]
    if any(one.at_s > row.at_s for one in applied):
        return True
    takes_back = row.said is not None and row.said["verdict"] == "withdrawn"
    return takes_back and not applied


def _last(versions: Iterable[AnswerRow]) -> AnswerRow | None:
    """Return the newest version that could be used; None if none could."""
    return next((v for v in reversed(list(versions)) if v.said is not None), None)


def _by_annotation(rows: Iterable[AnswerRow]) -> dict[str, list[AnswerRow]]:
    found: dict[str, list[AnswerRow]] = {}
    for row in rows:
        found.setdefault(row.annotation, []).append(row)
    return found


def _numbers(listed: Any) -> list[int]:
    rows = listed if isinstance(listed, list) else []
    found = (row.get("id") for row in rows if isinstance(row, dict))
    return [number for number in found if isinstance(number, int)]
