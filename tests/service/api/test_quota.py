"""How much a device may have lying in the quarantine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import build_app
from service.intake.devices import NewDevice, find_device, register, rotate
from service.intake.quota import said
from service.keys import make_key
from service.settings import RawSettings, Settings, UploadSettings
from service.store import Store
from tests.service.api.tus_client import PIECES, TusClient, metadata, sha256
from tests.service.intake.one_looker import one_looker
from tests.service.intake.small_files import small_photo, small_video

__all__ = ["one_looker"]
NAMED = metadata(filename="a.mp4")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


def key(store: Store) -> dict[str, str]:
    _, secret = make_key(store, name="device", role="device")
    return {"Authorization": f"Bearer {secret}"}


def begun(device: TusClient, size: int) -> int:
    """Begin an upload of so many bytes; return the status of the answer."""
    answer = device.ask(
        "POST", "/uploads", Upload_Length=str(size), Upload_Metadata=NAMED
    )
    return int(answer.status_code)


def test_a_device_may_have_so_much_lying_here(tmp_path: Path, store: Store) -> None:
    limits = UploadSettings(quota_gb=1e-6)
    raw = RawSettings(least_free_mb=1)
    settings = Settings(data=tmp_path / "data", raw=raw, uploads=limits)
    with TestClient(build_app(settings, store)) as http:
        device, other = TusClient(http, key(store)), TusClient(http, key(store))
        path = device.begin(b"a" * 600)
        device.patch(path, b"a" * 600, 0)

        assert begun(device, 401) == 507
        assert begun(device, 1001) == 413
        assert begun(device, 400) == 201
        assert begun(device, 1) == 507
        assert other.begin(b"b" * 1000)
        (file,) = store.raw_before()
        store.note_raw_deleted(file.id, now_s=1.0)
        assert begun(device, 600) == 201


def test_a_registered_device_has_a_quota_of_its_own(
    tmp_path: Path, store: Store
) -> None:
    wanted = NewDevice(name="巡查车7", kind="vehicle", quota_gb=5e-6)
    _, _, secret = register(store, wanted)
    raw = RawSettings(least_free_mb=1)
    limits = UploadSettings(quota_gb=1e-6)
    settings = Settings(data=tmp_path / "data", raw=raw, uploads=limits)
    with TestClient(build_app(settings, store)) as http:
        device = TusClient(http, {"Authorization": f"Bearer {secret}"})

        assert begun(device, 5001) == 413
        assert begun(device, 4000) == 201
        assert begun(device, 1001) == 507
        assert begun(device, 1000) == 201


@contextmanager
def car_of(
    store: Store, tmp_path: Path, *, quota_bytes: int
) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """Give a service, and the key of a device with a quota."""
    wanted = NewDevice(name="巡查车7", kind="vehicle", quota_gb=quota_bytes / 1e9)
    _, _, secret = register(store, wanted)
    raw = RawSettings(least_free_mb=1)
    settings = Settings(data=tmp_path / "data", raw=raw)
    with TestClient(build_app(settings, store)) as http:
        yield http, {"Authorization": f"Bearer {secret}"}


def send_form(
    http: TestClient, token: dict[str, str], *files: tuple[str, bytes]
) -> Any:
    form = [("file", file) for file in files]
    return http.post("/drives", headers=token, files=form)


def test_the_quota_holds_for_forms_as_for_uploads(tmp_path: Path, store: Store) -> None:
    film, photo = small_video(), small_photo()
    with car_of(store, tmp_path, quota_bytes=len(film) + len(photo)) as (http, token):
        device = TusClient(http, token)
        first = send_form(http, token, ("a.mp4", film))
        later = send_form(http, token, ("b.mp4", os.urandom(len(photo) + 1)))
        never = send_form(http, token, ("c.mp4", os.urandom(len(film + photo) + 1)))
        again = send_form(http, token, ("a.mp4", film))
        piece = device.ask(
            "POST",
            "/uploads",
            Upload_Length=str(len(photo) + 1),
            Upload_Metadata=NAMED,
        )
        rest = send_form(http, token, ("d.jpg", photo))

    told = [one.status_code for one in (first, later, never, again, piece, rest)]
    assert told == [202, 507, 413, 200, 507, 202]
    assert "lying here" in later.json()["detail"]
    assert len(store.raw_before()) == 2
    assert list((tmp_path / "data" / "raw" / "incoming").iterdir()) == []


def test_a_new_key_brings_no_new_quota(tmp_path: Path, store: Store) -> None:
    with car_of(store, tmp_path, quota_bytes=1000) as (http, token):
        TusClient(http, token).begin(b"a" * 600)
        _, _, secret = rotate(store, find_device(store, "巡查车7"))
        turned = TusClient(http, {"Authorization": f"Bearer {secret}"})
        answer = turned.ask(
            "POST", "/uploads", Upload_Length="401", Upload_Metadata=NAMED
        )

    assert answer.status_code == 507
    assert "600 bytes of its 1 kB" in answer.json()["detail"]


def test_an_upload_whose_beginning_was_not_heard_is_given_again(
    tmp_path: Path, store: Store
) -> None:
    data = b"a" * 600
    with car_of(store, tmp_path, quota_bytes=1000) as (http, token):
        device = TusClient(http, token)
        lost = device.begin(data)
        again = device.begin(data)
        device.patch(again, data[:200], 0)
        _, _, secret = rotate(store, find_device(store, "巡查车7"))
        turned = TusClient(http, {"Authorization": f"Bearer {secret}"})
        answer = turned.ask(
            "POST",
            "/uploads",
            Upload_Length="600",
            Upload_Metadata=metadata(filename="a.mp4", sha256=sha256(data)),
        )
        last = turned.patch(lost, data[200:], 200)

    assert again == lost
    assert answer.status_code == 201
    assert answer.headers["Location"] == lost
    assert answer.headers["Upload-Offset"] == "200"
    assert last.status_code == 204


def test_bytes_sent_with_a_beginning_go_on_from_the_beginning_alone(
    tmp_path: Path, store: Store
) -> None:
    data = b"a" * 600
    with car_of(store, tmp_path, quota_bytes=1000) as (http, token):
        device = TusClient(http, token)
        path = device.begin(data)
        device.patch(path, data[:200], 0)
        answer = device.send(
            "POST",
            "/uploads",
            data,
            Upload_Length="600",
            Upload_Metadata=metadata(filename="a.mp4", sha256=sha256(data)),
            Content_Type=PIECES,
        )

    assert answer.status_code == 201
    assert answer.headers["Location"] == path
    assert answer.headers["Upload-Offset"] == "200"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        pytest.param(1, "1 byte", id="one"),
        pytest.param(999, "999 bytes", id="below a kB"),
        pytest.param(1500, "1.5 kB", id="kB"),
        pytest.param(640e6, "640 MB", id="MB"),
        pytest.param(500e9, "500 GB", id="GB"),
    ],
)
def test_bytes_are_said_as_people_say_them(size: float, text: str) -> None:
    assert said(size) == text
