"""A worker tells webhooks what changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.jobs.worker import Worker
from service.settings import HookSettings, Settings
from service.store import Store
from service.webhooks import make_hook
from tests.service.receiver import receiving
from tests.service.store.records import NOON_S, drive, seen


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


def test_a_worker_delivers_what_is_due(store: Store, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", hooks=HookSettings(private=True))
    with receiving() as receiver:
        make_hook(
            store, url=receiver.url, kinds=(), district=None, key_id=None, since=0
        )
        store.add_drive(drive(seen()), known_s=NOON_S)
        worker = Worker(settings, store)
        worker.tell()
        worker.tell()

        assert len(receiver.came) == 1
    assert store.hooks()[0].sent > 0
