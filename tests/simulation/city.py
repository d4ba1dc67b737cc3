"""A city whose truth is known: things come and go, vehicles pass, eyes err.

How well things are seen, and how often falsely, stands on the card of the shipped
detector (`eyes.py`); several vehicles each differ from it in a way that nobody knows.
Detections are calibrated on average: whatever is given with a probability p is real in
p of all cases. False ones are of two sorts, those that never come again and look-alikes
that stay and deceive again. Nothing here reads the code under test but its nouns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from service.records import Look, SeenBy
from service.scoring import Area, LayerKind
from service.types import CoveragePiece, PlacedSighting, Segment
from tests.simulation.eyes import Vehicle, fleet, of_card
from vision.geo import LocalFrame
from vision.types import Sighting

DAY_S = 86400.0
START_S = 1_780_272_000.0
"""2026-06-01 00:00 UTC, 8:00 in China."""
ZONES = ("carriageway", "kerb_strip", "pavement", "wall_base")
SIDES = ("left", "right")
ACROSS_M = {
    "carriageway": 3.0, "lane": 2.0, "kerb_lane": 5.0, "crossing": 2.0,
    "pavement": 7.0, "wall_base": 9.5,
}  # fmt: skip
ROADWAY = frozenset({"lane", "kerb_lane", "crossing"})
"""Surfaces that lie on the carriageway."""
ZONED: Mapping[int, LayerKind] = {2: "no_parking", 5: "fire_lane", 7: "parking_bay"}
"""Number of a street, modulo 20 -> what a layer says of it; others have none."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one category comes, goes and is seen.

    Attributes:
        per_100m_day: new ones.
        goes_per_day: rate at which one goes.
        zone: where it lies.
    """

    per_100m_day: float
    goes_per_day: float
    zone: str


KINDS: dict[str, Kind] = {
    "litter": Kind(0.6, 1.0, "carriageway"),
    "garbage_pile": Kind(0.02, 0.5, "pavement"),
    "poster": Kind(0.12, 0.3, "wall_base"),
    "graffiti": Kind(0.02, 0.15, "wall_base"),
    "manhole_damaged": Kind(0.003, 0.05, "carriageway"),
    "stall": Kind(0.04, 2.0, "pavement"),
}
RATES = of_card((*KINDS, "car"))


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one city.

    Attributes:
        segments: streets.
        days: of the simulation.
        passes_per_day: over each street, on average.
        position_sigma_m: of a sighting.
        vehicles: that pass by turns of chance.
        stays: share of false detections that are look-alikes.
        seen_share: mean share of a street's ground that a pass sees.
        parked_per_day: vehicles left on the pavement of a street a day.
        waiting: vehicles at lights that a pass sees, on average; on streets with a
            layer some stand at the kerb or on the crossing.
        goes_factor: things go so many times as fast as the memory assumes.
        comes_factor: so many times as many things come.
    """

    segments: int = 500
    days: int = 60
    passes_per_day: float = 0.8
    position_sigma_m: float = 0.8
    vehicles: int = 5
    stays: float = 0.3
    seen_share: float = 0.9
    parked_per_day: float = 0.15
    waiting: float = 1.5
    goes_factor: float = 1.0
    comes_factor: float = 1.0


@dataclass(slots=True)
class Thing:
    """One real thing, or a vehicle that stands on the pavement.

    Attributes:
        zone: where it lies; of a vehicle, the surface that it stands on.
        gone_s: when it went, infinite if it stays.
        seen: passes that saw it.
        looked_after: times of passes that saw its place after it was gone.
    """

    category: str
    offset_m: float
    side: str
    zone: str
    came_s: float
    gone_s: float
    seen: list[float] = field(default_factory=list)

    def there(self, at_s: float) -> bool:
        """Say if it is there."""
        return self.came_s <= at_s < self.gone_s


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """One street with all that happened on it."""

    segment: Segment
    things: tuple[Thing, ...]
    looks: tuple[Look, ...]
    areas: tuple[Area, ...] = ()


def streets(settings: Settings, seed: int) -> Iterator[Street]:
    """Let every street live through the days."""
    vehicles = fleet(settings.vehicles, RATES, seed)
    for number in range(settings.segments):
        rng = np.random.default_rng([seed, number])
        yield _street(number, settings, vehicles, rng)


def _street(
    number: int,
    settings: Settings,
    vehicles: Sequence[Vehicle],
    rng: np.random.Generator,
) -> Street:
    length_m = float(rng.uniform(100.0, 320.0))
    west = (113.80 + 0.005 * (number % 40), 34.00 + 0.002 * (number // 40))
    frame = LocalFrame(*west)
    lonlat = np.asarray(frame.to_lonlat(np.array([[0.0, 0.0], [length_m, 0.0]])))
    segment = Segment(
        id=f"s{number:04d}",
        name=None,
        road_class=str(rng.choice(["1", "2", "3", "4"])),
        lonlat=lonlat,
        length_m=length_m,
        width_m=12.0,
        absent_zones=frozenset({"tree_pit", "corner"}),
    )
    end_s = START_S + settings.days * DAY_S
    things = list(_things(length_m, settings, rng, end_s))
    things += _parked(length_m, settings, rng, end_s)
    kind = ZONED.get(number % 20)
    areas = () if kind is None else (_area(kind, frame, length_m),)
    if kind is not None:
        at_kerb = np.random.default_rng([number, 1])
        for thing in things:
            if thing.category == "car" and at_kerb.random() < 0.5:
                thing.zone = "kerb_lane"
    look_alikes = list(_look_alikes(length_m, settings, rng))
    count = int(rng.poisson(settings.passes_per_day * settings.days))
    # Between 8 and 22 o'clock: earlier, dirty roads are being swept.
    days = rng.integers(0, settings.days, count)
    times = sorted(START_S + days * DAY_S + rng.uniform(0, 14 * 3600, count))
    scene = _Scene(segment, frame, things, look_alikes, vehicles, kind is not None)
    looks = tuple(
        _look(scene, float(at_s), k, settings, rng) for k, at_s in enumerate(times)
    )
    return Street(segment, tuple(things), looks, areas)


def _area(kind: LayerKind, frame: LocalFrame, length_m: float) -> Area:
    """Return the ground of a whole street, or a bay beside its middle."""
    low, high, edge_m = 0.0, length_m, 12.0
    name = f"{kind} of a whole street"
    corners = [(low, -edge_m), (high, -edge_m), (high, edge_m), (low, edge_m)]
    if kind == "parking_bay":
        name, middle = "bay", length_m / 2
        corners = [(middle - 3, 13.0), (middle + 3, 13.0), (middle + 3, 15.0)]
    ring = np.asarray(frame.to_lonlat(np.array([*corners, corners[0]]))).tolist()
    return Area(kind, name, {"type": "Polygon", "coordinates": [ring]})


def _things(
    length_m: float, settings: Settings, rng: np.random.Generator, end_s: float
) -> Iterator[Thing]:
    run_in_s = 20 * DAY_S
    for category, kind in KINDS.items():
        span_s = end_s - START_S + run_in_s
        expected = kind.per_100m_day * length_m / 100 * span_s / DAY_S
        expected *= settings.comes_factor
        for _ in range(int(rng.poisson(expected))):
            came_s = START_S - run_in_s + float(rng.uniform(0, span_s))
            rate = kind.goes_per_day * settings.goes_factor
            stays_s = float(rng.exponential(1 / rate)) * DAY_S
            if came_s + stays_s < START_S:
                continue
            yield Thing(
                category,
                float(rng.uniform(3, length_m - 3)),
                str(rng.choice(SIDES)),
                kind.zone,
                came_s,
                came_s + stays_s,
            )


def _parked(
    length_m: float, settings: Settings, rng: np.random.Generator, end_s: float
) -> list[Thing]:
    days = (end_s - START_S) / DAY_S
    out = []
    for _ in range(int(rng.poisson(settings.parked_per_day * days))):
        came_s = START_S + float(rng.uniform(0, end_s - START_S))
        stays_s = float(rng.uniform(1, 4)) * DAY_S
        offset_m = float(rng.uniform(5, length_m - 5))
        out.append(
            Thing(
                "car", offset_m, str(rng.choice(SIDES)), "pavement", came_s,
                came_s + stays_s,
            )
        )  # fmt: skip
    return out


@dataclass(frozen=True, slots=True)
class _LookAlike:
    category: str
    offset_m: float
    side: str
    zone: str
    shown: float


def _expected_true(length_m: float, category: str, settings: Settings) -> float:
    """Return how many true detections a pass gives on average."""
    kind = KINDS[category]
    goes = kind.goes_per_day * settings.goes_factor
    there = kind.per_100m_day * length_m / 100 / goes * settings.comes_factor
    return there * RATES[category].recall * settings.seen_share


def _look_alikes(
    length_m: float, settings: Settings, rng: np.random.Generator
) -> Iterator[_LookAlike]:
    shown = 0.5
    for category, kind in KINDS.items():
        per_pass = _expected_true(length_m, category, settings)
        mean = per_pass * RATES[category].false_per_true * settings.stays / shown
        mean /= settings.seen_share
        for _ in range(int(rng.poisson(mean))):
            yield _LookAlike(
                category,
                float(rng.uniform(3, length_m - 3)),
                str(rng.choice(SIDES)),
                kind.zone,
                shown,
            )


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    segment: Segment
    frame: LocalFrame
    things: list[Thing]
    look_alikes: list[_LookAlike]
    vehicles: Sequence[Vehicle]
    zoned: bool


def _look(
    scene: _Scene,
    at_s: float,
    number: int,
    settings: Settings,
    rng: np.random.Generator,
) -> Look:
    segment = scene.segment
    saw = _saw(segment.length_m, settings, rng)
    vehicle = scene.vehicles[int(rng.integers(len(scene.vehicles)))]
    found: list[PlacedSighting] = []

    def add(what: tuple[str, float, str, str], *, real: bool) -> None:
        category, offset_m, side, zone = what
        chance = RATES[category].confidence(rng, real=real)
        told = (category, offset_m + vehicle.along_m, side, zone)
        found.append(_sighting(scene.frame, told, chance, settings, rng))

    for thing in scene.things:
        if not thing.there(at_s) or not _inside(saw, thing.offset_m, thing.side):
            continue
        usual = RATES[thing.category].recall
        if rng.random() < vehicle.recall(thing.category, usual):
            thing.seen.append(at_s)
            add(_what(thing), real=True)
    for fake in scene.look_alikes:
        if _inside(saw, fake.offset_m, fake.side) and rng.random() < fake.shown:
            add(_what(fake), real=False)
    for category, kind in KINDS.items():
        mean = _expected_true(segment.length_m, category, settings)
        mean *= RATES[category].false_per_true * (1 - settings.stays) * vehicle.errs
        for _ in range(int(rng.poisson(mean))):
            offset_m = float(rng.uniform(3, segment.length_m - 3))
            side = str(rng.choice(SIDES))
            add((category, offset_m, side, kind.zone), real=False)
    for _ in range(int(rng.poisson(settings.waiting))):
        back_m = float(rng.uniform(2, 30))
        where = str(rng.choice(sorted(ROADWAY))) if scene.zoned else "lane"
        add(("car", segment.length_m - back_m, "right", where), real=True)
    eyes = SeenBy(
        model_id="simulated@1",
        model_sha256="0" * 64,
        layout_id="simulated@1",
        recall={category: rates.recall for category, rates in RATES.items()},
        names=(*KINDS, "car"),
        zones=frozenset(ZONES),
        vehicle=vehicle.name,
    )
    return Look(
        inspection_id=f"{segment.id}-{number:03d}",
        at_s=at_s,
        started_s=at_s,
        seen_by=eyes,
        coverage=tuple(_coverage(segment, saw)),
        sightings=tuple(enumerate(found)),
    )


def _what(thing: Thing | _LookAlike) -> tuple[str, float, str, str]:
    return thing.category, thing.offset_m, thing.side, thing.zone


_Saw = Mapping[str, tuple[float, float]]


def _saw(length_m: float, settings: Settings, rng: np.random.Generator) -> _Saw:
    """Draw which stretch of each side a pass sees: all of it, or one end is lost."""
    out = {}
    for side in SIDES:
        lost_m = 0.0
        if rng.random() < 0.4:
            lost_m = float(rng.uniform(0, 1)) * 5 * (1 - settings.seen_share) * length_m
        first = rng.random() < 0.5
        out[side] = (lost_m, length_m) if first else (0.0, length_m - lost_m)
    return out


def _inside(saw: _Saw, offset_m: float, side: str) -> bool:
    low, high = saw[side]
    return low <= offset_m <= high


def _coverage(segment: Segment, saw: _Saw) -> Iterator[CoveragePiece]:
    for zone in ZONES:
        for side in ("left", "right"):
            low, high = saw[side]
            pieces = (
                (0.0, low, "hidden"), (low, high, "seen"),
                (high, segment.length_m, "hidden"),
            )  # fmt: skip
            for from_m, to_m, status in pieces:
                if to_m > from_m:
                    yield CoveragePiece(
                        segment.id, zone, side, from_m, to_m, status,  # type: ignore[arg-type]
                        None if status == "seen" else "behind_things",
                    )  # fmt: skip


def _sighting(
    frame: LocalFrame,
    what: tuple[str, float, str, str],
    chance: float,
    settings: Settings,
    rng: np.random.Generator,
) -> PlacedSighting:
    category, offset_m, side, zone = what
    sigma_m = settings.position_sigma_m
    across_m = ACROSS_M[zone]
    across_m = across_m if side == "right" else -across_m
    along_m = offset_m + float(rng.normal(0, sigma_m))
    at = np.array([along_m, -across_m + float(rng.normal(0, sigma_m))])
    lon, lat = (float(v) for v in np.asarray(frame.to_lonlat(at)).ravel())
    is_car = category == "car"
    surface = {zone: 0.97, "lane": 0.03} if zone != "lane" else {"lane": 1.0}
    belief = {"carriageway" if zone in ROADWAY else zone: 1.0}
    return PlacedSighting(
        Sighting(
            id=f"{category}-{along_m:.2f}",
            category=category,
            probability=chance,
            lon=lon,
            lat=lat,
            sigma_m=sigma_m,
            lateral_m=across_m,
            lateral_sigma_m=0.4,
            heading_deg=90.0,
            first_drive_s=0.0,
            last_drive_s=1.0,
            frames=4,
            width_m=None,
            stationary_probability=0.95 if is_car else None,
            zone_belief=belief,
            evidence=(),
            model_id="simulated@1",
            surface_belief=surface if is_car else None,
        ),
        None,
        "right" if side == "right" else "left",
        along_m,
        belief,
    )
