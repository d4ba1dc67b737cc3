"""A town for the tests of places: streets in rows, findings and scores on them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from service.records import KnownFinding
from service.store import Store
from service.types import Finding, Segment
from tests.service.store.records import NOON_S, STREET, drive
from vision.types import Evidence

LON, LAT = 113.85, 34.03
STEP_DEG = 0.002
"""From one street to the next, both ways."""
STANDARD = "xuchang@1"
HOUR_S = 3600.0


def street(row: int, col: int, **changes: Any) -> Segment:
    """Return the street at a place of the grid, running north-east."""
    lon, lat = LON + col * STEP_DEG, LAT + row * STEP_DEG
    lonlat = np.array([[lon, lat], [lon + 0.001, lat + 0.001]])
    values: dict[str, Any] = {
        "id": f"s{row:02d}{col:02d}",
        "lonlat": lonlat,
        "district": "魏都区" if col % 2 == 0 else "建安区",
        "road_class": str(1 + row % 4),
    }
    return replace(STREET, **{**values, **changes})


def finding(name: str, segment: Segment, **changes: Any) -> KnownFinding:
    """Return a finding at the beginning of a street."""
    lon, lat = segment.lonlat[0].tolist()
    values: dict[str, Any] = {
        "id": name,
        "category": "litter",
        "lon": lon,
        "lat": lat,
        "sigma_m": 0.8,
        "segment_id": segment.id,
        "side": "right",
        "offset_m": 0.0,
        "zone": "carriageway",
        "zone_probability": 0.9,
        "element": None,
        "state": "confirmed",
        "probability": 0.72,
        "severity": "light",
        "first_seen": "2026-09-21T12:00:00Z",
        "last_seen": "2026-09-22T12:00:00Z",
        "evidence": (
            Evidence("aa.jpg", "bb.jpg", (1.0, 2.0, 3.0, 4.0), "a.mp4", 3.0, 3.0),
        ),
    }
    return KnownFinding(
        finding=Finding(**{**values, **changes}),
        real=0.9,
        present=0.8,
        cleared_s=None,
        recurrences=1,
        looked=3,
        sightings=(("i" * 32, 1),),
        steps=(),
    )


def score(segment: Segment, **changes: Any) -> dict[str, Any]:
    """Return the row of a score, with the feature that maps show."""
    row: dict[str, Any] = {
        "segment_id": segment.id,
        "standard_id": STANDARD,
        "from_s": NOON_S - 30 * 24 * HOUR_S,
        "to_s": NOON_S,
        "known_s": NOON_S + HOUR_S,
        "status": "scored",
        "value": 91.25,
        "low": 88.0,
        "high": 93.5,
        "grade": "优秀",
        "body": {},
        "district": segment.district,
        **changes,
    }
    names = ("standard_id", "from_s", "to_s", "known_s", "status", "value", "grade")
    feature = {
        "type": "Feature",
        "id": segment.id,
        "geometry": {
            "type": "LineString",
            "coordinates": segment.lonlat.round(7).tolist(),
        },
        "properties": {
            "segment_id": segment.id,
            "district": segment.district,
            **{name: row[name] for name in names},
        },
    }
    return {**row, "feature": json.dumps(feature, ensure_ascii=False)}


def build_town(store: Store, rows: int = 4, cols: int = 4) -> list[Segment]:
    """Fill a store: on every street a finding and a score."""
    streets = [street(row, col) for row in range(rows) for col in range(cols)]
    store.add_drive(drive(name="town", segments=tuple(streets)), known_s=NOON_S)
    store.add_findings(
        {one.id: [finding(f"f-{one.id}", one)] for one in streets}, known_s=NOON_S
    )
    store.add_scores([score(one) for one in streets])
    return streets
