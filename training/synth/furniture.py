"""Furniture, parked vehicles, people and clean patches along a leg."""

from __future__ import annotations

import numpy as np

from training.synth.layout import Builder, into_wall_deg
from training.synth.plan import Leg


def add_furniture(b: Builder, leg: Leg, side: int, every_m: float) -> None:
    """Place lamps, poles, boxes, bins, bicycles and the stalls' look-alikes."""
    s = float(b.rng.uniform(3, 8))
    menu = (
        "lamp",
        "bikes",
        "street_bin",
        "utility_box",
        "pole",
        "bikes",
        "bin_closed",
        "traffic_sign",
        "bench",
        "notice_board",
        "ebike",
        "kiosk",
        "bus_shelter",
        "shrub",
        "bollard",
        "bikes",
    )
    while s < leg.length_m - 3:
        if not leg.in_gap(side, s, 4.0):
            _furnish(b, leg, side, s, str(b.rng.choice(menu)))
        s += every_m * float(b.rng.uniform(0.6, 1.4))


def _furnish(b: Builder, leg: Leg, side: int, s: float, kind: str) -> None:
    kerb, wall = leg.half_width_m, leg.wall_m
    facing = into_wall_deg(side)
    if kind == "bikes":
        for k in range(int(b.rng.integers(3, 7))):
            name, category = (
                ("bicycle", "bicycle")
                if b.rng.random() < 0.5
                else ("ebike", "motorcycle")
            )
            t = side * (kerb + 2.0 if leg.pavement_m > 3.8 else wall - 1.3)
            if b.is_free(leg, s + 0.75 * k, t, 0.45):
                b.put(
                    name,
                    leg,
                    s + 0.75 * k,
                    t,
                    facing_deg=facing + 180 + float(b.rng.normal(0, 9)),
                    category=category,
                )
                b.take(leg, s + 0.75 * k, t, 0.5)
        return
    near_kerb = kind in (
        "lamp",
        "pole",
        "traffic_sign",
        "bollard",
        "utility_box",
        "street_bin",
        "bench",
    )
    t = side * (
        kerb + 0.5
        if near_kerb
        else wall
        - {"bus_shelter": 1.0, "kiosk": 2.0, "notice_board": 0.1}.get(kind, 0.6)
    )
    radius = {
        "bus_shelter": 2.6,
        "kiosk": 1.7,
        "utility_box": 0.7,
        "notice_board": 1.2,
        "shrub": 1.1,
        "bench": 0.8,
    }.get(kind, 0.4)
    if not b.is_free(leg, s, t, radius):
        return
    parked = "motorcycle" if kind == "ebike" else None
    turn = facing + 180 if kind in ("pole", "bench") else facing
    if kind == "traffic_sign":
        turn = 0.0 if side > 0 else 180.0
    b.put(kind, leg, s, t, facing_deg=turn, category=parked)
    b.take(leg, s, t, radius)


def add_parked(b: Builder, leg: Leg, side: int, share: float) -> None:
    """Park cars along the kerb, sometimes half on the pavement."""
    s = float(b.rng.uniform(4, 10))
    while s < leg.length_m - 6:
        t = side * (leg.half_width_m - 1.15)
        if (
            b.rng.random() < share
            and not leg.in_gap(side, s, 5.0)
            and b.is_free(leg, s, t, 2.2)
        ):
            kind = "truck" if b.rng.random() < 0.1 else "car"
            flip = 180 if side < 0 else 0
            b.put(
                kind,
                leg,
                s,
                t,
                facing_deg=flip + float(b.rng.normal(0, 1.5)),
                category=kind,
            )
            for ds in (-1.7, 0.0, 1.7):
                b.take(leg, s + ds, t, 1.15)
        s += float(b.rng.uniform(6.5, 9))


def add_people(b: Builder, leg: Leg, side: int, count: int) -> None:
    """Let people stand or walk on one pavement."""
    for _ in range(count):
        s = float(b.rng.uniform(2, leg.length_m - 2))
        t = side * float(b.rng.uniform(leg.half_width_m + 1.6, leg.wall_m - 0.5))
        if b.is_free(leg, s, t, 0.4) and not leg.in_gap(side, s):
            b.put(
                "person",
                leg,
                s,
                t,
                facing_deg=float(b.rng.choice([0, 180, 90, 180]))
                + float(b.rng.normal(0, 20)),
                category="person",
            )
            b.take(leg, s, t, 0.35)


def add_patches(b: Builder, leg: Leg, count: int) -> None:
    """Lay clean repair patches, damp spots and gullies: look-alikes of defects."""
    for _ in range(count):
        s = float(b.rng.uniform(1, leg.length_m - 1))
        t = float(b.rng.uniform(-leg.half_width_m + 1, leg.half_width_m - 1))
        b.put("stain", leg, s, t, facing_deg=float(b.rng.normal(0, 4)), z_m=0.0)
    for side in (-1, 1):
        for grate_s in np.arange(6.0, leg.length_m, 22.0):
            if not leg.in_gap(side, float(grate_s), 1.0):
                b.put(
                    "grate",
                    leg,
                    float(grate_s),
                    side * (leg.half_width_m - 0.24),
                    facing_deg=90,
                    z_m=0.001,
                )
