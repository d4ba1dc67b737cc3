"""Fills a plan: lots, trees, furniture, vehicles, people, and the scored things.

Nothing here draws: it decides what stands where, so that nothing overlaps.
"""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass, field

import numpy as np

from training.synth.plan import KERB_HEIGHT_M, Item, Leg, Lot, Plan, zone_at
from training.synth.pools import VARIANTS, Pool, pooled

LITTER_KINDS = (
    "litter_bottle", "litter_cup", "litter_box", "litter_bag",
    "litter_paper", "litter_tray", "litter_bag", "litter_paper",
    "litter_can", "litter_wrapper", "litter_box", "litter_cup",
)  # fmt: skip
STALL_KINDS = ("stall_table", "stall_ground", "stall_tricycle", "stall_cart")
TREE_OFFSET_M = 0.85
_CAR_TINTS = (
    "#e8e8ea",
    "#f2f2f2",
    "#16171a",
    "#8c9094",
    "#2a3a5a",
    "#7a1a20",
    "#b8bcc0",
    "#40444a",
    "#5a6a4a",
    "#a8864a",
)


def rgb(hex_colour: str) -> tuple[float, float, float]:
    """Turn `#rrggbb` into sRGB in `[0, 1]`."""
    return tuple(int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


@dataclass(slots=True)
class Builder:
    """Puts things into a plan without letting them overlap.

    Attributes:
        plan: what is being filled.
        rng: the only source of chance.
        taken: `(x, y, radius_m)` of the ground that is in use.
        counter: of the ids given out.
        pool: whose assets it may use.
    """

    plan: Plan
    rng: np.random.Generator
    taken: list[tuple[float, float, float]] = field(default_factory=list)
    counter: int = 0
    pool: Pool = "any"

    def variant(self) -> int:
        """Draw the variant of a thing from the pool."""
        count = 24 if self.pool == "any" else VARIANTS
        return pooled(int(self.rng.integers(0, count)), self.pool)

    def lot_variant(self) -> int:
        """Draw the variant of a building from the pool."""
        return pooled(int(self.rng.integers(0, 1000)), self.pool)

    def is_free(self, leg: Leg, s_m: float, t_m: float, radius_m: float) -> bool:
        """Tell whether a disc on the ground is still free."""
        x, y = leg.xy(s_m, t_m)
        return all(math.hypot(x - u, y - v) > radius_m + r for u, v, r in self.taken)

    def take(self, leg: Leg, s_m: float, t_m: float, radius_m: float) -> None:
        """Mark a disc on the ground as used."""
        self.taken.append((*leg.xy(s_m, t_m), radius_m))

    def put(
        self,
        kind: str,
        leg: Leg,
        s_m: float,
        t_m: float,
        *,
        facing_deg: float = 0.0,
        category: str | None = None,
        zone: str | None = None,
        z_m: float | None = None,
        scale: float = 1.0,
    ) -> Item:
        """Add one thing; `facing_deg` is relative to the leg's heading."""
        self.counter += 1
        hue = self.rng.random()
        tint = rgb(str(self.rng.choice(_CAR_TINTS)))
        if kind in ("truck", "bus"):
            tint = colorsys.hsv_to_rgb(hue, 0.7, 0.6)
        item = Item(
            item_id=f"{category or kind}-{self.counter:03d}",
            kind=kind,
            variant=self.variant(),
            category=category,
            leg_id=leg.leg_id,
            s_m=round(float(s_m), 3),
            t_m=round(float(t_m), 3),
            z_m=leg.ground_z_m(t_m) + 0.002 if z_m is None else z_m,
            heading_deg=round((leg.heading_deg + facing_deg) % 360, 2),
            zone=zone or zone_at(leg, t_m),
            tint=tint,
            scale=scale,
        )
        self.plan.items.append(item)
        return item


def into_wall_deg(side: int) -> float:
    """Return the heading, relative to the leg, of a thing that hangs on this side."""
    return 90.0 * side


def add_lots(b: Builder, leg: Leg, side: int, wall_share: float) -> None:
    """Line one side of a leg with shops and walls, leaving its gaps open."""
    s = 0.0
    while s < leg.length_m - 2:
        gap = next(
            (g for g in leg.gaps if g[0] == side and g[1] <= s + 0.5 < g[2]), None
        )
        if gap:
            s = gap[2]
            continue
        following = min(
            [g[1] for g in leg.gaps if g[0] == side and g[1] > s] + [leg.length_m]
        )
        width = float(b.rng.uniform(9, 17))
        end = following if following - s - width < 6 else s + width
        kind = "wall" if b.rng.random() < wall_share else "shops"
        b.plan.lots.append(Lot(leg.leg_id, side, s, end, kind, b.lot_variant()))
        s = end


def add_ends(b: Builder) -> None:
    """Close every street's far end with a building across it."""
    for leg in b.plan.legs.values():
        (x0, y0), (x1, y1) = leg.xy(0, 0), leg.xy(leg.length_m, 0)
        if not b.plan.junction or math.hypot(x1, y1) > math.hypot(x0, y0):
            lot = Lot(
                leg.leg_id,
                0,
                leg.length_m - 32,
                leg.length_m + 32,
                "block",
                b.lot_variant(),
            )
            b.plan.lots.append(lot)


def add_trees(b: Builder, leg: Leg, side: int, spacing_m: float) -> None:
    """Plant one row of trees in pits beside the kerb."""
    t = side * (leg.half_width_m + TREE_OFFSET_M)
    s = float(b.rng.uniform(2, 5))
    while s < leg.length_m - 2:
        if not leg.in_gap(side, s, 2.0) and b.is_free(leg, s, t, 0.6):
            b.plan.pits.append((leg.leg_id, s, t))
            b.take(leg, s, t, 0.55)
            if b.rng.random() < 0.92:
                b.put(
                    "tree",
                    leg,
                    s,
                    t,
                    facing_deg=float(b.rng.uniform(0, 360)),
                    zone="tree_pit",
                    scale=float(b.rng.uniform(0.85, 1.15)),
                )
        s += spacing_m * float(b.rng.uniform(0.9, 1.15))


def wall_spots(plan: Plan, leg: Leg, side: int) -> list[tuple[float, float, str]]:
    """Return where pictures can hang: `(from_m, to_m, lot kind)` along the leg."""
    spots = []
    for lot in plan.lots:
        if (lot.leg_id, lot.side) != (leg.leg_id, side):
            continue
        if lot.kind == "wall":
            spots.append((lot.from_m + 0.5, lot.to_m - 0.5, "wall"))
            continue
        spots.append((lot.from_m + 0.1, lot.from_m + 0.9, "pier"))
        spots.append((lot.to_m - 0.9, lot.to_m - 0.1, "pier"))
    return spots


def wall_z_m() -> float:
    """Return the height of a wall's foot: it stands on the pavement."""
    return KERB_HEIGHT_M
