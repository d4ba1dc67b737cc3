"""An app over a store, keys of every role, and ways to ask it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from service.app import build_app
from service.keys import make_key
from service.logs import JsonLines
from service.records import Role
from service.settings import Settings, load_settings
from service.store import Store


def settings_of(folder: Path, **given: Any) -> Settings:
    """Return settings that lie below a folder; no room is asked for."""
    server = {"room_mb": 0, **given.pop("server", {})}
    return load_settings(data=folder, server=server, **given)


@dataclass(frozen=True, slots=True)
class Asked:
    """An app and its store."""

    app: FastAPI
    store: Store

    def client(self, **more: Any) -> TestClient:
        """Return one who asks; what fails in the service is answered, not raised."""
        return TestClient(self.app, raise_server_exceptions=False, **more)

    def key(self, role: Role = "centre", district: str | None = None) -> dict[str, str]:
        """Make a key and return the header that shows it."""
        _, secret = make_key(self.store, name="测试", role=role, district=district)
        return {"Authorization": f"Bearer {secret}"}

    def log(self) -> list[dict[str, Any]]:
        """Return the access log."""
        assert self.app.state.accesses.flush()
        return self.store.accesses(limit=10_000)


def asked(store: Store, folder: Path, **given: Any) -> Asked:
    """Build an app over a store."""
    return Asked(build_app(settings_of(folder, **given), store), store)


@contextmanager
def heard() -> Iterator[io.StringIO]:
    """Catch what is logged, as the service writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the logged lines, read again."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]
