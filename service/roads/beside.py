"""Which segment, which side and where along it a thing lies that a vehicle saw.

The receiver's error shifts the vehicle and everything it saw alike, so the side comes
from the vehicle's own frame first: how far right of the driven path the thing lies,
plus how far right of the centre line the vehicle drives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from service.roads.network import DRAWING_SIGMA_M, Place, RoadNetwork
from service.types import MatchedFix
from vision.types import Side

KNOWN_LANE_SIGMA_M = 0.7
ASSUMED_LANE_SIGMA_M = 1.8
"""1-sigma of where in the carriageway the vehicle drives: told, or guessed."""


class Seen(Protocol):
    """What `locate_beside` needs of a sighting (`vision.types.Sighting` has it all)."""

    @property
    def lon(self) -> float:
        """Degrees east."""

    @property
    def lat(self) -> float:
        """Degrees north."""

    @property
    def sigma_m(self) -> float:
        """1-sigma of the position, per axis."""

    @property
    def lateral_m(self) -> float:
        """Distance right of the driven path; negative is left."""

    @property
    def lateral_sigma_m(self) -> float:
        """1-sigma of `lateral_m`, without the receiver's error."""

    @property
    def heading_deg(self) -> float:
        """The path's direction where it passes the thing."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A thing put on the network.

    Attributes:
        segment_id: None when no segment is near enough.
        side: left or right of the drawing direction; None when unplaced.
        offset_m: along the segment from its first vertex; None when unplaced.
        lateral_from_centre_m: right of the centre line in the drawing direction is
            positive; None when unplaced.
        probability: chance that it belongs to this segment.
        side_probability: chance that the side is right, given the segment; 0.5 when
            unplaced.
    """

    segment_id: str | None
    side: Side | None
    offset_m: float | None
    lateral_from_centre_m: float | None
    probability: float
    side_probability: float


UNPLACED = Beside(None, None, None, None, 0.0, 0.5)


def locate_beside(
    network: RoadNetwork,
    seen: Seen,
    *,
    driven: Sequence[MatchedFix],
    lane_offset_m: float | None = None,
) -> Beside:
    """Return the segment, side and offset of a thing seen from a matched path.

    Args:
        network: the roads.
        seen: position and place in the vehicle's frame, e.g. a `Sighting`.
        driven: matched fixes around the moment the path passes the thing (some 10 s
            before to 10 s after); unmatched ones are ignored.
        lane_offset_m: the camera's place right of the centre line in the driving
            direction; None to assume the right-hand lane.

    Returns:
        `UNPLACED` when no segment is within reach.
    """
    passed = _passed(network, seen, driven)
    lon, lat = seen.lon, seen.lat
    fused: tuple[float, float] | None = None
    if passed is not None:
        fused = _fused_lateral(network, seen, passed, lane_offset_m)
        lon, lat = _shifted(network, seen, passed[0], fused[0])
    ids = list(dict.fromkeys(f.segment_id for f in driven if f.segment_id is not None))
    sigma_m = seen.sigma_m if fused is None else min(seen.sigma_m, fused[1] + 1.0)
    places = network.place_beside(lon, lat, sigma_m=sigma_m, driven=ids)
    if not places:
        return UNPLACED
    best = places[0]
    lateral_m = best.lateral_m
    lateral_sigma_m = math.hypot(seen.sigma_m, DRAWING_SIGMA_M)
    if passed is not None and fused is not None:
        lateral_sigma_m = fused[1]
        if best.segment_id == passed[0].segment_id:
            lateral_m = fused[0]
    side: Side = "right" if lateral_m >= 0 else "left"
    sure = 0.5 * (1 + math.erf(abs(lateral_m) / lateral_sigma_m / math.sqrt(2)))
    return Beside(
        segment_id=best.segment_id,
        side=side,
        offset_m=best.offset_m,
        lateral_from_centre_m=lateral_m,
        probability=best.probability,
        side_probability=sure,
    )


def _passed(
    network: RoadNetwork, seen: Seen, driven: Sequence[MatchedFix]
) -> tuple[Place, bool] | None:
    """Return the driven segment that the thing lies beside, and its direction.

    Of the driven segments it is the one whose direction agrees with the path's where
    it passes the thing, and that reaches nearest to the thing.
    """
    forward_of: dict[str, list[bool]] = {}
    for fix in driven:
        if fix.segment_id is not None and fix.forward is not None:
            forward_of.setdefault(fix.segment_id, []).append(fix.forward)
    best: tuple[float, Place, bool] | None = None
    for segment_id, votes in forward_of.items():
        forward = 2 * sum(votes) >= len(votes)
        place = network.beside(seen.lon, seen.lat, segment_id)
        off_deg = network.direction_deg(segment_id, place.offset_m) - seen.heading_deg
        if not forward:
            off_deg += 180.0
        turned = 1 - math.cos(math.radians(off_deg))
        cost = place.distance_m + 15.0 * turned
        if best is None or cost < best[0]:
            best = cost, place, forward
    return None if best is None else best[1:]


def _fused_lateral(
    network: RoadNetwork,
    seen: Seen,
    passed: tuple[Place, bool],
    lane_offset_m: float | None,
) -> tuple[float, float]:
    """Return the lateral from the passed segment's centre line, and its 1-sigma.

    The vehicle's frame and the receiver's position are two independent looks at it;
    each weighs by its inverse variance. Right of the drawing direction is positive.
    """
    place, forward = passed
    segment = network.segment(place.segment_id)
    lane_sigma_m = KNOWN_LANE_SIGMA_M
    if lane_offset_m is None:
        lane_sigma_m = ASSUMED_LANE_SIGMA_M
        two_way = not segment.oneway and not segment.assumed
        lane_offset_m = network.width_m(segment.id) / 4 if two_way else 0.0
    own_m = (lane_offset_m + seen.lateral_m) * (1.0 if forward else -1.0)
    own_var = lane_sigma_m**2 + seen.lateral_sigma_m**2
    sky_var = seen.sigma_m**2 + DRAWING_SIGMA_M**2
    weight = sky_var / (own_var + sky_var)
    if place.distance_m > abs(place.lateral_m) + 1.0:
        weight = 1.0
    fused_m = weight * own_m + (1 - weight) * place.lateral_m
    sigma_m = math.sqrt(own_var if weight == 1.0 else own_var * weight)
    return fused_m, sigma_m


def _shifted(
    network: RoadNetwork, seen: Seen, place: Place, lateral_m: float
) -> tuple[float, float]:
    """Return the thing's place moved across the passed segment to `lateral_m`."""
    direction = math.radians(network.direction_deg(place.segment_id, place.offset_m))
    right = np.array([math.cos(direction), -math.sin(direction)])
    xy = network.frame.to_xy((seen.lon, seen.lat))
    moved = network.frame.to_lonlat(xy + right * (lateral_m - place.lateral_m))
    return float(moved[0]), float(moved[1])
