"""What layers of context make of a pass: lawful stalls, marked bays, works, lanes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from service.findings import PARKING
from service.records import Look
from service.scoring import Area, Calendar
from service.types import PlacedSighting

INSIDE_M = 2.0
"""A place known to a metre or two may lie in an area that it seems to miss."""
EXCUSED = {"stall": "stall_permit", "construction_waste": "works"}
"""Category -> kind of area in which it is lawful, in its hours."""
FORBIDDEN = ("fire_lane", "no_parking")
"""Kinds of areas in which a vehicle that stands is improper, the graver first."""


def in_context(look: Look, areas: Sequence[Area], calendar: Calendar) -> Look:
    """Return a pass as the layers see it.

    A stall with a permit in its hours, rubble at works and a vehicle in a marked bay
    are no sightings; a vehicle in a fire lane or no-parking zone stands on that.
    """
    valid = [area for area in areas if area.open_at(look.at_s, calendar)]
    if not valid:
        return look
    kept = []
    for number, placed in look.sightings:
        seen = _seen(placed, valid)
        if seen is not None:
            kept.append((number, seen))
    return replace(look, sightings=tuple(kept))


def _seen(placed: PlacedSighting, areas: Iterable[Area]) -> PlacedSighting | None:
    category = placed.sighting.category
    lon, lat = placed.sighting.lon, placed.sighting.lat
    excuse = EXCUSED.get(category)
    is_vehicle = category in PARKING
    if excuse is None and not is_vehicle:
        return placed
    kinds = {
        area.kind
        for area in areas
        if (area.kind == excuse or is_vehicle) and area.holds(lon, lat, INSIDE_M)
    }
    if excuse in kinds or (is_vehicle and "parking_bay" in kinds):
        return None
    forbidden = next((kind for kind in FORBIDDEN if kind in kinds), None)
    if not is_vehicle or forbidden is None:
        return placed
    sighting = replace(placed.sighting, surface_belief={forbidden: 1.0})
    return replace(placed, sighting=sighting)
