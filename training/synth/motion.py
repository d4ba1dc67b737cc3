"""Where moving things are."""

from __future__ import annotations

import math

from training.synth.plan import Actor, Plan


def actor_xy(plan: Plan, actor: Actor, time_s: float) -> tuple[float, float]:
    """Return where an actor is, metres in the plan frame."""
    x, y, _ = plan.item_xyz(actor.item)
    a = math.radians(actor.item.heading_deg)
    gone = actor.speed_mps * time_s
    return x + gone * math.sin(a), y + gone * math.cos(a)
