"""Drives come in over HTTP; who may see and stop what."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import build_app
from service.job_records import JobOrder
from service.keys import make_key
from service.records import Role
from service.settings import RawSettings, Settings
from service.store import Store
from tests.service.intake.one_looker import one_looker
from tests.service.intake.small_files import GPX, small_video

__all__ = ["one_looker"]
VIDEO, TRACK = small_video(), GPX
BROKEN = b"\x00\x00\x00\x18ftypmp42" + b"pixels" * 1000
NOBODY = "0" * 32


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", raw=RawSettings(least_free_mb=1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return one on SQLite: tests/service/store/test_work.py holds both to the same."""
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


@pytest.fixture
def client(store: Store, settings: Settings) -> Iterator[TestClient]:
    with TestClient(build_app(settings, store)) as made:
        yield made


def key(store: Store, role: Role, district: str | None = None) -> dict[str, str]:
    _, secret = make_key(store, name=role, role=role, district=district)
    return {"Authorization": f"Bearer {secret}"}


def form(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("file", file) for file in files]


def send(client: TestClient, headers: dict[str, str], **more: Any) -> Any:
    files = form(("a.mp4", VIDEO), ("a.gpx", TRACK))
    return client.post("/drives", headers=headers, files=files, **more)


def left_in(settings: Settings) -> list[Path]:
    return [p for p in settings.raw_folder.rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/drives"),
        ("POST", f"/drives/{NOBODY}/inspect?model=street@2"),
        ("GET", "/jobs"),
        ("GET", f"/jobs/{NOBODY}"),
        ("POST", f"/jobs/{NOBODY}/cancel"),
    ],
)
def test_without_a_key_nothing_is_told(
    client: TestClient, method: str, path: str
) -> None:
    answer = client.request(method, path)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("reviewer", "POST", "/drives"),
        ("centre", "POST", "/drives"),
        ("device", "POST", f"/drives/{NOBODY}/inspect?model=street@2"),
        ("centre", "POST", f"/drives/{NOBODY}/inspect?model=street@2"),
        ("reviewer", "POST", f"/jobs/{NOBODY}/cancel"),
    ],
)
def test_a_key_of_another_role_may_not(
    client: TestClient, store: Store, role: Role, method: str, path: str
) -> None:
    assert client.request(method, path, headers=key(store, role)).status_code == 403


def test_jobs_of_others_are_not_there(client: TestClient, store: Store) -> None:
    mine = key(store, "device", "魏都区")
    job = send(client, mine).json()["id"]

    for role, district, status in [
        ("device", "魏都区", 404),
        ("centre", "建安区", 404),
        ("centre", "魏都区", 200),
        ("reviewer", None, 200),
    ]:
        who = key(store, role, district)  # type: ignore[arg-type]
        answer = client.get(f"/jobs/{job}", headers=who)
        assert answer.status_code == status, (role, district)
        listed = client.get("/jobs", headers=who).json()["items"]
        assert len(listed) == (status == 200)
    assert client.get(f"/jobs/{job}", headers=mine).status_code == 200
    assert client.get(f"/jobs/{NOBODY}", headers=mine).status_code == 404
    other = key(store, "device")
    assert client.post(f"/jobs/{job}/cancel", headers=other).status_code == 404


def test_a_drive_comes_in_once(
    client: TestClient, store: Store, settings: Settings
) -> None:
    device = key(store, "device")
    first = send(client, device, params={"vehicle": "K-07", "priority": 3})
    again = send(client, device)

    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["state"] == "queued"
    assert first.json()["vehicle"] == "K-07"
    assert first.json()["priority"] == 3
    expected = {"a.mp4": VIDEO, "a.gpx": TRACK}
    digests = {
        name: hashlib.sha256(data).hexdigest() for name, data in expected.items()
    }
    assert first.json()["files"] == digests
    kept = left_in(settings)
    assert sorted(p.read_bytes() for p in kept) == sorted(expected.values())
    assert all(p.stat().st_mode & 0o077 == 0 for p in kept)
    received = [row for row in store.accesses() if row["method"] == "RECEIVE"]
    assert {row["target"] for row in received} == set(digests.values())
    assert all(row["key_id"] for row in received)


def test_cancelling_ends_a_job_once(client: TestClient, store: Store) -> None:
    device = key(store, "device")
    job = send(client, device).json()["id"]

    first = client.post(f"/jobs/{job}/cancel", headers=device)
    second = client.post(f"/jobs/{job}/cancel", headers=device)

    assert (first.status_code, second.status_code) == (200, 409)
    assert first.json()["state"] == "cancelled"
    resent = send(client, device)
    assert resent.status_code == 202
    assert resent.json()["id"] != job


def test_what_is_being_kept_is_not_cancelled(client: TestClient, store: Store) -> None:
    device = key(store, "device")
    job = send(client, device).json()["id"]
    assert store.claim_job(job, "w", now_s=2.0)
    assert store.begin_step(job, "w", "keep", now_s=2.0)

    refused = client.post(f"/jobs/{job}/cancel", headers=device)

    assert refused.status_code == 409
    assert "in the store" in refused.json()["detail"]
    assert client.get(f"/jobs/{job}", headers=device).json()["state"] == "running"


@pytest.mark.parametrize(
    "name",
    [
        "../up.mp4",
        "/etc/up.mp4",
        "a\\up.mp4",
        ".hidden.mp4",
        "a/b.mp4",
        "x" * 250 + ".mp4",
        "run.sh",
        "noending",
        "a\u202egpj.mp4",
    ],
)
def test_tricks_with_names_are_refused_and_leave_nothing(
    client: TestClient, store: Store, settings: Settings, name: str
) -> None:
    answer = client.post(
        "/drives", headers=key(store, "device"), files=form((name, VIDEO))
    )

    assert answer.status_code == 400, answer.text
    assert left_in(settings) == []
    assert store.jobs() == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.mp4"\r\n\r\n'
            + VIDEO,
            id="cut short",
        ),
        pytest.param(b"no form at all", id="no form"),
        pytest.param(
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nhi\r\n--x--\r\n',
            id="a field, no file",
        ),
        pytest.param(
            b"--x\r\nA: " + b"b" * 9000 + b"\r\n\r\nhi\r\n--x--\r\n", id="long header"
        ),
    ],
)
def test_a_damaged_form_is_refused_and_leaves_nothing(
    client: TestClient, store: Store, settings: Settings, content: bytes
) -> None:
    headers = {
        **key(store, "device"),
        "Content-Type": "multipart/form-data; boundary=x",
    }

    answer = client.post("/drives", headers=headers, content=content)

    assert answer.status_code == 400, answer.text
    assert left_in(settings) == []


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(form(("a.gpx", TRACK)), id="no footage"),
        pytest.param(form(("a.mp4", b"")), id="an empty file"),
        pytest.param(form(("a.mp4", VIDEO), ("a.mp4", VIDEO)), id="one name twice"),
    ],
)
def test_files_that_are_no_drive_are_refused(
    client: TestClient, store: Store, files: Any
) -> None:
    answer = client.post("/drives", headers=key(store, "device"), files=files)

    assert answer.status_code == 400, answer.text
    assert store.jobs() == []


def test_what_cannot_be_read_is_kept_aside_and_the_rest_is_a_drive(
    client: TestClient, store: Store, settings: Settings
) -> None:
    files = form(("a.mp4", VIDEO), ("b.mp4", BROKEN), ("a.gpx", TRACK))

    sent = client.post("/drives", headers=key(store, "device"), files=files)

    assert sent.status_code == 202, sent.text
    assert set(sent.json()["files"]) == {"a.mp4", "a.gpx"}
    (aside,) = sent.json()["aside"]
    assert (aside["item"], aside["code"]) == ("b.mp4", "aside")
    assert "b.mp4" in aside["message"]
    kept = sorted(path.read_bytes() for path in left_in(settings))
    assert kept == sorted([VIDEO, TRACK, BROKEN])
    digest = hashlib.sha256(BROKEN).hexdigest()
    params = {"sha256": digest}
    told = client.get("/uploads/received", headers=key(store, "device"), params=params)
    (item,) = told.json()["items"]
    assert (item["state"], item["reason"]) == ("aside", store.asides([digest])[digest])


def test_a_drive_of_nothing_readable_is_refused_and_kept(
    client: TestClient, store: Store, settings: Settings
) -> None:
    files = form(("b.mp4", BROKEN), ("a.gpx", TRACK))

    sent = client.post("/drives", headers=key(store, "device"), files=files)

    assert sent.status_code == 422, sent.text
    assert "kept aside" in sent.json()["detail"]
    assert "b.mp4" in sent.json()["detail"]
    assert store.jobs() == []
    assert BROKEN in [path.read_bytes() for path in left_in(settings)]


def test_json_is_no_drive(client: TestClient, store: Store) -> None:
    answer = client.post("/drives", headers=key(store, "device"), json={"a": 1})

    assert answer.status_code == 400
    assert "multipart" in answer.json()["detail"]


def test_a_nearly_full_disk_is_said_with_507(store: Store, tmp_path: Path) -> None:
    full = Settings(data=tmp_path / "data", raw=RawSettings(least_free_mb=1e12))
    with TestClient(build_app(full, store)) as client:
        answer = send(client, key(store, "device"))

    assert answer.status_code == 507
    assert left_in(full) == []


def test_pages_hold_every_job_once(client: TestClient, store: Store) -> None:
    for number in range(5):
        order = JobOrder({f"{number}.mp4": f"{number}"}, "street@2", None, 3.0)
        store.add_job(order, now_s=100.0 + number // 2)
    reader = key(store, "centre")
    names, cursor = [], None
    while True:
        params = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = client.get("/jobs", headers=reader, params=params).json()
        names += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(names) == len(set(names)) == 5
    for bad in ("!!!", "YQ", "W10"):
        answer = client.get("/jobs", headers=reader, params={"cursor": bad})
        assert answer.status_code == 400, bad
    answer = client.get("/jobs", headers=reader, params={"limit": 0})
    assert answer.status_code == 400


def test_inspecting_again_says_when_the_footage_is_gone(
    client: TestClient, store: Store
) -> None:
    admin = key(store, "admin")
    job = store.job(send(client, admin).json()["id"])
    assert job is not None
    drive = "a" * 32
    assert store.claim_job(job.id, "w", now_s=1.0)
    assert store.end_job(job.id, "w", "done", now_s=2.0, drive_id=drive)

    def again(model: str, drive: str = drive) -> Any:
        return client.post(
            f"/drives/{drive}/inspect", headers=admin, params={"model": model}
        )

    there = again("street@1")
    unknown_model, unknown_drive = again("none@9"), again("street@1", NOBODY)
    for raw in store.raw_before():
        store.note_raw_deleted(raw.id, now_s=time.time())
    gone = again("street@1")

    assert there.status_code == 202
    assert there.json()["model"] == "street@1"
    assert unknown_model.status_code == 404
    assert unknown_drive.status_code == 404
    assert "quarantine" in unknown_drive.json()["detail"]
    assert gone.status_code == 410
    assert "deleted on" in gone.json()["detail"]
