"""Where a vehicle stands that may not stand there, and what proves it.

On pavement it is parked, and two passes that see it prove that. On lanes others wait at
lights, so two passes may see two queues: there only a camera that watched one vehicle
all the time proves anything, whatever a map says of the place. At the kerb, in a
no-parking zone or outside the bays that a street has, two passes prove it, but not as
near to the street's ends as queues reach. On a crossing, and where no layout tells lane
from kerb, they do so if the vehicle also looks the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from service.findings.rule import MemoryRule
from service.records import Look
from service.types import PlacedSighting, StandsIn
from vision.types import Sighting

PARKING = {
    "car": "parking_motor",
    "truck": "parking_motor",
    "bus": "parking_motor",
    "motorcycle": "parking_bike",
    "bicycle": "parking_bike",
}
"""Category of a vehicle -> category of its improper parking."""
FIRE_LANE = "fire_lane_blocked"
OUTSIDE_BAY = "outside_bay"
"""Kind of place of a vehicle that stands beside the bays of its street."""
KERB = "kerb_lane"
CROSSING = "crossing"
LIKELY = 0.5
ROUNDING_S = 1e-3

Proof = Literal["passes", "looks", "watch"]
"""What proves that it is parked: two passes; two that see the same looks; a watch."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A vehicle that stands where none may.

    Attributes:
        category: of its improper parking.
        there: chance that it stands where it may not.
        proof: what proves it.
        area: place of a layer that says so; None where pictures alone do.
    """

    category: str
    there: float
    proof: Proof
    area: StandsIn | None


def standing(
    placed: PlacedSighting, rule: MemoryRule, *, length_m: float | None
) -> Standing:
    """Return where a vehicle stands, as far as pictures and layers tell.

    Args:
        placed: the vehicle.
        rule: which surfaces count.
        length_m: of the street; None if unknown.
    """
    belief = placed.sighting.surface_belief or {}
    area = placed.stands_in
    inside = area is not None and area.kind != OUTSIDE_BAY
    parked = sum(belief.get(s, 0.0) for s in rule.parked_surfaces)
    kerb = belief.get(KERB, 0.0) if area is not None else 0.0
    alike = belief.get(CROSSING, 0.0)
    there = parked + kerb + alike
    if was_watched(placed.sighting, rule):
        there = parked + sum(belief.get(s, 0.0) for s in rule.dwelt_surfaces)
    if inside:
        there = 1.0
        if not belief:
            unread = _unread(placed)
            parked, alike = (1.0, 0.0) if unread == "passes" else (0.0, 1.0)
            alike = 0.0 if unread == "watch" else alike
    if _queues(placed, rule, length_m):
        kerb = alike = 0.0
    proof: Proof = "watch"
    if parked + kerb >= LIKELY:
        proof = "passes"
    elif parked + kerb + alike >= LIKELY:
        proof = "looks"
    on_fire_lane = belief.get("fire_lane", 0.0) >= LIKELY
    on_fire_lane |= area is not None and area.kind == "fire_lane"
    return Standing(
        FIRE_LANE if on_fire_lane else PARKING[placed.sighting.category],
        there,
        proof,
        area if inside or belief.get(KERB, 0.0) >= LIKELY else None,
    )


def _unread(placed: PlacedSighting) -> Proof:
    """Return what proves a vehicle on a surface that no layout told."""
    zones = placed.zone_belief or {}
    if zones.get("carriageway", 0.0) >= LIKELY:
        return "watch"
    return "passes" if zones.get("pavement", 0.0) >= LIKELY else "looks"


def _queues(placed: PlacedSighting, rule: MemoryRule, length_m: float | None) -> bool:
    """Say if a queue at the next junction may reach so far; yes where that is open."""
    at_m = placed.offset_m
    if at_m is None or length_m is None:
        return True
    return min(at_m, length_m - at_m) < rule.queue_m


def was_watched(sighting: Sighting, rule: MemoryRule) -> bool:
    """Say if one vehicle was watched all the time for as long as parking takes.

    A pass that drives, or stands with one picture before and one after, sees a queue at
    lights and takes it for one vehicle; a camera that stands saw that it never left.
    """
    stayed_s = sighting.last_drive_s - sighting.first_drive_s
    often = sighting.frames * rule.watched_every_s >= stayed_s
    return stayed_s >= rule.parked_apart_s - ROUNDING_S and often


def street_length_m(looks: Iterable[Look]) -> float | None:
    """Return how far the ground goes that passes tell of: a street's; None of none."""
    return max((piece.to_m for look in looks for piece in look.coverage), default=None)
