"""A small city with scores, and clients that ask for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from service.app import build_app
from service.keys import make_key
from service.memory.rescore import rescore
from service.memory.street import Terms, Window
from service.records import Role, SeenBy
from service.scoring import load_standard
from service.settings import Settings
from service.store import Store
from service.types import CoveragePiece, PlacedSighting, Segment
from tests.service.findings.passes import ROLES
from tests.service.store.records import DAY_S, EYES, NOON_S, STREET, drive, seen

WEST, EAST = "魏都区", "建安区"
STANDARD = "xuchang@1"
ZONES = ("carriageway", "kerb_strip", "pavement", "wall_base")


def street(number: int, district: str | None, **changes: Any) -> Segment:
    """Return one street of the city; the first is that of `records`."""
    lat = 34.03 + 0.001 * (number - 1)
    line = np.array([[113.85, lat], [113.852, lat]])
    values = {"id": f"s{number}", "district": district, "lonlat": line, **changes}
    return replace(STREET, **values)


CITY = (
    street(1, WEST, unit_grid="g1"),
    street(2, WEST, unit_grid="g2", length_m=370.0),
    street(3, EAST, unit_grid="g1"),
    street(4, EAST, unit_grid=None),
    street(5, None, unit_grid=None),
)


def on(segment_id: str, placed: PlacedSighting) -> PlacedSighting:
    """Return a thing on another street."""
    return replace(placed, segment_id=segment_id)


def window(days: float = 1) -> Window:
    """Return 30 days, the last of which ends so many days after the first noon."""
    return Window(NOON_S + (days - 30) * DAY_S, NOON_S + days * DAY_S)


def terms() -> Terms:
    """Return the rules of the city."""
    return Terms(load_standard(STANDARD), ROLES)


def drive_through(
    store: Store,
    *things: PlacedSighting,
    at_s: float = NOON_S,
    seen_by: SeenBy = EYES,
) -> None:
    """Keep a drive through all streets but the last, which nobody passes."""
    passed = CITY[:-1]
    coverage = tuple(
        CoveragePiece(one.id, zone, side, 0.0, one.length_m, "seen", None)
        for one in passed
        for zone in ZONES
        for side in ("left", "right")
    )
    record = drive(
        *things, at_s=at_s, coverage=coverage, segments=passed, seen_by=seen_by
    )
    store.add_drive(replace(record, segments=CITY), known_s=at_s)


def score_city(store: Store, *, days: float = 1, known_s: float | None = None) -> None:
    """Score the streets over a window."""
    end_s = window(days).to_s
    rescore(
        store,
        terms(),
        window(days),
        known_s=end_s if known_s is None else known_s,
    )


def scored_city(store: Store) -> Store:
    """Fill a store: dirt on the first street and on the third."""
    drive_through(
        store,
        *(seen("poster", zone="wall_base", offset_m=20.0 * n) for n in range(1, 6)),
        on("s3", seen("poster", zone="wall_base", offset_m=20.0)),
    )
    score_city(store)
    return store


def client_of(
    store: Store,
    *,
    role: Role | None = "centre",
    district: str | None = None,
    settings: Settings | None = None,
) -> TestClient:
    """Return somebody who asks; None has no key."""
    app = build_app(settings or Settings(), store)
    headers = {}
    if role is not None:
        _, secret = make_key(store, name="test", role=role, district=district)
        headers["Authorization"] = f"Bearer {secret}"
    return TestClient(app, headers=headers)


def all_pages(
    client: TestClient, url: str, limit: int, **asked: str | int
) -> list[dict[str, Any]]:
    """Return the rows of all pages of a list."""
    rows: list[dict[str, Any]] = []
    asked["limit"] = limit
    while True:
        page = client.get(url, params=asked).json()
        assert len(page["items"]) <= limit
        rows += page["items"]
        if page["next"] is None:
            return rows
        asked["cursor"] = page["next"]
