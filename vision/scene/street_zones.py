"""In which zone of 六净 a place lies, and which zones a picture showed, in metres.

Where the pictures showed the kerb, it counts; elsewhere the usual street does
(`geometry`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vision.scene.sections import CrossSection, Line, SideView, cells_between
from vision.types import Side

ZONES = (
    "carriageway",
    "kerb_strip",
    "pavement",
    "wall_base",
    "tree_pit",
    "corner",
)
KERB_HALF_M = 0.5
WALL_BASE_M = 0.5
PIT_M = 0.75
"""A tree pit reaches so far from the trunk's foot."""
CORNER_M = 0.9
"""A corner reaches so far from the middle of a box or pole that stands at a wall."""
AT_M = 1.0
"""So near a wall a box leaves a corner behind it."""
SURFACES = ("lane", "kerb_lane", "crossing", "pavement", "tactile_paving")
KERB_LANE_M = 2.5
"""A vehicle next to the kerb stands in this strip."""
LEAST_STRIPES = 0.25
"""Of a zebra's ground between a third and a half is paint; of a lane a twentieth."""
TACTILE_REACH_M = 0.4
"""What stands so near covers the strip: half of a two-wheeler, a wheel of a car."""
UNSURE_M = 1.0
"""A kerb that is so doubtful tells no zone."""
_SAMPLES = 9
_SEEN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class SeenZones:
    """What of the zones beside one metre of the path was seen.

    Attributes:
        lon, lat: of the path.
        heading_deg: of travel.
        seen: zones by side of travel; truly visible ground.
        there: zones by side that the street was seen to have; a side without kerb or
            wall in view knows nothing of them.
    """

    lon: float
    lat: float
    heading_deg: float
    seen: Mapping[Side, frozenset[str]]
    there: Mapping[Side, frozenset[str]]


def zone_belief(
    near: Mapping[int, CrossSection],
    along_m: float,
    right_m: float,
    sigma_m: float,
    *,
    is_box: bool = False,
    lies: bool = True,
) -> Mapping[str, float] | None:
    """Return zone id -> probability of a place beside the path.

    Args:
        near: sections by metre.
        along_m: of the place, along the path.
        right_m: of the place, right of the path; negative is left.
        sigma_m: 1-sigma of `right_m`.
        is_box: what lies there is as large as a box itself (a heap, a bin, a stall):
            it makes no corner of its own.
        lies: flat on the ground, so that it can lie in a tree pit.

    None where no picture showed the kerb clearly: geometry alone knows.
    """
    number = math.floor(along_m)
    found = [near[k] for k in (number, number - 1, number + 1) if k in near]
    if not found:
        return None
    side: Side = "right" if right_m >= 0 else "left"
    view = found[0].sides[side]
    kerb = view.kerb or next((s.sides[side].kerb for s in found), None)
    wall = view.wall or next((s.sides[side].wall for s in found), None)
    if kerb is None or kerb.sigma_m > UNSURE_M:
        return None
    own = near.get(number) if lies else None
    pits = own.sides[side].pits_m if own else ()
    trunks = _things(near, number, side, "trunks_m") if lies else []
    boxes = [] if is_box else _things(near, number, side, "boxes_m")
    out = dict.fromkeys(ZONES, 0.0)
    spread = math.hypot(sigma_m, kerb.sigma_m)
    for shift, weight in _normal(spread):
        at_m = abs(right_m) + shift
        zone = _zone_at(at_m, along_m, kerb, wall, trunks, boxes)
        if zone == "pavement" and any(low <= at_m <= high for low, high in pits):
            zone = "tree_pit"
        out[zone] += weight
    return out


def surface_belief(
    near: Mapping[int, CrossSection], along_m: float, right_m: float, sigma_m: float
) -> Mapping[str, float] | None:
    """Return surface -> probability for what stands at a place beside the path.

    `lane`, `kerb_lane` (next to the kerb), `crossing` (a zebra's stripes around it),
    `tactile_paving` and `pavement` (kerb and all else beyond). Arguments and None as
    `zone_belief`.
    """
    number = math.floor(along_m)
    found = [near[k] for k in (number, number - 1, number + 1) if k in near]
    side: Side = "right" if right_m >= 0 else "left"
    kerb = next((s.sides[side].kerb for s in found if s.sides[side].kerb), None)
    if kerb is None or kerb.sigma_m > UNSURE_M:
        return None
    strips = found[0].sides[side].tactile_m
    striped = found[0].sides[side].painted >= LEAST_STRIPES
    out = dict.fromkeys(SURFACES, 0.0)
    for shift, weight in _normal(math.hypot(sigma_m, kerb.sigma_m)):
        at_m = abs(right_m) + shift
        inside_m = kerb.outward_m - at_m
        if inside_m < 0:
            surface = "tactile_paving" if _on(strips, at_m) else "pavement"
        elif striped:
            surface = "crossing"
        else:
            surface = "kerb_lane" if inside_m < KERB_LANE_M else "lane"
        out[surface] += weight
    return out


def _on(strips: tuple[tuple[float, float], ...], at_m: float) -> bool:
    return any(
        low - TACTILE_REACH_M <= at_m <= high + TACTILE_REACH_M for low, high in strips
    )


def _things(
    near: Mapping[int, CrossSection], number: int, side: Side, name: str
) -> list[tuple[float, float]]:
    return [
        (k + 0.5, at_m)
        for k in range(number - 1, number + 2)
        if k in near
        for at_m in getattr(near[k].sides[side], name)
    ]


def _normal(sigma_m: float) -> list[tuple[float, float]]:
    """Return places of a normal distribution with their weights."""
    at = np.linspace(-2.0, 2.0, _SAMPLES)
    weight = np.exp(-0.5 * at**2)
    weight /= weight.sum()
    return list(zip((at * sigma_m).tolist(), weight.tolist(), strict=True))


def _zone_at(
    outward_m: float,
    along_m: float,
    kerb: Line,
    wall: Line | None,
    trunks: list[tuple[float, float]],
    boxes: list[tuple[float, float]],
) -> str:
    beyond_m = outward_m - kerb.outward_m
    if beyond_m < -KERB_HALF_M:
        return "carriageway"
    if _near(trunks, along_m, outward_m, PIT_M):
        return "tree_pit"
    at_wall = wall is not None and outward_m >= wall.outward_m - AT_M
    if at_wall and _near(boxes, along_m, outward_m, CORNER_M):
        return "corner"
    if beyond_m < KERB_HALF_M:
        return "kerb_strip"
    if wall is not None and outward_m >= wall.outward_m - WALL_BASE_M:
        return "wall_base"
    return "pavement"


def _near(
    things: list[tuple[float, float]], along_m: float, outward_m: float, within_m: float
) -> bool:
    return any(math.hypot(a - along_m, o - outward_m) <= within_m for a, o in things)


def seen_zones(section: CrossSection) -> SeenZones:
    """Return which zones beside one metre were truly seen."""
    seen = {side: _seen(view) for side, view in section.sides.items()}
    there = {side: _there(view) for side, view in section.sides.items()}
    return SeenZones(section.lon, section.lat, section.heading_deg, seen, there)


def _seen(view: SideView) -> frozenset[str]:
    if view.kerb is None:
        return frozenset({"carriageway"} if _share(view, 0.0, 2.0) else ())
    kerb_m = view.kerb.outward_m
    out = set()
    if _share(view, 0.0, max(kerb_m - KERB_HALF_M, 0.5)):
        out.add("carriageway")
    if _share(view, kerb_m - KERB_HALF_M, kerb_m + KERB_HALF_M):
        out.add("kerb_strip")
    wall_m = kerb_m + 3.0 if view.wall is None else view.wall.outward_m - WALL_BASE_M
    if wall_m > kerb_m + KERB_HALF_M and _share(view, kerb_m + KERB_HALF_M, wall_m):
        out.add("pavement")
    if view.wall is not None and _share(view, wall_m, view.wall.outward_m):
        out.add("wall_base")
        out.add("corner")
    if "pavement" in out:
        out.add("tree_pit")
    return frozenset(out)


def _there(view: SideView) -> frozenset[str]:
    out = {"carriageway"}
    if view.kerb is not None:
        out |= {"kerb_strip", "pavement"}
    if view.wall is not None:
        out |= {"wall_base", "corner"}
    if view.trunks_m or view.pits_m:
        out.add("tree_pit")
    return frozenset(out)


def _share(view: SideView, from_m: float, to_m: float) -> bool:
    cells = view.here[cells_between(from_m, to_m)]
    return bool(len(cells)) and float(cells.mean()) >= _SEEN_SHARE
