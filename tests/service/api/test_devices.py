"""Devices over HTTP: registered, heard, taken back."""

from __future__ import annotations

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.device_records import ManifestFile, ManifestSaid
from service.intake.manifests import Speaker, announce
from service.job_records import JobOrder
from tests.service.api.guarded import Asked
from tests.service.api.registered import HERE, THERE, city, client, store, token_of

TEN_YEARS_S = 3653 * 86400.0
__all__ = ["city", "client", "store"]
NOBODY = "dv" + "0" * 12


def contact(client: TestClient, token: dict[str, str], **said: Any) -> Any:
    body = {"device_time": time.time(), **said}
    return client.post("/devices/me/contact", headers=token, json=body)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/devices"),
        ("GET", "/devices"),
        ("GET", "/devices/me"),
        ("POST", "/devices/me/contact"),
        ("GET", f"/devices/{NOBODY}"),
        ("POST", f"/devices/{NOBODY}/rotate"),
        ("DELETE", f"/devices/{NOBODY}"),
    ],
)
def test_without_a_key_nothing_is_told(
    client: TestClient, method: str, path: str
) -> None:
    assert client.request(method, path).status_code == 401


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("centre", "POST", "/devices"),
        ("device", "GET", "/devices"),
        ("reviewer", "GET", "/devices"),
        ("centre", "GET", "/devices/me"),
        ("centre", "POST", "/devices/me/contact"),
        ("device", "GET", f"/devices/{NOBODY}"),
        ("centre", "POST", f"/devices/{NOBODY}/rotate"),
        ("device", "DELETE", f"/devices/{NOBODY}"),
    ],
)
def test_a_key_of_another_role_may_not(
    city: Asked, client: TestClient, role: Any, method: str, path: str
) -> None:
    assert client.request(method, path, headers=city.key(role)).status_code == 403


def test_a_device_is_registered_and_its_token_shown_once(
    city: Asked, client: TestClient
) -> None:
    admin = city.key("admin")
    wanted = {"name": "车 7", "district": HERE, "vehicle": "K-07", "quota_gb": 50}

    made = client.post("/devices", headers=admin, json=wanted)
    again = client.post("/devices", headers=admin, json=wanted)
    shown = client.get(f"/devices/{made.json()['id']}", headers=admin)

    assert made.status_code == 201
    assert (again.status_code, "车 7" in again.json()["detail"]) == (409, True)
    assert made.json()["quota_bytes"] == 50_000_000_000
    token = made.json()["token"]
    assert token not in shown.text
    me = client.get("/devices/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["id"] == made.json()["id"]
    assert me.json()["vehicle"] == "K-07"


def test_a_contact_measures_the_clock_and_is_shown(
    city: Asked, client: TestClient
) -> None:
    token = token_of(city.store, district=HERE)
    said = {
        "firmware": "1.4.2",
        "free_disk_bytes": 9_000_000_000_000,
        "models": ["street@2"],
        "waiting_files": 3,
        "waiting_bytes": 7_000_000_000,
        "says": "1 drives not inspected on board",
    }

    before_s = time.time()
    answer = contact(client, token, device_time=before_s + 97, **said).json()
    after_s = time.time()

    assert before_s <= answer["server_time"] <= after_s
    assert answer["clock_offset_s"] == before_s + 97 - answer["server_time"]
    assert answer["name"] == "车 7"
    assert answer["raw_wanted"] is True
    assert answer["remark"] is None
    assert answer["refused_packages"] == []
    (seen,) = client.get("/devices", headers=city.key("centre", HERE)).json()["items"]
    assert {name: seen[name] for name in said} == said
    assert seen["clock_offset_s"] == answer["clock_offset_s"]
    assert seen["silent"] is False
    there = city.key("centre", THERE)
    assert client.get("/devices", headers=there).json()["items"] == []
    assert client.get(f"/devices/{seen['id']}", headers=there).status_code == 404


def test_a_clock_ten_years_off_is_measured_and_said(
    city: Asked, client: TestClient
) -> None:
    token = token_of(city.store)

    slow = contact(client, token, device_time=time.time() - TEN_YEARS_S)
    fast = contact(client, token, device_time=time.time() + TEN_YEARS_S)

    assert slow.status_code == fast.status_code == 200
    assert slow.json()["clock_offset_s"] == pytest.approx(-TEN_YEARS_S, abs=5)
    assert "3653 days behind" in slow.json()["remark"]
    assert "3653 days ahead of" in fast.json()["remark"]


def test_a_vehicle_hears_which_of_its_models_nobody_here_has(
    city: Asked, client: TestClient
) -> None:
    models = ["street@2", "layout@1", "street@99", "../street@2"]

    answer = contact(client, token_of(city.store), models=models).json()

    assert "does not have ../street@2, street@99, so" in answer["remark"]


def test_a_vehicle_hears_why_its_package_was_refused(
    city: Asked, client: TestClient
) -> None:
    token, other = token_of(city.store), token_of(city.store, "车 8")
    me = client.get("/devices/me", headers=token).json()["id"]
    speaker = Speaker("lj1", None, city.store.devices(device_id=me)[0])
    said = ManifestSaid(
        files=(ManifestFile("p.edge.zip", "a" * 64, 9),), complete=True, kind="edge"
    )
    manifest, _ = announce(city.store, speaker, "am-1", said)
    order = JobOrder({"p.edge.zip": "a" * 64}, "aboard", None, 3.0, kind="edge")
    at_s = time.time()
    job = city.store.start_piece(manifest.id, (0, 0), order, [], now_s=at_s)
    assert job is not None
    city.store.end_job(job.id, None, "failed", now_s=at_s, error="it was cut short")

    answer, others = contact(client, token).json(), contact(client, other).json()

    refused = {"name": "am-1", "reason": "it was cut short"}
    assert answer["refused_packages"] == [refused]
    assert others["refused_packages"] == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no time"),
        pytest.param({"device_time": -1}, id="before 1970"),
        pytest.param({"device_time": 1e300}, id="no year has so many digits"),
        pytest.param({"device_time": "noon"}, id="a word"),
        pytest.param({"device_time": 1.0, "free_disk_bytes": -1}, id="less than none"),
        pytest.param({"device_time": 1.0, "waiting_bytes": 1 << 63}, id="2^63 bytes"),
        pytest.param({"device_time": 1.0, "models": ["x"] * 51}, id="too many models"),
        pytest.param({"device_time": 1.0, "firmware": "a\0"}, id="a zero byte"),
        pytest.param({"device_time": 1.0, "colour": "red"}, id="nobody reads it"),
    ],
)
def test_a_bad_contact_is_one_sentence_and_changes_nothing(
    city: Asked, client: TestClient, body: dict[str, Any]
) -> None:
    token = token_of(city.store)

    answer = client.post("/devices/me/contact", headers=token, json=body)

    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]
    assert city.store.contacts() == {}


def test_a_nan_is_no_time(city: Asked, client: TestClient) -> None:
    headers = {**token_of(city.store), "Content-Type": "application/json"}

    answer = client.post(
        "/devices/me/contact", headers=headers, content=b'{"device_time": NaN}'
    )

    assert answer.status_code == 400


def test_a_key_of_no_registered_device_is_told_so(
    city: Asked, client: TestClient
) -> None:
    older = city.key("device")

    answers = [client.get("/devices/me", headers=older), contact(client, older)]

    assert [one.status_code for one in answers] == [404, 404]
    assert "liujing devices add" in answers[0].json()["detail"]


def test_a_device_that_was_taken_back_may_nothing_any_more(
    city: Asked, client: TestClient
) -> None:
    token, admin = token_of(city.store), city.key("admin")
    name = client.get("/devices/me", headers=token).json()["id"]

    ended = client.delete(f"/devices/{name}", headers=admin)

    assert ended.status_code == 204
    assert contact(client, token).status_code == 401
    put = client.put("/drives/manifests/a", headers=token, json={})
    assert put.status_code == 401
    assert client.get("/jobs", headers=token).status_code == 401
    assert client.delete(f"/devices/{name}", headers=admin).status_code == 404
    shown = client.get(f"/devices/{name}", headers=admin).json()
    assert shown["ended"] is not None
    assert shown["silent"] is False
    token_of(city.store)  # its name is free again


def test_a_new_key_takes_the_place_of_the_old(city: Asked, client: TestClient) -> None:
    old, admin = token_of(city.store), city.key("admin")
    name = client.get("/devices/me", headers=old).json()["id"]

    turned = client.post(f"/devices/{name}/rotate", headers=admin)

    assert turned.status_code == 200
    new = {"Authorization": f"Bearer {turned.json()['token']}"}
    assert contact(client, old).status_code == 401
    assert contact(client, new).json()["device"] == name


def test_an_admin_of_a_district_makes_devices_of_it_alone(
    city: Asked, client: TestClient
) -> None:
    admin = city.key("admin", HERE)

    answers = [
        client.post("/devices", headers=admin, json={"name": "a", "district": where})
        for where in (HERE, THERE, None)
    ]

    assert [one.status_code for one in answers] == [201, 400, 400]


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param({"name": "  "}, id="no name"),
        pytest.param({"name": "a", "quota_gb": 0}, id="no quota"),
        pytest.param({"name": "a", "quota_gb": -3}, id="less than none"),
        pytest.param({"name": "a", "days": 1e9}, id="longer than a life"),
        pytest.param({"name": "a", "kind": "drone"}, id="no such kind"),
        pytest.param({"name": "a", "district": ""}, id="an empty district"),
    ],
)
def test_a_device_that_cannot_be_leaves_no_key(
    city: Asked, client: TestClient, wanted: dict[str, Any]
) -> None:
    admin = city.key("admin")
    before = len(city.store.all_keys())

    answer = client.post("/devices", headers=admin, json=wanted)

    assert answer.status_code == 400, answer.text
    assert len(city.store.all_keys()) == before
    assert city.store.devices() == []


def test_the_silent_are_counted_for_operations(city: Asked, client: TestClient) -> None:
    token = token_of(city.store, "heard")
    contact(client, token)
    token_of(city.store, "never heard, but new")

    def silent() -> str:
        text = client.get("/metrics", headers=city.key("admin")).text
        return next(
            line for line in text.splitlines() if line.startswith("liujing_devices_s")
        )

    assert silent() == "liujing_devices_silent 0.0"
    assert city.store.silent_devices(since_s=time.time() + 10) == 2
