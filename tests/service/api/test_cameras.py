"""Cameras over HTTP: administrators write, the district reads, nobody is shown more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.store import Store
from tests.e2e.test_watch import GATE_LINE, road_file
from tests.service.api.guarded import Asked, asked, heard
from tests.service.cameras.registered import ADDRESS, FILE

HERE, THERE = "魏都区", "建安区"
GOOD = {
    "name": "许由路卡口",
    "district": HERE,
    "kind": "rtsp",
    "address": ADDRESS,
    "file": FILE,
    "schedule": {"every_min": 60, "for_min": 15, "from_hour": 7, "to_hour": 22},
}


@pytest.fixture
def city(store: Store, tmp_path: Path) -> Asked:
    roads = road_file(tmp_path, GATE_LINE)
    key = {"key": "addresses are sealed"}
    return asked(store, tmp_path, jobs={"roads": roads}, raw=key)


def made(city: Asked, **changes: Any) -> dict[str, Any]:
    body = {**GOOD, **changes}
    answer = city.client().post("/cameras", json=body, headers=city.key("admin"))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_address_is_written_and_never_shown(city: Asked) -> None:
    admin, wrong = city.key("admin"), {**GOOD, "kind": "x"}
    with heard() as log:
        one = made(city)
        path = f"/cameras/{one['id']}"
        said = [
            city.client().get("/cameras", headers=admin).text,
            city.client().get(path, headers=admin).text,
            city.client().put(path, json={**GOOD, "name": "新"}, headers=admin).text,
            city.client().post(f"{path}/try", headers=admin).text,
            city.client().post("/cameras", json=wrong, headers=admin).text,
        ]

    assert one["address"] == "rtsp://127.0.0.1:9/..."
    everything = "".join(said) + str(one) + str(city.log()) + log.getvalue()
    assert "127.0.0.1:9" in everything
    for secret in ("warden", "geheim"):
        assert secret not in everything


def test_a_camera_that_does_not_answer_says_why(city: Asked) -> None:
    one = made(city)
    path = f"/cameras/{one['id']}"

    tried = city.client().post(f"{path}/try", headers=city.key("admin")).json()
    now = city.client().get(path, headers=city.key("reviewer", HERE)).json()

    assert one["condition"] == "new"
    assert not tried["ok"]
    assert "Connection refused" in tried["reason"]
    assert (now["condition"], now["error"]) == ("failing", tried["reason"])
    assert now["failing_since"] is not None
    measures = city.client().get("/metrics", headers=city.key("admin")).text
    assert 'liujing_cameras{condition="failing"} 1.0' in measures


def test_another_district_has_no_such_camera(city: Asked) -> None:
    one = made(city)
    path = f"/cameras/{one['id']}"
    for role in ("reviewer", "centre", "admin"):
        key = city.key(role, THERE)
        assert city.client().get(path, headers=key).status_code == 404
        assert city.client().get("/cameras", headers=key).json() == {"items": []}
    there = city.key("admin", THERE)
    for method, to in (("PUT", path), ("DELETE", path), ("POST", f"{path}/try")):
        answer = city.client().request(method, to, json=GOOD, headers=there)
        assert answer.status_code == 404
    for district in (HERE, None):
        body = {**GOOD, "district": district}
        answer = city.client().post("/cameras", json=body, headers=there)
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("district: ")
    assert (
        len(city.client().get("/cameras", headers=city.key("centre")).json()["items"])
        == 1
    )


def test_a_change_leaves_the_address_and_an_end_leaves_the_row(city: Asked) -> None:
    one, admin = made(city), city.key("admin")
    path = f"/cameras/{one['id']}"
    body = {**GOOD, "address": None, "interval_s": 2.0, "enabled": False}

    changed = city.client().put(path, json=body, headers=admin)
    gone = city.client().delete(path, headers=admin)
    again = city.client().delete(path, headers=admin)
    after = city.client().get(path, headers=admin).json()

    assert changed.status_code == 200, changed.text
    assert (changed.json()["version"], changed.json()["condition"]) == (2, "off")
    assert (gone.status_code, again.status_code) == (204, 404)
    assert after["ended"] is not None
    assert city.client().get("/cameras", headers=admin).json() == {"items": []}
    ended = city.client().get("/cameras?ended=true", headers=admin).json()
    assert [item["id"] for item in ended["items"]] == [one["id"]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schedule": {"every_min": 10, "for_min": 15}}, "a watch must take"),
        ({"file": "x"}, "camera file"),
        ({"address": None}, "give the camera's address"),
        ({"kind": "snapshots", "address": "/etc"}, "folder of snapshots must be named"),
        ({"interval_s": 0}, "interval_s: "),
        ({"colour": "red"}, "colour: "),
    ],
)
def test_a_bad_camera_is_one_sentence(
    city: Asked, changes: dict[str, Any], said: str
) -> None:
    answer = city.client().post(
        "/cameras", json={**GOOD, **changes}, headers=city.key("admin")
    )

    assert answer.status_code in {400, 422}, answer.text
    assert said in answer.json()["detail"]
    assert city.store.cameras() == []
