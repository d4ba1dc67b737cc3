"""The wire forms of matched fixes: JSON rows and GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.roads.match import match_fixes
from service.roads.network import RoadNetwork
from service.roads.track import FixIn


def match_rows(
    network: RoadNetwork,
    fixes: Sequence[FixIn],
    *,
    times: Sequence[str | float | None] | None = None,
) -> list[dict[str, Any]]:
    """Return one row a fix: time, lon, lat, segment_id, offset_m, probability.

    Args:
        network: the roads.
        fixes: in time order.
        times: what to write as `time`, one a fix (None: unknown); without, `time_s`.

    Returns:
        Rows in the order of the fixes; `segment_id` and `offset_m` are None where no
        segment fits.
    """
    shown: list[str | float | None] = (
        [fix.time_s for fix in fixes] if times is None else list(times)
    )
    return [
        {
            "time": time,
            "lon": fix.lon,
            "lat": fix.lat,
            "segment_id": matched.segment_id,
            "offset_m": (
                None if matched.offset_m is None else round(matched.offset_m, 2)
            ),
            "probability": round(matched.probability, 4),
        }
        for time, fix, matched in zip(
            shown, fixes, match_fixes(network, fixes), strict=True
        )
    ]


def match_geojson(
    network: RoadNetwork,
    fixes: Sequence[FixIn],
    *,
    times: Sequence[str | float | None] | None = None,
) -> dict[str, Any]:
    """Return the rows of `match_rows` as a FeatureCollection of Points."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
                "properties": {
                    name: value
                    for name, value in row.items()
                    if name not in {"lon", "lat"}
                },
            }
            for row in match_rows(network, fixes, times=times)
        ],
    }
