"""Answers come in by webhook and by poll, count once, and leave no token behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.review.apply import apply_review
from service.review.base import DeskError, ReviewIn
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


def told(action: str, **what: Any) -> dict[str, Any]:
    project = {"id": 1, "token": TOKEN, "created_by": {"email": "a@city.example"}}
    return {"action": action, "project": project, **what}


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
    payload = told("ANNOTATION_CREATED", annotation=said)

    new = receive(city, page_words(settings), payload, now_s=NOW_S)

    assert new == 1
    assert applied(city, settings) == (1, 0)
    assert state(city, finding(city, "garbage_pile")) == "rejected"
    assert value(city) > before


def test_one_version_counts_once_in_whatever_ways_it_comes(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    said = desk.say(task_of(city, "garbage_pile"), FALSE)
    payload = told("ANNOTATION_CREATED", annotation=said)
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
        told("ANNOTATION_UPDATED", annotation=later),
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
    receive(city, words, told("ANNOTATION_UPDATED", annotation=new), now_s=NOW_S)
    applied(city, settings)

    receive(city, words, told("ANNOTATION_CREATED", annotation=old), now_s=NOW_S)
    applied(city, settings)

    assert state(city, finding(city, "garbage_pile")) == "confirmed"
    assert [a.state for a in city.answers()] == ["overtaken", "applied"]


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
        looked(city, settings, desk, whole=True, now_s=NOW_S + 120)
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
            payload = told("ANNOTATION_CREATED", annotation=one, token=TOKEN)
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
