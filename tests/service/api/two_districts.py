"""A city of two districts with findings, and somebody who asks it over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from service.app import build_app
from service.keys import make_key
from service.memory.settle import settle
from service.memory.street import Terms
from service.records import Role
from service.scoring import load_standard
from service.settings import Settings
from service.store import Store
from tests.service.pictures import pictured
from tests.service.store.records import DAY_S, NOON_S, STREET, drive
from vision.taxonomy import load_taxonomy

HERE, THERE = "魏都区", "建安区"
OTHER = replace(
    STREET, id="s2", district=THERE, lonlat=np.array([[113.9, 34.1], [113.902, 34.1]])
)
NOWHERE = replace(
    STREET, id="s3", district=None, lonlat=np.array([[114.0, 34.1], [114.002, 34.1]])
)


@dataclass
class City:
    """A service over a store, with a key for each role and district."""

    store: Store
    settings: Settings = field(default_factory=Settings)
    keys: dict[tuple[Role, str | None], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = TestClient(build_app(self.settings, self.store))

    def ask(
        self,
        path: str,
        *,
        role: Role = "centre",
        district: str | None = None,
        method: str = "GET",
        **more: Any,
    ) -> Any:
        """Ask with a key of a role and district."""
        key = (role, district)
        if key not in self.keys:
            _, secret = make_key(self.store, name="x", role=role, district=district)
            self.keys[key] = secret
        headers = {"Authorization": f"Bearer {self.keys[key]}"}
        return self.client.request(method, path, headers=headers, **more)


def fill(store: Store) -> None:
    """Add three drives: one here, one there, one through both and beyond."""
    on_other = [
        replace(pictured(store, n, offset_m=20.0 * n), segment_id="s2") for n in (4, 5)
    ]
    poster = pictured(store, 3, category="poster", offset_m=90.0)
    here = drive(pictured(store, 1), poster, name="here", at_s=NOON_S)
    there = drive(*on_other, name="there", at_s=NOON_S + DAY_S, segments=(OTHER,))
    both = drive(
        pictured(store, 2, offset_m=150.0),
        replace(pictured(store, 6), segment_id="s3"),
        name="both",
        at_s=NOON_S + 2 * DAY_S,
        segments=(STREET, OTHER, NOWHERE),
    )
    for number, one in enumerate((here, there, both)):
        store.add_drive(one, known_s=NOON_S + number * DAY_S + 100)
    settle_all(store, known_s=NOON_S + 3 * DAY_S)


def settle_all(store: Store, *, known_s: float) -> None:
    """Write the findings of all streets down."""
    roles = {c.id: c.role for c in load_taxonomy().categories}
    settle(store, Terms(load_standard("xuchang@1"), roles), known_s=known_s)
