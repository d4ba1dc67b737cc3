"""Drives for the tests of what is kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from service.records import DriveRecord, SeenBy, StreetPass
from service.types import CoveragePiece, PlacedSighting, Segment
from vision.types import Evidence, Sighting

DAY_S = 86400.0
NOON_S = 1_790_000_000.0
STREET = Segment(
    id="s1",
    name="许由路",
    road_class="2",
    lonlat=np.array([[113.85, 34.03], [113.852, 34.03]]),
    length_m=185.0,
    width_m=12.0,
    district="魏都区",
    absent_zones=frozenset({"tree_pit"}),
)
EYES = SeenBy(
    model_id="street@2",
    model_sha256="ab" * 32,
    layout_id="layout@1",
    recall={"litter": 0.8, "poster": 0.7},
    names=("litter", "poster"),
    zones=frozenset({"carriageway", "kerb_strip", "pavement", "wall_base"}),
)
PICTURE = Evidence("aa.jpg", "bb.jpg", (1.0, 2.0, 30.0, 40.0), "a.mp4", 3.0, 3.0)


def seen(
    category: str = "litter",
    *,
    offset_m: float = 50.0,
    probability: float = 0.8,
    side: Any = "right",
    zone: str = "carriageway",
    **changes: Any,
) -> PlacedSighting:
    """Return one thing on the street, so far along it."""
    values: dict[str, Any] = {
        "id": f"{category}-{offset_m:.0f}",
        "category": category,
        "probability": probability,
        "lon": 113.85 + 0.002 * offset_m / 185,
        "lat": 34.03,
        "sigma_m": 0.8,
        "lateral_m": 2.0,
        "lateral_sigma_m": 0.4,
        "heading_deg": 90.0,
        "first_drive_s": 10.0,
        "last_drive_s": 12.0,
        "frames": 4,
        "width_m": 0.3,
        "stationary_probability": None,
        "zone_belief": {zone: 0.9, "kerb_strip": 0.1},
        "evidence": (PICTURE,),
        "model_id": EYES.model_id,
    }
    sighting = Sighting(**{**values, **changes})
    return PlacedSighting(sighting, STREET.id, side, offset_m, sighting.zone_belief)


def drive(
    *sightings: PlacedSighting,
    at_s: float = NOON_S,
    name: str | None = None,
    coverage: tuple[CoveragePiece, ...] | None = None,
    seen_by: SeenBy = EYES,
    segments: tuple[Segment, ...] = (STREET,),
) -> DriveRecord:
    """Return one drive along the street."""
    whole = tuple(
        CoveragePiece(STREET.id, zone, side, 0.0, STREET.length_m, "seen", None)
        for zone in ("carriageway", "kerb_strip", "pavement", "wall_base")
        for side in ("left", "right")
    )
    return DriveRecord(
        footage={"a.mp4": name or f"{at_s:.0f}"},
        vehicle="豫K-01",
        started_s=at_s,
        ended_s=at_s + 60,
        seen_by=seen_by,
        run={"liujing": "0.1.0"},
        segments=segments,
        passes=tuple(StreetPass(s.id, at_s + 5, at_s + 35) for s in segments),
        sightings=sightings,
        coverage=whole if coverage is None else coverage,
    )
