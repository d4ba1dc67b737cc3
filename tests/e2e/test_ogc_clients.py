"""Clients that cities have read /ogc from a running server: GDAL and OWSLib."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from owslib.ogcapi import REQUEST_HEADERS
from owslib.ogcapi.features import Features

from service.app import build_app
from service.keys import make_key
from service.settings import Settings
from service.store import Store
from tests.service.store.towns import LAT, LON, STEP_DEG, build_town

SIDE = 12
LAYERS = ("segments", "scores", "findings")
BOX = (LON - 0.0001, LAT - 0.0001, LON + 2.6 * STEP_DEG, LAT + 1.6 * STEP_DEG)
IN_BOX = [f"s{row:02d}{col:02d}" for row in range(2) for col in range(3)]
LATELY = {
    "scores": "2026-09-21T14:13:20Z/..",
    "findings": "2026-09-22T00:00:00Z/2026-09-23T00:00:00Z",
}


@dataclass(frozen=True, slots=True)
class Served:
    """A running server.

    Attributes:
        root: its landing page.
        key: opens it.
        local: opens one district of it.
        asked: the addresses that were asked for, in their order.
    """

    root: str
    key: str
    local: str
    asked: list[str]

    def queries(self, layer: str) -> list[dict[str, list[str]]]:
        path = f"/ogc/collections/{layer}/items"
        parts = map(urlsplit, self.asked)
        return [parse_qs(one.query) for one in parts if one.path == path]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("ogc")
    store = Store(str(folder / "city"))
    build_town(store, SIDE, SIDE)
    _, key = make_key(store, name="gis", role="centre")
    _, local = make_key(store, name="one", role="centre", district="建安区")
    app = build_app(Settings(data=folder), store)
    asked: list[str] = []

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await app(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(listening, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}/ogc", key, local, asked)
    server.should_exit = True
    thread.join()
    store.close()


@pytest.fixture(autouse=True)
def _forget(served: Served) -> Iterator[None]:
    served.asked.clear()
    yield
    REQUEST_HEADERS.pop("Authorization", None)  # OWSLib keeps them for all


def gdal(
    program: str, *given: str, key: str | None
) -> subprocess.CompletedProcess[str]:
    found = shutil.which(program)
    if found is None:
        pytest.fail("GDAL is missing: run sh tests/e2e/install-gdal.sh")
    header = (
        {} if key is None else {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {key}"}
    )
    environment = {**os.environ, **header, "NO_PROXY": "*", "no_proxy": "*"}
    command = [found, *given]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment
    )


def read(
    served: Served, folder: Path, layer: str, *options: str, key: str | None = None
) -> list[dict[str, Any]]:
    """Return the features that ogr2ogr makes a GeoJSON file of."""
    out = folder / f"{layer}.geojson"
    out.unlink(missing_ok=True)
    source = f"OAPIF:{served.root}"
    done = gdal(
        "ogr2ogr", "-f", "GeoJSON", str(out), source, layer, *options,
        key=key or served.key,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    features: list[dict[str, Any]] = json.loads(out.read_text("utf-8"))["features"]
    return features


def streets(features: list[dict[str, Any]]) -> list[str]:
    return sorted(str(one["properties"]["id"]).removeprefix("f-") for one in features)


def test_ogrinfo_lists_the_layers(served: Served) -> None:
    done = gdal("ogrinfo", f"OAPIF:{served.root}", key=served.key)

    assert done.returncode == 0
    assert [line.split()[1] for line in done.stdout.splitlines()[-3:]] == list(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_ogrinfo_tells_what_a_layer_is(served: Served, layer: str) -> None:
    given = ("-so", f"OAPIF:{served.root}", layer, "-oo", "PAGE_SIZE=50")
    done = gdal("ogrinfo", *given, key=served.key)

    kind = "Point" if layer == "findings" else "Line String"
    assert f"Geometry: {kind}" in done.stdout
    assert f"Feature Count: {SIDE * SIDE}" in done.stdout
    assert f"({LON - 0.001:.6f}, {LAT - 0.001:.6f})" in done.stdout
    assert "district: String" in done.stdout
    times = {"segments": 1, "scores": 3, "findings": 3}[layer]
    assert done.stdout.count(": DateTime") == times


@pytest.mark.parametrize("layer", LAYERS)
def test_ogr2ogr_reads_page_by_page(served: Served, layer: str, tmp_path: Path) -> None:
    features = read(served, tmp_path, layer, "-oo", "PAGE_SIZE=25")

    assert len(features) == len(set(streets(features))) == SIDE * SIDE
    pages = [one for one in served.queries(layer) if "cursor" in one]
    assert len(pages) == 5  # 144 are six pages of 25


@pytest.mark.parametrize("layer", LAYERS)
def test_ogr2ogr_asks_for_a_box(served: Served, layer: str, tmp_path: Path) -> None:
    features = read(
        served, tmp_path, layer, "-spat", *map(str, BOX), "-oo", "PAGE_SIZE=4"
    )

    assert streets(features) == IN_BOX
    asked = [one for one in served.queries(layer) if "bbox" in one]
    assert len(asked) == 2  # six features are two pages of four


@pytest.mark.parametrize(
    ("layer", "where", "count", "pushed"),
    [
        pytest.param(
            "findings",
            "last_seen >= '2026/09/22 11:00:00' AND category = 'litter'",
            SIDE * SIDE,
            {"datetime": ["2026-09-22T11:00:00Z/.."], "category": ["litter"]},
            id="findings seen lately",
        ),
        pytest.param(
            "findings",
            "last_seen >= '2026/09/22 13:00:00'",
            0,
            {"datetime": ["2026-09-22T13:00:00Z/.."]},
            id="findings seen later than any",
        ),
        pytest.param(
            "scores",
            "window_end <= '2026/09/21 14:13:20' AND grade = '优秀'",
            SIDE * SIDE,
            {"datetime": ["../2026-09-21T14:13:20Z"], "grade": ["优秀"]},
            id="scores of a grade",
        ),
        pytest.param(
            "segments",
            "district = '魏都区'",
            SIDE * SIDE // 2,
            {"district": ["魏都区"]},
            id="streets of a district",
        ),
    ],
)
def test_ogr2ogr_lets_the_server_choose(
    served: Served,
    tmp_path: Path,
    layer: str,
    where: str,
    count: int,
    pushed: dict[str, list[str]],
) -> None:
    features = read(served, tmp_path, layer, "-where", where, "-oo", "PAGE_SIZE=100")

    assert len(features) == count
    last = served.queries(layer)[-1]
    assert {name: last.get(name) for name in pushed} == pushed


def test_gdal_is_refused_without_a_key(served: Served) -> None:
    done = gdal("ogrinfo", f"OAPIF:{served.root}", key=None)

    assert done.returncode != 0
    assert "401" in done.stderr + done.stdout


@pytest.mark.parametrize("layer", LAYERS)
def test_gdal_sees_the_district_of_its_key(
    served: Served, layer: str, tmp_path: Path
) -> None:
    features = read(served, tmp_path, layer, key=served.local)

    assert len(features) == SIDE * SIDE // 2
    assert {one["properties"]["district"] for one in features} == {"建安区"}


def owslib(served: Served, key: str | None = None) -> Features:
    header = {"Authorization": f"Bearer {key or served.key}"}
    return Features(served.root, headers=header)


def test_owslib_finds_its_way(served: Served) -> None:
    city = owslib(served)

    assert city.feature_collections() == list(LAYERS)
    assert any(one.endswith("conf/crs") for one in city.conformance()["conformsTo"])
    assert city.api()["openapi"].startswith("3.0")
    assert "category" in city.collection_queryables("findings")["properties"]
    extent = city.collection("segments")["extent"]["spatial"]["bbox"][0]
    assert extent[:2] == pytest.approx([LON - 0.001, LAT - 0.001])


@pytest.mark.parametrize("layer", LAYERS)
def test_owslib_reads_boxes_times_and_pages(served: Served, layer: str) -> None:
    city = owslib(served)
    asked = {
        "bbox": list(BOX),
        "datetime_": LATELY.get(layer, "../2020-01-01T00:00:00Z"),
    }
    ids: list[str] = []
    cursor: dict[str, str] = {}
    for size in (4, 2):
        page = city.collection_items(layer, limit=4, **dict(asked), **cursor)
        ids += [one["id"].removeprefix("f-") for one in page["features"]]
        assert len(page["features"]) == size
        links = {one["rel"]: one["href"] for one in page["links"]}
        if "next" in links:
            cursor = {"cursor": parse_qs(urlsplit(links["next"]).query)["cursor"][0]}

    assert "next" not in links
    assert ids == IN_BOX
    prefix = "f-" if layer == "findings" else ""
    one = city.collection_item(layer, f"{prefix}s0102")
    assert one["id"] == f"{prefix}s0102"


def test_owslib_is_told_what_was_wrong(served: Served) -> None:
    with pytest.raises(RuntimeError, match="datetime: 'yesterday' is no time"):
        owslib(served).collection_items("findings", datetime_="yesterday")
