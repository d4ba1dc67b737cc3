"""Not seen is not clean: statuses of elements, and when there is no score."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.scoring import view_segment


def statuses(score) -> dict[str, str]:
    return {e.element: e.status for e in score.elements}


def test_a_street_without_coverage_has_no_score(street, find) -> None:
    road = street()
    missing = find(1, "manhole_missing")

    view = view_segment(road.segment, [], standard=road.standard, readable_zones=None)
    score = replace(road, unseen=frozenset(p.zone for p in road.coverage())).score(
        [missing]
    )

    assert (view.sufficient, view.coverage) == (False, 0.0)
    assert {v.reason for v in view.elements} == {"no_coverage"}
    assert (score.status, score.value, score.grade) == ("insufficient", None, None)
    assert score.deductions == ()
    assert score.unscored == ("f001",)
    assert score.red_lines == ("f001",)


def test_zones_nobody_can_read_are_unseen_and_do_not_lower_the_coverage(street) -> None:
    zones = frozenset({"carriageway", "kerb_strip", "pavement", "wall_base"})

    score = street().score([], readable_zones=zones)

    assert score.status == "scored"
    assert score.coverage == 1.0
    assert {e.element: e.reason for e in score.elements if e.status == "unseen"} == {
        "tree_pit": "zone_not_readable",
        "corner": "zone_not_readable",
    }


def test_the_reason_in_the_coverage_is_enough(street) -> None:
    road = street(unseen=frozenset({"tree_pit", "corner"}))
    pieces = [
        replace(p, reason="zone_not_readable") if p.status == "hidden" else p
        for p in road.coverage()
    ]

    view = view_segment(
        road.segment, pieces, standard=road.standard, readable_zones=None
    )

    assert view.coverage == 1.0
    assert view.sufficient


@pytest.mark.parametrize(
    ("unseen", "status"),
    [
        # 墙根 15 + 树穴 10 + 边角 10 = 35 of 100, but half of the ground
        pytest.param(
            {"wall_base", "tree_pit", "corner"}, "insufficient", id="3 of 6 zones seen"
        ),
        pytest.param({"wall_base", "corner"}, "scored", id="25 unseen, 4 of 6 zones"),
        # 一洁 15, 路面 25: carriageway alone is half of the road surface
        pytest.param({"pavement"}, "scored", id="40 unseen is not more than 40"),
        pytest.param({"pavement", "tree_pit"}, "insufficient", id="50 unseen"),
    ],
)
def test_how_much_may_be_unseen(street, unseen, status) -> None:
    score = street(unseen=frozenset(unseen)).score([])

    assert score.status == status


def test_covers_need_one_of_road_and_pavement_the_view_needs_both(street) -> None:
    score = street(unseen=frozenset({"pavement"})).score([])

    assert statuses(score)["cover"] == "assessed"
    assert statuses(score)["view"] == "unseen"


@pytest.mark.parametrize(
    ("seen_m", "status"),
    [
        pytest.param(120.0, "assessed", id="0.6 is enough"),
        pytest.param(119.0, "unseen", id="less is not"),
    ],
)
def test_an_element_needs_six_tenths_of_its_length(street, seen_m, status) -> None:
    road = street()
    pieces = [
        replace(p, to_m=seen_m) if p.zone == "kerb_strip" else p
        for p in road.coverage()
    ]

    view = view_segment(
        road.segment, pieces, standard=road.standard, readable_zones=None
    )

    kerb = next(v for v in view.elements if v.element.id == "kerb")
    assert kerb.status == status
    assert kerb.seen_m == seen_m


def test_observed_metres_are_the_mean_over_the_sides_that_exist(street) -> None:
    road = street()
    both = [
        replace(p, from_m=50.0) if (p.zone, p.side) == ("wall_base", "left") else p
        for p in road.coverage()
    ]
    one = [p for p in road.coverage() if (p.zone, p.side) != ("wall_base", "left")]

    metres = [
        next(
            v.seen_m
            for v in view_segment(
                road.segment, pieces, standard=road.standard, readable_zones=None
            ).elements
            if v.element.id == "wall_base"
        )
        for pieces in (both, one)
    ]

    assert metres == [175.0, 200.0]


def test_overlapping_pieces_count_once_and_seen_wins(street) -> None:
    road = street()
    pieces = road.coverage()
    twice = [*pieces, *(replace(p, from_m=20.0, to_m=90.0) for p in pieces)]
    dark = [replace(p, status="unusable", reason="dark") for p in pieces]

    views = [
        view_segment(road.segment, p, standard=road.standard, readable_zones=None)
        for p in (pieces, twice, [*twice, *dark])
    ]

    assert views[1:] == [views[0], views[0]]


def test_coverage_drawn_a_little_past_the_end_keeps_its_metres(street) -> None:
    road = street()
    shorter = replace(road.segment, length_m=199.7)

    view = view_segment(
        shorter, road.coverage(), standard=road.standard, readable_zones=None
    )

    assert {v.seen_m for v in view.elements} == {200.0}
    assert view.coverage == 1.0


def test_only_a_street_known_to_have_none_is_without_tree_pits(street) -> None:
    absent = street(absent=frozenset({"tree_pit"})).score([])
    unseen = street(unseen=frozenset({"tree_pit"})).score([])

    assert statuses(absent)["tree_pit"] == "absent"
    assert statuses(unseen)["tree_pit"] == "unseen"
    assert (
        next(e for e in absent.elements if e.element == "tree_pit").seen_fraction
        is None
    )


def test_a_zone_that_was_seen_not_to_be_is_absent(street) -> None:
    road = street()
    pieces = [
        replace(p, status="absent") if p.zone == "tree_pit" else p
        for p in road.coverage()
    ]

    view = view_segment(
        road.segment, pieces, standard=road.standard, readable_zones=None
    )

    told = {v.element.id: v.status for v in view.elements}
    assert told["tree_pit"] == "absent"
    assert set(told.values()) == {"absent", "assessed"}
    assert view.coverage == 1.0


def test_a_side_without_trees_leaves_the_other_side(street) -> None:
    road = street(unseen=frozenset({"tree_pit"}))
    pieces = [
        replace(p, status="absent") if (p.zone, p.side) == ("tree_pit", "left") else p
        for p in road.coverage()
    ]

    view = view_segment(
        road.segment, pieces, standard=road.standard, readable_zones=None
    )

    assert {v.element.id: v.status for v in view.elements}["tree_pit"] == "unseen"
