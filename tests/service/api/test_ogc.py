"""OGC API - Features: what a client finds that follows the links, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.ogc.crs import ALL, CRS84, EPSG_4490, GCJ_02
from service.app import build_app
from service.keys import make_key
from service.settings import LimitSettings, Settings
from service.store import Store
from tests.service.store.records import NOON_S, drive
from tests.service.store.towns import LAT, LON, STEP_DEG, build_town, finding, score
from vision.geo import wgs84_to_gcj02

COLLECTIONS = ("segments", "scores", "findings")
CORNER = f"{LON - 0.0001},{LAT - 0.0001},{LON + 0.0021},{LAT + 0.0001}"

Client = Callable[..., TestClient]


@pytest.fixture
def client(store: Store, tmp_path: Path) -> Iterator[TestClient]:
    """Return a client of the centre, over a town of four by four streets."""
    build_town(store)
    yield from _client(store, tmp_path)


def _client(
    store: Store, folder: Path, *, page: int = 1000, **key: Any
) -> Iterator[TestClient]:
    settings = Settings(data=folder, limits=LimitSettings(page=page))
    _, secret = make_key(store, **{"name": "gis", "role": "centre", **key})
    app = build_app(settings, store)
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as made:
        yield made


def found(client: TestClient, collection: str, **params: str) -> list[str]:
    """Return the ids of the features on a page, without their prefix."""
    given = {name.replace("_crs", "-crs"): text for name, text in params.items()}
    answer = client.get(f"/ogc/collections/{collection}/items", params=given)
    assert answer.status_code == 200, answer.text
    return [one["id"].removeprefix("f-") for one in answer.json()["features"]]


def test_every_link_leads_somewhere(client: TestClient) -> None:
    waiting, seen = ["http://testserver/ogc"], set()
    types: dict[str, str] = {}
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        answer = client.get(here)
        assert answer.status_code == 200, here
        media_type = answer.headers["content-type"]
        assert media_type == types.get(here, "application/json"), here
        body = answer.json()
        for holder in (body, *body.get("collections", ())):
            for link in holder.get("links", ()):
                types.setdefault(link["href"], link["type"])
                waiting.append(link["href"])

    root = "http://testserver/ogc"
    assert {f"{root}/{name}" for name in ("api", "conformance", "crs")} <= seen
    for name in COLLECTIONS:
        here = f"{root}/collections/{name}"
        assert {here, f"{here}/items", f"{here}/queryables"} <= seen


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_box_chooses(client: TestClient, collection: str) -> None:
    assert len(found(client, collection)) == 16
    assert found(client, collection, bbox=CORNER) == ["s0000", "s0001"]
    west, south, east, north = CORNER.split(",")
    high = f"{west},{south},-10,{east},{north},9000"
    assert found(client, collection, bbox=high) == ["s0000", "s0001"]
    around_the_world = f"{LON + 2.9 * STEP_DEG},-90,{LON - 1},90"
    ids = found(client, collection, bbox=around_the_world)
    assert ids == ["s0003", "s0103", "s0203", "s0303"]


@pytest.mark.parametrize("collection", ["segments", "scores"])
def test_a_street_that_only_bends_around_a_box_is_not_in_it(
    client: TestClient, collection: str
) -> None:
    # s0000 runs from the corner to the north-east: its own box holds this one, its
    # line passes north-west of it.
    beside = f"{LON + 0.0006},{LAT + 0.0001},{LON + 0.0009},{LAT + 0.0004}"
    across = f"{LON + 0.0004},{LAT + 0.0004},{LON + 0.0006},{LAT + 0.0006}"

    assert found(client, collection, bbox=beside) == []
    assert found(client, collection, bbox=across) == ["s0000"]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_box_may_be_given_in_every_system(
    client: TestClient, collection: str
) -> None:
    west, south, east, north = map(float, CORNER.split(","))
    for crs in ALL.values():
        low, high = (west, south), (east, north)
        if crs.shifted:
            low, high = wgs84_to_gcj02(*low), wgs84_to_gcj02(*high)
        if crs.lat_first:
            low, high = low[::-1], high[::-1]
        bbox = ",".join(map(str, (*low, *high)))

        ids = found(client, collection, bbox=bbox, bbox_crs=crs.uri)

        assert ids == ["s0000", "s0001"], crs.uri
    # The same numbers are half a kilometre away on a Chinese web map.
    assert found(client, collection, bbox=CORNER, bbox_crs=GCJ_02) == []


def test_positions_are_written_as_asked(client: TestClient) -> None:
    at = [LON, LAT]
    shifted = [pytest.approx(part, abs=1e-7) for part in wgs84_to_gcj02(LON, LAT)]
    assert abs(wgs84_to_gcj02(LON, LAT)[0] - LON) > 0.003
    systems = {**dict.fromkeys(ALL, at[::-1]), CRS84: at, GCJ_02: shifted}
    for uri, position in systems.items():
        for path in ("/findings/items", "/findings/items/f-s0000"):
            answer = client.get(f"/ogc/collections{path}", params={"crs": uri})
            body = answer.json()
            feature = body["features"][0] if "features" in body else body

            assert answer.headers["content-crs"] == f"<{uri}>"
            assert feature["geometry"] == {"type": "Point", "coordinates": position}
    usual = client.get("/ogc/collections/findings/items")
    assert usual.headers["content-crs"] == f"<{CRS84}>"
    assert usual.json()["features"][0]["geometry"]["coordinates"] == at
    line = client.get(f"/ogc/collections/scores/items/s0000?crs={EPSG_4490}").json()
    assert line["geometry"]["coordinates"][0] == at[::-1]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_pages_hold_every_feature_once(client: TestClient, collection: str) -> None:
    here: str | None = f"/ogc/collections/{collection}/items?limit=3&district=魏都区"
    ids: list[str] = []
    counts: list[int] = []
    while here is not None:
        answer = client.get(here)
        body = answer.json()
        assert answer.headers["content-type"] == "application/geo+json"
        assert "numberMatched" not in body
        ids += [one["id"].removeprefix("f-") for one in body["features"]]
        counts.append(body["numberReturned"])
        links = {one["rel"]: one["href"] for one in body["links"]}
        here = links.get("next")

    assert ids == [f"s{row:02d}{col:02d}" for row in range(4) for col in (0, 2)]
    assert counts == [3, 3, 2]


def test_a_page_is_no_longer_than_the_service_allows(
    store: Store, tmp_path: Path
) -> None:
    build_town(store)
    (client,) = _client(store, tmp_path, page=5)

    body = client.get("/ogc/collections/segments/items?limit=" + 30 * "9").json()
    whole = client.get("/ogc/collections/segments/items?limit=5&bbox=" + CORNER).json()

    assert body["numberReturned"] == len(body["features"]) == 5
    assert (whole["numberReturned"], whole["numberMatched"]) == (2, 2)


def test_times_choose(client: TestClient, store: Store) -> None:
    first, last = "2026-09-21T12:00:00Z", "2026-09-22T12:00:00Z"
    for text, count in {
        f"{first}/{last}": 16,
        f"{last}/..": 16,
        f"../{first}": 16,
        "2026-09-22T20:00:00+08:00/": 16,
        "2026-09-22T12:00:01Z/..": 0,
        "/2026-09-21T11:59:59.999Z": 0,
        "2026-09-22T00:00:00Z": 16,
        "2020-01-01T00:00:00Z": 0,
    }.items():
        assert len(found(client, "findings", datetime=text, limit="50")) == count, text
        assert len(found(client, "segments", datetime=text, limit="50")) == 16
    # the window of the scores ends at NOON_S, 2026-09-21T14:13:20Z
    assert NOON_S == 1_790_000_000
    assert len(found(client, "scores", datetime="2026-09-21T14:13:20Z")) == 16
    assert found(client, "scores", datetime="2026-09-21T14:13:21Z/..") == []
    assert found(client, "scores", datetime=f"../{first}") == []


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_queryable_chooses(client: TestClient, collection: str) -> None:
    here = f"/ogc/collections/{collection}"
    queryables = client.get(f"{here}/queryables").json()["properties"]
    (feature,) = client.get(f"{here}/items?limit=1").json()["features"]

    assert "district" in queryables
    for name in queryables:
        value = feature["properties"][name]
        if value is not None:
            assert feature["id"].removeprefix("f-") in found(
                client, collection, **{name: value}
            )
        assert found(client, collection, **{name: "nothing"}) == []


def test_a_score_under_another_standard_is_asked_for_by_name(
    client: TestClient, store: Store
) -> None:
    (one, *_) = store.segments()
    store.add_scores([score(one, standard_id="hetown@1", value=70.0)])

    usual = client.get("/ogc/collections/scores/items/s0000").json()
    other = client.get("/ogc/collections/scores/items/s0000?standard_id=hetown@1")

    assert usual["properties"]["value"] == 91.25
    assert other.json()["properties"]["value"] == 70.0
    assert found(client, "scores", standard_id="hetown@1") == ["s0000"]
    assert len(found(client, "scores")) == 16


def test_a_finding_says_what_is_known_of_it(client: TestClient) -> None:
    answer = client.get("/ogc/collections/findings/items/f-s0001").json()

    assert answer["type"] == "Feature"
    assert answer["properties"] == {
        "category": "litter",
        "state": "confirmed",
        "segment_id": "s0001",
        "district": "建安区",
        "side": "right",
        "offset_m": 0.0,
        "zone": "carriageway",
        "severity": "light",
        "size_m": None,
        "candidate": False,
        "sigma_m": 0.8,
        "recurrences": 1,
        "probability": 0.72,
        "first_seen": "2026-09-21T12:00:00.000Z",
        "last_seen": "2026-09-22T12:00:00.000Z",
        "cleared": None,
        "known": "2026-09-21T14:13:20.000Z",
    }
    rels = {one["rel"]: one["href"] for one in answer["links"]}
    assert rels["self"].endswith("/ogc/collections/findings/items/f-s0001")
    assert rels["collection"].endswith("/ogc/collections/findings")


def test_what_was_taken_back_is_gone(client: TestClient, store: Store) -> None:
    (one, *_) = store.segments()
    moved = finding("f-s0000", one, state="cleared")
    store.add_findings({one.id: [moved]}, known_s=NOON_S + 1)
    store.add_findings({"s0001": []}, known_s=NOON_S + 1)

    ids = found(client, "findings", limit="100")

    assert len(ids) == 15
    assert "s0001" not in ids
    assert found(client, "findings", state="cleared") == ["s0000"]
    assert client.get("/ogc/collections/findings/items/f-s0001").status_code == 404


def test_a_key_of_a_district_sees_that_district(store: Store, tmp_path: Path) -> None:
    streets = build_town(store)
    far = replace(streets[0], id="far", lonlat=streets[0].lonlat + 1, district=None)
    store.add_drive(drive(name="far", segments=(far,)), known_s=NOON_S)
    (client,) = _client(store, tmp_path, district="建安区")

    for name in COLLECTIONS:
        prefix = "f-" if name == "findings" else ""
        here = f"/ogc/collections/{name}/items"
        assert len(found(client, name, limit="100")) == 8
        assert len(found(client, name, bbox=CORNER)) == 1
        assert found(client, name, district="魏都区") == []
        assert client.get(f"{here}/{prefix}s0001").status_code == 200
        assert client.get(f"{here}/{prefix}s0000").status_code == 404
    assert client.get("/ogc/collections/segments/items/far").status_code == 404
    (box,) = client.get("/ogc/collections/segments").json()["extent"]["spatial"]["bbox"]
    assert box == pytest.approx(
        [LON + 0.001, LAT - 0.001, LON + 0.008, LAT + 0.008], abs=1e-6
    )
