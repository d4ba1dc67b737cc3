"""`vehicles.geojson`: vehicles of one pass, parked or moving, before any judgement.

The raw material of improper parking: one pass proves nothing, so nothing here scores.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from service.findings import likeliest_zone
from service.types import PlacedSighting
from vision.inspect import VEHICLES


def vehicles_geojson(placed: Iterable[PlacedSighting]) -> dict[str, Any]:
    """Return a FeatureCollection (CRS84) of vehicle sightings; no picture, no plate."""
    return {
        "type": "FeatureCollection",
        "features": [_feature(p) for p in placed if p.sighting.category in VEHICLES],
    }


def _feature(placed: PlacedSighting) -> dict[str, Any]:
    sighting = placed.sighting
    zone, zone_probability = likeliest_zone(placed.zone_belief)
    still = sighting.stationary_probability
    return {
        "type": "Feature",
        "geometry": {
            "type": "Point",
            "coordinates": [round(sighting.lon, 7), round(sighting.lat, 7)],
        },
        "properties": {
            "id": sighting.id,
            "category": sighting.category,
            "probability": round(sighting.probability, 3),
            "stationary_probability": None if still is None else round(still, 3),
            "zone": zone,
            "zone_probability": zone_probability,
            "segment_id": placed.segment_id,
            "side": placed.side,
            "offset_m": placed.offset_m,
            "sigma_m": round(sighting.sigma_m, 2),
            "frames": sighting.frames,
        },
    }
