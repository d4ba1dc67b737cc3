"""The reduced form of the simulation; the whole is `tests.benchmarks.simulate_city`."""

from __future__ import annotations

import numpy as np
import pytest

from tests.simulation.city import Settings, streets
from tests.simulation.judge import Judged, judge


@pytest.fixture(scope="module")
def judged() -> Judged:
    settings = Settings(segments=120, days=40)
    return judge(streets(settings, 2), settings)


def test_the_interval_holds_the_truth_about_as_often_as_it_says(judged: Judged) -> None:
    assert len(judged.held) > 80
    assert 0.80 <= np.mean(judged.held) <= 0.97
    assert np.median(judged.widths) <= 12


def test_values_lie_near_the_truth(judged: Judged) -> None:
    off = np.subtract(*np.transpose(judged.scores))

    assert abs(off.mean()) < 0.6
    assert np.median(np.abs(off)) < 1.0


def test_one_thing_is_counted_once(judged: Judged) -> None:
    assert judged.there > 150
    assert judged.counted == pytest.approx(judged.there, rel=0.1)


def test_what_is_gone_is_cleared_by_the_second_look(judged: Judged) -> None:
    assert len(judged.cleared) > 500
    assert np.mean(judged.cleared) >= 0.95


def test_parking_is_proven_and_waiting_cars_never_are(judged: Judged) -> None:
    right, wrong, missed = judged.parking

    assert right / (right + wrong) >= 0.9
    assert right / (right + missed) >= 0.8
    assert judged.waiting == 0
