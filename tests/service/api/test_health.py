"""Alive, ready, and what is counted."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Column, Integer, MetaData, Table, Text, text

from service.api import health
from service.memory.rescore import rescore
from service.memory.street import Terms, Window
from service.scoring import load_standard
from service.store import Store
from tests.service.api.guarded import Asked, asked
from tests.service.findings.passes import ROLES
from tests.service.store.records import DAY_S, NOON_S, drive, seen
from vision.errors import StoreError


def measures(city: Asked) -> dict[tuple[str, ...], float]:
    answer = city.client().get("/metrics", headers=city.key())
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, *dict(sorted(sample.labels.items())).values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_service_that_can_work_says_so(store: Store, tmp_path: Path) -> None:
    client = asked(store, tmp_path).client()

    answer = client.get("/health/ready")

    assert client.get("/health/live").json() == {"status": "alive"}
    assert answer.status_code == 200
    assert [(c["name"], c["ok"]) for c in answer.json()["checks"]] == [
        ("store", True),
        ("disk", True),
    ]


def test_a_store_that_is_gone_is_said_without_its_address(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        msg = "the store postgresql://liujing:secret@db.internal/city cannot be used"
        raise StoreError(msg)

    monkeypatch.setattr(store, "ask", gone)
    answer = asked(store, tmp_path).client().get("/health/ready")

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("the store cannot be used;")
    assert "internal" not in answer.text
    assert asked(store, tmp_path).client().get("/health/live").status_code == 200


def test_a_store_that_is_silent_does_not_hold_the_probe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(str(tmp_path / "city"))
    monkeypatch.setattr(store, "ask", lambda: time.sleep(1))
    monkeypatch.setattr(health, "_PATIENCE_S", 0.05)

    answer = asked(store, tmp_path).client().get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["detail"] == "the store did not answer within 0.05 s"


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "city"))
    city = asked(store, tmp_path / "made" / "later", server={"room_mb": 10**12})

    answer = city.client().get("/health/ready")

    assert answer.status_code == 503
    assert "1000000000000 MB are needed; make room" in answer.json()["detail"]
    assert [check["ok"] for check in answer.json()["checks"]] == [True, False]


def test_requests_are_counted_by_template_and_two_apps_do_not_meet(
    store: Store, tmp_path: Path
) -> None:
    one, other = asked(store, tmp_path), asked(store, tmp_path)
    for path in ("/health/live", "/health/live", "/nowhere/1", "/nowhere/2"):
        one.client().get(path)
    one.client().request("BREW", "/health/live")

    counted, untouched = measures(one), measures(other)

    name = "liujing_requests_total"
    assert counted[name, "GET", "/health/live", "200"] == 2
    assert counted[name, "GET", "(none)", "404"] == 2
    assert counted[name, "other", "/health/live", "405"] == 1
    assert counted["liujing_request_seconds_count", "GET", "/health/live"] == 2
    assert (name, "GET", "/health/live", "200") not in untouched


def test_what_lies_in_the_store_is_counted(store: Store, tmp_path: Path) -> None:
    store.add_drive(drive(seen(), at_s=NOON_S))
    terms = Terms(load_standard("xuchang@1"), ROLES)
    window = Window(NOON_S - DAY_S, NOON_S + DAY_S)
    rescore(store, terms, window, known_s=NOON_S + DAY_S)

    counted = measures(asked(store, tmp_path))

    (now,) = store.scores("s1")
    assert counted["liujing_store_up",] == 1
    assert counted["liujing_store_rows", "drive"] == 1
    assert counted["liujing_store_rows", "segment"] == 1
    assert counted["liujing_scores", "xuchang@1", now["status"]] == 1
    assert counted["liujing_store_bytes",] > 10_000


def test_measures_come_without_the_store_too(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        msg = "gone"
        raise StoreError(msg)

    monkeypatch.setattr(store, "counts", gone)

    counted = measures(asked(store, tmp_path))

    assert counted["liujing_store_up",] == 0
    assert ("liujing_store_bytes",) not in counted


def test_drives_are_counted_by_state_where_there_are_any(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store._writing() as connection:
        connection.execute(text("CREATE TABLE job_told (id INTEGER, state TEXT)"))
        add = text("INSERT INTO job_told VALUES (:id, :state)")
        states = enumerate(("queued", "done", "done"))
        connection.execute(add, [{"id": n, "state": state} for n, state in states])
    job = Table("job_told", MetaData(), Column("id", Integer), Column("state", Text))
    monkeypatch.setattr(
        "service.store.counts.t.METADATA", SimpleNamespace(tables={"job": job})
    )

    counted = measures(asked(store, tmp_path))

    assert counted["liujing_drives", "queued"] == 1
    assert counted["liujing_drives", "done"] == 2
