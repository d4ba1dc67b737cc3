"""Passes over one street, as the store gives them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.records import Look, SeenBy, SightingVerdict, Verdict
from service.types import CoveragePiece, PlacedSighting
from tests.service.store.records import DAY_S, EYES, NOON_S, STREET, seen
from vision.taxonomy import load_taxonomy

ROLES = {c.id: c.role for c in load_taxonomy().categories}
SHARP: SeenBy = replace(
    EYES,
    recall={"litter": 0.9, "poster": 0.9, "car": 0.9, "manhole_damaged": 0.6},
    names=("litter", "poster", "car", "manhole_damaged"),
)
ZONES = ("carriageway", "kerb_strip", "pavement", "wall_base")


def look(
    *sightings: PlacedSighting,
    day: float = 0.0,
    eyes: SeenBy = SHARP,
    saw_m: tuple[float, float] | None = (0.0, 185.0),
) -> Look:
    """Return a pass on a day that saw the street from here to there, or nothing."""
    pieces = () if saw_m is None else tuple(
        CoveragePiece(STREET.id, zone, side, *saw_m, "seen", None)
        for zone in ZONES
        for side in ("left", "right")
    )  # fmt: skip
    return Look(
        inspection_id=f"pass-{day:07.3f}",
        at_s=NOON_S + day * DAY_S,
        started_s=NOON_S + day * DAY_S - 20,
        seen_by=eyes,
        coverage=pieces,
        sightings=tuple(enumerate(sightings)),
    )


def car(
    *, surface: str = "pavement", still: float = 0.95, **changes: Any
) -> PlacedSighting:
    """Return a vehicle that stands on a surface."""
    return seen(
        "car",
        stationary_probability=still,
        surface_belief={"lane": 0.05, surface: 0.95},
        zone="pavement",
        width_m=1.8,
        **changes,
    )


def word(
    verdict: Verdict, *, day: float, number: int = 0, said_day: float = 90.0
) -> SightingVerdict:
    """Return what a reviewer said of a sighting of a pass."""
    return SightingVerdict(
        f"pass-{day:07.3f}", number, verdict, "李", None, NOON_S + said_day * DAY_S
    )
