"""Sightings that were put on a street become findings: what the city has to deal with.

Only problems become findings. A vehicle that stands on the pavement, or where nothing
may stand, becomes a parking candidate: one pass cannot prove improper parking, so it is
listed and scores nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from service.findings.rule import MemoryRule
from service.findings.standing import KERB, OUTSIDE_BAY, PARKING, standing
from service.types import Finding, PlacedSighting
from vision.types import Sighting

PARKING_ZONE = "pavement"
FORBIDDEN_SURFACES = frozenset(
    {"tactile_paving", "no_parking", "fire_lane", "crossing"}
)
"""Where nothing may stand, whatever the zone."""


@dataclass(frozen=True, slots=True)
class SizeLevel:
    """A severity level for things at least so large."""

    level: str
    least_m2: float


def _heap_levels() -> dict[str, tuple[SizeLevel, ...]]:
    heap = (SizeLevel("large", 2.0), SizeLevel("pile", 0.5), SizeLevel("small", 0.0))
    return {"garbage_pile": heap}


@dataclass(frozen=True, slots=True)
class FindingOptions:
    """When a vehicle is a parking candidate, and how size becomes severity.

    Attributes:
        parked_frames: least number of frames that saw it; one view says nothing of
            motion.
        parked_probability: least chance that it stands still.
        pavement_probability: least chance that it is on the pavement, or where nothing
            may stand.
        size_levels: category -> levels, largest first; a category that is not here has
            no severity by size. The ground area is that of a disc of the apparent
            width.

    Source:
        design/domain.md 5.2: a heap over 0.5 m2, over 2 m2.
    """

    parked_frames: int = 3
    parked_probability: float = 0.5
    pavement_probability: float = 0.5
    size_levels: Mapping[str, tuple[SizeLevel, ...]] = field(
        default_factory=_heap_levels
    )


def make_findings(
    placed: Iterable[PlacedSighting],
    *,
    roles: Mapping[str, str],
    epoch_at_zero_s: float | None,
    options: FindingOptions | None = None,
) -> list[Finding]:
    """Return the findings of one drive, raw, in the order of the sightings.

    Args:
        placed: sightings of one drive.
        roles: taxonomy id -> role. Only `problem` becomes a finding as it is; vehicles
            may become parking candidates; everything else is left out.
        epoch_at_zero_s: Unix seconds at the start of the drive; None = no absolute
            clock, so findings have no times.
        options: None = the usual thresholds.
    """
    rules = options or FindingOptions()
    found: list[Finding] = []
    for one in placed:
        category = one.sighting.category
        if roles.get(category) == "problem":
            found.append(_finding(one, category, epoch_at_zero_s, rules))
        elif category in PARKING and _is_parked_improperly(one, rules):
            found.append(_candidate(one, epoch_at_zero_s, rules))
    return found


def may_be_parked(seen: Sighting, options: FindingOptions | None = None) -> bool:
    """Say if a vehicle stands, as far as one pass can tell; wherever that is."""
    rules = options or FindingOptions()
    still = seen.stationary_probability or 0.0
    return seen.frames >= rules.parked_frames and still >= rules.parked_probability


def _is_parked_improperly(one: PlacedSighting, options: FindingOptions) -> bool:
    if not may_be_parked(one.sighting, options):
        return False
    surfaces = one.sighting.surface_belief or {}
    if one.stands_in is not None and one.stands_in.kind != OUTSIDE_BAY:
        return True
    forbidden = sum(surfaces.get(surface, 0.0) for surface in FORBIDDEN_SURFACES)
    if one.stands_in is not None:
        forbidden += surfaces.get(KERB, 0.0)
    if forbidden >= options.pavement_probability:
        return True
    zone, p_zone = likeliest_zone(one.zone_belief)
    return zone == PARKING_ZONE and (p_zone or 0.0) >= options.pavement_probability


def _candidate(
    one: PlacedSighting, epoch_at_zero_s: float | None, options: FindingOptions
) -> Finding:
    """Make a parking candidate: the chance that the vehicle is there and stands."""
    seen = one.sighting
    still = seen.stationary_probability or 0.0
    where = standing(one, MemoryRule(), length_m=None)
    made = _finding(
        one,
        where.category,
        epoch_at_zero_s,
        options,
        probability=seen.probability * still,
    )
    return replace(made, candidate=True, stands_in=where.area)


def _finding(
    one: PlacedSighting,
    category: str,
    epoch_at_zero_s: float | None,
    options: FindingOptions,
    *,
    probability: float | None = None,
) -> Finding:
    seen = one.sighting
    zone, zone_probability = likeliest_zone(one.zone_belief)
    return Finding(
        id=seen.id,
        category=category,
        lon=seen.lon,
        lat=seen.lat,
        sigma_m=seen.sigma_m,
        segment_id=one.segment_id,
        side=one.side,
        offset_m=one.offset_m,
        zone=zone,
        zone_probability=zone_probability,
        element=None,
        state="raw",
        probability=seen.probability if probability is None else probability,
        severity=severity_by_size(category, seen.width_m, options),
        first_seen=_utc(seen.first_drive_s, epoch_at_zero_s),
        last_seen=_utc(seen.last_drive_s, epoch_at_zero_s),
        size_m=seen.width_m,
        evidence=seen.evidence,
    )


def likeliest_zone(
    belief: Mapping[str, float] | None,
) -> tuple[str | None, float | None]:
    """Return the likeliest zone and its probability; of equals the first by name."""
    if not belief:
        return None, None
    zone = max(sorted(belief), key=lambda name: belief[name])
    return zone, belief[zone]


def severity_by_size(
    category: str, width_m: float | None, options: FindingOptions
) -> str | None:
    """Return the level that a thing's apparent width makes it; None where unknown."""
    levels = options.size_levels.get(category)
    if levels is None or width_m is None:
        return None
    area_m2 = math.pi / 4 * width_m**2
    return next((step.level for step in levels if area_m2 >= step.least_m2), None)


def _utc(drive_s: float, epoch_at_zero_s: float | None) -> str | None:
    if epoch_at_zero_s is None:
        return None
    at = datetime.fromtimestamp(epoch_at_zero_s + drive_s, tz=UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
