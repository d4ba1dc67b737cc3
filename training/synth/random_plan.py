"""Random streets for training frames: one seed, one scene, a few camera poses."""

from __future__ import annotations

import numpy as np

from training.synth.clutter import add_ground_clutter, add_tree_grates
from training.synth.defects import place
from training.synth.furniture import (
    add_furniture,
    add_parked,
    add_patches,
    add_people,
)
from training.synth.lawful import add_lawful
from training.synth.layout import (
    Builder,
    add_ends,
    add_lots,
    add_trees,
)
from training.synth.plan import Leg, Plan
from training.synth.pools import Pool
from training.synth.weather import random_look

_DECK = (
    "litter", "litter", "litter",
    "manhole_ok", "manhole_ok", "manhole_ok", "manhole_damaged", "manhole_damaged",
    "manhole_missing", "manhole_missing",
    "poster", "poster", "poster", "graffiti", "graffiti",
    "stall", "stall", "stall",
    "garbage_pile", "bin_overflow", "bin_overflow", "construction_waste",
    "pothole", "pothole",
)  # fmt: skip


def random_plan(seed: int, pool: Pool = "teach") -> Plan:
    """Draw one street of 70-120 m with many scored things; seed and pool decide all."""
    rng = np.random.default_rng([seed, 2026])
    half, pave = float(rng.uniform(5.2, 7.6)), float(rng.uniform(3.2, 5.2))
    junction = rng.random() < 0.4
    reach = half + 6.0
    if junction:
        gaps: tuple[tuple[int, float, float], ...] = ()
        legs = {
            "main": Leg("main", (0.0, -reach - 72.0), 0.0, 72.0, half, pave, gaps),
            "ahead": Leg("ahead", (0.0, reach), 0.0, 46.0, half, pave),
            "east": Leg("east", (reach, 0.0), 90.0, 34.0, half, pave),
            "west": Leg("west", (-reach, 0.0), 270.0, 34.0, half, pave),
        }
    else:
        gaps = ((int(rng.choice([-1, 1])), 40.0, 46.0),) if rng.random() < 0.4 else ()
        legs = {"main": Leg("main", (0.0, -80.0), 0.0, 120.0, half, pave, gaps)}
    x, y = legs["main"].origin
    legs["behind"] = Leg("behind", (x, y), 180.0, 24.0, half, pave)
    plan = Plan(legs, junction=bool(junction), look=random_look(rng, pool))
    b = Builder(plan, rng, pool=pool)
    wall_share = float(rng.uniform(0.25, 0.7))
    for leg in legs.values():
        for side in (-1, 1):
            add_lots(b, leg, side, wall_share)
            if rng.random() < 0.75:
                add_trees(b, leg, side, float(rng.uniform(6, 9)))
    add_ends(b)
    main = legs["main"]
    _scatter(b, main)
    _cover_groups(b, main)
    add_ground_clutter(b, main, 2.2)
    add_tree_grates(b, main, 0.35)
    for leg in legs.values():
        for side in (-1, 1):
            add_lawful(b, leg, side, 6.0)
            add_furniture(b, leg, side, 7.0)
            add_parked(b, leg, side, 0.3 if leg is main else 0.15)
            add_people(b, leg, side, int(rng.integers(2, 6)))
        _traffic(b, leg)
    add_patches(b, main, 8)
    return plan


def _scatter(b: Builder, leg: Leg) -> None:
    last: dict[str, float] = {}
    s = 7.0
    while s < leg.length_m - 3:
        for side in (1, -1):
            category = str(b.rng.choice(_DECK))
            may_repeat = category in ("litter", "poster")
            wanted = may_repeat or s - last.get(category, -9) > 1.5
            if wanted and place(b, category, leg, side, s) is not None:
                last[category] = s
            if category == "poster" and b.rng.random() < 0.5:
                for k in range(int(b.rng.integers(1, 4))):
                    place(b, "poster", leg, side, s + 0.9 * (k + 1))
        s += float(b.rng.uniform(1.2, 2.6))


def _cover_groups(b: Builder, leg: Leg) -> None:
    """Lay covers of all states close together, as where pipes meet."""
    states = ("manhole_ok", "manhole_ok", "manhole_damaged", "manhole_missing")
    for s in np.arange(9.0, leg.length_m - 8, 11.0):
        side = int(b.rng.choice([-1, 1]))
        for k in range(int(b.rng.integers(1, 4))):
            state = str(b.rng.choice(states))
            place(b, state, leg, side, float(s + 1.4 * k + b.rng.uniform(0, 0.5)))


def _traffic(b: Builder, leg: Leg) -> None:
    for lane, facing in ((1.9, 0.0), (-1.9, 180.0)):
        s = float(b.rng.uniform(4, 40))
        while s < leg.length_m - 4:
            if b.rng.random() < 0.3 and b.is_free(leg, s, lane, 2.4):
                kind = str(b.rng.choice(["car", "car", "car", "truck", "bus"]))
                b.put(kind, leg, s, lane, facing_deg=facing, category=kind)
                for ds in (-3.0, 0.0, 3.0) if kind != "car" else (-1.5, 1.5):
                    b.take(leg, s + ds, lane, 1.5)
            s += float(b.rng.uniform(12, 24))
    t = leg.half_width_m - 0.9
    for side in (-1, 1):
        s = float(b.rng.uniform(2, leg.length_m))
        if b.rng.random() < 0.6 and b.is_free(leg, s, side * t, 1.0):
            b.put(
                "ebike_rider",
                leg,
                s,
                side * t,
                facing_deg=0 if side > 0 else 180,
                category="motorcycle",
            )
            b.take(leg, s, side * t, 1.0)
