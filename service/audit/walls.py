"""How far from the road's middle the walls of the driven streets stand, usually."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from service.roads import RoadNetwork
from vision.scene import StreetDefaults

WITHIN_M = 25.0
MOST_PLACES = 200
"""Of a long drive so many places, evenly spread, tell the median as well."""


def usual_wall_m(
    network: RoadNetwork, lonlat: Sequence[tuple[float, float]]
) -> float | None:
    """Return half the driven streets' median width and a usual pavement, metres.

    Args:
        network: the road file's; a width it does not know is its class's usual one.
        lonlat: the driven path, degrees.

    Returns:
        None when no street is within 25 m of the path.
    """
    pavement_m = StreetDefaults().pavement_m
    walls_m = [
        network.width_m(near[0].segment_id) / 2 + pavement_m
        for lon, lat in lonlat[:: max(1, len(lonlat) // MOST_PLACES)]
        if (near := network.nearest(lon, lat, within_m=WITHIN_M))
    ]
    return median(walls_m) if walls_m else None
