"""The reduced form of the simulation; the whole is `tests.benchmarks.simulate_city`.

The bounds are those that the whole is held to; the share held may lie outside of them
by its own standard error, which is 2.2 points for 190 street-months (the root of .9 x
.1 / 190). The seed is fixed, so chance alone cannot fail a test from day to day.
"""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from tests.simulation.city import RATES, Settings, streets
from tests.simulation.eyes import CARD, fleet
from tests.simulation.judge import Judged, judge


@pytest.fixture(scope="module")
def judged() -> Judged:
    settings = Settings(segments=240, days=40)
    return judge(streets(settings, 2), settings)


def test_the_interval_holds_the_truth_about_as_often_as_it_says(judged: Judged) -> None:
    assert len(judged.held) > 180
    noise = float(np.sqrt(0.9 * 0.1 / len(judged.held)))
    assert noise < 0.025
    assert 0.86 - noise <= np.mean(judged.held) <= 0.94 + noise
    assert np.median(judged.widths) <= 12


def test_values_lie_near_the_truth(judged: Judged) -> None:
    off = np.subtract(*np.transpose(judged.scores))

    # What nobody saw costs nothing: values lie a little above the truth.
    assert 0 < off.mean() < 1.2
    assert np.median(np.abs(off)) < 0.8


def test_one_thing_is_counted_once(judged: Judged) -> None:
    assert judged.there > 500
    assert judged.counted == pytest.approx(judged.there, rel=0.05)


def test_what_is_gone_is_cleared_by_the_second_look(judged: Judged) -> None:
    assert len(judged.cleared) > 500
    assert np.mean(judged.cleared) >= 0.95


def test_parking_is_proven_and_waiting_cars_never_are(judged: Judged) -> None:
    right, wrong, missed = judged.parking

    assert right / (right + wrong) >= 0.9
    assert right / (right + missed) >= 0.8
    assert judged.waiting == 0


def test_the_eyes_are_those_of_the_card_and_no_two_vehicles_are_alike() -> None:
    card = tomllib.loads(CARD.read_text("utf-8"))["operating"]

    assert RATES["graffiti"].recall == card["graffiti"]["real"]["recall"]
    assert RATES["stall"].recall == card["stall"]["rendered"]["recall"]
    assert RATES["manhole_damaged"].false_per_true == pytest.approx(
        1 / card["manhole_damaged"]["rendered"]["precision"] - 1
    )
    vehicles = fleet(200, RATES, 3)
    recalls = [vehicle.recall("litter", 0.8) for vehicle in vehicles]
    # A third of a logit at .8 is about .05.
    assert np.std(recalls) == pytest.approx(0.053, abs=0.02)
    assert np.median(recalls) == pytest.approx(0.8, abs=0.03)
