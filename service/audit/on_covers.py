"""The zone `cover`: what lies on a detected cover lies there, not on the road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scipy.stats import ncx2

from service.types import PlacedSighting
from vision.geo import distance_m

ZONE = "cover"
COVERS = frozenset({"manhole_ok", "manhole_damaged", "manhole_missing"})
LIES_ON = frozenset({"litter", "garbage_pile", "poster", "graffiti"})
"""What a standard may ask of a cover; a pothole beside one is none of its dirt."""
RADIUS_M = 0.4
"""Of a carriageway's cover, its frame included."""
RELATIVE_SIGMA_M = 0.3
"""Two things seen by one pass share the receiver's error, so they lie surer to each
other than on the earth."""
_FAR_M = 2.0


def with_cover_zone(
    placed: Sequence[PlacedSighting],
) -> tuple[PlacedSighting, ...]:
    """Return the sightings of one pass; what lies on a cover has that in its belief."""
    covers = [one for one in placed if one.sighting.category in COVERS]
    return tuple(
        replace(one, zone_belief=_belief(one, covers))
        if one.sighting.category in LIES_ON and one.zone_belief is not None
        else one
        for one in placed
    )


def _belief(
    one: PlacedSighting, covers: Sequence[PlacedSighting]
) -> Mapping[str, float] | None:
    chance = max((_lies_on(one, cover) for cover in covers), default=0.0)
    if one.zone_belief is None or chance <= 0:
        return one.zone_belief
    rest = {zone: p * (1 - chance) for zone, p in one.zone_belief.items()}
    return {**rest, ZONE: rest.get(ZONE, 0.0) + chance}


def _lies_on(one: PlacedSighting, cover: PlacedSighting) -> float:
    """Return the chance that a thing lies on a cover, and that this is one."""
    here = (one.sighting.lon, one.sighting.lat)
    apart_m = distance_m(here, (cover.sighting.lon, cover.sighting.lat))
    if apart_m > _FAR_M:
        return 0.0
    inside = ncx2.cdf(
        (RADIUS_M / RELATIVE_SIGMA_M) ** 2, 2, (apart_m / RELATIVE_SIGMA_M) ** 2
    )
    return float(inside) * cover.sighting.probability
