"""Changes: each is told once, in order, to who may know."""

from __future__ import annotations

import pytest

from service.store import Store
from tests.service.api.two_districts import HERE, THERE, City, fill
from tests.service.store.records import NOON_S, drive


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
