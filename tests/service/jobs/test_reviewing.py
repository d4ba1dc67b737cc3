"""A worker's threads for reviews live as long as the worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy.exc import OperationalError

from service.jobs import reviewing
from service.jobs.reviewing import Reviewers
from service.review import pictures
from service.review.pictures import desk_links
from service.settings import Settings
from service.store import Store
from service.types import DAY_S
from tests.service.api.guarded import heard
from tests.service.review.desk import settings_for

PATIENCE_S = 30.0
LOCKED = "database is locked"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, link_days=10.0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "city"))


def until(so: Callable[[], object]) -> None:
    began_s = time.monotonic()
    while not so():
        assert time.monotonic() - began_s < PATIENCE_S, "it did not come to be"
        time.sleep(0.01)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_a_surprise_ended_is_begun_again(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    applied = threading.Event()

    def surprising(city: Store, given: Settings) -> tuple[int, int]:
        del city, given
        calls.append(threading.current_thread().name)
        if len(calls) == 1:
            raise OperationalError(LOCKED, {}, Exception(LOCKED))
        applied.set()
        return 0, 0

    monkeypatch.setattr(reviewing, "_APPLY_EVERY_S", 0.01)
    monkeypatch.setattr(reviewing, "_LOOK_EVERY_S", 60.0)
    monkeypatch.setattr(reviewing, "apply_all", surprising)
    stop = threading.Event()
    reviewers = Reviewers(store, settings, stop)

    with heard() as log:
        reviewers.look()
        until(lambda: len(calls) == 1 and not _lives("keep_applying"))
        reviewers.look()
        until(applied.is_set)
        reviewers.look()
    stop.set()
    until(lambda: not _lives("keep_applying"))

    assert "thread of reviews" in log.getvalue()
    assert log.getvalue().count("begun again") == 1
    reviewers.look()
    assert not _lives("keep_applying"), "a worker that stops begins nothing"


def _lives(name: str) -> bool:
    return any(thread.name == name for thread in threading.enumerate())


def test_a_link_lives_from_when_it_is_made_however_long_its_desk_is_open(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = desk_links(store, settings)
    now_s = 1_800_000_000.0 + 31 * DAY_S
    monkeypatch.setattr(pictures.time, "time", lambda: now_s)

    until_s = float(parse_qs(urlsplit(link("a.jpg")).query)["until"][0])

    assert until_s == pytest.approx(now_s + 10 * DAY_S, abs=1.0)
