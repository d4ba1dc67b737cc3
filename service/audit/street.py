"""Ground that pictures truly showed, put on the segments that were driven."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.roads import RoadNetwork
from service.scoring import GroundSeen
from vision.geo import angle_difference_deg
from vision.scene import SeenZones
from vision.types import Side

WITHIN_M = 25.0
ALONG_DEG = 45.0
"""A path that heads further off than this crosses the street."""
_OTHER: dict[Side, Side] = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class _Row:
    offset_m: float
    seen: dict[Side, frozenset[str]]
    there: dict[Side, frozenset[str]]


def ground_on_segments(
    street: Sequence[SeenZones], network: RoadNetwork, driven: Collection[str]
) -> dict[str, GroundSeen]:
    """Return what was seen of each driven segment, by metres along it.

    Sides turn from those of travel to those of the segment's drawing.

    Args:
        street: metre by metre along the path.
        network: the roads.
        driven: ids of the segments that were driven.
    """
    rows: dict[str, list[_Row]] = {}
    for metre in street:
        for place in network.nearest(metre.lon, metre.lat, within_m=WITHIN_M):
            if place.segment_id not in driven:
                continue
            drawn_deg = network.direction_deg(place.segment_id, place.offset_m)
            turn_deg = abs(angle_difference_deg(metre.heading_deg, drawn_deg))
            if min(turn_deg, 180.0 - turn_deg) > ALONG_DEG:
                continue
            row = _row(metre, place.offset_m, forward=turn_deg < 90.0)
            rows.setdefault(place.segment_id, []).append(row)
            break
    return {segment_id: _ground(found) for segment_id, found in rows.items()}


def _row(metre: SeenZones, offset_m: float, *, forward: bool) -> _Row:
    if forward:
        return _Row(offset_m, dict(metre.seen), dict(metre.there))
    return _Row(
        offset_m,
        {_OTHER[side]: zones for side, zones in metre.seen.items()},
        {_OTHER[side]: zones for side, zones in metre.there.items()},
    )


def _ground(rows: list[_Row]) -> GroundSeen:
    rows = sorted(rows, key=lambda row: row.offset_m)
    offsets: npt.NDArray[np.float64] = np.array([row.offset_m for row in rows])
    return GroundSeen(
        offset_m=offsets,
        seen=tuple(row.seen for row in rows),
        there=tuple(row.there for row in rows),
    )
