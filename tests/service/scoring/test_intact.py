"""井盖完好率 with exact one-sided bounds."""

from __future__ import annotations

import pytest

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
    ("args", "more"),
    [((3, 4), {}), ((3, -1), {}), ((3, 1), {"recall": 0.0}), ((3, 1), {"target": 1.5})],
)
def test_numbers_that_cannot_be_are_refused(
    args: tuple[int, int], more: dict[str, float]
) -> None:
    with pytest.raises(InputError):
        intact_rate(*args, **more)
