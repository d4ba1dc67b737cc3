"""A service to which devices are registered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.intake.devices import NewDevice, register
from service.store import Store
from tests.service.api.guarded import Asked, asked

HERE, THERE = "魏都区", "建安区"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return one on SQLite: tests/service/intake holds both to the same."""
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


@pytest.fixture
def city(store: Store, tmp_path: Path) -> Asked:
    """Return the service."""
    return asked(store, tmp_path)


@pytest.fixture
def client(city: Asked) -> TestClient:
    """Return who asks it."""
    return city.client()


def token_of(store: Store, name: str = "车 7", **more: Any) -> dict[str, str]:
    """Register a device; return the header that shows its key."""
    _, _, secret = register(store, NewDevice(name, **more))
    return {"Authorization": f"Bearer {secret}"}
