"""Places the scored things: each category has its own likely zones and poses."""

from __future__ import annotations

from collections.abc import Callable

from training.synth.layout import (
    LITTER_KINDS,
    STALL_KINDS,
    TREE_OFFSET_M,
    Builder,
    into_wall_deg,
    wall_spots,
)
from training.synth.plan import KERB_HEIGHT_M, Item, Leg

Placer = Callable[[Builder, Leg, int, float], Item | None]

_RADIUS_M = {
    "garbage_pile": 1.1,
    "bin_overflow": 0.7,
    "construction_waste": 1.4,
    "stall": 1.5,
}


def place(b: Builder, category: str, leg: Leg, side: int, s_m: float) -> Item | None:
    """Place one scored thing near `s_m` on one side; None when there is no room.

    Raises:
        KeyError: `category` is not scored.
    """
    return _PLACERS[category](b, leg, side, s_m)


def _litter(b: Builder, leg: Leg, side: int, s_m: float) -> Item | None:
    where = str(
        b.rng.choice(
            [
                "carriageway",
                "kerb_strip",
                "pavement",
                "tree_pit",
                "wall_base",
                "kerb_strip",
                "pavement",
            ]
        )
    )
    return litter_in(b, leg, side, s_m, where=where)


def litter_in(
    b: Builder,
    leg: Leg,
    side: int,
    s_m: float,
    *,
    where: str,
    kinds: tuple[str, ...] = LITTER_KINDS,
) -> Item | None:
    """Place one piece of litter, one of `kinds`, in the zone `where`."""
    s, kerb, wall = s_m, leg.half_width_m, leg.wall_m
    t = {
        "carriageway": float(b.rng.uniform(0.6, kerb - 0.9)),
        "kerb_strip": kerb - float(b.rng.uniform(0.16, 0.4)),
        "pavement": float(b.rng.uniform(kerb + 1.5, wall - 0.9)),
        "wall_base": wall - float(b.rng.uniform(0.2, 0.45)),
        "tree_pit": kerb + TREE_OFFSET_M - 0.25,
    }[where] * side
    if where == "tree_pit":
        pits = [
            p
            for p in b.plan.pits
            if p[0] == leg.leg_id and p[2] * side > 0 and abs(p[1] - s) < 4
        ]
        if not pits:
            return None
        s = min(pits, key=lambda p: abs(p[1] - s_m))[1] + float(
            b.rng.choice([-0.36, 0.36])
        )
    elif not b.is_free(leg, s, t, 0.3):
        return None
    kind = str(b.rng.choice(kinds))
    scale = (
        1.35
        if kind in ("litter_can", "litter_cup", "litter_bottle", "litter_wrapper")
        else 1.1
    )
    item = b.put(
        kind,
        leg,
        s,
        t,
        facing_deg=float(b.rng.uniform(0, 360)),
        category="litter",
        zone=where,
        scale=scale,
    )
    b.take(leg, s, t, 0.3)
    return item


def _standing(
    b: Builder,
    category: str,
    kind: str,
    spot: tuple[Leg, int, float, float],
    facing_deg: float,
) -> Item | None:
    leg, side, s_m, t_abs = spot
    radius = _RADIUS_M[category]
    t = side * t_abs
    if not b.is_free(leg, s_m, t, radius * 0.85) or leg.in_gap(side, s_m, 1.0):
        return None
    item = b.put(kind, leg, s_m, t, facing_deg=facing_deg, category=category)
    b.take(leg, s_m, t, radius)
    return item


def _garbage_pile(b: Builder, leg: Leg, side: int, s_m: float) -> Item | None:
    t = leg.wall_m - 0.95 if b.rng.random() < 0.6 else leg.half_width_m + 1.4
    return _standing(
        b,
        "garbage_pile",
        "garbage_pile",
        (leg, side, s_m, t),
        float(b.rng.uniform(70, 110)),
    )


def _bin_overflow(b: Builder, leg: Leg, side: int, s_m: float) -> Item | None:
    t = leg.half_width_m + 0.85 if b.rng.random() < 0.5 else leg.wall_m - 0.6
    return _standing(
        b, "bin_overflow", "bin_overflow", (leg, side, s_m, t), into_wall_deg(side)
    )


def _construction_waste(b: Builder, leg: Leg, side: int, s_m: float) -> Item | None:
    t = leg.wall_m - 1.4 if b.rng.random() < 0.6 else leg.half_width_m - 1.3
    return _standing(
        b,
        "construction_waste",
        "construction_waste",
        (leg, side, s_m, t),
        float(b.rng.uniform(80, 100)),
    )


def _stall(b: Builder, leg: Leg, side: int, s_m: float) -> Item | None:
    t = (
        leg.half_width_m + leg.pavement_m * 0.5
        if b.rng.random() < 0.8
        else leg.half_width_m - 1.1
    )
    kind = str(b.rng.choice(STALL_KINDS))
    turn = 0.0 if kind == "stall_tricycle" else into_wall_deg(side)
    item = _standing(b, "stall", kind, (leg, side, s_m, t), turn)
    if (
        item is not None
        and b.is_free(leg, s_m + 1.3, side * (t + 0.9), 0.1)
        and t < leg.wall_m - 1.2
    ):
        b.put(
            "person",
            leg,
            s_m,
            side * (t + 1.0),
            facing_deg=into_wall_deg(-side),
            category="person",
        )
    return item


def _cover(state: str) -> Placer:
    def placer(b: Builder, leg: Leg, side: int, s_m: float) -> Item | None:
        on_road = state == "missing" or b.rng.random() < 0.7
        if state == "missing":
            t = side * float(b.rng.uniform(3.9, leg.half_width_m - 1.0))
        elif on_road:
            t = side * float(b.rng.uniform(0.8, leg.half_width_m - 1.0))
        else:
            t = side * float(b.rng.uniform(leg.half_width_m + 1.7, leg.wall_m - 1.0))
        if not b.is_free(leg, s_m, t, 0.55) or (
            not on_road and leg.in_gap(side, s_m, 1)
        ):
            return None
        category = f"manhole_{state}"
        turn = 0.0 if state == "missing" else float(b.rng.uniform(0, 360))
        item = b.put(
            category, leg, s_m, t, facing_deg=turn, category=category, zone="cover"
        )
        b.take(leg, s_m, t, 0.55)
        if state == "missing" and b.rng.random() < 0.6:
            extra = str(b.rng.choice(["barrier", "cone", "loose_cover"]))
            ds, dt = (0.85, 0.15) if extra == "loose_cover" else (0.95, 0.0)
            b.put(extra, leg, s_m + ds, t + dt)
            b.take(leg, s_m + ds, t + dt, 0.45)
        return item

    return placer


def _pothole(b: Builder, leg: Leg, side: int, s_m: float) -> Item | None:
    t = side * float(b.rng.uniform(1.0, leg.half_width_m - 1.0))
    if not b.is_free(leg, s_m, t, 0.8):
        return None
    item = b.put(
        "pothole",
        leg,
        s_m,
        t,
        facing_deg=float(b.rng.normal(0, 20)),
        category="pothole",
        zone="carriageway",
    )
    b.take(leg, s_m, t, 0.8)
    return item


def hang(b: Builder, category: str, leg: Leg, side: int, s_m: float) -> Item | None:
    """Hang a poster or sprayed paint on the wall spot nearest to `s_m`."""
    wide = category == "graffiti"
    best: float | None = None
    for lo, hi, kind in wall_spots(b.plan, leg, side):
        pad = 1.3 if wide else 0.4
        if (wide and kind != "wall") or hi - lo < 2 * pad - 0.1:
            continue
        s = min(max(s_m, lo + pad), max(hi - pad, lo + pad))
        if b.is_free(leg, s, side * leg.wall_m, pad) and (
            best is None or abs(s - s_m) < abs(best - s_m)
        ):
            best = s
    if best is None or abs(best - s_m) > 6:
        return None
    t = side * leg.wall_m
    item = b.put(
        category,
        leg,
        best,
        t,
        facing_deg=into_wall_deg(side),
        category=category,
        zone="wall_base",
        z_m=KERB_HEIGHT_M,
    )
    b.take(leg, best, t, 1.1 if wide else 0.35)
    return item


def _poster(b: Builder, leg: Leg, side: int, s_m: float) -> Item | None:
    style = b.rng.random()
    t = side * (leg.half_width_m + 0.5)
    if style < 0.3 and b.is_free(leg, s_m, t, 0.7) and not leg.in_gap(side, s_m, 1):
        if style < 0.15:
            b.put("utility_box", leg, s_m, t, facing_deg=0.0)
            z, kind = KERB_HEIGHT_M, "poster_small"
        else:
            b.put("pole", leg, s_m, t, facing_deg=0)
            z, kind = KERB_HEIGHT_M, "pole_poster"
        b.take(leg, s_m, t, 0.7)
        return b.put(kind, leg, s_m, t, category="poster", zone="pavement", z_m=z)
    return hang(b, "poster", leg, side, s_m)


_PLACERS: dict[str, Placer] = {
    "litter": _litter,
    "garbage_pile": _garbage_pile,
    "bin_overflow": _bin_overflow,
    "construction_waste": _construction_waste,
    "manhole_ok": _cover("ok"),
    "manhole_damaged": _cover("damaged"),
    "manhole_missing": _cover("missing"),
    "poster": _poster,
    "graffiti": lambda b, leg, side, s: hang(b, "graffiti", leg, side, s),
    "stall": _stall,
    "pothole": _pothole,
}
