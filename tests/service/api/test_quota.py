"""How much a device may have lying in the quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import build_app
from service.intake.devices import NewDevice, register
from service.keys import make_key
from service.settings import RawSettings, Settings, UploadSettings
from service.store import Store
from tests.service.api.tus_client import TusClient, metadata
from tests.service.intake.one_looker import one_looker

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


def test_a_device_may_have_so_much_lying_here(tmp_path: Path, store: Store) -> None:
    limits = UploadSettings(quota_gb=1e-6)
    raw = RawSettings(least_free_mb=1)
    settings = Settings(data=tmp_path / "data", raw=raw, uploads=limits)
    with TestClient(build_app(settings, store)) as http:
        device, other = TusClient(http, key(store)), TusClient(http, key(store))
        path = device.begin(b"a" * 600)
        device.patch(path, b"a" * 600, 0)

        def ask(size: int) -> int:
            answer = device.ask(
                "POST", "/uploads", Upload_Length=str(size), Upload_Metadata=NAMED
            )
            return int(answer.status_code)

        assert ask(401) == 507
        assert ask(1001) == 413
        assert ask(400) == 201
        assert ask(1) == 507
        assert other.begin(b"b" * 1000)
        (file,) = store.raw_before()
        store.note_raw_deleted(file.id, now_s=1.0)
        assert ask(600) == 201


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

        def ask(size: int) -> int:
            answer = device.ask(
                "POST", "/uploads", Upload_Length=str(size), Upload_Metadata=NAMED
            )
            return int(answer.status_code)

        assert ask(5001) == 413
        assert ask(4000) == 201
        assert ask(1001) == 507
        assert ask(1000) == 201
