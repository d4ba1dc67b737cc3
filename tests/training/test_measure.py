import numpy as np
import pytest

from training.measure import (
    Matches,
    average_precision,
    best_confidence,
    fit_calibration,
    join_matches,
    match_boxes,
    rate_at,
)


def matches(rows: list[tuple[float, bool]], instances: int) -> Matches:
    confidence = np.array([c for c, _ in rows], np.float64)
    return Matches(confidence, np.array([h for _, h in rows], np.bool_), instances)


def test_an_instance_is_claimed_once_by_the_surest_box() -> None:
    truth = np.array([[0, 0, 10, 10]], np.float64)
    found = np.array([[0, 0, 10, 9], [0, 0, 10, 10], [50, 50, 60, 60]], np.float64)

    assert match_boxes(found, truth).tolist() == [True, False, False]


def test_a_box_that_overlaps_by_less_than_half_claims_nothing() -> None:
    truth = np.array([[0, 0, 10, 10]], np.float64)
    found = np.array([[0, 0, 10, 4.9]], np.float64)

    assert match_boxes(found, truth).tolist() == [False]


def test_average_precision_is_the_area_worked_by_hand() -> None:
    # hit (p 1/1), miss, hit (p 2/3) of 3 instances: 1/3 * 1 + 1/3 * 2/3 = 5/9
    found = matches([(0.9, True), (0.8, False), (0.7, True)], instances=3)

    assert average_precision(found) == pytest.approx(5 / 9)


def test_without_instances_nothing_is_measured() -> None:
    assert average_precision(matches([(0.9, False)], instances=0)) is None
    assert average_precision(matches([], instances=4)) == 0.0


def test_joined_pictures_are_ordered_by_confidence() -> None:
    joined = join_matches([matches([(0.3, True)], 1), matches([(0.9, False)], 2)])

    assert joined.confidence.tolist() == [0.9, 0.3]
    assert joined.hit.tolist() == [False, True]
    assert joined.instances == 3


def test_the_operating_point_weighs_real_and_rendered_alike() -> None:
    real = matches([(0.6, True)] * 5 + [(0.3, False)] * 20, instances=5)
    drawn = matches([(0.6, True)] * 50, instances=50)

    assert best_confidence([real, drawn], (0.2, 0.5), fallback=0.9) == 0.5
    assert best_confidence([matches([], 0)], (0.2, 0.5), fallback=0.9) == 0.9


def test_rates_count_boxes_from_the_confidence_upwards() -> None:
    found = matches([(0.9, True), (0.5, False), (0.4, True)], instances=4)

    rate = rate_at(found, 0.5)

    assert (rate.precision, rate.recall) == (0.5, 0.25)
    assert rate.f1 == pytest.approx(1 / 3)


def test_calibration_finds_the_numbers_that_made_the_data() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.05, 0.95, 20_000)
    logit = np.log(confidence / (1 - confidence))
    chance = 1 / (1 + np.exp(-(0.7 * logit - 0.5)))
    hit = rng.random(20_000) < chance

    got = fit_calibration(Matches(confidence, hit, 1))

    assert got == pytest.approx((0.7, -0.5), abs=0.08)


def test_calibration_of_a_few_or_of_perfect_boxes_stays_sane() -> None:
    few = matches([(0.9, True)] * 3, instances=3)
    perfect = matches([(0.9, True)] * 40 + [(0.1, False)] * 40, instances=40)

    assert fit_calibration(few) is None
    got = fit_calibration(perfect)
    assert got is not None
    assert 0 < got[0] < 5
    assert abs(got[1]) < 1
