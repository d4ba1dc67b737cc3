"""Random streets for training frames: one seed, one scene, a few camera poses."""

from __future__ import annotations

import numpy as np

from training.synth.camera import Lens, Pose
from training.synth.defects import place
from training.synth.furniture import (
    add_furniture,
    add_parked,
    add_patches,
    add_people,
)
from training.synth.layout import (
    Builder,
    add_ends,
    add_lots,
    add_trees,
)
from training.synth.plan import Leg, Look, Plan

_DECK = (
    "litter", "litter", "litter", "litter",
    "manhole_ok", "manhole_ok", "manhole_damaged", "manhole_missing",
    "poster", "poster", "graffiti", "stall", "stall",
    "garbage_pile", "bin_overflow", "construction_waste",
    "pothole", "pothole",
)  # fmt: skip
_SKIES = (
    ((0.16, 0.34, 0.75), (0.62, 0.72, 0.82)),
    ((0.10, 0.26, 0.70), (0.55, 0.68, 0.85)),
    ((0.35, 0.46, 0.62), (0.78, 0.78, 0.74)),
    ((0.24, 0.36, 0.60), (0.80, 0.70, 0.58)),
)


def random_look(rng: np.random.Generator) -> Look:
    """Draw the light (clear, hazy or overcast) and the tones of the surfaces."""
    overcast = rng.random() < 0.25
    zenith, horizon = _SKIES[int(rng.integers(len(_SKIES)))]
    if overcast:
        zenith, horizon = (0.6, 0.63, 0.68), (0.8, 0.81, 0.82)
    return Look(
        sun_azimuth_deg=float(rng.uniform(0, 360)),
        sun_elevation_deg=float(rng.uniform(22, 68)),
        sun_strength=float(
            rng.uniform(0.2, 0.8) if overcast else rng.uniform(2.8, 5.2)
        ),
        sun_size_deg=20.0 if overcast else float(rng.uniform(0.5, 2.0)),
        sky=(zenith, horizon),
        sky_strength=float(
            rng.uniform(1.1, 1.5) if overcast else rng.uniform(0.7, 1.1)
        ),
        cloud=1.0 if overcast else float(rng.uniform(0, 0.7)),
        asphalt=str(
            rng.choice(["#565658", "#626264", "#4a4b4e", "#6e6c6a", "#5c5a56"])
        ),
        paving=str(
            rng.choice(
                ["#a39a90", "#8f8a86", "#b0998a", "#a8705c", "#9aa09c", "#b4aea2"]
            )
        ),
        kerb=str(rng.choice(["#b8b4aa", "#a09c94", "#c4c0b6"])),
        exposure=float(rng.uniform(0.1, 0.85)),
    )


def random_plan(seed: int) -> Plan:
    """Draw one street of 70-120 m with many scored things; the seed decides all."""
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
    plan = Plan(legs, junction=bool(junction), look=random_look(rng))
    b = Builder(plan, rng)
    wall_share = float(rng.uniform(0.25, 0.7))
    for leg in legs.values():
        for side in (-1, 1):
            add_lots(b, leg, side, wall_share)
            if rng.random() < 0.75:
                add_trees(b, leg, side, float(rng.uniform(6, 9)))
    add_ends(b)
    main = legs["main"]
    _scatter(b, main)
    for leg in legs.values():
        for side in (-1, 1):
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


def random_views(seed: int, plan: Plan, count: int) -> list[tuple[Lens, Pose]]:
    """Draw well separated camera poses in the right lane of the main leg."""
    rng = np.random.default_rng([seed, 7])
    leg = plan.legs["main"]
    lens = Lens.of_hfov(float(rng.uniform(60, 85)))
    height = float(rng.uniform(1.5, 2.6))
    views: list[tuple[Lens, Pose]] = []
    for s in np.linspace(3.0, leg.length_m - 26.0, count) + rng.uniform(
        -1.5, 1.5, count
    ):
        t = float(rng.uniform(1.2, leg.half_width_m - 2.6))
        x, y = leg.xy(float(s), t)
        pose = Pose(
            (x, y, height),
            float(rng.uniform(-6, 12)),
            float(rng.uniform(-13, -3)),
            float(rng.normal(0, 0.6)),
        )
        views.append((lens, pose))
    return views
