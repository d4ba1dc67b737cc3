import numpy as np
import pytest

from tests.training.evaluate.builders import matches
from training.evaluate.calibrate import (
    calibration_error,
    fit_calibration,
    reliability,
    wilson,
)
from training.evaluate.matching import Matches


def drawn(slope: float, intercept: float, boxes: int = 20_000) -> Matches:
    """Boxes that are right as often as the calibration says."""
    rng = np.random.default_rng(1)
    confidence = np.sort(rng.uniform(0.05, 0.95, boxes))[::-1]
    logit = np.log(confidence / (1 - confidence))
    chance = 1 / (1 + np.exp(-(slope * logit + intercept)))
    hit = rng.random(boxes) < chance
    return matches(
        list(zip(confidence.tolist(), hit.tolist(), strict=True)), int(hit.sum())
    )


def test_calibration_finds_the_numbers_that_made_the_data() -> None:
    assert fit_calibration([drawn(0.7, -0.5)]) == pytest.approx((0.7, -0.5), abs=0.08)


def test_calibration_of_a_few_or_of_perfect_boxes_stays_sane() -> None:
    few = matches([(0.9, True)] * 3, instances=3)
    perfect = matches([(0.9, True)] * 40 + [(0.1, False)] * 40, instances=40)

    assert fit_calibration([few]) is None
    assert fit_calibration([]) is None
    got = fit_calibration([perfect])
    assert got is not None
    assert 0 < got[0] < 5
    assert abs(got[1]) < 1


def test_calibrated_boxes_err_less_than_raw_ones() -> None:
    boxes = drawn(0.7, -0.5)

    before = calibration_error(reliability(boxes))
    after = calibration_error(reliability(boxes, 0.7, -0.5))

    assert before is not None
    assert after is not None
    assert before > 0.05
    assert after < 0.02


def test_the_calibration_error_is_the_sum_worked_by_hand() -> None:
    # bin .8-.9: 3 boxes of .85, 2 right: |2.55 - 2|; bin .2-.3: one of .25, wrong: .25
    found = matches([(0.85, True), (0.85, True), (0.85, False), (0.25, False)], 2)

    bins = reliability(found)

    assert [b.boxes for b in bins] == [0, 0, 1, 0, 0, 0, 0, 0, 3, 0]
    assert [b.hits for b in bins] == [0, 0, 0, 0, 0, 0, 0, 0, 2, 0]
    assert calibration_error(bins) == pytest.approx((0.55 + 0.25) / 4)
    assert calibration_error(reliability(matches([], 2))) is None


def test_wilson_agrees_with_arithmetic() -> None:
    # 8 of 10, z 1.645: middle (.8 + 2.706/20) / 1.2706 = .7361, half
    # 1.645 sqrt(.016 + 2.706/400) / 1.2706 = .1953
    assert wilson(8, 10) == pytest.approx((0.5408, 0.9314), abs=5e-4)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 5)[0] == 0.0
