"""Where places lie that no vehicle passed: on the nearest street, by map alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.roads.lines import (
    FloatArray,
    distances_m,
    feet,
    offsets_m,
    point_column,
)
from service.roads.network import BESIDE_M, DRAWING_SIGMA_M, RoadNetwork
from vision.types import Side

_DRAWN_M = 2 * DRAWING_SIGMA_M


@dataclass(frozen=True, slots=True)
class Nearest:
    """Where one place lies on its nearest street.

    Attributes:
        offset_m: along the segment from its first vertex.
        lateral_m: right of the centre line in the drawing direction is positive.
        direction_deg: of the drawing there, clockwise from north.
    """

    segment_id: str
    offset_m: float
    lateral_m: float
    direction_deg: float

    @property
    def side(self) -> Side:
        """Left or right of the drawing direction."""
        return "right" if self.lateral_m >= 0 else "left"


def nearest_streets(
    network: RoadNetwork, lonlat: npt.ArrayLike
) -> Iterator[Nearest | None]:
    """Yield the nearest street of each place; None where none is near enough.

    A place belongs to a street when it lies on its carriageway, on the strip of
    `BESIDE_M` along it, or so little beyond that the drawing may be off.

    Args:
        network: the roads.
        lonlat: `(N, 2)` degrees.
    """
    places = np.asarray(lonlat, np.float64).reshape(-1, 2)
    if not len(places):
        return
    xy = np.asarray(network.frame.to_xy(places), np.float64).reshape(-1, 2)
    points = point_column(xy)
    rows = network.tree.query_nearest(points, all_matches=False)[1]
    lines, length_m = network.lines[rows], network.length_m[rows]
    offset_m, distance_m = offsets_m(lines, points), distances_m(lines, points)
    foot, along = feet(lines, offset_m, length_m)
    away: FloatArray = xy - foot
    lateral_m = away[:, 0] * along[:, 1] - away[:, 1] * along[:, 0]
    direction_deg = np.degrees(np.arctan2(along[:, 0], along[:, 1])) % 360.0
    for k, row in enumerate(rows.tolist()):
        segment_id = network.segments[row].id
        reach_m = network.width_m(segment_id) / 2 + BESIDE_M + _DRAWN_M
        if distance_m[k] > reach_m:
            yield None
            continue
        yield Nearest(
            segment_id,
            float(offset_m[k]),
            float(np.copysign(distance_m[k], lateral_m[k])),
            float(direction_deg[k]),
        )
