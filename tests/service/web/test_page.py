"""The page's own routes: who has no key may have it, for nothing of a city is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.app import build_app
from service.settings import load_settings
from service.store import Store

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "service" / "web" / "files"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    store = Store(str(tmp_path / "city"))
    return build_app(load_settings(data=tmp_path), store)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


def test_the_page_lets_nothing_in_from_another_origin(client: TestClient) -> None:
    answer = client.get("/")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_every_file_that_the_page_names_is_there(client: TestClient) -> None:
    named = set(re.findall(r'(?:src|href)="(web/[^"]+)"', client.get("/").text))
    for script in FILES.glob("*.js"):
        found = re.findall(r'from "\./([^"]+)"', script.read_text("utf-8"))
        named |= {f"web/{name}" for name in found}

    assert "web/main.js" in named
    assert {n: client.get(n).status_code for n in named} == dict.fromkeys(named, 200)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("main.js", "text/javascript"),
        ("maplibre-gl-6.17.0/maplibre-gl-worker.mjs", "text/javascript"),
        ("page.css", "text/css"),
        ("maplibre-gl-6.17.0/LICENSE.txt", "text/plain"),
    ],
)
def test_a_file_is_sent_as_what_it_is(client: TestClient, name: str, kind: str) -> None:
    assert client.get(f"/web/{name}").headers["content-type"].startswith(kind)


def test_what_the_browser_has_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/web/main.js").headers["etag"]

    again = client.get("/web/main.js", headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["cache-control"] == "no-cache"


def test_what_is_vendored_may_be_kept_for_good(client: TestClient) -> None:
    answer = client.head("/web/maplibre-gl-6.17.0/maplibre-gl.mjs")

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "name",
    ["nothing.js", "../page.py", "..%2fpage.py", "%2e%2e/names.py", "", "x/../../a"],
)
def test_nothing_else_is_served(client: TestClient, name: str) -> None:
    answer = client.get(f"/web/{name}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_names_are_the_report_s_in_both_languages(client: TestClient) -> None:
    names = client.get("/web/names.json").json()

    assert names["standard"] == "xuchang@1"
    assert names["utc_offset_h"] == 8.0
    assert names["categories"]["pothole"] == {"zh": "路面坑槽", "en": "pothole"}
    assert names["statuses"]["stale"] == {"zh": "已过期", "en": "out of date"}
    ours = names["standards"]["xuchang@1"]
    assert [g["id"] for g in ours["grades"]] == ["优秀", "良好", "合格", "不合格"]
    assert ours["grades"][-1]["floor"] == 0
    assert ours["elements"]["kerb"]["zh"] == "路沿石净"
    assert ours["places"]["school"]["zh"] == "学校周边"


def test_no_word_is_without_its_other_language() -> None:
    words = (FILES / "words.js").read_text("utf-8")
    table = words[words.index("const WORDS") : words.index("};")]
    rows = re.findall(r'(\w+): \["([^"]*)", "([^"]*)"\]', table)

    assert len(rows) == table.count(": [")
    assert [k for k, zh, en in rows if not re.search("[\u4e00-\u9fff]", zh)] == []
    foreign = {k for k, _, en in rows if re.search("[\u4e00-\u9fff]", en)}
    assert foreign <= {"redConfirmed", "redProvisional"}  # they name a Chinese grade
    used = "".join(p.read_text("utf-8") for p in FILES.glob("*.js"))
    assert [
        k for k, *_ in rows if used.count(f'"{k}"') + used.count(f" {k}:") < 2
    ] == []


def test_no_script_makes_html_of_text_or_names_another_origin() -> None:
    for file in (*FILES.glob("*.js"), *FILES.glob("*.html"), *FILES.glob("*.css")):
        text = file.read_text("utf-8")
        assert "innerHTML" not in text, file.name
        assert not re.search(r"https?://|\beval\(|localStorage.*key", text), file.name


def test_the_map_library_travels_with_its_licence() -> None:
    folder = next(FILES.glob("maplibre-gl-*"))
    version = folder.name.removeprefix("maplibre-gl-")

    assert "MapLibre contributors" in (folder / "LICENSE.txt").read_text("utf-8")
    head = (folder / "maplibre-gl.mjs").read_text("utf-8")[:300]
    assert f"/v{version}/" in head
    assert sum(p.stat().st_size for p in folder.iterdir()) < 2_000_000
