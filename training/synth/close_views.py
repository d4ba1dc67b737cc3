"""Where the camera stands to see a face or a plate."""

from __future__ import annotations

import math

import numpy as np

from training.synth import props
from training.synth.camera import Pose
from training.synth.plan import Item, Plan
from training.synth.shapes import FloatArray, place
from training.synth.views import View, aimed, leg_place, look_lens

Rng = np.random.Generator

PRIVATE = ("face", "licence_plate")
_HEIGHT_PX = (9.0, 70.0)
"""How tall a face or plate is to appear, low and high."""
_RANGE_M = (1.4, 14.0)
_TURN_DEG = 55.0


def private_items(plan: Plan) -> list[Item]:
    """Return the things of a plan that have a face or a plate."""
    return [item for item in plan.items if _parts(item)]


def _parts(item: Item) -> list[FloatArray]:
    parts = props.build(item.kind, item.variant).parts
    return [points for category, points in parts if category in PRIVATE]


def close_view(plan: Plan, target: Item, rng: Rng) -> View | None:
    """Draw a view of a face or plate; None when it would be off the street.

    Small ones are as frequent as large ones: the height in the picture is drawn, not
    the range.
    """
    parts = _parts(target)
    part = parts[int(rng.integers(len(parts)))]
    centre = place(part * target.scale, plan.item_xyz(target), target.heading_deg).mean(
        axis=0
    )
    lens = look_lens(rng)
    tall_m = float(np.ptp(part[:, 2])) * target.scale
    tall_px = math.exp(float(rng.uniform(*np.log(_HEIGHT_PX))))
    distance = min(max(lens.fx_px * tall_m / tall_px, _RANGE_M[0]), _RANGE_M[1])
    facing = target.heading_deg + (0 if part[:, 1].mean() > 0 else 180)
    a = math.radians(facing + float(rng.uniform(-_TURN_DEG, _TURN_DEG)))
    x, y = centre[0] + distance * math.sin(a), centre[1] + distance * math.cos(a)
    leg = plan.legs[target.leg_id]
    s, t = leg_place(leg, float(x), float(y))
    if not 0.5 < s < leg.length_m - 0.5 or abs(t) > leg.wall_m - 0.7:
        return None
    eye = (float(x), float(y), leg.ground_z_m(t) + float(rng.uniform(1.2, 2.4)))
    pose: Pose = aimed(eye, centre, lens, rng)
    return View("close", lens, pose, target.item_id)
