"""Findings over HTTP: who may see which, in pages that last, with signed links."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from service.api.turning import write_cursor
from service.records import KnownFinding, SightingVerdict
from service.settings import ServerSettings, Settings
from service.store import Store
from tests.service.api.two_districts import HERE, THERE, City, fill, settle_all
from tests.service.store.records import DAY_S, NOON_S

PATHS = ("/findings", "/findings/x", "/segments/s1/findings")


@pytest.fixture
def city(store: Store) -> City:
    fill(store)
    return City(store)


def items(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def all_of(store: Store) -> dict[str, KnownFinding]:
    streets = ("s1", "s2", "s3")
    return {k.finding.id: k for s in streets for k in store.findings(s)}


@pytest.mark.parametrize("path", PATHS)
def test_anonymous_and_devices_are_refused(city: City, path: str) -> None:
    assert city.client.get(path).status_code == 401
    assert city.ask(path, role="device").status_code == 403


def test_another_district_is_not_there(city: City) -> None:
    (one, *_) = items(city.ask("/findings?segment_id=s2"))

    for path in (
        f"/findings/{one['id']}",
        "/segments/s2/findings",
        "/segments/s3/findings",
        "/segments/nowhere/findings",
        "/findings?segment_id=s2",
        "/findings?segment_id=s3",
        f"/findings?district={THERE}",
    ):
        answer = city.ask(path, district=HERE)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    assert city.ask(f"/findings/{one['id']}", district=THERE).status_code == 200


def test_a_key_of_a_district_sees_its_findings_alone(city: City) -> None:
    whole = items(city.ask("/findings"))
    here = items(city.ask("/findings", district=HERE))

    assert {one["id"] for one in whole} == set(all_of(city.store))
    assert {one["segment_id"] for one in whole} == {"s1", "s2", "s3"}
    assert here == items(city.ask(f"/findings?district={HERE}"))
    assert [one["id"] for one in here] == sorted(
        one["id"] for one in whole if one["district"] == HERE
    )
    assert {one["segment_id"] for one in here} == {"s1"}
    (beyond,) = (one for one in whole if one["segment_id"] == "s3")
    assert beyond["district"] is None


def test_a_finding_is_told_as_the_store_knows_it(city: City) -> None:
    for name, known in all_of(city.store).items():
        told = city.ask(f"/findings/{name}").json()
        one = known.finding

        assert told["probability"] == pytest.approx(known.real * known.present)
        for field in ("category", "state", "segment_id", "side", "zone", "offset_m"):
            assert told[field] == getattr(one, field)
        assert told["first_seen"].endswith("Z")
        assert told["recurrences"] == known.recurrences
        assert len(told["evidence"]) == len(one.evidence) >= 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("category=poster", lambda k: k.finding.category == "poster"),
        ("state=raw", lambda k: k.finding.state == "raw"),
        ("state=rejected", lambda k: k.finding.state == "rejected"),
        ("segment_id=s2", lambda k: k.finding.segment_id == "s2"),
        ("since=2026-09-23T00:00:00Z", lambda k: k.finding.last_seen > "2026-09-23"),
        ("category=nothing", lambda _: False),
    ],
)
def test_filters_take_what_they_say(city: City, query: str, expected: Any) -> None:
    (look, *_) = city.store.looks("s1")
    word = SightingVerdict(look.inspection_id, 0, "false", "李", None, NOON_S + 9e5)
    city.store.add_verdict(word)
    settle_all(city.store, known_s=NOON_S + 10 * DAY_S)

    found = {one["id"] for one in items(city.ask(f"/findings?{query}"))}

    everything = all_of(city.store)
    assert found == {name for name, known in everything.items() if expected(known)}
    assert len(found) < len(everything)


def test_what_was_taken_back_is_gone_and_the_newest_is_told(city: City) -> None:
    before = items(city.ask("/segments/s1/findings"))
    (keep, *others) = city.store.findings("s1")

    city.store.add_findings({"s1": [keep]}, known_s=NOON_S + 20 * DAY_S)

    after = items(city.ask("/segments/s1/findings"))
    assert len(before) == len(others) + 1 > 1
    assert [one["id"] for one in after] == [keep.finding.id]
    assert city.ask(f"/findings/{others[0].finding.id}").status_code == 404


def test_pages_hold_every_finding_once_even_where_one_comes_between(
    city: City,
) -> None:
    everything = [one["id"] for one in items(city.ask("/findings"))]
    first = city.ask("/findings?limit=2").json()
    street = first["items"][0]["segment_id"]
    (keep, *_) = city.store.findings(street)
    city.store.add_findings({street: [keep]}, known_s=NOON_S + 20 * DAY_S)

    seen, cursor = [one["id"] for one in first["items"]], first["next"]
    while cursor is not None:
        page = city.ask(f"/findings?limit=2&cursor={cursor}").json()
        assert 0 < len(page["items"]) <= 2
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]

    gone = set(everything) - {one["id"] for one in items(city.ask("/findings"))}
    assert len(seen) == len(set(seen))
    assert set(everything) - gone <= set(seen) <= set(everything)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=many",
        "limit=1000000",
        "cursor=xx",
        "cursor=%00",
        "cursor=%E7%AD%BE",
        f"cursor={write_cursor('drives', 1.0, 'a')}",
        f"cursor={write_cursor('findings', 1.0, 'a')}",
        f"cursor={write_cursor('findings', 'a')}",
        f"cursor={write_cursor('findings', 'a', chr(0))}",
        "state=withdrawn",
        "since=yesterday",
        "since=2026-09-23T00:00:00",
        "category=%00",
        "nobody=reads",
    ],
)
def test_bad_questions_are_400(city: City, query: str) -> None:
    answer = city.ask(f"/findings?{query}")

    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert city.ask("/findings/%00").status_code == 400


def test_links_give_the_picture_without_a_key(city: City) -> None:
    (one, *_) = items(city.ask("/segments/s2/findings", district=THERE))
    (picture,) = one["evidence"]

    for link in (picture["image"], picture["crop"]):
        answer = city.client.get(link)
        name = link.partition("?")[0].rpartition("/")[2]
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"].startswith("private, max-age=")
        assert hashlib.sha256(answer.content).hexdigest() + ".jpg" == name
        tag = {"If-None-Match": answer.headers["etag"]}
        again = city.client.get(link, headers=tag)
        assert (again.status_code, again.content) == (304, b"")


def test_links_name_the_address_that_others_reach(store: Store, tmp_path: Path) -> None:
    fill(store)
    public = ServerSettings(public_url="https://city.example/liujing/")
    city = City(store, Settings(server=public))

    (one, *_) = items(city.ask("/findings"))

    start = "https://city.example/liujing/evidence/"
    assert one["evidence"][0]["image"].startswith(start)
