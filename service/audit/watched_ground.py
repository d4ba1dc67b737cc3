"""Which ground of which street a camera that stands sees: its zones, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from service.roads import RoadNetwork, nearest_streets
from service.types import CoveragePiece
from vision.fixed import FixedCamera
from vision.types import FloatArray, Side

ZONE_OF = {
    "pavement": "pavement",
    "tactile_paving": "pavement",
    "lane": "carriageway",
    "kerb_lane": "carriageway",
    "crossing": "carriageway",
    "fire_lane": "carriageway",
}
"""Surface of a camera's zone -> zone of the street. Elsewhere things stand lawfully."""
STEP_M = 0.5
LEAST_M2 = 1.0
"""Of a metre of the street must lie in the zone; a corner that reaches over is none."""

_Strip = tuple[str, str, Side]


def watched_ground(
    camera: FixedCamera, network: RoadNetwork
) -> tuple[CoveragePiece, ...]:
    """Return what a camera sees of the streets: pieces of whole metres, all `seen`.

    A place belongs to the first zone that holds it, and to the nearest street; what the
    picture does not show, or shows too small, is not seen.
    """
    points: Counter[tuple[_Strip, int]] = Counter()
    taken: BaseGeometry = shapely.Polygon()
    for zone in camera.zones:
        whole = shapely.Polygon(network.frame.to_xy(zone.ring))
        outline, taken = whole.difference(taken), taken.union(whole)
        if zone.surface not in ZONE_OF:
            continue
        lonlat = np.asarray(network.frame.to_lonlat(_grid(outline)))
        for street in nearest_streets(network, lonlat[camera.shows(lonlat)]):
            if street is not None:
                strip = (street.segment_id, ZONE_OF[zone.surface], street.side)
                points[strip, int(street.offset_m)] += 1
    least = LEAST_M2 / STEP_M**2
    cells = sorted(cell for cell, count in points.items() if count >= least)
    return tuple(
        piece
        for strip, members in groupby(cells, key=lambda cell: cell[0])
        for piece in _pieces(strip, [at_m for _, at_m in members], network)
    )


def _grid(outline: BaseGeometry) -> FloatArray:
    """Return `(N, 2)` the middles of the squares that lie in an outline."""
    if outline.is_empty:
        return np.zeros((0, 2))
    west, south, east, north = outline.bounds
    x = np.arange(west + STEP_M / 2, east, STEP_M)
    y = np.arange(south + STEP_M / 2, north, STEP_M)
    xy = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    inside: FloatArray = xy[shapely.contains_xy(outline, xy)]
    return inside


def _pieces(
    strip: _Strip, at_m: Sequence[int], network: RoadNetwork
) -> Iterator[CoveragePiece]:
    segment_id, zone, side = strip
    length_m = network.segment(segment_id).length_m
    for _, run in groupby(enumerate(at_m), key=lambda cell: cell[1] - cell[0]):
        metres = [metre for _, metre in run]
        yield CoveragePiece(
            segment_id=segment_id,
            zone=zone,
            side=side,
            from_m=float(metres[0]),
            to_m=min(float(metres[-1] + 1), length_m),
            status="seen",
            reason=None,
        )
