"""The value: worked examples of scoring.md, and what must hold for every street."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from service.scoring import score_segments, shown, with_elements
from service.scoring.grade import grade_of
from vision.errors import FormError

CATEGORIES = (
    ("litter", "carriageway"),
    ("litter", "pavement"),
    ("litter", "kerb_strip"),
    ("litter", "wall_base"),
    ("litter", "tree_pit"),
    ("litter", "corner"),
    ("litter", "cover"),
    ("garbage_pile", "kerb_strip"),
    ("garbage_pile", "tree_pit"),
    ("construction_waste", "pavement"),
    ("manhole_damaged", "carriageway"),
    ("manhole_missing", "pavement"),
    ("poster", "wall_base"),
    ("graffiti", "pavement"),
    ("bin_overflow", "pavement"),
    ("stall", None),
    ("pothole", "carriageway"),
)


def test_worked_example_1_is_90_and_excellent_on_the_boundary(
    street, example_1
) -> None:
    score = street().score(example_1)

    assert score.value == 90.0
    assert (score.grade, score.grade_by_points) == ("优秀", "优秀")
    lost = {e.element: e.points_lost for e in score.elements}
    assert lost == pytest.approx(
        {
            "road_surface": 2.0,  # 6 x (1 - 2 / 6) / 2
            "kerb": 0.0,
            "cover": 5.0,  # safety: not divided by 2
            "tree_pit": 0.0,
            "wall_base": 1.5,  # 3 / 2
            "corner": 0.0,
            "view": 1.5,  # 3 / 2
        }
    )


def test_worked_example_2_is_good_by_points_and_pass_by_the_red_line(
    street, find, place_at
) -> None:
    finds = [
        *(find(i, "litter") for i in range(7)),
        *(find(10 + i, "litter", state="raw", probability=0.5) for i in range(2)),
        *(find(20 + i, "litter", "kerb_strip", offset_m=10.0 * i) for i in range(24)),
        find(50, "manhole_damaged", state="raw", probability=0.2, offset_m=20.0),
        find(60, "stall", "pavement", offset_m=300.0),
    ]
    road = street(
        length_m=300.0,
        road_class="3",
        absent=frozenset({"tree_pit"}),
        places=(place_at("school", 450.0, 0.0),),  # the other finds are farther
    )

    score = road.score(finds)

    assert score.value == pytest.approx(
        100 - 100 / 90 * (2 / 3 + 10 + 1 + 1.5), abs=1e-6
    )
    assert round(score.value, 4) == 85.3704
    assert shown(score.value, road.standard) == "85.3"
    assert (score.grade_by_points, score.grade) == ("良好", "合格")
    assert score.red_lines == ("f060",)
    kerb = next(d for d in score.deductions if d.rule == "kerb_litter")
    assert kerb.units == 24
    assert kerb.points == pytest.approx(10 * 100 / 90)


def test_worked_example_3_an_absent_element_is_not_a_clean_one(
    street, example_1
) -> None:
    road = street(absent=frozenset({"tree_pit"}))

    score = road.score(example_1)

    assert score.value == pytest.approx(88.888889, abs=1e-6)
    assert round(score.value, 4) == 88.8889
    assert shown(score.value, road.standard) == "88.8"
    assert score.grade == "良好"


@pytest.mark.parametrize(
    ("value", "text", "grade"),
    [
        pytest.param(89.96, "89.9", "良好", id="never rounded up to the next grade"),
        pytest.param(90.0, "90.0", "优秀", id="on the boundary is inside"),
        pytest.param(89.9999999, "90.0", "优秀", id="rounded to 1e-6 before grading"),
        pytest.param(89.999999, "89.9", "良好", id="one millionth below is below"),
        pytest.param(100.0, "100.0", "优秀", id="spotless"),
        pytest.param(84.3, "84.3", "合格", id="no binary residue is shown"),
        pytest.param(74.999, "74.9", "不合格", id="fail"),
        pytest.param(0.0, "0.0", "不合格", id="nothing left"),
    ],
)
def test_values_are_truncated_for_people_and_graded_whole(
    standard, value, text, grade
) -> None:
    assert shown(value, standard) == text
    assert grade_of(value, standard) == grade


def test_every_deduction_names_its_finds_and_their_points_add_up(
    street, example_1
) -> None:
    score = street().score(example_1)

    for deduction in score.deductions:
        assert len(deduction.finding_ids) == len(deduction.finding_points)
        assert sum(deduction.finding_points) == pytest.approx(deduction.points)
    named = sorted(i for d in score.deductions for i in d.finding_ids)
    assert named == sorted(f.id for f in example_1)
    assert sum(d.points for d in score.deductions) == pytest.approx(100 - score.value)


def test_a_capped_element_shares_its_weight_among_its_finds(street, find) -> None:
    covers = [find(i, "manhole_missing") for i in range(3)]

    score = street().score(covers)

    (deduction,) = score.deductions
    assert deduction.points == pytest.approx(15.0)
    assert deduction.finding_points == pytest.approx((5.0, 5.0, 5.0))
    assert next(e.lost for e in score.elements if e.element == "cover") == 45.0


@pytest.mark.parametrize(
    ("change", "value"),
    [
        pytest.param({"state": "confirmed"}, 95.0, id="confirmed counts whole"),
        pytest.param(
            {"state": "raw", "probability": 0.3}, 98.5, id="raw counts its chance"
        ),
        pytest.param({"state": "rejected"}, 100.0, id="rejected counts nothing"),
        pytest.param({"state": "cleared"}, 100.0, id="cleared counts nothing"),
        pytest.param(
            {"state": "raw", "candidate": True}, 100.0, id="a candidate counts nothing"
        ),
        pytest.param(
            {"state": "confirmed", "candidate": True}, 95.0, id="proven, it counts"
        ),
        pytest.param({"severity": "broken"}, 92.5, id="severity multiplies"),
    ],
)
def test_state_and_severity_of_a_cover_decide_its_price(
    street, find, change, value
) -> None:
    score = street().score([replace(find(1, "manhole_damaged"), **change)])

    assert score.value == pytest.approx(value)


def test_the_largest_zone_factor_counts_once(street, find, place_at) -> None:
    near = (place_at("school", 10.0, 50.0), place_at("market", 10.0, 50.0))

    plain = street().score([find(1, "pothole")])
    weighed = street(places=near).score([find(1, "pothole")])

    assert 100 - weighed.value == pytest.approx(1.5 * (100 - plain.value))


def test_a_place_too_far_away_does_not_count(street, find, place_at) -> None:
    far = (place_at("school", 10.0, 201.0),)

    score = street(places=far).score([find(1, "stall")])

    assert score.value == 98.5
    assert score.red_lines == ()


def test_a_confirmed_missing_cover_caps_the_grade_and_leaves_the_value(
    street, find
) -> None:
    score = street(length_m=1000.0).score([find(1, "manhole_missing", severity=None)])

    assert score.value == 85.0
    assert (score.grade_by_points, score.grade) == ("良好", "合格")
    assert score.red_lines == ("f001",)


@pytest.mark.parametrize(
    ("probability", "grade", "lines"),
    [
        pytest.param(0.5, "合格", ("f001",), id="likely: the ceiling holds for now"),
        pytest.param(0.49, "优秀", (), id="unlikely: no ceiling"),
    ],
)
def test_an_unreviewed_missing_cover_is_a_provisional_red_line(
    street, find, probability, grade, lines
) -> None:
    cover = find(1, "manhole_missing", state="raw", probability=probability)

    score = street().score([cover])

    assert score.red_lines == ()
    assert score.provisional_red_lines == lines
    assert score.grade == grade
    assert not (lines and score.grade_certain)


def test_the_ceiling_never_lifts_a_failing_grade(street, find) -> None:
    worst = [find(i, "construction_waste") for i in range(60)]

    score = street(length_m=100.0).score([*worst, find(99, "manhole_missing")])

    assert score.value == 60.0  # 路面 25 and 井盖 15 lost whole
    assert score.grade == "不合格"


def test_a_find_on_unseen_ground_falls_to_its_rules_fallback(street, find) -> None:
    road = street(unseen=frozenset({"corner"}))
    full = find(1, "bin_overflow", "pavement")

    score = road.score([full])

    (deduction,) = score.deductions
    assert deduction.element == "view"  # 边角 unseen
    assert score.value == pytest.approx(100 - 100 / 90 * 2 * 2 / 2)
    assert with_elements([full], [score])[0].element == "view"


def test_a_find_nobody_takes_is_listed_and_costs_nothing(street, find) -> None:
    nowhere = [find(1, "litter", None), find(2, "unheard_of"), find(3, "poster")]

    score = street().score([*nowhere[:2], replace(nowhere[2], state="rejected")])

    assert score.value == 100.0
    assert score.unscored == ("f001", "f002")
    assert [f.element for f in with_elements(nowhere, [score])] == [None, None, None]


def test_rules_the_model_cannot_see_are_listed_not_read_as_clean(street) -> None:
    score = street().score(
        [], visible_categories=frozenset({"litter", "manhole_damaged", "poster"})
    )

    assert {"dust", "fine_litter", "spill", "kerb_damage", "banner"} <= set(
        score.not_assessed
    )
    assert "road_litter" not in score.not_assessed
    assert "cover_damaged" not in score.not_assessed


def test_one_piece_of_litter_stays_within_the_allowance(street, find) -> None:
    score = street().score([find(1, "litter")])

    assert score.value == 100.0
    (deduction,) = score.deductions
    assert (deduction.units, deduction.allowance, deduction.points) == (1.0, 2.0, 0.0)


def test_a_heap_is_outside_the_allowance_and_weighs_by_its_size(street, find) -> None:
    sizes = {None: 3.0, "small": 1.0, "pile": 3.0, "large": 5.0}

    values = {
        level: street().score([find(1, "garbage_pile", severity=level)]).value
        for level in sizes
    }

    assert values == {level: 100 - factor / 2 for level, factor in sizes.items()}


def test_an_unknown_severity_is_said_in_one_sentence(street, find) -> None:
    with pytest.raises(FormError, match=r"'f001'.*severity.*stall.*'huge'.*occupying"):
        street().score([find(1, "stall", severity="huge")])


def test_two_finds_of_one_id_are_refused(street, find) -> None:
    with pytest.raises(FormError, match="'f001'"):
        street().score([find(1, "stall"), find(1, "litter")])


def random_finds(rng: random.Random, find, count: int) -> list:
    finds = []
    for number in range(count):
        category, zone = rng.choice(CATEGORIES)
        finds.append(
            find(
                number,
                category,
                zone,
                offset_m=rng.choice([None, rng.uniform(0, 200), rng.randrange(200)]),
                side=rng.choice(["left", "right", None]),
                state=rng.choice(["raw", "raw", "confirmed", "rejected", "cleared"]),
                probability=round(rng.random(), 2),
                severity="large"
                if category == "garbage_pile" and rng.random() < 0.5
                else None,
            )
        )
    return finds


@pytest.mark.parametrize("seed", range(40))
def test_one_more_find_never_raises_the_value(street, find, seed) -> None:
    rng = random.Random(seed)  # noqa: S311 - a repeatable street
    road = street(
        road_class=rng.choice(["1", "2", "3", "4", "alley"]),
        unseen=frozenset(rng.sample(["tree_pit", "corner"], rng.randrange(3))),
    )
    finds = random_finds(rng, find, 40)

    values = [road.score(finds[:n]).value for n in range(len(finds) + 1)]

    assert values[0] == 100.0
    assert all(b <= a for a, b in pairwise(values))


@pytest.mark.parametrize("seed", range(20))
def test_confirming_lowers_and_rejecting_raises_or_leaves_the_value(
    street, find, seed
) -> None:
    rng = random.Random(1000 + seed)  # noqa: S311 - a repeatable street
    finds = random_finds(rng, find, 25)
    i = rng.randrange(len(finds))
    before = [replace(f, state="raw") if j == i else f for j, f in enumerate(finds)]

    def value(state: str) -> float:
        return (
            street()
            .score([*before[:i], replace(before[i], state=state), *before[i + 1 :]])
            .value
        )

    assert value("confirmed") <= value("raw") <= value("rejected")
    assert value("rejected") == street().score([*before[:i], *before[i + 1 :]]).value


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_finds_does_not_matter(street, find, seed) -> None:
    rng = random.Random(2000 + seed)  # noqa: S311 - a repeatable street
    finds = random_finds(rng, find, 40)
    shuffled = rng.sample(finds, len(finds))

    assert street().score(finds) == street().score(shuffled)


@pytest.mark.parametrize("zone", ["kerb_strip", "wall_base", "tree_pit", "corner"])
def test_hiding_a_clean_element_never_raises_the_value(street, example_1, zone) -> None:
    finds = [f for f in example_1 if f.category != "poster"]

    seen = street().score(finds)
    hidden = street(unseen=frozenset({zone})).score(finds)

    assert hidden.value < seen.value


@pytest.mark.parametrize("seed", range(20))
def test_the_value_lies_between_0_and_100_inside_its_interval(
    street, find, seed
) -> None:
    rng = random.Random(3000 + seed)  # noqa: S311 - a repeatable street
    finds = random_finds(rng, find, rng.choice([0, 5, 150]))

    score = street(recall={"litter": 0.6, "poster": 0.3}).score(finds)

    assert 0 <= score.low <= score.value <= score.high <= 100


def test_scores_come_in_the_order_of_the_segments_and_take_only_their_finds(
    street, find
) -> None:
    road = street()
    other = replace(road.segment, id="s2")
    finds = [find(1, "pothole"), find(2, "pothole", segment_id="s2")]
    finds += [find(3, "pothole", segment_id=None), find(4, "pothole", segment_id="s9")]
    pieces = road.coverage() + [replace(p, segment_id="s2") for p in road.coverage()]

    scores = score_segments(
        [other, road.segment], finds, coverage=pieces, context=road.context()
    )

    assert [s.segment_id for s in scores] == ["s2", "s1"]
    assert [s.value for s in scores] == [99.0, 99.0]
    assert [s.deductions[0].finding_ids for s in scores] == [("f002",), ("f001",)]
