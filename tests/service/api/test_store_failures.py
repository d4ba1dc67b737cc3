"""What callers are told when the store fails."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from service.store import Store
from tests.service.api.guarded import asked
from vision.errors import StoreError


def test_a_failing_store_keeps_its_address_to_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(str(tmp_path / "city"))
    city = asked(store, tmp_path)
    key = city.key("centre")

    def fail(*_args: object, **_more: object) -> None:
        msg = "the store postgresql://liujing@db.inside:5432/city cannot be used"
        raise StoreError(msg)

    monkeypatch.setattr(store, "_reading", fail)
    with caplog.at_level(logging.ERROR):
        answer = city.client().get("/changes?since=0", headers=key)

    assert answer.status_code == 503
    assert "db.inside" not in answer.text
    assert "db.inside" in caplog.text
