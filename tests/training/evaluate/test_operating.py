import numpy as np
import pytest

from service.scoring import load_standard
from tests.training.evaluate.builders import matches
from training.evaluate.operating import (
    CANDIDATES,
    FALLBACK_CONFIDENCE,
    Cost,
    Part,
    best_confidence,
    choose,
    deduction,
    score_error,
)

STANDARD = load_standard("xuchang@1")


def cost_of(name: str) -> Cost:
    cost = deduction(name, STANDARD)
    assert cost is not None
    return cost


def test_a_deduction_is_what_the_standard_takes() -> None:
    finds = np.array([0.0, 1.0, 2.0, 100.0])

    # a 1 a piece, 路面 holds 25; a heap is 3 times 1; a missing cover 15 of 15.
    assert cost_of("litter")(finds).tolist() == [0, 1, 2, 25]
    assert cost_of("garbage_pile")(finds).tolist() == [0, 3, 6, 25]
    assert cost_of("manhole_missing")(finds).tolist() == [0, 15, 15, 15]


def test_a_wall_of_posters_costs_three() -> None:
    assert cost_of("poster")(np.array([2.0, 3.0, 30.0])).tolist() == [2, 3, 3]


def test_what_no_rule_takes_costs_nothing_to_err_on() -> None:
    assert deduction("car", STANDARD) is None


def test_a_false_find_makes_up_for_a_missed_one_of_its_picture_only() -> None:
    # Picture 0: one labelled, one (false) box; picture 1: one box too many.
    found = matches(
        [(0.9, False), (0.8, False)], 1, pictures=[0, 1], truth_pictures=[0]
    )

    error = score_error(Part(found, pictures=4), 0.5, cost_of("garbage_pile"))

    assert error == pytest.approx((0 + 3 + 0 + 0) / 4)


def test_the_threshold_errs_least_in_points_where_f1_would_go_lower() -> None:
    # Ten instances each in its picture are found at .8; at .2 five of one further
    # picture are found too, and five clean pictures hold a false box each.
    rows = [(0.8, True)] * 10 + [(0.21, True)] * 5 + [(0.2, False)] * 8
    found = matches(
        rows,
        15,
        pictures=[*range(10), *([10] * 5), *range(11, 19)],
        truth_pictures=[*range(10), *([10] * 5)],
    )
    part = Part(found, pictures=30)

    choice = choose("poster", [part], STANDARD)

    # At .2: 8 pictures err by 1. From .225: one picture errs by min(5, 3).
    assert choice.confidence == 0.225
    assert choice.error == pytest.approx(3 / 30)


def test_of_equal_thresholds_the_lowest_is_taken() -> None:
    part = Part(matches([(0.6, True)] * 6, 6), pictures=6)

    assert choose("litter", [part], STANDARD).confidence == CANDIDATES[0]


def test_of_thresholds_that_err_nearly_the_same_the_lowest_is_taken() -> None:
    # 20 instances in 20 pictures: 16 found at .8, the other four at .4 together with
    # `false` boxes in clean pictures. High up four deductions are missed.
    def chosen(false: int) -> float:
        rows = [(0.8, True)] * 16 + [(0.4, True)] * 4 + [(0.4, False)] * false
        found = matches(
            rows,
            20,
            pictures=list(range(20 + false)),
            truth_pictures=list(range(20)),
        )
        part = Part(found, pictures=20 + false)
        return choose("manhole_missing", [part], STANDARD).confidence

    assert chosen(5) <= 0.4  # five wrong for four: a quarter more
    assert chosen(6) > 0.4


def test_a_class_is_not_silenced_because_most_pictures_are_clean() -> None:
    # One false box in each of 40 clean pictures above everything but one hit.
    rows = [(0.9, True)] + [(0.5, True)] * 9 + [(0.45, False)] * 40
    found = matches(
        rows,
        10,
        pictures=[0, *([0] * 9), *range(1, 41)],
        truth_pictures=[0] * 10,
    )

    choice = choose("litter", [Part(found, pictures=50)], STANDARD)

    assert 0.45 < choice.confidence <= 0.5
    assert choice.error == 0.0


def test_classes_without_rule_or_instances_fall_back() -> None:
    sound = Part(matches([(0.6, True)] * 6 + [(0.3, False)] * 6, 6), pictures=6)
    few = Part(matches([(0.6, True)], 1), pictures=6)

    assert choose("umbrella", [sound], STANDARD).by == "f1"
    assert choose("umbrella", [sound], STANDARD).confidence == pytest.approx(0.325)
    assert choose("litter", [few], STANDARD).by == "fallback"
    assert choose("litter", [few], STANDARD).confidence == FALLBACK_CONFIDENCE


def test_a_road_user_more_is_better_than_one_missed() -> None:
    rows = [(0.6, True)] * 6 + [(0.4, False)] * 4 + [(0.3, True)] * 4
    part = Part(matches(rows, 10), pictures=10)

    assert choose("umbrella", [part], STANDARD).confidence <= 0.3
    rows = [(0.6, True)] * 6 + [(0.4, False)] * 8 + [(0.3, True)] * 4
    part = Part(matches(rows, 10), pictures=10)
    road_user = choose("car", [part], STANDARD)

    assert choose("umbrella", [part], STANDARD).confidence > 0.4
    assert road_user.by == "f4"
    assert road_user.confidence <= 0.3


def test_what_must_be_masked_counts_from_low_down() -> None:
    face = Part(matches([(0.6, True)] * 6 + [(0.5, False)] * 6, 6), pictures=6)

    choice = choose("face", [face], STANDARD)

    assert choice.confidence == 0.2
    assert choice.by == "private"


def test_f1_weighs_real_and_rendered_alike() -> None:
    real = matches([(0.6, True)] * 5 + [(0.3, False)] * 20, instances=5)
    drawn = matches([(0.6, True)] * 50, instances=50)

    assert best_confidence([real, drawn], (0.2, 0.5)) == 0.5
