"""Where the camera stands: the patrol vehicle's views, and looks at one thing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.synth.camera import Lens, Pose
from training.synth.clutter import LOOK_ALIKES
from training.synth.plan import Item, Leg, Plan
from training.synth.props_lookalikes import PLACES
from training.synth.schedule import ViewKind
from training.synth.shapes import FloatArray

Rng = np.random.Generator

AIMS = (
    "manhole_damaged", "litter", "poster", "manhole_missing", "stall", "litter",
    "manhole_ok", "garbage_pile", "litter", "bin_overflow", "graffiti", "stall",
    "manhole_missing", "litter", "poster", "manhole_damaged", "stall", "litter",
    "pothole", "construction_waste", "manhole_ok", "litter", "graffiti",
    "look_alike", "look_alike", "look_alike",
)  # fmt: skip
"""What look views aim at, in turn; `look_alike` is a thing without a category."""

_SIZES = ((640, 480), (640, 480), (640, 640), (480, 640))
_RANGE_M: dict[str, tuple[float, float]] = {
    "poster": (2.0, 9.0),
    "graffiti": (3.0, 12.0),
    "litter": (2.5, 11.0),
    "stall": (4.0, 14.0),
    "garbage_pile": (3.5, 14.0),
    "construction_waste": (4.0, 14.0),
    "bin_overflow": (3.0, 11.0),
}
_ON_GROUND_M = (3.0, 10.0)
_HANGING = frozenset({"poster", "graffiti"})
_LAWFUL_M = (3.0, 12.0)


@dataclass(frozen=True, slots=True)
class View:
    """One camera.

    Attributes:
        kind: `look`, `wide` or `close`.
        lens: its lens.
        pose: its place.
        target_id: the item it was aimed at, or None.
    """

    kind: ViewKind
    lens: Lens
    pose: Pose
    target_id: str | None = None


def targets_for(plan: Plan, turn: int, rng: Rng) -> list[Item]:
    """Return what the look view of this turn may aim at, best first.

    Things of the turn's own category come first, in random order, then those of the
    categories that follow in `AIMS`.
    """
    order = [AIMS[(turn + k) % len(AIMS)] for k in range(len(AIMS))]
    out: list[Item] = []
    for category in dict.fromkeys(order):
        own = [item for item in plan.items if _aim_of(item) == category]
        out += [own[i] for i in rng.permutation(len(own))]
    return out


def _aim_of(item: Item) -> str | None:
    if item.category is None and item.kind in LOOK_ALIKES:
        return "look_alike"
    return item.category


def wide_view(plan: Plan, rng: Rng) -> View:
    """Draw a patrol vehicle's view: 1280 x 720, from a lane of the main leg."""
    leg = plan.legs["main"]
    lens = Lens.of_hfov(float(rng.uniform(58, 90)))
    s = float(rng.uniform(3.0, leg.length_m - 26.0))
    t = float(rng.uniform(1.0, leg.half_width_m - 1.6))
    pose = Pose(
        (*leg.xy(s, t), float(rng.uniform(1.4, 2.8))),
        float(rng.normal(3, 12)),
        float(rng.uniform(-16, -2)),
        float(rng.normal(0, 0.8)),
    )
    return View("wide", lens, pose)


def look_view(
    plan: Plan, target: Item, centres: Mapping[str, FloatArray], rng: Rng
) -> View | None:
    """Draw a view of one thing from nearby; None when it would be off the street."""
    leg = plan.legs[target.leg_id]
    centre = centres.get(target.item_id, np.array(plan.item_xyz(target)))
    lo, hi = _range_m(target)
    distance = lo + (hi - lo) * float(rng.random()) ** 1.4
    if target.category in _HANGING or PLACES.get(target.kind) in ("wall", "shop"):
        bearing = target.heading_deg + 180 + float(rng.uniform(-60, 60))
    else:
        bearing = float(rng.uniform(0, 360))
    a = math.radians(bearing)
    x, y = centre[0] + distance * math.sin(a), centre[1] + distance * math.cos(a)
    s, t = leg_place(leg, float(x), float(y))
    if not 0.5 < s < leg.length_m - 0.5 or abs(t) > leg.wall_m - 0.7:
        return None
    lens = look_lens(rng)
    eye = (float(x), float(y), leg.ground_z_m(t) + float(rng.uniform(1.2, 2.8)))
    return View("look", lens, aimed(eye, centre, lens, rng), target.item_id)


def _range_m(target: Item) -> tuple[float, float]:
    if target.kind in PLACES:
        return _LAWFUL_M
    return _RANGE_M.get(str(target.category), _ON_GROUND_M)


def look_lens(rng: Rng) -> Lens:
    """Draw the lens of a small camera."""
    width, height = _SIZES[int(rng.integers(len(_SIZES)))]
    return Lens.of_hfov(float(rng.uniform(42, 82)), width, height)


def aimed(
    eye: tuple[float, float, float], centre: FloatArray, lens: Lens, rng: Rng
) -> Pose:
    """Aim near a point, so that it lies anywhere in the middle two thirds."""
    dx, dy, dz = centre - np.asarray(eye)
    off_x = float(rng.uniform(-0.33, 0.33)) * lens.width_px
    off_y = float(rng.uniform(-0.30, 0.30)) * lens.height_px
    heading = math.degrees(math.atan2(dx, dy) - math.atan2(off_x, lens.fx_px))
    pitch = math.degrees(
        math.atan2(dz, math.hypot(dx, dy)) + math.atan2(off_y, lens.fx_px)
    )
    return Pose(eye, heading % 360, max(-50.0, min(15.0, pitch)), rng.normal(0, 1.5))


def leg_place(leg: Leg, x: float, y: float) -> tuple[float, float]:
    """Return `(s, t)` of a plan point in a leg's frame, metres."""
    a = math.radians(leg.heading_deg)
    dx, dy = x - leg.origin[0], y - leg.origin[1]
    return (
        dx * math.sin(a) + dy * math.cos(a),
        dx * math.cos(a) - dy * math.sin(a),
    )
