"""A worker tells webhooks what changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.jobs.telling import tell
from service.settings import HookSettings
from service.store import Store
from service.webhooks import make_hook
from tests.service.receiver import receiving
from tests.service.store.records import NOON_S, drive, seen


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


def test_a_worker_delivers_what_is_due(store: Store) -> None:
    hooks = HookSettings(private=True)
    with receiving() as receiver:
        make_hook(
            store, url=receiver.url, kinds=(), district=None, key_id=None, since=0
        )
        store.add_drive(drive(seen()), known_s=NOON_S)
        tell(store, hooks, threading.Event())
        tell(store, hooks, threading.Event())

        assert len(receiver.came) == 1
    assert store.hooks()[0].sent > 0


def test_a_worker_that_stops_tells_no_more(store: Store) -> None:
    stopped = threading.Event()
    stopped.set()
    with receiving() as receiver:
        make_hook(
            store, url=receiver.url, kinds=(), district=None, key_id=None, since=0
        )
        store.add_drive(drive(seen()), known_s=NOON_S)
        tell(store, HookSettings(private=True), stopped)

        assert receiver.came == []
