"""Where the look-alikes of stalls, papers and graffiti stand in a random street."""

import math

import numpy as np
import pytest

from training.synth.layout import into_wall_deg
from training.synth.plan import Item, Plan
from training.synth.props_lookalikes import PLACES
from training.synth.random_plan import random_plan
from training.synth.views import look_view

SEEDS = range(1000, 1012)


@pytest.fixture(scope="module")
def streets() -> list[Plan]:
    return [random_plan(seed, "teach") for seed in SEEDS]


def lawful(plan: Plan) -> list[Item]:
    return [item for item in plan.items if item.kind in PLACES]


def test_every_kind_is_placed_somewhere(streets: list[Plan]) -> None:
    assert {item.kind for plan in streets for item in lawful(plan)} == set(PLACES)


def test_nothing_lawful_has_a_category(streets: list[Plan]) -> None:
    assert all(item.category is None for plan in streets for item in lawful(plan))


def test_wall_things_hang_on_walls_and_face_the_street(streets: list[Plan]) -> None:
    for plan in streets:
        for item in lawful(plan):
            if PLACES[item.kind] not in ("wall", "shop"):
                continue
            leg = plan.legs[item.leg_id]
            side = 1 if item.t_m > 0 else -1
            lots = [
                lot
                for lot in plan.lots
                if (lot.leg_id, lot.side) == (item.leg_id, side)
                and lot.from_m <= item.s_m <= lot.to_m
            ]
            wanted = "wall" if PLACES[item.kind] == "wall" else "shops"
            assert [lot.kind for lot in lots] == [wanted]
            assert abs(item.t_m) == pytest.approx(leg.wall_m, abs=0.01)
            turn = (leg.heading_deg + into_wall_deg(side)) % 360
            assert item.heading_deg == pytest.approx(turn)


def test_a_tricycle_does_not_stand_in_a_stall(streets: list[Plan]) -> None:
    for plan in streets:
        stalls = [i for i in plan.items if i.category == "stall"]
        for item in lawful(plan):
            if PLACES[item.kind] != "pavement":
                continue
            at = plan.item_xyz(item)
            for stall in stalls:
                other = plan.item_xyz(stall)
                assert math.hypot(at[0] - other[0], at[1] - other[1]) > 1.4


def test_wall_things_are_looked_at_from_the_street(streets: list[Plan]) -> None:
    rng = np.random.default_rng(0)
    seen = 0
    for plan in streets:
        for item in lawful(plan):
            if PLACES[item.kind] != "wall":
                continue
            leg = plan.legs[item.leg_id]
            views = [look_view(plan, item, {}, rng) for _ in range(20)]
            for view in (v for v in views if v is not None):
                across_m = _across(leg.heading_deg, leg.origin, view.pose.xyz)
                # Before the wall, on its own side of the far one.
                assert abs(across_m) < leg.wall_m
                assert abs(item.t_m - across_m) > 0.5
                seen += 1
    assert seen > 50


def _across(
    heading_deg: float, origin: tuple[float, float], eye: tuple[float, float, float]
) -> float:
    a = math.radians(heading_deg)
    dx, dy = eye[0] - origin[0], eye[1] - origin[1]
    return dx * math.cos(a) - dy * math.sin(a)
