"""The street plan agrees with itself: zones, heights, segments, distances."""

import itertools
import math

import pytest

from training.synth import props
from training.synth.classes import CLASS_NAMES, SCORED_CLASSES
from training.synth.plan import KERB_HEIGHT_M, ZONES, Leg, Plan, zone_at
from training.synth.random_plan import random_plan
from training.synth.roads import SEGMENTS, Segment, segment_of
from training.synth.sample_plan import MIN_SAME_CLASS_M, sample_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return sample_plan()


def test_the_sample_street_is_always_the_same(plan: Plan) -> None:
    assert plan == sample_plan()


def test_a_seed_gives_one_street() -> None:
    assert random_plan(1003) == random_plan(1003)
    assert random_plan(1003) != random_plan(1004)


def test_the_sample_street_holds_35_to_60_scored_things(plan: Plan) -> None:
    scored = [i for i in plan.items if i.category in SCORED_CLASSES]

    assert 35 <= len(scored) <= 60
    assert {i.category for i in scored} == SCORED_CLASSES


def test_names_are_known_and_ids_unique(plan: Plan) -> None:
    things = [*plan.items, *(a.item for a in plan.actors)]

    assert {i.kind for i in things} <= set(props.kinds())
    assert {i.category for i in things} - {None} <= set(CLASS_NAMES)
    assert {i.zone for i in things} <= set(ZONES)
    assert len({i.item_id for i in things}) == len(things)


def test_things_of_one_class_can_be_told_apart(plan: Plan) -> None:
    for category in SCORED_CLASSES - {"poster"}:
        feet = [plan.item_xyz(i) for i in plan.items if i.category == category]
        for a, b in itertools.combinations(feet, 2):
            assert math.dist(a[:2], b[:2]) >= MIN_SAME_CLASS_M, category


def test_what_is_beyond_the_kerb_stands_on_the_pavement(plan: Plan) -> None:
    for item in plan.items:
        leg = plan.legs[item.leg_id]
        on_pavement = abs(item.t_m) > leg.half_width_m + 0.2
        if item.zone in ("pavement", "wall_base", "tree_pit") and on_pavement:
            assert item.z_m >= KERB_HEIGHT_M, item.item_id
        if item.zone == "carriageway":
            assert abs(item.t_m) <= leg.half_width_m, item.item_id
            assert item.z_m < KERB_HEIGHT_M, item.item_id


@pytest.mark.parametrize(
    ("t_m", "zone"),
    [
        pytest.param(0.0, "carriageway", id="centre line"),
        pytest.param(5.9, "carriageway", id="60 cm from the kerb"),
        pytest.param(6.2, "kerb_strip", id="30 cm from the kerb"),
        pytest.param(-6.6, "kerb_strip", id="on the left kerb stone"),
        pytest.param(8.0, "pavement", id="middle of the pavement"),
        pytest.param(-10.0, "wall_base", id="20 cm from the left wall"),
    ],
)
def test_zone_follows_from_the_place_across(t_m: float, zone: str) -> None:
    leg = Leg("a", (0.0, 0.0), 0.0, 100.0, 6.5, 3.7)

    assert zone_at(leg, t_m) == zone


def test_a_leg_to_the_east_has_its_right_side_in_the_south() -> None:
    leg = Leg("a", (12.5, 0.0), 90.0, 100.0, 6.5, 3.7)

    assert leg.xy(10.0, 2.0) == pytest.approx((22.5, -2.0))


def test_side_and_offset_follow_the_drawing_direction() -> None:
    north = Segment("n", "n", "2", (0, 0), (0, 80), 13.0, "g", "u")
    south = Segment("s", "s", "2", (0, 80), (0, 0), 13.0, "g", "u")

    assert north.locate(5.0, 30.0) == ("right", pytest.approx(30.0))
    assert south.locate(5.0, 30.0) == ("left", pytest.approx(50.0))


def test_every_thing_is_beside_its_segment(plan: Plan) -> None:
    for item in plan.items:
        x, y, _ = plan.item_xyz(item)
        segment = segment_of(item.leg_id, x, y)
        side, offset = segment.locate(x, y)
        ux, uy = (
            (e - s) / segment.length_m
            for s, e in zip(segment.start, segment.end, strict=True)
        )
        foot = segment.start[0] + offset * ux, segment.start[1] + offset * uy
        assert math.dist(foot, (x, y)) < 16.0, item.item_id
        assert side in {"left", "right"}


def test_roads_meet_end_to_end() -> None:
    ends = [p for s in SEGMENTS for p in (s.start, s.end)]

    assert ends.count((0, 0)) == 4
    assert all(40.0 <= s.length_m <= 120.0 for s in SEGMENTS)
