from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.api.paging import write_cursor
from service.app import build_app
from service.settings import ScoreSettings, Settings
from service.store import Store
from tests.service.api.scored_city import (
    EAST,
    STANDARD,
    WEST,
    all_pages,
    client_of,
    drive_through,
    score_city,
    scored_city,
)
from tests.service.store.records import DAY_S, NOON_S, seen

ROUTES = [
    "/scores.geojson",
    "/scores",
    "/segments",
    "/segments/s1",
    "/segments/s1/score",
    "/segments/s1/scores",
    "/segments/s1/days",
    "/coverage?segment_id=s1",
    "/covers",
    "/covers/intact",
    "/rollups",
    "/standards",
    "/standards/xuchang@1",
    "/models",
]


ELSEWHERE = [
    "/scores.geojson?district=建安区",
    "/scores?district=建安区",
    "/segments?district=建安区",
    "/segments/s3",
    "/segments/s3/score",
    "/segments/s3/scores",
    "/segments/s3/days",
    "/segments/s5",
    "/coverage?segment_id=s3",
    "/covers?district=建安区",
    "/covers/intact?district=建安区",
    "/rollups?district=建安区",
]


def test_only_who_has_a_key_that_may_read_is_answered(store: Store) -> None:
    nobody, vehicle = client_of(store, role=None), client_of(store, role="device")
    for route in ROUTES:
        unknown, refused = nobody.get(route), vehicle.get(route)
        assert unknown.status_code == 401, route
        assert unknown.headers["www-authenticate"] == "Bearer"
        assert refused.status_code == 403, route
        assert refused.headers["content-type"] == "application/problem+json"


def test_what_lies_in_another_district_is_not_there(store: Store) -> None:
    scored_city(store)
    west, east = client_of(store, district=WEST), client_of(store, district=EAST)
    for route in ELSEWHERE:
        assert west.get(route).status_code == 404, route
    for route in ELSEWHERE[:6]:
        assert east.get(route).status_code == 200, route


def test_the_map_shows_the_newest_score_of_every_street(store: Store) -> None:
    answer = client_of(scored_city(store)).get("/scores.geojson")

    assert answer.headers["content-type"] == "application/geo+json"
    shown = answer.json()
    assert shown["type"] == "FeatureCollection"
    assert shown["standard"] == STANDARD
    assert [one["id"] for one in shown["features"]] == ["s1", "s2", "s3", "s4", "s5"]
    first, last = shown["features"][0], shown["features"][-1]
    assert first["geometry"]["coordinates"] == [[113.85, 34.03], [113.852, 34.03]]
    assert first["properties"]["findings"] == 5
    assert 0 < first["properties"]["value"] < 100
    assert last["properties"]["status"] == "not_passed"
    assert last["properties"]["value"] is None


def test_a_district_has_its_own_map_whoever_asks(store: Store) -> None:
    scored_city(store)

    for answer in (
        client_of(store).get("/scores.geojson", params={"district": WEST}),
        client_of(store, district=WEST).get("/scores.geojson"),
    ):
        assert [one["id"] for one in answer.json()["features"]] == ["s1", "s2"]
    nowhere = client_of(store).get("/scores.geojson", params={"district": "禹州"})
    assert nowhere.json()["features"] == []


def test_an_empty_city_is_an_empty_map(store: Store) -> None:
    client = client_of(store)

    assert client.get("/scores.geojson").json() == {
        "type": "FeatureCollection",
        "standard": STANDARD,
        "features": [],
    }
    assert client.get("/scores").json() == {"items": [], "next": None}


def test_a_map_of_many_streets_has_each_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.reading._AT_ONCE", 2)
    client = client_of(scored_city(store))

    for district, ids in ((None, "s1 s2 s3 s4 s5"), (WEST, "s1 s2")):
        asked = {} if district is None else {"district": district}
        shown = client.get("/scores.geojson", params=asked).json()
        assert [one["id"] for one in shown["features"]] == ids.split()


def test_rows_are_what_the_map_shows(store: Store) -> None:
    client = client_of(scored_city(store))

    rows = all_pages(client, "/scores", 2)

    shown = client.get("/scores.geojson").json()["features"]
    assert [row["segment_id"] for row in rows] == [one["id"] for one in shown]
    for row, feature in zip(rows, shown, strict=True):
        known = feature["properties"]
        for name in ("value", "low", "high", "grade", "coverage", "findings", "status"):
            assert row[name] == known[name]
        assert row["standard"] == known["standard_id"]
    assert rows[0]["window"] == {
        "from": "2026-08-23T14:13:20Z",
        "to": "2026-09-22T14:13:20Z",
    }
    assert rows[0]["known_at"] == "2026-09-22T14:13:20Z"


def test_pages_are_whole_while_scores_are_added(store: Store) -> None:
    client = client_of(scored_city(store))
    first = client.get("/scores", params={"limit": 2}).json()

    score_city(store, days=2)
    rest = client.get("/scores", params={"limit": 9, "cursor": first["next"]}).json()

    assert [row["segment_id"] for row in rest["items"]] == ["s3", "s4", "s5"]
    assert rest["next"] is None


def test_who_has_the_newest_map_is_sent_nothing(store: Store) -> None:
    client = client_of(scored_city(store))
    for route in ("/scores.geojson", "/scores", "/segments", "/rollups"):
        tag = client.get(route).headers["etag"]
        again = client.get(route, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        other = client.get(f"{route}?district={WEST}", headers={"If-None-Match": tag})
        assert other.status_code == 200

    tag = client.get("/scores.geojson").headers["etag"]
    score_city(store, days=2)
    newer = client.get("/scores.geojson", headers={"If-None-Match": tag})
    assert newer.status_code == 200
    assert newer.headers["etag"] != tag
    known = newer.json()["features"][0]["properties"]["known_s"]
    assert known == NOON_S + 2 * DAY_S


def test_what_another_standard_answered_is_not_the_newest(store: Store) -> None:
    """The settings named that one before."""
    client = client_of(scored_city(store))
    other = Settings(score=ScoreSettings(standard="hetown@1"))
    changed = TestClient(build_app(other, store), headers=client.headers)

    for route in ("/scores.geojson", "/scores", "/segments", "/rollups"):
        tag = client.get(route).headers["etag"]
        assert changed.get(route, headers={"If-None-Match": tag}).status_code == 200


def test_a_tag_of_one_district_is_none_of_another(store: Store) -> None:
    scored_city(store)
    tag = client_of(store, district=WEST).get("/scores").headers["etag"]

    other = client_of(store, district=EAST)
    answer = other.get("/scores", headers={"If-None-Match": tag})

    assert [row["segment_id"] for row in answer.json()["items"]] == ["s3", "s4"]


def test_a_map_is_sent_zipped_to_who_can_unzip(store: Store) -> None:
    client = client_of(scored_city(store))

    zipped = client.get("/scores.geojson", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/scores.geojson", headers={"Accept-Encoding": "identity"})

    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.json() == plain.json()
    assert "Accept-Encoding" in zipped.headers["vary"]
    assert "Authorization" in zipped.headers["vary"]


def test_scores_under_a_standard_that_nobody_knows_are_not_there(store: Store) -> None:
    client = client_of(scored_city(store))
    for route in ("/scores.geojson", "/scores", "/rollups", "/segments/s1/score"):
        answer = client.get(route, params={"standard": "xuchang@99"})
        assert answer.status_code == 404
        assert "xuchang@99" in answer.json()["detail"]

    assert client.get("/scores", params={"standard": "hetown@1"}).json()["items"] == []


def test_what_cannot_be_asked_is_a_bad_request(store: Store) -> None:
    client = client_of(scored_city(store))
    for name, value in (
        ("cursor", "abc"),
        ("cursor", write_cursor("segments", "s1")),
        ("limit", "0"),
        ("standard", ""),
        ("standard", "a\0"),
        ("district", "a\0"),
        ("district", "x" * 201),
    ):
        answer = client.get("/scores", params={name: value})
        assert answer.status_code == 400, (name, value)
        assert name in answer.json()["detail"]


def test_a_newer_score_takes_the_place_of_an_older_one(store: Store) -> None:
    client = client_of(scored_city(store))
    before = client.get("/scores").json()["items"][0]

    drive_through(store, at_s=NOON_S + 1.5 * DAY_S)
    drive_through(store, at_s=NOON_S + 1.7 * DAY_S)
    score_city(store, days=2)

    after = client.get("/scores").json()["items"][0]
    assert after["value"] > before["value"]
    assert after["findings"] < before["findings"] == 5
    assert seen().segment_id == after["segment_id"]
