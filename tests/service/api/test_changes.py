"""Changes: each is told once, in order, to who may know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.memory.rescore import rescore
from service.memory.street import Terms, Window
from service.records import SightingVerdict
from service.scoring import load_standard
from service.store import Store, inspection_id
from tests.service.api.two_districts import HERE, THERE, City, fill
from tests.service.findings.passes import ROLES
from tests.service.store.records import DAY_S, EYES, NOON_S, STREET, drive, seen

TERMS = Terms(load_standard("xuchang@1"), ROLES)


@pytest.fixture
def city(store: Store) -> City:
    fill(store)
    return City(store)


def test_anonymous_and_devices_are_refused(city: City) -> None:
    assert city.client.get("/changes").status_code == 401
    assert city.ask("/changes", role="device").status_code == 403


def test_all_that_changed_is_told_in_order(city: City) -> None:
    whole = city.ask("/changes").json()

    numbers = [one["number"] for one in whole["items"]]
    assert numbers == sorted(set(numbers))
    assert whole["next"] == numbers[-1]
    findings = {one["id"] for one in whole["items"] if one["kind"] == "finding"}
    assert findings == {one["id"] for one in city.ask("/findings").json()["items"]}
    assert [one["kind"] for one in whole["items"]].count("drive") == 3
    assert whole["items"][0]["at"] == "2026-09-21T14:15:00Z"


def test_pieces_make_the_whole_and_the_end_stays(city: City) -> None:
    whole = city.ask("/changes").json()

    told, since = [], 0
    while piece := city.ask(f"/changes?since={since}&limit=2").json():
        told += piece["items"]
        since = piece["next"]
        if len(piece["items"]) < 2:
            break

    assert told == whole["items"]
    again = city.ask(f"/changes?since={since}").json()
    assert again == {"items": [], "next": since}
    city.store.add_drive(drive(name="new"), known_s=NOON_S)
    (new,) = city.ask(f"/changes?since={since}").json()["items"]
    assert new["kind"] == "drive"


def test_a_district_is_told_of_its_own_and_comes_past_the_rest(city: City) -> None:
    whole = city.ask("/changes").json()
    here = city.ask("/changes", district=HERE).json()
    there = city.ask("/changes", district=THERE).json()

    def of(told: dict[str, list[dict[str, str]]], kind: str) -> list[str]:
        return [one["id"] for one in told["items"] if one["kind"] == kind]

    first, second, third = of(whole, "drive")
    assert of(here, "drive") == [first, third]
    assert of(there, "drive") == [second, third]
    assert {one["segment_id"] for one in here["items"]} == {None, "s1"}
    assert {one["segment_id"] for one in there["items"]} == {None, "s2"}
    assert here["next"] == there["next"] == whole["next"]
    beyond = city.ask("/changes", district="别处").json()
    assert beyond == {"items": [], "next": whole["next"]}


def test_a_new_street_is_told_and_so_is_one_that_changed(city: City) -> None:
    since = city.ask("/changes").json()["next"]
    quiet = replace(STREET, id="quiet", district=THERE)

    city.store.add_segments([STREET, quiet], known_s=NOON_S)
    city.store.add_segments([STREET, quiet], known_s=NOON_S + 1)
    city.store.add_segments([replace(quiet, width_m=4.0)], known_s=NOON_S + 2)

    told = city.ask(f"/changes?since={since}", district=THERE).json()
    assert [(one["kind"], one["id"], one["segment_id"]) for one in told["items"]] == [
        ("segment", "quiet", "quiet")
    ] * 2
    assert told == city.ask(f"/changes?since={since}").json()
    here = city.ask(f"/changes?since={since}", district=HERE).json()
    assert here["items"] == []


def test_a_red_line_is_told_when_it_is_crossed_and_when_it_is_over(
    store: Store,
) -> None:
    """A missing cover is likely, confirmed by two reviewers, and then put back."""
    hole = seen("manhole_missing", probability=0.9)
    looks = replace(EYES, recall={"manhole_missing": 0.9}, names=("manhole_missing",))
    city = City(store)
    since = 0

    def told(day: float) -> list[tuple[str, str]]:
        nonlocal since
        window = Window(NOON_S - DAY_S, NOON_S + (day + 0.5) * DAY_S)
        rescore(store, TERMS, window, known_s=NOON_S + (day + 0.5) * DAY_S)
        answer = city.ask(f"/changes?since={since}").json()
        since = answer["next"]
        kinds = ("red_line", "red_line_over")
        return [(i["kind"], i["id"]) for i in answer["items"] if i["kind"] in kinds]

    record = drive(hole, seen_by=looks)
    store.add_drive(record, known_s=NOON_S + 100)
    likely = told(0)
    for reviewer in ("甲", "乙"):
        word = SightingVerdict(
            inspection_id(record), 0, "real", reviewer, None, NOON_S + 200
        )
        store.add_verdict(word)
    confirmed = told(0.1)
    still = told(1)
    for day in (2, 3, 4, 5):
        store.add_drive(drive(seen_by=looks, at_s=NOON_S + day * DAY_S))
    over = told(5)

    (finding,) = store.findings(STREET.id)
    assert (likely, still) == ([], [])
    assert confirmed == [("red_line", finding.finding.id)]
    assert over == [("red_line_over", finding.finding.id)]


@pytest.mark.parametrize(
    "query",
    [
        "since=-1",
        "since=soon",
        "since=1e3",
        "since=2147483648",
        "since=2147483647",
        "since=1000000",
        "limit=-1",
        "limit=1.5",
        "cursor=ab",
    ],
)
def test_bad_questions_are_400(city: City, query: str) -> None:
    answer = city.ask(f"/changes?{query}")

    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_empty_store_has_no_changes(store: Store) -> None:
    assert City(store).ask("/changes").json() == {"items": [], "next": 0}
