"""Streets full of vehicles and people, to teach and measure the mask; by night too."""

from __future__ import annotations

import numpy as np

from training.synth.furniture import add_furniture, add_patches, add_people
from training.synth.layout import Builder, add_ends, add_lots, add_trees
from training.synth.plan import Leg, Plan
from training.synth.pools import Pool
from training.synth.weather import night_look, random_look

NIGHTS = 0.3
"""Share of the streets that are seen by lamplight."""
_PARKED = ("car_plated", "car_plated", "car_plated", "truck_plated")
_DRIVEN = ("car_plated", "car_plated", "truck_plated", "ebike_rider_plated")
_CATEGORY = {
    "car_plated": "car",
    "truck_plated": "truck",
    "ebike_plated": "motorcycle",
    "ebike_rider_plated": "motorcycle",
}


def private_plan(seed: int, pool: Pool = "teach") -> Plan:
    """Draw one street of 60 m without problems; seed and pool decide all."""
    rng = np.random.default_rng([seed, 1995])
    half, pave = float(rng.uniform(5.2, 7.6)), float(rng.uniform(3.4, 5.2))
    legs = {"main": Leg("main", (0.0, -30.0), 0.0, 60.0, half, pave)}
    legs["behind"] = Leg("behind", (0.0, -30.0), 180.0, 20.0, half, pave)
    look = night_look if rng.random() < NIGHTS else random_look
    plan = Plan(legs, junction=False, look=look(rng, pool))
    b = Builder(plan, rng, pool=pool)
    for leg in legs.values():
        for side in (-1, 1):
            add_lots(b, leg, side, float(rng.uniform(0.2, 0.6)))
            if rng.random() < 0.7:
                add_trees(b, leg, side, float(rng.uniform(7, 10)))
    add_ends(b)
    main = legs["main"]
    for side in (-1, 1):
        _park(b, main, side)
        _two_wheelers(b, main, side)
        add_furniture(b, main, side, 12.0)
        add_people(b, main, side, int(rng.integers(6, 13)))
    _drive(b, main)
    add_patches(b, main, 4)
    return plan


def _put(
    b: Builder, leg: Leg, kind: str, place: tuple[float, float], facing_deg: float
) -> None:
    s, t = place
    b.put(kind, leg, s, t, facing_deg=facing_deg, category=_CATEGORY[kind])


def _park(b: Builder, leg: Leg, side: int) -> None:
    """Park along the kerb, some the wrong way round or askew."""
    s, t = float(b.rng.uniform(4, 8)), side * (leg.half_width_m - 1.2)
    while s < leg.length_m - 5:
        if b.rng.random() < 0.6 and b.is_free(leg, s, t, 2.2):
            flip = 180 * (b.rng.random() < 0.3) + (180 if side < 0 else 0)
            askew = float(b.rng.normal(0, 10))
            _put(b, leg, str(b.rng.choice(_PARKED)), (s, t), flip + askew)
            for ds in (-1.9, 0.0, 1.9):
                b.take(leg, s + ds, t, 1.2)
        s += float(b.rng.uniform(6.5, 9))


def _two_wheelers(b: Builder, leg: Leg, side: int) -> None:
    """Stand rows of electric bicycles on the pavement, their plates to the road."""
    for _ in range(int(b.rng.integers(1, 4))):
        s = float(b.rng.uniform(3, leg.length_m - 6))
        t = side * (leg.half_width_m + 1.9)
        inward = 90.0 * side
        for k in range(int(b.rng.integers(2, 6))):
            at = s + 0.8 * k
            if b.is_free(leg, at, t, 0.45):
                turn = inward + float(b.rng.normal(0, 14))
                _put(b, leg, "ebike_plated", (at, t), turn)
                b.take(leg, at, t, 0.5)


def _drive(b: Builder, leg: Leg) -> None:
    for lane, facing in ((1.9, 0.0), (-1.9, 180.0)):
        s = float(b.rng.uniform(3, 12))
        while s < leg.length_m - 4:
            if b.is_free(leg, s, lane, 2.2):
                turn = facing + float(b.rng.normal(0, 6))
                _put(b, leg, str(b.rng.choice(_DRIVEN)), (s, lane), turn)
                for ds in (-1.8, 0.0, 1.8):
                    b.take(leg, s + ds, lane, 1.3)
            s += float(b.rng.uniform(8, 16))
