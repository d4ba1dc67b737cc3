"""Tasks go to the desk once, come back when they are moot, and stay readable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from service.review.apply import apply_review
from service.review.base import DeskError, Queued, token_of
from service.review.desks import page_words
from service.review.forms import task_data
from service.review.push import push
from service.review.queue import worth
from service.review.views import task_view
from service.settings import Settings
from service.store import Store
from service.types import DAY_S
from tests.service.review.answered import answer, finding
from tests.service.review.desk import MemoryDesk, queue, settings_for, shown, street
from tests.service.store.records import NOON_S, drive

NOW_S = NOON_S + 3600.0
LATE_S = 2 * NOON_S


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def city(store: Store) -> Store:
    street(store)
    return store


@pytest.fixture
def desk() -> MemoryDesk:
    return MemoryDesk()


def keys(desk: MemoryDesk) -> list[str]:
    return [row["view"].key for row in desk.rows.values()]


def test_each_finding_is_one_task_however_often_it_is_pushed(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    first = push(city, settings, desk, queue(city), now_s=NOW_S)
    again = push(city, settings, desk, queue(city), now_s=NOW_S + 1)

    assert (first.added, first.open) == (3, 3)
    assert (again.added, again.withdrawn, again.open) == (0, 0, 3)
    assert keys(desk) == [one.key for one in queue(city)]
    assert {row.state for row in city.pushed_tasks()} == {"open"}


def test_a_push_that_was_cut_is_finished_and_doubles_nothing(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    desk.dies_after = True
    with pytest.raises(DeskError):
        push(city, settings, desk, queue(city), now_s=NOW_S)
    assert {row.state for row in city.pushed_tasks()} == {"sending"}

    done = push(city, settings, desk, queue(city), now_s=NOW_S + 1)

    assert (done.adopted, done.added) == (3, 0)
    assert len(keys(desk)) == len(set(keys(desk))) == 3
    assert {row.state for row in city.pushed_tasks()} == {"open"}


def test_a_push_that_never_arrived_is_sent_again(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    desk.dies_after = True
    with pytest.raises(DeskError):
        push(city, settings, desk, queue(city), now_s=NOW_S)
    desk.rows.clear()

    push(city, settings, desk, queue(city), now_s=NOW_S + 1)

    assert sorted(keys(desk)) == sorted(one.key for one in queue(city))


def test_only_so_many_lie_open_and_the_most_valuable_first(
    city: Store, tmp_path: Path, desk: MemoryDesk
) -> None:
    few = settings_for(tmp_path, open_tasks=2)

    done = push(city, few, desk, queue(city), now_s=NOW_S)

    assert (done.added, done.open) == (2, 2)
    assert keys(desk) == [one.key for one in queue(city)[:2]]


def test_what_chance_drew_is_given_out_in_its_turn(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    most, drawn, least = (one.finding.id for one in city.findings("s1"))
    wanted = [
        Queued(most, 5.0, "value"),
        Queued(drawn, 0.01, "audit"),
        Queued(least, 2.0, "value"),
    ]

    push(city, settings, desk, wanted, now_s=NOW_S)

    values = {row.finding_id: row.value for row in city.pushed_tasks()}
    assert values == {most: 5.0, drawn: 5.0, least: 2.0}


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        pytest.param("false", "rejected", id="rejected elsewhere"),
        pytest.param("real", "confirmed", id="confirmed elsewhere"),
        pytest.param("permitted", "permitted", id="permitted elsewhere"),
    ],
)
def test_a_moot_task_is_taken_back(
    city: Store, settings: Settings, desk: MemoryDesk, verdict: str, said: str
) -> None:
    push(city, settings, desk, queue(city), now_s=NOW_S)
    heap = finding(city, "garbage_pile")
    apply_review(city, settings, answer(heap, verdict))

    done = push(city, settings, desk, [], now_s=NOW_S + 60)

    assert (done.withdrawn, done.open) == (1, 2)
    assert f"{heap}#1" not in keys(desk)
    (row,) = city.pushed_tasks(keys=[f"{heap}#1"])
    assert (row.state, row.ended_s) == ("withdrawn", NOW_S + 60)
    assert said in (row.reason or "")


def test_what_a_later_pass_shows_cleared_is_taken_back(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    push(city, settings, desk, queue(city), now_s=NOW_S)
    for day in range(1, 6):
        city.add_drive(
            drive(at_s=NOON_S + day * DAY_S), known_s=NOON_S + day * DAY_S + 60
        )
    apply_review(city, settings, answer(finding(city, "poster"), "real"))

    push(city, settings, desk, [], now_s=NOON_S + 6 * DAY_S)

    cleared = {
        f.finding.id for f in city.findings("s1") if f.finding.state == "cleared"
    }
    assert cleared
    taken = {r.finding_id for r in city.pushed_tasks(states=("withdrawn",))}
    assert cleared <= taken


def test_a_task_that_somebody_began_is_not_torn_away(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    push(city, settings, desk, queue(city), now_s=NOW_S)
    heap = finding(city, "garbage_pile")
    number = desk.find(token_of(f"{heap}#1"))
    assert number is not None
    desk.rows[number]["drafted"] = True
    apply_review(city, settings, answer(heap, "false"))

    done = push(city, settings, desk, [], now_s=NOW_S + 60)

    assert done.withdrawn == 0
    assert f"{heap}#1" in keys(desk)


def test_second_opinions_and_gold_are_asked_although_the_answer_is_known(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    heap, poster = finding(city, "garbage_pile"), finding(city, "poster")
    apply_review(city, settings, answer(heap, "real"))
    wanted = [Queued(heap, 3.0, "second", 2), Queued(poster, 1.0, "gold", 2)]

    push(city, settings, desk, wanted, now_s=NOW_S)
    done = push(city, settings, desk, wanted, now_s=NOW_S + 1)

    assert (done.withdrawn, done.open) == (0, 2)
    assert keys(desk) == [f"{heap}#2", f"{poster}#2"]


@pytest.mark.parametrize("again", ["an objection", "a contradiction"])
def test_one_finding_is_one_task_and_the_newest_question_stays(
    city: Store, settings: Settings, desk: MemoryDesk, again: str
) -> None:
    heap = finding(city, "garbage_pile")
    push(city, settings, desk, worth(city, settings, LATE_S), now_s=NOW_S)
    if again == "an objection":
        said = answer(heap, "unclear", reviewer="环卫一所", at_s=NOW_S + 1)
        apply_review(city, settings, said, kind="appeal")
        turn = 2
    else:
        for who, verdict in (("a", "real"), ("b", "false")):
            apply_review(city, settings, answer(heap, verdict, reviewer=who))
        turn = 3

    push(city, settings, desk, worth(city, settings, LATE_S), now_s=NOW_S + 5)
    asked = [key for key in keys(desk) if key.startswith(heap)]
    last = answer(heap, "real", reviewer="c", at_s=NOW_S + 9)
    apply_review(city, settings, last)
    push(city, settings, desk, worth(city, settings, LATE_S), now_s=NOW_S + 10)

    assert asked == [f"{heap}#{turn}"]
    assert [key for key in keys(desk) if key.startswith(heap)] == []
    rows = {r.key: r for r in city.pushed_tasks() if r.finding_id == heap}
    assert "asked anew" in (rows[f"{heap}#1"].reason or "")
    assert "answered elsewhere" in (rows[f"{heap}#{turn}"].reason or "")


def test_what_somebody_began_to_answer_is_not_asked_beside_it(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    heap = finding(city, "garbage_pile")
    push(city, settings, desk, queue(city), now_s=NOW_S)
    number = desk.find(token_of(f"{heap}#1"))
    desk.rows[number or 0]["drafted"] = True
    said = answer(heap, "unclear", reviewer="环卫一所", at_s=NOW_S + 1)
    apply_review(city, settings, said, kind="appeal")

    push(city, settings, desk, worth(city, settings, LATE_S), now_s=NOW_S + 5)

    assert [key for key in keys(desk) if key.startswith(heap)] == [f"{heap}#1"]


@pytest.mark.parametrize(
    ("why", "kind", "verdict"),
    [
        pytest.param("gold", "gold", "false", id="a known answer: false"),
        pytest.param("gold", "gold", "real", id="a known answer: real"),
        pytest.param("second", "review", "real", id="a second opinion"),
        pytest.param("second", "review", "permitted", id="of what costs nothing"),
        pytest.param("appeal", "appeal", "unclear", id="an objection"),
    ],
)
def test_nothing_that_is_shown_tells_a_known_answer_or_a_second_turn(
    city: Store, settings: Settings, why: Any, kind: Any, verdict: str
) -> None:
    poster = finding(city, "poster")
    words = page_words(settings)

    def shown_of(one: Queued) -> dict[str, Any]:
        view = task_view(city, settings, one)
        return task_data(view, words, lambda name: name, utc_offset_h=8.0)

    first = shown_of(Queued(poster, 1.0, "value"))
    said = answer(poster, verdict, reviewer="王", severity=None)
    apply_review(city, settings, said, kind=kind)

    later = shown_of(Queued(poster, 1.0, why, 2))

    assert first.pop("liujing") != later.pop("liujing")
    assert later == first
    assert "#2" not in repr(later)


def test_links_are_renewed_before_they_end(
    city: Store, tmp_path: Path, desk: MemoryDesk
) -> None:
    ten = settings_for(tmp_path, link_days=10.0)
    push(city, ten, desk, queue(city), now_s=NOW_S)

    early = push(city, ten, desk, [], now_s=NOW_S + 4 * DAY_S)
    due = push(city, ten, desk, [], now_s=NOW_S + 6 * DAY_S)
    after = push(city, ten, desk, [], now_s=NOW_S + 7 * DAY_S)

    assert (early.renewed, due.renewed, after.renewed) == (0, 3, 0)


def test_a_finding_without_a_picture_is_named_and_the_others_go(
    store: Store, settings: Settings, desk: MemoryDesk
) -> None:
    store.add_drive(
        drive(shown(store, 1), shown(store, 4, category="poster", evidence=()))
    )
    street(store)

    done = push(store, settings, desk, queue(store), now_s=NOW_S)

    assert [f.code for f in done.failures] == ["not_found"]
    assert "has no picture; nobody can judge it" in done.failures[0].message
    assert done.added == len(queue(store)) - 1


def test_a_deleted_task_that_nobody_answered_comes_again(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    push(city, settings, desk, queue(city), now_s=NOW_S)
    heap = f"{finding(city, 'garbage_pile')}#1"
    number = desk.find(token_of(heap))
    assert number is not None
    del desk.rows[number]
    city.note_task(heap, state="lost", reason="deleted at the desk")

    done = push(city, settings, desk, queue(city), now_s=NOW_S + 1)

    assert done.added == 1
    assert sorted(keys(desk)) == sorted(one.key for one in queue(city))


def test_a_task_shows_what_was_asked_for(
    city: Store, settings: Settings, desk: MemoryDesk
) -> None:
    later = shown(city, 2, category="garbage_pile", offset_m=30.0)
    city.add_drive(drive(later, at_s=NOON_S + DAY_S), known_s=NOON_S + DAY_S + 60)
    apply_review(city, settings, answer(finding(city, "poster"), "unclear"))

    push(city, settings, desk, queue(city), now_s=NOON_S + 2 * DAY_S)

    heap = finding(city, "garbage_pile")
    view = next(r["view"] for r in desk.rows.values() if r["view"].key == f"{heap}#1")
    assert view.best.image == later.sighting.evidence[0].image
    assert view.previous is not None
    assert view.previous.at_s < view.best.at_s
    assert view.place.startswith("魏都区 许由路 右侧，距起点 30 米")
    assert "扣 " in view.costs
    assert "路面" in view.costs
    assert view.map_svg.startswith("<svg")
    assert json.dumps(asdict(replace(view, map_svg=""))).count("127.0.0.1") == 0
