"""Answers come in by webhook and by poll, count once, and leave no token behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service.review.apply import apply_review
from service.review.base import DeskError, DeskTask, ReviewIn, token_of
from service.review.desks import page_words
from service.review.push import push
from service.review.sync import apply_waiting, poll, receive
from service.review_records import DeskState
from service.settings import Settings
from service.store import Store
from tests.service.api.guarded import heard
from tests.service.review.answered import finding, value
from tests.service.review.desk import (
    FALSE,
    REAL,
    MemoryDesk,
    annotation,
    box,
    queue,
    settings_for,
    state,
    street,
)
from tests.service.store.records import NOON_S
from vision.errors import StoreError

NOW_S = NOON_S + 3600.0
TOKEN = "3f1c0f6a5b7e4d21a2b9c8d7e6f5a4b3c2d1e0f9"  # noqa: S105


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def desk() -> MemoryDesk:
    return MemoryDesk(now_s=NOW_S)


@pytest.fixture
def city(store: Store, settings: Settings, desk: MemoryDesk) -> Store:
    street(store)
    push(store, settings, desk, queue(store), now_s=NOW_S)
    return store


def task_of(city: Store, category: str) -> int:
    key = f"{finding(city, category)}#1"
    (row,) = city.pushed_tasks(keys=[key])
    assert row.task_id is not None
    return row.task_id


def told(action: str, *, key: str = "", **what: Any) -> dict[str, Any]:
    """Return what Label Studio tells, of a task that bears the name of `key`."""
    project = {"id": 1, "token": TOKEN, "created_by": {"email": "a@city.example"}}
    task = {"id": 1, "data": {"liujing": token_of(key)}}
    return {"action": action, "project": project, "task": task, **what}


def first_of(city: Store, category: str) -> str:
    return f"{finding(city, category)}#1"


def looked(city: Store, settings: Settings, desk: MemoryDesk, **more: Any) -> Any:
    words = page_words(settings)
    at_s = more.pop("now_s", NOW_S + 10)
    return poll(city, words, desk, name="desk", now_s=at_s, **more)


def applied(city: Store, settings: Settings) -> tuple[int, int]:
    return apply_waiting(city, settings, apply_review, now_s=time.time())


def test_an_answer_by_webhook_moves_the_score(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    before, number = value(city), task_of(city, "garbage_pile")
    said = desk.say(number, FALSE)
    heap = first_of(city, "garbage_pile")
    payload = told("ANNOTATION_CREATED", key=heap, annotation=said)

    new = receive(city, page_words(settings), payload, now_s=NOW_S)

    assert new == 1
    assert applied(city, settings) == (1, 0)
    assert state(city, finding(city, "garbage_pile")) == "rejected"
    assert value(city) > before


def test_one_version_counts_once_in_whatever_ways_it_comes(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    said = desk.say(task_of(city, "garbage_pile"), FALSE)
    heap = first_of(city, "garbage_pile")
    payload = told("ANNOTATION_CREATED", key=heap, annotation=said)
    words = page_words(settings)

    came = [
        receive(city, words, payload, now_s=NOW_S),
        receive(city, words, payload, now_s=NOW_S),
        looked(city, settings, desk, whole=True).received,
        looked(city, settings, desk, whole=True).received,
    ]

    assert came == [1, 0, 0, 0]
    assert applied(city, settings) == (1, 0)
    assert applied(city, settings) == (0, 0)
    assert len(city.words()) == 1


def test_a_webhook_that_met_a_closed_door_is_made_good_by_the_poll(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    desk.say(task_of(city, "garbage_pile"), FALSE)

    done = looked(city, settings, desk)

    assert (done.received, done.unusable) == (1, 0)
    applied(city, settings)
    assert state(city, finding(city, "garbage_pile")) == "rejected"


def test_a_poll_between_looks_only_at_what_changed_and_hourly_at_all(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    first = looked(city, settings, desk, now_s=NOW_S + 1000)
    soon = looked(city, settings, desk, now_s=NOW_S + 1060)
    hourly = looked(city, settings, desk, now_s=NOW_S + 4700)

    assert [first.tasks, soon.tasks, hourly.tasks] == [3, 0, 3]


def test_a_corrected_answer_takes_the_place_of_the_first(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    number, heap = task_of(city, "garbage_pile"), finding(city, "garbage_pile")
    said = desk.say(number, FALSE)
    looked(city, settings, desk)
    applied(city, settings)
    later = annotation(said["id"], number, REAL, at_s=NOW_S, changed_s=NOW_S + 30)

    receive(
        city,
        page_words(settings),
        told("ANNOTATION_UPDATED", key=f"{heap}#1", annotation=later),
        now_s=NOW_S + 31,
    )
    applied(city, settings)

    assert state(city, heap) == "confirmed"


def test_an_older_version_that_comes_late_changes_nothing(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    number, words = task_of(city, "garbage_pile"), page_words(settings)
    old = annotation(5, number, FALSE, at_s=NOW_S)
    new = annotation(5, number, REAL, at_s=NOW_S, changed_s=NOW_S + 30)
    heap = first_of(city, "garbage_pile")
    updated = told("ANNOTATION_UPDATED", key=heap, annotation=new)
    created = told("ANNOTATION_CREATED", key=heap, annotation=old)
    receive(city, words, updated, now_s=NOW_S)
    applied(city, settings)

    receive(city, words, created, now_s=NOW_S)
    applied(city, settings)

    assert state(city, finding(city, "garbage_pile")) == "confirmed"
    assert [a.state for a in city.answers()] == ["overtaken", "applied"]


@dataclass(slots=True)
class SlowDesk(MemoryDesk):
    """A desk where something happens between its listing and our reading of it."""

    meanwhile: Callable[[], None] = lambda: None

    def changed(self, since_s: float | None) -> Iterator[DeskTask]:
        rows = list(MemoryDesk.changed(self, since_s))
        self.meanwhile()
        yield from rows


def test_an_answer_that_came_while_the_desk_was_asked_is_not_taken_for_deleted(
    store: Store, settings: Settings
) -> None:
    street(store)
    desk = SlowDesk(now_s=NOW_S)
    push(store, settings, desk, queue(store), now_s=NOW_S)
    number, heap = task_of(store, "garbage_pile"), finding(store, "garbage_pile")

    def answered() -> None:
        said = desk.say(number, FALSE)
        payload = told("ANNOTATION_CREATED", key=f"{heap}#1", annotation=said)
        # The clock of the machine that heard it is a little behind.
        receive(store, page_words(settings), payload, now_s=NOW_S + 9)
        applied(store, settings)
        desk.meanwhile = lambda: None

    desk.meanwhile = answered
    looked(store, settings, desk, whole=True)
    applied(store, settings)

    assert state(store, heap) == "rejected"
    assert [row.source for row in store.answers() if "deleted" in row.source] == []


def test_a_fault_of_the_store_lets_an_answer_wait_until_it_has_passed(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    desk.say(task_of(city, "garbage_pile"), FALSE)
    looked(city, settings, desk)

    def full(store: Store, given: Settings, said: ReviewIn) -> None:
        msg = f"the store is full and cannot keep {said.source}; make room"
        raise StoreError(msg)

    with pytest.raises(StoreError, match="make room"):
        apply_waiting(city, settings, full, now_s=NOW_S)

    assert [row.state for row in city.answers()] == ["waiting"]
    assert applied(city, settings) == (1, 0)
    assert state(city, finding(city, "garbage_pile")) == "rejected"


def test_another_label_studio_that_counts_anew_answers_its_own_tasks(
    store: Store, settings: Settings
) -> None:
    street(store)
    first, second, _ = queue(store)
    old, new = MemoryDesk(now_s=NOW_S), MemoryDesk(now_s=NOW_S + 100)
    push(store, settings, old, [first], now_s=NOW_S)
    push(store, settings, new, [second], now_s=NOW_S + 100)
    assert {row.task_id for row in store.pushed_tasks()} == {1}
    said = new.say(1, FALSE)

    payload = told("ANNOTATION_CREATED", key=second.key, annotation=said)
    nameless = {**payload, "task": {"id": 1}}
    words = page_words(settings)
    assert receive(store, words, nameless, now_s=NOW_S + 101) == 0
    assert receive(store, words, payload, now_s=NOW_S + 101) == 1
    looked(store, settings, new, whole=True, now_s=NOW_S + 300)
    applied(store, settings)

    assert [row.key for row in store.answers()] == [second.key]
    (lost,) = store.pushed_tasks(states=("lost",))
    assert lost.key == first.key
    assert push(store, settings, new, [first], now_s=NOW_S + 301).added == 1
    assert new.find(first.token) == 2


@pytest.mark.parametrize("way", ["webhook", "poll", "both"])
def test_an_answer_taken_back_counts_no_more(
    city: Store, settings: Settings, desk: MemoryDesk, way: str
) -> None:
    heap, before = finding(city, "garbage_pile"), value(city)
    number = task_of(city, "garbage_pile")
    said = desk.say(number, FALSE)
    looked(city, settings, desk)
    applied(city, settings)
    desk.rows[number]["answers"].clear()

    if way != "poll":
        gone = told("ANNOTATIONS_DELETED", annotations=[{"id": said["id"]}])
        assert receive(city, page_words(settings), gone, now_s=NOW_S + 60) == 1
    if way != "webhook":
        looked(city, settings, desk, whole=True, now_s=NOW_S + 200)
    applied(city, settings)

    assert state(city, heap) == "raw"
    assert value(city) == pytest.approx(before)
    assert len(city.answers()) == 2


def test_an_answer_that_cannot_be_used_is_named_and_the_others_count(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    bad, good = task_of(city, "garbage_pile"), task_of(city, "poster")
    desk.say(bad, [*REAL, box(rotation=40)])
    desk.say(good, REAL)

    done = looked(city, settings, desk)
    counted = applied(city, settings)

    assert (done.received, done.unusable, counted) == (2, 1, (1, 0))
    (failed,) = city.answers(state="failed")
    assert f"task {bad} " in (failed.error or "")
    assert "a box is turned" in (failed.error or "")
    assert state(city, finding(city, "poster")) == "confirmed"
    assert looked(city, settings, desk, whole=True).received == 0


def test_an_answer_that_is_refused_is_noted_and_the_others_count(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    refused = finding(city, "garbage_pile")
    desk.say(task_of(city, "garbage_pile"), REAL)
    desk.say(task_of(city, "poster"), REAL)
    looked(city, settings, desk)

    def picky(store: Store, given: Settings, said: ReviewIn) -> None:
        if said.finding_id == refused:
            msg = "no such finding"
            raise DeskError(msg)
        apply_review(store, given, said)

    assert apply_waiting(city, settings, picky, now_s=NOW_S) == (1, 1)
    (failed,) = city.answers(state="failed")
    assert failed.error == f"task {refused}#1: no such finding"


def test_an_answer_that_was_applied_and_not_noted_is_applied_again_to_no_effect(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    desk.say(task_of(city, "garbage_pile"), FALSE)
    looked(city, settings, desk)

    def killed(store: Store, given: Settings, said: ReviewIn) -> None:
        apply_review(store, given, said)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_waiting(city, settings, killed, now_s=NOW_S)
    after = value(city)

    assert applied(city, settings) == (1, 0)
    assert (value(city), len(city.words())) == (after, 1)


def test_a_task_deleted_at_the_desk_keeps_its_answer_and_is_noted(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    number = task_of(city, "garbage_pile")
    desk.say(number, FALSE)
    looked(city, settings, desk)
    applied(city, settings)
    del desk.rows[number]
    del desk.rows[task_of(city, "poster")]

    done = looked(city, settings, desk, whole=True)
    again = push(city, settings, desk, queue(city), now_s=NOW_S + 99)

    assert done.lost == 2
    assert state(city, finding(city, "garbage_pile")) == "rejected"
    assert again.added == 1
    (row,) = city.pushed_tasks(keys=[f"{finding(city, 'poster')}#1"])
    assert row.state == "open"


def test_a_silent_desk_is_one_sentence_and_changes_nothing(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    desk.down = "Label Studio at http://127.0.0.1:1 does not answer; start it"

    with pytest.raises(DeskError, match="does not answer"):
        looked(city, settings, desk)

    assert city.desk_state("desk") == DeskState("desk")


def test_no_token_of_a_message_is_kept_or_logged(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    number = task_of(city, "garbage_pile")
    good = {**annotation(1, number, FALSE), "token": TOKEN}
    bad = {**annotation(2, number, [box(x=900)]), "created_username": TOKEN}

    with heard() as log:
        for one in (good, bad):
            heap = first_of(city, "garbage_pile")
            payload = told("ANNOTATION_CREATED", key=heap, annotation=one, token=TOKEN)
            receive(city, page_words(settings), payload, now_s=NOW_S)
        applied(city, settings)

    assert log.getvalue()
    assert TOKEN not in log.getvalue()
    assert TOKEN not in repr(city.answers())
    assert TOKEN not in repr(city.words())


def test_messages_of_other_projects_and_kinds_are_no_concern(
    city: Store, settings: Settings
) -> None:
    words = page_words(settings)
    others = [
        told("ANNOTATION_CREATED", annotation=annotation(1, 4711, REAL)),
        told("TASKS_CREATED", tasks=[{"id": 1}]),
        told("ANNOTATIONS_DELETED", annotations=[{"id": 4711}, None, {"id": "x"}]),
        {},
    ]

    assert [receive(city, words, one, now_s=NOW_S) for one in others] == [0, 0, 0, 0]
    assert city.answers() == []
