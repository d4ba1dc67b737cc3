"""The sample drive's street: two streets and a crossing, 50-60 scored things."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from training.synth.buildings import lot_shape
from training.synth.defects import litter_in, place
from training.synth.furniture import (
    add_furniture,
    add_parked,
    add_patches,
    add_people,
)
from training.synth.ground import CORNER_RADIUS_M
from training.synth.layout import (
    Builder,
    add_ends,
    add_lots,
    add_trees,
)
from training.synth.plan import KERB_HEIGHT_M, Actor, Item, Leg, Look, Plan

SEED = 7
HALF_WIDTH_M = 6.5
PAVEMENT_M = 3.7
REACH_M = HALF_WIDTH_M + CORNER_RADIUS_M
MIN_SAME_CLASS_M = 4.2
CORNER_SHIFT_M = 4.5
_DECK = {
    "litter": 14, "manhole_ok": 6, "manhole_damaged": 3, "manhole_missing": 3,
    "poster": 5, "graffiti": 3, "stall": 4, "pothole": 4, "garbage_pile": 2,
    "bin_overflow": 2, "construction_waste": 2,
}  # fmt: skip
_LEFT_DECK = (
    "stall",
    "litter",
    "poster",
    "manhole_ok",
    "garbage_pile",
    "litter",
    "stall",
    "poster",
)
_DRIVEN = ("south", "east")
_LITTER_KINDS = (
    "litter_box",
    "litter_bag",
    "litter_paper",
    "litter_bag",
    "litter_tray",
    "litter_paper",
)
_LITTER_ZONES = (
    "kerb_strip",
    "pavement",
    "carriageway",
    "tree_pit",
    "wall_base",
    "kerb_strip",
    "pavement",
)


def sample_plan() -> Plan:
    """Lay out the sample drive's street; always the same."""
    rng = np.random.default_rng([SEED, 2026])
    legs = {
        "south": _leg(
            "south", (0.0, -165.0), 0.0, 165.0 - REACH_M, ((-1, 77.5, 82.5),)
        ),
        "north": _leg("north", (0.0, REACH_M), 0.0, 78.0, ()),
        "east": _leg("east", (REACH_M, 0.0), 90.0, 158.0, ((-1, 80.0, 85.0),)),
        "west": _leg("west", (-REACH_M, 0.0), 270.0, 78.0, ()),
    }
    look = Look(
        sun_azimuth_deg=116.5,
        sun_elevation_deg=46.7,
        sun_strength=4.6,
        exposure=0.65,
        cloud=0.25,
    )
    plan = Plan(legs, junction=True, look=look)
    b = Builder(plan, rng)
    for leg in legs.values():
        for side in (-1, 1):
            add_lots(b, leg, side, 0.45 if side > 0 else 0.3)
            add_trees(b, leg, side, 7.5)
    _let_sun_in(b)
    add_ends(b)
    _defects(b)
    _dress(b)
    _traffic(b)
    return plan


def _leg(
    leg_id: str,
    origin: tuple[float, float],
    heading_deg: float,
    length_m: float,
    gaps: tuple[tuple[int, float, float], ...],
) -> Leg:
    return Leg(leg_id, origin, heading_deg, length_m, HALF_WIDTH_M, PAVEMENT_M, gaps)


def _let_sun_in(b: Builder) -> None:
    """Keep the buildings between sun and road low, so that sun and shade alternate."""
    for k, lot in enumerate(b.plan.lots):
        limit_m = 13.0 if k % 3 == 0 else 8.0
        if lot.kind != "shops" or lot.leg_id != "south" or lot.side < 0:
            continue
        variant = lot.variant
        while lot_shape("shops", variant, 12.0).points()[:, 2].max() > limit_m:
            variant += 1
        b.plan.lots[k] = replace(lot, variant=variant)


def _clashes(b: Builder, item: Item) -> bool:
    x, y, _ = b.plan.item_xyz(item)
    others = [
        b.plan.item_xyz(i)
        for i in b.plan.items
        if i.category == item.category and i is not item
    ]
    return any(math.hypot(x - u, y - v) < MIN_SAME_CLASS_M for u, v, _ in others)


def _drop(b: Builder, since: int) -> None:
    del b.plan.items[since:]


def _try(b: Builder, category: str, leg: Leg, side: int, s_m: float) -> bool:
    since, taken = len(b.plan.items), list(b.taken)
    if category == "litter":
        zone = _LITTER_ZONES[since % len(_LITTER_ZONES)]
        item = litter_in(b, leg, side, s_m, where=zone, kinds=_LITTER_KINDS)
    else:
        item = place(b, category, leg, side, s_m)
    if item is not None and not _clashes(b, item):
        return True
    _drop(b, since)
    b.taken[:] = taken
    return False


def _defects(b: Builder) -> None:
    deck = [c for c, n in _DECK.items() for _ in range(n)]
    b.rng.shuffle(deck)
    deck.insert(3, deck.pop(deck.index("manhole_missing")))
    south, east = b.plan.legs["south"], b.plan.legs["east"]
    slots = [(south, float(s)) for s in np.arange(23.0, 148.0, 4.15)] + [
        (east, float(s)) for s in np.arange(3.0, 74.0, 4.15)
    ]
    for leg, s in slots:
        jitter = float(s + b.rng.uniform(-0.6, 0.6))
        for k, category in enumerate(deck):
            if _try(b, category, leg, 1, jitter):
                del deck[k]
                break
    cluster_s = next(
        lot
        for lot in b.plan.lots
        if lot.leg_id == "east" and lot.side == 1 and lot.kind == "wall"
    )
    for k in range(3):
        place(b, "poster", east, 1, min(cluster_s.from_m + 2.0, 60.0) + 0.95 * k)
    left = [(south, 30.0 + 15.5 * k) for k in range(8)]
    for (leg, s), category in zip(left, _LEFT_DECK, strict=True):
        for shift in (0.0, 1.5, -1.5, 3.0):
            if _try(b, category, leg, -1, s + shift):
                break
    x = HALF_WIDTH_M + CORNER_RADIUS_M * 0.42
    # Off the diagonal: on it, whose street the bag lies on would be a coin's toss.
    s = -south.origin[1] - x
    b.put(
        "litter_bag",
        south,
        s - CORNER_SHIFT_M,
        x,
        category="litter",
        zone="corner",
        z_m=KERB_HEIGHT_M,
        scale=1.1,
    )
    b.take(south, s, x, 0.4)


def _dress(b: Builder) -> None:
    for name, leg in b.plan.legs.items():
        driven = name in _DRIVEN
        for side in (-1, 1):
            add_furniture(b, leg, side, 11.0 if driven and side > 0 else 8.0)
            add_parked(b, leg, side, 0.22 if driven and side > 0 else 0.5)
            add_people(b, leg, side, 5 if driven else 2)
        add_patches(b, leg, 7 if driven else 2)
    b.plan.items[:] = [
        i
        for i in b.plan.items
        if not (i.kind == "truck" and i.t_m > 0 and i.leg_id in _DRIVEN)
    ]
    for name, s in (("south", 150.0), ("north", 2.0), ("east", 2.0)):
        b.put("signal", b.plan.legs[name], s, 7.2, facing_deg=90.0)


def _traffic(b: Builder) -> None:
    south, north, east = (b.plan.legs[n] for n in ("south", "north", "east"))
    for leg, kind, s, t, facing, speed in (
        (south, "car", 100.0, -1.9, 180.0, 8.0),
        (south, "truck", 150.0, -1.9, 180.0, 7.2),
        (north, "car", 38.0, -1.9, 180.0, 7.6),
        (south, "car", 40.0, 1.9, 0.0, 8.7),
        (east, "car", 190.0, -1.9, 180.0, 6.8),
        (east, "bus", 232.0, -1.9, 180.0, 6.6),
        (south, "ebike_rider", 42.0, 5.3, 0.0, 4.3),
        (south, "ebike_rider", 120.0, -5.3, 180.0, 5.0),
        (east, "ebike_rider", 30.0, 5.5, 0.0, 0.9),
        (south, "person", 60.0, 9.3, 0.0, 1.2),
        (south, "person", 112.0, 8.9, 180.0, 1.3),
        (east, "person", 70.0, 9.0, 180.0, 1.1),
    ):
        category = {"ebike_rider": "motorcycle"}.get(kind, kind)
        item = b.put(kind, leg, s, t, facing_deg=facing, category=category)
        b.plan.items.pop()
        b.plan.actors.append(Actor(item, speed))
