"""OGC API - Features: who is refused, and what is said of a bad parameter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import QueryParams

from service.api.ogc.collections import the_kind
from service.api.ogc.items import _AT_ONCE, _Page
from service.api.ogc.kinds import KINDS
from service.api.ogc.params import read_asked
from service.app import build_app
from service.keys import make_key
from service.records import Role
from service.settings import ServerSettings, Settings
from service.store import PlaceQuery, Store
from tests.service.store.towns import build_town

PATHS = (
    "",
    "/conformance",
    "/api",
    "/crs",
    "/collections",
    "/collections/segments",
    "/collections/scores/queryables",
    "/collections/segments/items",
    "/collections/scores/items",
    "/collections/findings/items",
    "/collections/findings/items/f-s0000",
)
FINDINGS = "/ogc/collections/findings/items"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(str(tmp_path_factory.mktemp("town") / "city"))
    build_town(store, 2, 2)
    yield store
    store.close()


def client_of(store: Store, role: Role | None, **settings: Any) -> TestClient:
    app = build_app(Settings(**settings), store)
    if role is None:
        return TestClient(app)
    _, secret = make_key(store, name=role, role=role)
    return TestClient(app, headers={"X-API-Key": secret})


@pytest.fixture(scope="module")
def client(town: Store) -> TestClient:
    return client_of(town, "centre")


@pytest.mark.parametrize("path", PATHS)
def test_only_who_may_read_is_answered(town: Store, path: str) -> None:
    for role, status in (
        (None, 401),
        ("device", 403),
        ("reviewer", 200),
        ("centre", 200),
        ("admin", 200),
    ):
        answer = client_of(town, role).get(f"/ogc{path}")
        bad = client_of(town, role).get(f"/ogc{path}?colour=red")

        assert answer.status_code == status
        assert bad.status_code == (400 if status == 200 else status)
        if status != 200:
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param("limit=0", "limit", id="no features"),
        pytest.param("limit=-1", "limit", id="fewer than none"),
        pytest.param("limit=ten", "limit", id="a word for a number"),
        pytest.param("limit=1.5", "limit", id="half a feature"),
        pytest.param("limit=" + "9" * 5000, "limit", id="a number without end"),
        pytest.param("limit=%D9%A3", "limit", id="a digit of another script"),
        pytest.param("limit=", "limit", id="an empty limit"),
        pytest.param("bbox=", "bbox", id="an empty box"),
        pytest.param("bbox=1,2,3", "bbox", id="three numbers"),
        pytest.param("bbox=1,2,3,4,5", "bbox", id="five numbers"),
        pytest.param("bbox=a,b,c,d", "bbox", id="letters"),
        pytest.param("bbox=1,2,nan,4", "bbox", id="not a number"),
        pytest.param("bbox=1,2,inf,4", "bbox", id="without end"),
        pytest.param("bbox=1,5,2,4", "bbox", id="north below south"),
        pytest.param("bbox=34,113,35,114", "latitude", id="axes swapped"),
        pytest.param("bbox=113,34,181,35", "bbox", id="beyond the world"),
        pytest.param(
            "bbox=113,34,114,35&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4490",
            "latitude, longitude",
            id="axes of the wrong system",
        ),
        pytest.param("bbox-crs=EPSG:4326", "bbox-crs", id="not the name of a system"),
        pytest.param(
            "crs=http://www.opengis.net/def/crs/EPSG/0/3857", "crs", id="another system"
        ),
        pytest.param("datetime=", "datetime", id="an empty time"),
        pytest.param("datetime=yesterday", "datetime", id="a word for a time"),
        pytest.param("datetime=2026-04-01", "datetime", id="a day alone"),
        pytest.param("datetime=2026-04-01T00:00:00", "datetime", id="no offset"),
        pytest.param("datetime=2026-02-30T00:00:00Z", "datetime", id="no such day"),
        pytest.param("datetime=2026-04-01T00:00:00+08:00", "%2B", id="a plus lost"),
        pytest.param("datetime=2026-04-01T25:00:00Z", "datetime", id="no such hour"),
        pytest.param("datetime=../..", "datetime", id="open on both ends"),
        pytest.param("datetime=/", "datetime", id="nothing on both ends"),
        pytest.param(
            "datetime=2026-04-02T00:00:00Z/2026-04-01T00:00:00Z", "ends", id="backwards"
        ),
        pytest.param(
            "datetime=2026-04-01T00:00:00Z/../..", "datetime", id="three ends"
        ),
        pytest.param("cursor=-1", "cursor", id="a cursor below the first"),
        pytest.param("cursor=99999999999", "cursor", id="a cursor beyond the last"),
        pytest.param("cursor=abc", "cursor", id="no cursor"),
        pytest.param("offset=10", "'offset' is no parameter", id="unknown"),
        pytest.param("grade=A", "'grade' is no parameter", id="of another collection"),
        pytest.param("limit=1&limit=2", "twice", id="given twice"),
        pytest.param("category=a%00b", "category", id="a zero byte"),
        pytest.param("category=" + "x" * 2001, "category", id="a text without end"),
        pytest.param("f=html", "f: 'html'", id="a form that is not written"),
    ],
)
def test_a_bad_parameter_is_named(client: TestClient, query: str, said: str) -> None:
    answer = client.get(f"{FINDINGS}?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert len(answer.json()["detail"]) < 600


@pytest.mark.parametrize(
    "path",
    [
        "/collections/nothing",
        "/collections/nothing/items",
        "/collections/nothing/items/1",
        "/collections/nothing/queryables",
        "/collections/findings/items/nothing",
        "/collections/findings/items/a%00b",
        "/collections/findings/items/" + "x" * 3000,
        "/collections/scores/items/s0000?standard_id=nothing@1",
    ],
)
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    answer = client.get(f"/ogc{path}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_one_feature_takes_few_parameters(client: TestClient) -> None:
    here = f"{FINDINGS}/f-s0000"

    assert client.get(f"{here}?f=json").status_code == 200
    for query in ("limit=1", "bbox=1,2,3,4", "crs=no", "standard_id=x@1"):
        assert client.get(f"{here}?{query}").status_code == 400


@pytest.mark.parametrize("collection", KINDS)
def test_the_description_names_every_parameter(
    client: TestClient, collection: str
) -> None:
    sane = {
        "limit": "1",
        "cursor": "1",
        "bbox": "113,34,114,35",
        "datetime": "2026-04-01T00:00:00Z",
        "f": "json",
    }
    api = client.get("/ogc/api").json()
    path = f"/collections/{collection}/items"
    whole = client.get("/openapi.json").json()
    get = api["paths"][path]["get"]
    names = [one["name"] for one in get["parameters"]]
    params = {
        one["name"]: sane.get(one["name"], one["schema"].get("default", "x"))
        for one in get["parameters"]
    }

    answer = client.get(f"/ogc{path}", params=params)
    refused = client.get(f"/ogc{path}?x=1").json()["detail"]

    assert api["openapi"].startswith("3.0")
    assert api["servers"] == [{"url": "http://testserver/ogc"}]
    assert answer.status_code == 200
    assert sorted(names) == sorted(refused.split("there are ")[1].split(", "))
    assert whole["paths"][f"/ogc{path}"]["get"]["parameters"] == get["parameters"]
    for path in api["paths"]:
        filled = path.replace("{featureId}", "none").rstrip("/")
        assert client.get(f"/ogc{filled}").status_code in {200, 404}


def test_links_begin_as_others_reach_the_service(town: Store) -> None:
    server = ServerSettings(public_url="https://city.example/liujing/")
    client = client_of(town, "centre", server=server)

    body = client.get(f"{FINDINGS}?limit=1&category=litter").json()

    links = {one["rel"]: one["href"] for one in body["links"]}
    root = "https://city.example/liujing/ogc"
    here = f"{root}/collections/findings/items?limit=1&category=litter"
    assert links == {"self": here, "next": f"{here}&cursor=1"}


def test_answers_are_packed_for_who_can_unpack(client: TestClient) -> None:
    packed = client.get(FINDINGS, headers={"Accept-Encoding": "gzip"})
    plain = client.get(FINDINGS, headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json()["features"] == plain.json()["features"]


def test_a_long_page_is_read_as_it_is_sent(
    town: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = KINDS["findings"]
    row = town.place("findings", "f-s0000", PlaceQuery())
    assert row is not None
    read = 0

    def rows() -> Iterator[Any]:
        nonlocal read
        for read in range(1, 100_001):
            yield read, kind.feature(row)

    asked = read_asked(QueryParams("limit=100000"), kind, most=100_000)
    pieces = _Page(rows(), asked, "here").text()

    next(pieces)
    next(pieces)
    assert read == _AT_ONCE
    assert sum(piece.count('"Feature"') for piece in pieces) == 100_000 - _AT_ONCE
    assert the_kind("findings") is kind
