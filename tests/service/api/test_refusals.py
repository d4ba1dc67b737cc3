"""Who may do what, on every route there is and every one to come."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import APIRouter, HTTPException

from service.api.asked import Reader, TheStore
from service.device_records import ManifestSaid
from service.intake.devices import NewDevice, register
from service.intake.manifests import Speaker, announce
from service.job_records import JobOrder
from service.memory.rescore import rescore
from service.memory.street import Terms, Window
from service.scoring import load_standard
from service.store import DaysRow, Store, drive_id
from service.told import Hook
from tests.service.api.guarded import Asked, asked
from tests.service.api.refusals import OPEN, Walk
from tests.service.cameras.registered import CAMERA_ID, camera
from tests.service.findings.passes import ROLES
from tests.service.store.coming import coming
from tests.service.store.records import DAY_S, NOON_S, PICTURE, STREET, drive, seen

DRIVE = drive(seen())


@pytest.fixture
def city(tmp_path: Path) -> Asked:
    store = Store(str(tmp_path / "city"))
    store.add_drive(DRIVE)
    terms = Terms(load_standard("xuchang@1"), ROLES)
    window = Window(NOON_S - DAY_S, NOON_S + DAY_S)
    rescore(store, terms, window, known_s=NOON_S + DAY_S)
    many = {"failures_per_minute": 100_000}
    return asked(store, tmp_path, limits=many)


@pytest.fixture
def objects(city: Asked) -> dict[str, str]:
    """Return what stands in the places of routes, see `Walk`; all in 魏都区."""
    (finding,) = city.store.findings(STREET.id)
    now_s = NOON_S + DAY_S
    order = JobOrder({"a.mp4": "ab"}, "street@2", None, 3.0, district=STREET.district)
    job, _ = city.store.add_job(order, now_s=now_s)
    hook = Hook(
        "hook1", "https://centre.example/", (), STREET.district, "00", None, now_s
    )
    city.store.add_hook(hook, sent=0)
    city.store.add_camera(camera(district=STREET.district))
    days = DaysRow(STREET.id, "xuchang@1", NOON_S, now_s, DAY_S, now_s, b"")
    city.store.add_score_days([days])
    upload = coming(STREET.district)
    city.store.add_upload(upload)
    device, _, _ = register(city.store, NewDevice("车 1", district=STREET.district))
    speaker = Speaker(device.keys[0], device.district, device)
    announce(city.store, speaker, "night", ManifestSaid())
    unit = {"unit": STREET.district, "rank": 1, "grade": "良好", "parts": {}}
    points = dict.fromkeys(("value", "before", "bonus", "penalty"), "0")
    head = {"month": "2026-03", "sheet": "qixian@1", "source": "x", "fingerprint": "x"}
    content = {**head, "units": [{**unit, **points}]}
    city.store.add_month(content, locked=False, known_s=now_s)
    return {
        "upload_id": upload.id,
        "device_id": device.id,
        "manifest_name": "night",
        "/drives/manifests/{manifest_name} ?": f"?owner={device.id}",
        "job_id": job.id,
        "month": "2026-03",
        "hook_id": hook.id,
        "camera_id": CAMERA_ID,
        "name": PICTURE.image,
        "/drives/{drive_id}/inspect ?": "?model=street@2",
        "segment_id": STREET.id,
        "finding_id": finding.finding.id,
        "drive_id": drive_id(DRIVE),
        "feature_id": STREET.id,
        "/ogc/collections/findings/items/{feature_id} feature_id": finding.finding.id,
        "collection_id": "segments",
        "standard_id": "xuchang@1",
    }


def test_every_route_refuses_who_may_not(city: Asked, objects: dict[str, str]) -> None:
    assert Walk(city, objects).wrong() == []


def test_the_walk_goes_to_all_that_is_described(city: Asked) -> None:
    walked = set(Walk(city, {}).routes())

    described = {
        (method.upper(), path)
        for path, methods in city.app.openapi()["paths"].items()
        for method in methods
    }
    assert described <= walked
    assert ("GET", "/metrics") in walked


def test_what_needs_no_key_answers_without_one(city: Asked) -> None:
    there = {route for _, route in Walk(city, {}).routes() if route in OPEN}

    for route in there - {"/evidence/{name}", "/web/{name}"}:
        assert city.client().get(route).status_code == 200


def test_a_route_that_nobody_protected_is_found(
    city: Asked, objects: dict[str, str]
) -> None:
    router = APIRouter(prefix="/new")

    @router.get("/open")
    def open_to_all() -> str:
        return "everything"

    @router.get("/streets/{id}")
    def any_district(id: str, caller: Reader) -> str:  # noqa: A002
        return id

    @router.delete("/streets/{id}")
    def anybody(id: str, caller: Reader, store: TheStore) -> str:  # noqa: A002
        for street in store.segments():
            if street.id == id and caller.sees(street.district):
                return id
        raise HTTPException(404)

    @router.get("/unnamed/{id}")
    def unnamed(id: str, caller: Reader) -> str:  # noqa: A002
        return id

    outer = APIRouter()
    outer.include_router(router)
    city.app.include_router(outer, prefix="/v2")
    named = {**objects, "/v2/new/streets/{id} id": STREET.id}

    found = Walk(city, named).wrong()

    assert [said for said in found if " /v2/" in said] == [
        "GET /v2/new/open: without a key it answers 200, not 401",
        "GET /v2/new/open: a key of role device gets 200, not 403",
        "GET /v2/new/streets/{id}: a key of another district gets 200, not 404",
        "DELETE /v2/new/streets/{id}: a key of role reviewer gets 200, not 403",
        "DELETE /v2/new/streets/{id}: a key of role centre gets 200, not 403",
        "GET /v2/new/unnamed/{id}: no object of it is named in the test",
    ]


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_opens_by_either_header_and_not_when_it_is_over(
    city: Asked, header: str
) -> None:
    secret = city.key()["Authorization"].removeprefix("Bearer ")
    shown = {header: f"Bearer {secret}" if header == "Authorization" else secret}
    client = city.client()

    assert client.get("/metrics", headers=shown).status_code == 200
    city.store.end_key(secret.split(".")[0], reason="lost", known_s=1.0)
    assert client.get("/metrics", headers=shown).status_code == 401


def test_measures_are_for_the_whole_city(city: Asked) -> None:
    answer = city.client().get("/metrics", headers=city.key("centre", "魏都区"))

    assert answer.status_code == 403
