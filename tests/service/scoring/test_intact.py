"""井盖完好率 with exact one-sided bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from service.scoring import intact_rate
from vision.errors import InputError


@pytest.mark.parametrize(
    ("seen", "bad", "verdict"),
    [
        pytest.param(149, 0, "达标", id="the least number that proves 98 %"),
        pytest.param(148, 0, "证据不足", id="one fewer does not: 0.98^148 > 0.05"),
        pytest.param(12, 1, "证据不足", id="a street of twelve proves nothing"),
        pytest.param(0, 0, "证据不足", id="nothing was seen"),
        pytest.param(100, 6, "未达标", id="six bad of a hundred are too many"),
        pytest.param(1000, 10, "达标", id="one in a hundred of a thousand"),
        pytest.param(1000, 20, "证据不足", id="exactly at the target"),
    ],
)
def test_the_target_is_proven_or_not(seen: int, bad: int, verdict: str) -> None:
    assert intact_rate(seen, bad).verdict == verdict


def test_bounds_are_those_of_the_binomial() -> None:
    none = intact_rate(149, 0)
    all_bad = intact_rate(5, 5)

    assert none.low == pytest.approx(0.05 ** (1 / 149))
    assert none.high == 1.0
    assert (all_bad.low, all_bad.high) == (0.0, pytest.approx(1 - 0.05 ** (1 / 5)))


def test_bad_covers_that_are_missed_count_in_the_lower_bound() -> None:
    sharp, weak = intact_rate(1000, 8), intact_rate(1000, 8, recall=0.4)

    assert weak.low < sharp.low
    assert weak.high == sharp.high
    assert (sharp.verdict, weak.verdict) == ("达标", "证据不足")


@pytest.mark.parametrize(
    ("seen", "recall", "verdict"),
    [
        pytest.param(149, 0.464, "证据不足", id="enough only if none were missed"),
        pytest.param(149, 0.217, "证据不足", id="weaker eyes prove less"),
        pytest.param(321, 0.464, "证据不足", id="one fewer: 0.99072^321 > 0.05"),
        pytest.param(322, 0.464, "达标", id="0.99072^322 <= 0.05"),
    ],
)
def test_no_bad_cover_found_proves_less_where_many_are_missed(
    seen: int, recall: float, verdict: str
) -> None:
    # Of 2 % bad covers 0.02 * 0.464 = 0.00928 would be found bad.
    judged = intact_rate(seen, 0, recall=recall)

    assert judged.verdict == verdict
    assert judged.low == pytest.approx(1 - (1 - 0.05 ** (1 / seen)) / recall)


@pytest.mark.parametrize(
    ("covers", "share", "recall"), [(300, 0.03, 0.464), (40, 0.2, 0.5)]
)
def test_the_lower_bound_holds_as_often_as_it_says(
    covers: int, share: float, recall: float
) -> None:
    found = np.arange(covers + 1)
    chance = binom.pmf(found, covers, share * recall)
    holds = [intact_rate(covers, int(k), recall=recall).low <= 1 - share for k in found]

    assert chance[holds].sum() >= 0.95


@pytest.mark.parametrize(
    ("args", "more"),
    [((3, 4), {}), ((3, -1), {}), ((3, 1), {"recall": 0.0}), ((3, 1), {"target": 1.5})],
)
def test_numbers_that_cannot_be_are_refused(
    args: tuple[int, int], more: dict[str, float]
) -> None:
    with pytest.raises(InputError):
        intact_rate(*args, **more)
