"""How far tasks and answers are, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace

from service.review_records import AnswerRow, DeskState, PushedTask
from service.store import Store
from tests.service.store.records import drive, seen

TASK = PushedTask(
    key="f1#1",
    finding_id="f1",
    why="value",
    value=2.0,
    image="aa.jpg",
    width_px=640,
    height_px=360,
    task_id=None,
    state="sending",
    reason=None,
    links_until_s=9.0,
    pushed_s=1.0,
    ended_s=None,
)
ANSWER = AnswerRow(
    source="ls-1-5-5",
    annotation="ls-1-5",
    number=1,
    key="f1#1",
    came="webhook",
    said={"verdict": "real"},
    at_s=5.0,
    received_s=6.0,
    state="waiting",
)


def test_a_task_is_noted_once_and_followed(store: Store) -> None:
    other = replace(TASK, key="f2#1", finding_id="f2", value=7.0)

    added = [store.push_task(one) for one in (TASK, other, TASK)]
    store.note_task("f1#1", task_id=4, state="open")

    assert added == [True, True, False]
    assert [t.key for t in store.pushed_tasks()] == ["f2#1", "f1#1"]
    assert store.pushed_tasks(states=("open",)) == [
        replace(TASK, task_id=4, state="open")
    ]
    assert store.pushed_tasks(task_ids=[4]) == store.pushed_tasks(keys=["f1#1"])


def test_a_lost_task_comes_again_only_where_nobody_answered(store: Store) -> None:
    answered = replace(TASK, key="f2#1")
    for one in (TASK, answered):
        store.push_task(one)
        store.note_task(one.key, state="lost", task_id=3)
    store.add_answer(replace(ANSWER, key="f2#1"))

    assert [store.push_task(TASK), store.push_task(answered)] == [True, False]
    assert store.pushed_tasks(states=("sending",)) == [TASK]


def test_a_version_comes_in_once_and_ends_once(store: Store) -> None:
    later = replace(ANSWER, source="ls-1-5-7", at_s=7.0)

    added = [store.add_answer(one) for one in (later, ANSWER, ANSWER)]
    ended = [store.end_answer("ls-1-5-5", "applied", now_s=9.0) for _ in range(2)]

    assert added == [True, True, False]
    assert ended == [True, False]
    assert store.answers(annotation="ls-1-5") == [
        replace(ANSWER, state="applied", done_s=9.0),
        later,
    ]
    assert store.answers(state="waiting") == [later]
    assert store.answers(number=2) == []
    assert store.answered_keys(["f1#1", "f9#1"]) == {"f1#1"}
    assert store.review_counts() == {
        "tasks": {},
        "answers": {"applied": 1, "waiting": 1},
    }


def test_a_desk_is_remembered(store: Store) -> None:
    assert store.desk_state("here") == DeskState("here")

    store.note_desk(DeskState("here", 1.0, 1.0))
    store.note_desk(DeskState("here", 5.0, 1.0, "silent"))

    assert store.desk_state("here") == DeskState("here", 5.0, 1.0, "silent")


def test_sightings_are_found_by_name(store: Store) -> None:
    store.add_drive(drive(seen(), seen("poster", offset_m=90.0)))
    (inspection,) = store.inspections(after="")

    found = store.sightings_named([(inspection, 1), (inspection, 9)])

    (only,) = found
    started_s, placed = found[only]
    assert only == (inspection, 1)
    assert placed.sighting.category == "poster"
    assert started_s > 0


def test_one_process_at_a_time_is_at_the_desk(store: Store) -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait(10)
        with store.at_the_desk():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with store.at_the_desk(), store.at_the_answers():
        inside.set()
        thread.join(0.3)
        order.append("first")
    thread.join(10)

    assert order == ["first", "second"]
