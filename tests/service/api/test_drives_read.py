"""Drives over HTTP: what a district sees of one that went further."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.store import Store, drive_id
from tests.service.api.two_districts import HERE, THERE, City, fill
from tests.service.store.records import DAY_S, EYES, NOON_S, drive, seen


@pytest.fixture
def city(store: Store) -> City:
    fill(store)
    return City(store)


def name_of(footage: str) -> str:
    return drive_id(drive(name=footage))


@pytest.mark.parametrize("path", ["/drives", "/drives/x"])
def test_anonymous_and_devices_are_refused(city: City, path: str) -> None:
    assert city.client.get(path).status_code == 401
    assert city.ask(path, role="device").status_code == 403


def test_drives_come_latest_first_with_what_came_of_them(city: City) -> None:
    found = city.ask("/drives").json()

    assert [one["id"] for one in found["items"]] == [
        name_of(name) for name in ("both", "there", "here")
    ]
    assert found["next"] is None
    (inspection,) = found["items"][0]["inspections"]
    assert inspection["model_id"] == "street@2"
    assert (inspection["passes"], inspection["sightings"]) == (3, 2)
    assert inspection["counts"]
    assert {one["vehicle"] for one in found["items"]} == {"豫K-01"}
    assert found["items"][2]["started"] == "2026-09-21T14:13:20Z"


def test_a_district_sees_its_part_of_a_drive(city: City) -> None:
    found = city.ask("/drives", district=HERE).json()["items"]
    both = city.ask(f"/drives/{name_of('both')}", district=HERE).json()
    own = city.ask(f"/drives/{name_of('here')}", district=HERE).json()
    whole = city.ask(f"/drives/{name_of('both')}").json()

    assert [one["id"] for one in found] == [name_of("both"), name_of("here")]
    assert [one["vehicle"] for one in found] == [None, "豫K-01"]
    assert (both["vehicle"], both["footage"]) == (None, None)
    assert [one["segment_id"] for one in both["passes"]] == ["s1"]
    assert both["inspections"][0]["passes"] == both["inspections"][0]["sightings"] == 1
    assert (own["vehicle"], own["footage"]) == ("豫K-01", {"a.mp4": "here"})
    assert [one["segment_id"] for one in whole["passes"]] == ["s1", "s2", "s3"]
    assert whole["footage"] == {"a.mp4": "both"}
    there = city.ask(f"/drives/{name_of('there')}", district=HERE)
    assert there.status_code == 404
    assert city.ask("/drives", district="别处").json()["items"] == []


def test_of_two_inspections_the_newest_counts(city: City) -> None:
    better = replace(EYES, model_id="street@3", model_sha256="cd" * 32)
    again = drive(seen(), name="here", seen_by=better, at_s=NOON_S)
    city.store.add_drive(again, known_s=NOON_S + 9 * DAY_S)

    found = city.ask(f"/drives/{name_of('here')}").json()

    assert [(i["model_id"], i["counts"]) for i in found["inspections"]] == [
        ("street@3", True),
        ("street@2", False),
    ]


def test_pages_hold_every_drive_once(city: City) -> None:
    first = city.ask("/drives?limit=2").json()
    second = city.ask(f"/drives?limit=2&cursor={first['next']}").json()

    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert second["next"] is None
    assert len({one["id"] for page in (first, second) for one in page["items"]}) == 3
    assert city.ask("/drives?cursor=ab").status_code == 400
    assert city.ask("/drives?limit=0").status_code == 400
    assert city.ask("/drives/none").status_code == 404
    assert city.ask(f"/drives/{name_of('both')}", district=THERE).status_code == 200
