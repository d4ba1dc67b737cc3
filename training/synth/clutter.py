"""Places what looks like a scored thing and is none, near the real ones."""

from __future__ import annotations

from dataclasses import dataclass

from training.synth.layout import Builder, into_wall_deg
from training.synth.plan import Leg
from training.synth.props_lookalikes import PLACES


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a flat thing lies.

    Attributes:
        where: `road`, `pavement`, `gutter` (beside the kerb) or `lane` (its middle).
        radius_m: the ground it needs.
        turn_deg: of its long side from across the street; None for any.
    """

    where: str
    radius_m: float
    turn_deg: float | None = None


_FLAT: dict[str, tuple[_Spot, ...]] = {
    "grate": (_Spot("pavement", 0.4), _Spot("gutter", 0.3, 90.0)),
    "grate_road": (_Spot("road", 0.4), _Spot("gutter", 0.3, 90.0)),
    "grate_channel": (_Spot("pavement", 0.5, 90.0), _Spot("gutter", 0.4, 90.0)),
    "patch_round": (_Spot("road", 0.5), _Spot("pavement", 0.5)),
    "patch_square": (_Spot("road", 0.6, 0.0), _Spot("pavement", 0.6, 0.0)),
    "oil_stain": (_Spot("road", 0.4),),
    "shadow_round": (_Spot("road", 0.4), _Spot("pavement", 0.4)),
    "puddle": (_Spot("road", 0.5), _Spot("pavement", 0.5)),
    "paint_circle": (_Spot("road", 0.5), _Spot("pavement", 0.5)),
    "paint_arrow": (_Spot("lane", 0.6, 0.0),),
    "expansion_joint": (_Spot("lane", 0.5, 0.0),),
    "kerb_inlet": (_Spot("kerb", 0.3),),
    "speed_hump": (_Spot("lane", 0.6, 0.0),),
}
_COMMON = (
    "grate", "grate_road", "patch_round", "patch_square", "oil_stain", "shadow_round",
    "puddle", "grate_channel", "patch_round", "patch_square", "paint_circle",
    "kerb_inlet", "grate_road", "oil_stain",
)  # fmt: skip
_RARE = ("paint_arrow", "speed_hump", "expansion_joint")

LOOK_ALIKES = (
    frozenset(_FLAT)
    | frozenset(PLACES)
    | {"loose_cover", "kiosk", "notice_board", "bus_shelter"}
)
"""Kinds without a category that views are aimed at, so that their absence is taught."""


def add_ground_clutter(b: Builder, leg: Leg, every_m: float) -> None:
    """Lay gratings, patches, stains, puddles and paint between the covers."""
    s = float(b.rng.uniform(2, 4))
    while s < leg.length_m - 3:
        menu = _RARE if b.rng.random() < 0.06 else _COMMON
        _lay(b, leg, int(b.rng.choice([-1, 1])), s, str(b.rng.choice(menu)))
        s += every_m * float(b.rng.uniform(0.5, 1.5))


def add_tree_grates(b: Builder, leg: Leg, share: float) -> None:
    """Close this share of a leg's tree pits with a grid."""
    for leg_id, s, t in b.plan.pits:
        if leg_id == leg.leg_id and b.rng.random() < share:
            b.put("tree_grate", leg, s, t, zone="tree_pit")


def _lay(b: Builder, leg: Leg, side: int, s: float, kind: str) -> None:
    spots = _FLAT[kind]
    spot = spots[int(b.rng.integers(len(spots)))]
    kerb, wall = leg.half_width_m, leg.wall_m
    t = (
        side
        * {
            "road": float(b.rng.uniform(0.7, kerb - 0.9)),
            "lane": 1.9,
            "pavement": float(b.rng.uniform(kerb + 1.5, wall - 0.8)),
            "gutter": kerb - 0.28,
            "kerb": kerb,
        }[spot.where]
    )
    off_road = spot.where in ("pavement", "kerb", "gutter")
    if not b.is_free(leg, s, t, spot.radius_m) or (
        off_road and leg.in_gap(side, s, 1.0)
    ):
        return
    turn = float(b.rng.uniform(0, 360)) if spot.turn_deg is None else spot.turn_deg
    if spot.where == "kerb":
        turn = into_wall_deg(side)
    z = 0.002 if spot.where == "kerb" else None
    b.put(kind, leg, s, t, facing_deg=turn, z_m=z)
    b.take(leg, s, t, spot.radius_m)
