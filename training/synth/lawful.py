"""Places what looks like a stall, a small ad or graffiti and is lawful."""

from __future__ import annotations

from collections.abc import Callable

from training.synth.layout import Builder, into_wall_deg
from training.synth.plan import KERB_HEIGHT_M, Leg
from training.synth.props_lookalikes import PLACES, Place

_HALF_WIDTH_M = {
    "banner": 2.6,
    "slogan": 2.9,
    "couplets": 0.85,
    "civic_frame": 0.7,
    "house_number": 0.3,
    "meter_box": 0.5,
}
"""Of the wall that a thing takes."""
_KINDS: dict[Place, tuple[str, ...]] = {
    place: tuple(kind for kind, at in PLACES.items() if at == place)
    for place in ("wall", "shop", "pavement", "kerb")
}
_SHARES: tuple[tuple[Place, float], ...] = (
    ("wall", 0.5),
    ("shop", 0.12),
    ("pavement", 0.25),
    ("kerb", 0.13),
)


def add_lawful(b: Builder, leg: Leg, side: int, every_m: float) -> None:
    """Place look-alikes along one side of a leg, where there is room."""
    s = float(b.rng.uniform(3, 8))
    places = [place for place, _ in _SHARES]
    while s < leg.length_m - 3:
        place = places[int(b.rng.choice(len(places), p=[p for _, p in _SHARES]))]
        kind = str(b.rng.choice(_KINDS[place]))
        if not leg.in_gap(side, s, 2.0):
            _PLACERS[place](b, leg, side, s, kind)
        s += every_m * float(b.rng.uniform(0.6, 1.4))


def _on_wall(b: Builder, leg: Leg, side: int, s_m: float, kind: str) -> None:
    pad, t = _HALF_WIDTH_M.get(kind, 0.8), side * leg.wall_m
    lots = [
        lot
        for lot in b.plan.lots
        if (lot.leg_id, lot.side, lot.kind) == (leg.leg_id, side, "wall")
        and lot.from_m + pad <= s_m <= lot.to_m - pad
    ]
    if lots and b.is_free(leg, s_m, t, pad):
        _hang(b, leg, side, s_m, kind)
        b.take(leg, s_m, t, pad)


def _on_shop(b: Builder, leg: Leg, side: int, s_m: float, kind: str) -> None:
    """Hang over the middle of the shop front that lies here: nothing stands so high."""
    for lot in b.plan.lots:
        here = lot.from_m <= s_m <= lot.to_m
        if here and (lot.leg_id, lot.side, lot.kind) == (leg.leg_id, side, "shops"):
            _hang(b, leg, side, (lot.from_m + lot.to_m) / 2, kind)
            return


def _hang(b: Builder, leg: Leg, side: int, s_m: float, kind: str) -> None:
    turn = into_wall_deg(side)
    b.put(kind, leg, s_m, side * leg.wall_m, facing_deg=turn, z_m=KERB_HEIGHT_M)


def _on_pavement(b: Builder, leg: Leg, side: int, s_m: float, kind: str) -> None:
    t = side * (leg.half_width_m + leg.pavement_m * float(b.rng.uniform(0.45, 0.6)))
    if not b.is_free(leg, s_m, t, 1.3):
        return
    along = kind.startswith("tricycle")
    turn = float(b.rng.choice([0, 180])) if along else into_wall_deg(side)
    b.put(kind, leg, s_m, t, facing_deg=turn + float(b.rng.normal(0, 6)))
    b.take(leg, s_m, t, 1.4)


def _at_kerb(b: Builder, leg: Leg, side: int, s_m: float, kind: str) -> None:
    t = side * (leg.half_width_m + 0.5)
    if b.is_free(leg, s_m, t, 0.5):
        b.put(kind, leg, s_m, t, facing_deg=into_wall_deg(side))
        b.take(leg, s_m, t, 0.5)


_PLACERS: dict[Place, Callable[[Builder, Leg, int, float, str], None]] = {
    "wall": _on_wall,
    "shop": _on_shop,
    "pavement": _on_pavement,
    "kerb": _at_kerb,
}
