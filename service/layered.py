"""What layers of context and hours make of sightings: lawful, exempt, improper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from service.findings import OUTSIDE_BAY, PARKING, likeliest_zone
from service.records import Look
from service.scoring import PLACES, Area, Calendar, Exempt, LayerKind, Standard
from service.types import PlacedSighting, StandsIn

INSIDE_M = 2.0
"""A place known to a metre or two may lie in an area that it seems to miss."""
EXCUSED: dict[str, LayerKind] = {
    "stall": "stall_permit",
    "construction_waste": "works",
    **dict.fromkeys(PARKING, "parking_bay"),
}
"""Category -> kind of area in which it is lawful, in its hours."""
FORBIDDEN: dict[LayerKind, float] = {
    "fire_lane": INSIDE_M,
    "tactile_paving": 1.0,
    "no_parking": INSIDE_M,
}
"""Kinds of areas in which a vehicle that stands is improper, the graver first, and how
near counts as inside: tactile paving is narrow and lies beside cars at the kerb."""
MARKED_M = 50.0
"""A street has bays where one lies so near: beside them nobody parks at the kerb."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A sighting as the layers see it.

    Attributes:
        placed: with the place in which a vehicle stands.
        area: that says something of it; None where none does.
        lawful: the area makes it lawful.
    """

    placed: PlacedSighting
    area: Area | None = None
    lawful: bool = False


def judged(placed: PlacedSighting, areas: Sequence[Area]) -> Judged:
    """Return a sighting as the layers see it.

    A stall with a permit, rubble at works and a vehicle in a marked bay are lawful; a
    vehicle in a fire lane or no-parking zone, or on tactile paving, stands in that, one
    beside the bays of its street outside them. What proves that it is parked there is
    another question: the lanes of a no-parking zone have lights too.

    Args:
        placed: the sighting.
        areas: those open when it was made.
    """
    category = placed.sighting.category
    excuse = EXCUSED.get(category)
    if excuse is None:
        return Judged(placed)
    excusing = _holding(placed, areas, excuse, INSIDE_M)
    if excusing is not None:
        return Judged(placed, excusing, lawful=True)
    if category not in PARKING:
        return Judged(placed)
    for kind, within_m in FORBIDDEN.items():
        area = _holding(placed, areas, kind, within_m)
        if area is not None:
            return Judged(replace(placed, stands_in=StandsIn(kind, area.name)), area)
    bay = _holding(placed, areas, "parking_bay", MARKED_M)
    if bay is None:
        return Judged(placed)
    return Judged(replace(placed, stands_in=StandsIn(OUTSIDE_BAY, bay.name)), bay)


def _holding(
    placed: PlacedSighting, areas: Iterable[Area], kind: LayerKind, within_m: float
) -> Area | None:
    lon, lat = placed.sighting.lon, placed.sighting.lat
    return next(
        (a for a in areas if a.kind == kind and a.holds(lon, lat, within_m)), None
    )


def in_context(look: Look, areas: Sequence[Area], calendar: Calendar) -> Look:
    """Return a pass as the layers see it: what is lawful is no sighting."""
    valid = [area for area in areas if area.open_at(look.at_s, calendar)]
    if not valid:
        return look
    told = [(number, judged(placed, valid)) for number, placed in look.sightings]
    kept = tuple((number, one.placed) for number, one in told if not one.lawful)
    return replace(look, sightings=kept)


def exempts_at(
    at_s: float | None, standard: Standard, calendar: Calendar
) -> tuple[Exempt, ...]:
    """Return the exemptions in whose hours a time lies; none of an unknown time."""
    if at_s is None:
        return ()
    return tuple(one for one in standard.exempts if calendar.is_exempt(at_s, one))


def exempt_of(
    placed: PlacedSighting, exempts: Iterable[Exempt], standard: Standard
) -> Exempt | None:
    """Return which of the exemptions takes a sighting out; None if none does."""
    zone, _ = likeliest_zone(placed.zone_belief)
    rule = standard.rule_for(placed.sighting.category, zone)
    return next((e for e in exempts if rule is not None and rule.id in e.rules), None)


def places_at(areas: Iterable[Area], at_s: float | None) -> tuple[Area, ...]:
    """Return the places that make finds weigh more at a time."""
    return tuple(a for a in areas if a.kind in PLACES and a.valid_at(at_s))
