"""Manifests over HTTP: said, said again, contradicted, looked at."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.job_records import RawFile
from service.store import Store
from tests.service.api.guarded import Asked
from tests.service.api.registered import HERE, THERE, city, client, store, token_of

__all__ = ["city", "client", "store"]
SHA = {name: hashlib.sha256(name.encode()).hexdigest() for name in "abcd"}


def file(name: str, content: str = "a", size: int = 10) -> dict[str, Any]:
    return {"name": name, "sha256": SHA[content], "size": size}


def put(client: TestClient, token: dict[str, str], *files: Any, **said: Any) -> Any:
    name = said.pop("name", "night-1")
    body = {"files": list(files), **said}
    return client.put(f"/drives/manifests/{name}", headers=token, json=body)


def come(store: Store, content: str) -> None:
    """Let a file be whole in the quarantine."""
    store.add_raw(RawFile(content * 32, SHA[content], 10, False, time.time()))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/drives/manifests/a"),
        ("GET", "/drives/manifests/a"),
        ("GET", "/drives/manifests"),
    ],
)
def test_without_a_key_nothing_is_told(
    client: TestClient, method: str, path: str
) -> None:
    assert client.request(method, path).status_code == 401


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("centre", "PUT", "/drives/manifests/a"),
        ("reviewer", "GET", "/drives/manifests/a"),
        ("reviewer", "GET", "/drives/manifests"),
    ],
)
def test_a_key_of_another_role_may_not(
    city: Asked, client: TestClient, role: Any, method: str, path: str
) -> None:
    assert client.request(method, path, headers=city.key(role)).status_code == 403


def test_a_manifest_sent_twice_is_one(city: Asked, client: TestClient) -> None:
    token = token_of(city.store)
    said = {"vehicle": "K-07", "started": "2026-09-15T10:11:37+08:00", "priority": 3}

    first = put(client, token, file("a.mp4"), **said)
    again = put(client, token, file("a.mp4"), **said)

    assert (first.status_code, again.status_code) == (201, 200)
    shown = client.get("/drives/manifests/night-1", headers=token).json()
    assert shown["files"] == [file("a.mp4")]
    assert shown["started"] == "2026-09-15T02:11:37Z"
    assert (shown["state"], shown["missing"]) == ("waiting", ["a.mp4"])
    assert (shown["jobs"], shown["aside"], shown["complete"]) == ([], [], False)
    assert len(client.get("/drives/manifests", headers=token).json()["items"]) == 1


def test_more_files_add_up_and_what_is_left_out_stays(
    city: Asked, client: TestClient
) -> None:
    token = token_of(city.store)
    put(client, token, file("a.mp4"), vehicle="K-07")
    come(city.store, "a")

    more = put(client, token, file("a.gpx", "b"), complete=True).json()

    assert [one["name"] for one in more["files"]] == ["a.gpx", "a.mp4"]
    assert more["vehicle"] == "K-07"
    assert (more["missing"], more["complete"]) == (["a.gpx"], True)


def test_a_file_never_becomes_another(city: Asked, client: TestClient) -> None:
    token = token_of(city.store)
    put(client, token, file("a.mp4", "a"))

    other = put(client, token, file("new.mp4", "c"), file("a.mp4", "b"))
    kind = put(client, token, kind="edge")

    assert (other.status_code, kind.status_code) == (409, 409)
    assert "a.mp4" in other.json()["detail"]
    shown = client.get("/drives/manifests/night-1", headers=token).json()
    assert shown["files"] == [file("a.mp4", "a")], "nothing of a refused word stays"


def test_two_devices_may_use_one_name(city: Asked, client: TestClient) -> None:
    one = token_of(city.store, "one", district=HERE)
    other = token_of(city.store, "other", district=THERE)
    older = city.key("device", HERE)

    for number, token in enumerate((one, other, older)):
        put(client, token, file(f"{number}.mp4"))

    for number, token in enumerate((one, other, older)):
        shown = client.get("/drives/manifests/night-1", headers=token).json()
        assert [f["name"] for f in shown["files"]] == [f"{number}.mp4"]
        rows = client.get("/drives/manifests", headers=token).json()["items"]
        assert len(rows) == 1


def test_the_centre_sees_those_of_its_district(city: Asked, client: TestClient) -> None:
    token = token_of(city.store, "one", district=HERE)
    put(client, token, file("a.mp4"))
    for role, where, count in (
        ("centre", HERE, 1),
        ("centre", None, 1),
        ("admin", THERE, 0),
    ):
        who = city.key(role, where)  # type: ignore[arg-type]
        rows = client.get("/drives/manifests", headers=who).json()["items"]
        assert len(rows) == count
    owner = client.get("/devices/me", headers=token).json()["id"]
    path = f"/drives/manifests/night-1?owner={owner}"
    assert client.get(path, headers=city.key("centre", HERE)).status_code == 200
    assert client.get(path, headers=city.key("centre", THERE)).status_code == 404
    stranger = token_of(city.store, "stranger", district=HERE)
    assert client.get(path, headers=stranger).status_code == 404


def test_pages_hold_every_manifest_once(city: Asked, client: TestClient) -> None:
    token = token_of(city.store)
    for number in range(5):
        put(client, token, name=f"m{number}")
    names, cursor = [], None
    while True:
        params = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = client.get("/drives/manifests", headers=token, params=params).json()
        names += [row["name"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert names == [f"m{number}" for number in reversed(range(5))]
    bad = client.get("/drives/manifests", headers=token, params={"cursor": "YQ"})
    assert bad.status_code == 400


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param([file("../a.mp4")], {}, id="a way out"),
        pytest.param([file("/etc/a.mp4")], {}, id="from the root"),
        pytest.param([file("a\\b.mp4")], {}, id="the other slash"),
        pytest.param([file(".a.mp4")], {}, id="hidden"),
        pytest.param([file("a.sh")], {}, id="no footage"),
        pytest.param([file("a\u202egpj.mp4")], {}, id="written backwards"),
        pytest.param([file("x" * 250 + ".mp4")], {}, id="a long name"),
        pytest.param([file("a.mp4"), file("a.mp4", "b")], {}, id="one name twice"),
        pytest.param([{**file("a.mp4"), "sha256": "zz"}], {}, id="no SHA-256"),
        pytest.param([file("a.mp4", size=0)], {}, id="empty"),
        pytest.param([file("a.mp4", size=-1)], {}, id="less than empty"),
        pytest.param([file("a.mp4", size=1 << 63)], {}, id="2^63 bytes"),
        pytest.param([{"name": "a.mp4"}], {}, id="half a file"),
        pytest.param([], {"started": "yesterday"}, id="a word for a time"),
        pytest.param([], {"started": "2026-09-15T10:11:37"}, id="a time of no zone"),
        pytest.param([], {"ended": 1790000000}, id="a number for a time"),
        pytest.param([], {"complete": "yes"}, id="a word for yes"),
        pytest.param([], {"priority": 0}, id="before the first"),
        pytest.param([], {"kind": "parade"}, id="no such kind"),
        pytest.param([], {"vehicle": "a\0"}, id="a zero byte"),
        pytest.param([], {"name": "a b"}, id="a name with a gap"),
        pytest.param([], {"name": "x" * 81}, id="a long name of the manifest"),
        pytest.param([], {"colour": "red"}, id="nobody reads it"),
    ],
)
def test_a_bad_manifest_is_one_sentence_and_leaves_nothing(
    city: Asked, client: TestClient, files: list[Any], said: dict[str, Any]
) -> None:
    token = token_of(city.store)

    answer = put(client, token, *files, **said)

    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]
    rows = client.get("/drives/manifests", headers=token).json()["items"]
    assert rows == []


def test_times_that_cannot_be_are_said_and_harm_nothing(
    city: Asked, client: TestClient
) -> None:
    token = token_of(city.store)
    year = datetime.now(UTC).year

    past = put(client, token, name="a", started=f"{year - 10}-01-01T00:00:00Z")
    future = put(client, token, name="b", started=f"{year + 10}-01-01T00:00:00Z")
    today = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    fine = put(client, token, name="c", started=today, ended=today)
    turned = put(client, token, name="c", ended=f"{year - 1}-12-01T00:00:00Z")

    assert "before now" in past.json()["remarks"][0]
    assert "after now" in future.json()["remarks"][0]
    assert fine.json()["remarks"] == []
    assert any("before it started" in one for one in turned.json()["remarks"])


def test_a_clock_ten_years_off_is_corrected_by_its_contact(
    city: Asked, client: TestClient
) -> None:
    token = token_of(city.store)
    slow_s = time.time() - 3653 * 86400
    client.post("/devices/me/contact", headers=token, json={"device_time": slow_s})
    started = datetime.fromtimestamp(slow_s - 3600, UTC).isoformat()

    answer = put(client, token, started=started.replace("+00:00", "Z"))

    assert answer.json()["remarks"] == []


def test_files_that_came_before_or_after_are_the_same(
    city: Asked, client: TestClient
) -> None:
    token = token_of(city.store)
    come(city.store, "a")

    before = put(client, token, file("a.mp4", "a"), file("b.mp4", "b")).json()
    come(city.store, "b")
    after = client.get("/drives/manifests/night-1", headers=token).json()

    assert (before["missing"], after["missing"]) == (["b.mp4"], [])
