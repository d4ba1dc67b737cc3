import numpy as np
import pytest

from tests.training.evaluate.builders import matches
from training.evaluate.ap import ap50, curve, intervals, rate_at


def test_average_precision_is_the_area_worked_by_hand() -> None:
    # hit (p 1/1), miss, hit (p 2/3) of 3 instances: 1/3 * 1 + 1/3 * 2/3 = 5/9
    found = matches([(0.9, True), (0.8, False), (0.7, True)], instances=3)

    assert ap50(found) == pytest.approx(5 / 9)


def test_average_precision_agrees_with_the_worked_example_of_voc() -> None:
    # 5 instances; hit hit miss miss miss hit miss miss hit hit.
    # precisions at the hits: 1/1, 2/2, 3/6, 4/9, 5/10; made monotone from the right:
    # 1, 1, .5, .5, .5 -> (1 + 1 + .5 + .5 + .5) / 5 = .7
    verdicts = [True, True, False, False, False, True, False, False, True, True]
    found = matches([(1 - k / 10, v) for k, v in enumerate(verdicts)], instances=5)

    assert ap50(found) == pytest.approx(0.7)


def test_without_instances_nothing_is_measured() -> None:
    assert ap50(matches([(0.9, False)], instances=0)) is None
    assert ap50(matches([], instances=4)) == 0.0


def test_rates_count_boxes_from_the_confidence_upwards() -> None:
    found = matches([(0.9, True), (0.5, False), (0.4, True)], instances=4)

    rate = rate_at(found, 0.5)

    assert (rate.precision, rate.recall) == (0.5, 0.25)
    assert rate.f1 == pytest.approx(1 / 3)


def test_the_curve_ends_at_the_last_box() -> None:
    found = matches([(0.9, True), (0.8, False)], instances=2)

    assert curve(found) == [(0.5, 1.0), (0.5, 0.5)]
    assert curve(matches([], instances=2)) == []


def test_scenes_that_are_all_alike_leave_no_interval_to_speak_of() -> None:
    rows = [(0.9, True)] * 6
    found = matches(
        rows, 6, pictures=[0, 0, 1, 1, 2, 2], truth_pictures=[0, 0, 1, 1, 2, 2]
    )

    low, mean = intervals(found, np.arange(3))

    assert low == (1.0, 1.0)
    assert mean == (1.0, 1.0)


def test_fewer_than_three_scenes_have_no_interval() -> None:
    found = matches(
        [(0.9, True)] * 4, 4, pictures=[0, 1, 2, 3], truth_pictures=[0, 1, 2, 3]
    )

    assert intervals(found, np.array([0, 0, 1, 1])) == (None, None)
    assert intervals(found, np.arange(4)) != (None, None)


def test_whole_scenes_are_drawn_not_pictures() -> None:
    # 40 pictures, half of them found. As 40 scenes the mean is well known; as 4 scenes,
    # two of them all found, it is anything from 0 to 1.
    pictures = list(range(0, 40, 2))
    found = matches(
        [(0.9, True)] * 20, 40, pictures=pictures, truth_pictures=list(range(40))
    )
    single, _ = intervals(found, np.arange(40))
    four = np.array(
        [0 if p % 4 == 0 else 1 if p % 4 == 2 else 2 + p % 4 // 2 for p in range(40)]
    )
    scenes, _ = intervals(found, four)

    assert single is not None
    assert scenes is not None
    assert single[0] < 0.5 < single[1]
    # binomial sd of a share of .5 over 40: .079; 90 % is +- 1.645 sd = .13
    assert single[1] - single[0] == pytest.approx(0.26, abs=0.06)
    assert scenes[1] - scenes[0] > 2 * (single[1] - single[0])


def test_the_same_draws_give_the_same_interval() -> None:
    found = matches(
        [(0.9, True), (0.8, False), (0.7, True)],
        4,
        pictures=[0, 1, 2],
        truth_pictures=[0, 1, 2, 3],
    )

    assert intervals(found, np.arange(4)) == intervals(found, np.arange(4))
