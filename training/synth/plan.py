"""The plan of a street in metres: legs, building lots, things, moving actors.

Plan frame: x to the right and y up on the plan, metres; headings in degrees clockwise
from +y. A leg has its own frame: s metres along it, t metres to the right of its
centre line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

KERB_HEIGHT_M = 0.14
KERB_STRIP_M = 0.5
WALL_BASE_M = 0.6
ZONES = (
    "carriageway",
    "kerb_strip",
    "pavement",
    "wall_base",
    "tree_pit",
    "corner",
    "cover",
)


@dataclass(frozen=True, slots=True)
class Leg:
    """One straight stretch of street, its centre line from `origin` on.

    Attributes:
        leg_id: name inside the plan.
        origin: `(x, y)` of s = 0, metres in the plan frame.
        heading_deg: direction of growing s, clockwise from +y.
        length_m: length of its pavements; the junction is not part of a leg.
        half_width_m: centre line to kerb.
        pavement_m: kerb to wall, both sides alike.
        gaps: `(side, from_m, to_m)` where a side street leaves; side -1 left, +1 right.
    """

    leg_id: str
    origin: tuple[float, float]
    heading_deg: float
    length_m: float
    half_width_m: float
    pavement_m: float
    gaps: tuple[tuple[int, float, float], ...] = ()

    @property
    def wall_m(self) -> float:
        """Distance from the centre line to the building line."""
        return self.half_width_m + self.pavement_m

    def xy(self, s_m: float, t_m: float) -> tuple[float, float]:
        """Turn leg coordinates into plan coordinates."""
        a = math.radians(self.heading_deg)
        x = self.origin[0] + s_m * math.sin(a) + t_m * math.cos(a)
        return x, self.origin[1] + s_m * math.cos(a) - t_m * math.sin(a)

    def ground_z_m(self, t_m: float) -> float:
        """Return the height of the ground: the carriageway is 0."""
        return KERB_HEIGHT_M if abs(t_m) > self.half_width_m else 0.0

    def in_gap(self, side: int, s_m: float, margin_m: float = 0.0) -> bool:
        """Tell whether a side street leaves here on this side."""
        return any(
            side == g and lo - margin_m <= s_m <= hi + margin_m
            for g, lo, hi in self.gaps
        )


def zone_at(leg: Leg, t_m: float) -> str:
    """Name the zone of a place across the street (pits and corners are set apart)."""
    t = abs(t_m)
    if t < leg.half_width_m - KERB_STRIP_M:
        return "carriageway"
    if t < leg.half_width_m + 0.2:
        return "kerb_strip"
    if t > leg.wall_m - WALL_BASE_M:
        return "wall_base"
    return "pavement"


@dataclass(frozen=True, slots=True)
class Item:
    """One standing thing.

    Attributes:
        item_id: unique in the plan.
        kind: a name that `props.build` knows.
        variant: which of the kind's shapes.
        category: a name of `classes.CLASS_NAMES`, or None for scenery.
        leg_id: the leg it stands on.
        s_m, t_m: its foot in the leg's frame.
        z_m: height of its foot.
        heading_deg: direction of its +y, clockwise from the plan's +y.
        zone: a name of `ZONES`.
        tint: paint, sRGB in `[0, 1]`.
        scale: of its size.
    """

    item_id: str
    kind: str
    variant: int
    category: str | None
    leg_id: str
    s_m: float
    t_m: float
    z_m: float
    heading_deg: float
    zone: str
    tint: tuple[float, float, float] = (0.5, 0.5, 0.5)
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Actor:
    """One moving thing: `item` gives its place at time 0; it keeps its speed.

    Attributes:
        item: as for standing things.
        speed_mps: along its own heading.
    """

    item: Item
    speed_mps: float


@dataclass(frozen=True, slots=True)
class Lot:
    """One building or wall on the building line of a leg.

    Attributes:
        leg_id: the leg it stands on.
        side: -1 left, +1 right, 0 across the end of the leg.
        from_m, to_m: its extent along the leg.
        kind: `shops`, `wall` or `block`.
        variant: seed of its looks.
    """

    leg_id: str
    side: int
    from_m: float
    to_m: float
    kind: str
    variant: int


@dataclass(frozen=True, slots=True)
class Look:
    """Light and surfaces of one scene.

    Attributes:
        sun_azimuth_deg: where the sun stands, clockwise from the plan's +y.
        sun_elevation_deg: above the horizon.
        sun_strength: watts per square metre; about 0.5 under cloud, 5 in clear air.
        sun_size_deg: apparent diameter; wide means soft shadows.
        sky: zenith and horizon, linear RGB.
        sky_strength: factor of `sky`.
        cloud: share of cloud in `[0, 1]`.
        asphalt, paving, kerb: tone of the surfaces, sRGB hex.
        exposure: stops.
        weather: a name of `weather.WEATHERS`.
        wet: `[0, 1]`, darkens and polishes the ground.
        slab_m: length and width of the pavement's slabs.
    """

    sun_azimuth_deg: float = 120.0
    sun_elevation_deg: float = 46.0
    sun_strength: float = 4.5
    sun_size_deg: float = 0.6
    sky: tuple[tuple[float, float, float], tuple[float, float, float]] = (
        (0.16, 0.34, 0.75),
        (0.62, 0.72, 0.82),
    )
    sky_strength: float = 0.9
    cloud: float = 0.35
    asphalt: str = "#5c5c5e"
    paving: str = "#a39a90"
    kerb: str = "#b8b4aa"
    exposure: float = 0.0
    weather: str = "clear"
    wet: float = 0.0
    slab_m: tuple[float, float] = (0.4, 0.2)


@dataclass(slots=True)
class Plan:
    """Everything that stands, moves and shines in one scene.

    Attributes:
        legs: by id.
        junction: whether legs meet in a crossing at the plan's origin.
        lots, items, actors, look: see their types.
        pits: tree pits: leg id, s_m, t_m.
    """

    legs: dict[str, Leg]
    junction: bool = False
    lots: list[Lot] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    actors: list[Actor] = field(default_factory=list)
    pits: list[tuple[str, float, float]] = field(default_factory=list)
    look: Look = field(default_factory=Look)

    def item_xyz(self, item: Item) -> tuple[float, float, float]:
        """Return an item's foot in the plan frame, metres."""
        x, y = self.legs[item.leg_id].xy(item.s_m, item.t_m)
        return x, y, item.z_m
