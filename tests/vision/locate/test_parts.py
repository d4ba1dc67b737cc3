"""Belief, path, assignment and motion, each by arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.vision.locate.street import CAMERA, ORIGIN
from vision.locate import Belief, kind_of
from vision.locate.associate import Gate, Prediction, assign
from vision.locate.motion import ConstantVelocity
from vision.locate.options import LocateOptions
from vision.locate.path import DrivenPath
from vision.locate.raised import wall_lateral_m
from vision.locate.stillness import SizedView, stationary_probability
from vision.types import Pose

GATE = Gate(squared=11.8, apart_cost=10.0)


def believed(*probabilities: float, misses: float = 0.0) -> float:
    belief = Belief()
    for p in probabilities:
        belief.see(p, "litter", range_m=8.0)
    belief.miss(misses)
    return belief.probability


def test_one_view_is_its_own_probability() -> None:
    assert believed(0.6) == pytest.approx(0.6)


def test_two_views_by_hand() -> None:
    # 1 - (1 - 0.6) * (1 - 0.35 * 0.5) = 0.67
    assert believed(0.5, 0.6) == pytest.approx(0.67)
    assert believed(0.6, 0.5) == pytest.approx(0.67)


@pytest.mark.parametrize("views", [(0.1,), (0.3, 0.9), (0.5, 0.5, 0.5), (1.0, 1.0)])
def test_belief_rises_with_views_and_falls_with_misses(
    views: tuple[float, ...],
) -> None:
    assert believed(*views, 0.2) >= believed(*views)
    assert believed(*(min(v + 0.05, 1.0) for v in views)) >= believed(*views)
    assert believed(*views, misses=1.0) < believed(*views)
    assert 0 <= believed(*views, misses=30.0) <= 1


def test_a_category_seen_in_doubt_shares_the_probability() -> None:
    belief = Belief()
    belief.see(0.6, "manhole_ok", range_m=8.0)
    belief.see(0.6, "manhole_damaged", range_m=8.0)

    there = 1 - 0.4 * (1 - 0.35 * 0.6)
    assert belief.category == "manhole_damaged"
    assert belief.probability == pytest.approx(there / 2)


def test_joined_beliefs_equal_one_that_saw_everything() -> None:
    a, b = Belief(), Belief()
    a.see(0.5, "litter", range_m=8.0)
    a.see(0.7, "litter", range_m=8.0)
    b.see(0.6, "litter", range_m=8.0)

    a.join(b)

    assert a.probability == pytest.approx(believed(0.5, 0.7, 0.6))


def north(length_m: float, *, heading_deg: float = 0.0) -> DrivenPath:
    path = DrivenPath()
    path.frame = ORIGIN
    for i, y in enumerate(np.arange(0.0, length_m, 3.0)):
        lon, lat = ORIGIN.to_lonlat([0.0, y])
        path.advance(Pose(i / 3, float(lon), float(lat), heading_deg, 9.0, 0.5))
    return path


@pytest.mark.parametrize(
    ("place", "lateral_m"),
    [
        pytest.param((2.0, 10.0), 2.0, id="right of the path"),
        pytest.param((-3.5, 10.0), -3.5, id="left of the path"),
        pytest.param((2.0, 45.0), 2.0, id="ahead of the last pose"),
        pytest.param((-2.0, -5.0), -2.0, id="behind the first pose"),
    ],
)
def test_lateral_is_right_of_the_path(
    place: tuple[float, float], lateral_m: float
) -> None:
    passing = north(31.0).passing(np.array(place), 0.04 * np.eye(2))

    assert passing.lateral_m == pytest.approx(lateral_m, abs=1e-6)
    assert passing.heading_deg == pytest.approx(0.0)
    assert passing.lateral_sigma_m >= 0.2


def test_the_path_not_yet_driven_adds_doubt() -> None:
    cov = 0.04 * np.eye(2)

    passed = north(31.0).passing(np.array([2.0, 20.0]), cov)
    ahead = north(31.0).passing(np.array([2.0, 45.0]), cov)

    assert ahead.lateral_sigma_m > passed.lateral_sigma_m


def test_only_the_last_eighty_metres_are_kept() -> None:
    path = north(600.0)

    assert len(path._points) <= 28


def still(*places: tuple[float, float]) -> Prediction:
    n = len(places)
    mean = np.array(places, dtype=float)[:, None]
    return Prediction(
        mean=mean,
        cov=np.tile(0.1 * np.eye(2), (n, 1, 1, 1)),
        log_weight=np.zeros((n, 1)),
    )


def measured(*places: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(places, dtype=float), np.tile(0.1 * np.eye(2), (len(places), 1, 1))


def test_assignment_takes_the_best_pairs_together() -> None:
    # Greedy would give box 0 to object 1 (0.4 m) and lose object 0.
    pairs = assign(
        still((0.0, 0.0), (1.0, 0.0)),
        measured((0.6, 0.0), (1.2, 0.0)),
        penalty=np.zeros((2, 2)),
        gate=GATE,
    )

    assert sorted(pairs) == [(0, 0), (1, 1)]


def test_outside_the_gate_or_the_family_nothing_pairs() -> None:
    far = assign(
        still((0, 0)), measured((5.0, 0.0)), penalty=np.zeros((1, 1)), gate=GATE
    )
    other = assign(
        still((0, 0)), measured((0.0, 0.0)), penalty=np.full((1, 1), np.inf), gate=GATE
    )

    assert far == []
    assert other == []


def test_constant_velocity_learns_the_speed() -> None:
    mover = ConstantVelocity(
        np.zeros(2), 0.01 * np.eye(2), drive_s=0.0, speed_sigma_mps=8.0
    )
    for t in (0.5, 1.0, 1.5):
        mover.absorb(np.array([0.0, 6.0 * t]), 0.01 * np.eye(2), drive_s=t)

    place, _ = mover.predict(2.5)

    assert place == pytest.approx([0.0, 15.0], abs=0.5)


def views_of_car(speed_mps: float, pitch_error_rad: float) -> list[SizedView]:
    """Return views of a 1.5 m high car at 25 m, approached at 9 m/s."""
    views = []
    for t in (0.0, 1 / 3, 2 / 3, 1.0):
        range_m = 25.0 - 9.0 * t + speed_mps * t
        seen_m = 1.5 / np.tan(np.arctan2(1.5, range_m) + pitch_error_rad)
        views.append(
            SizedView(
                t,
                np.array([0.0, 9.0 * t]),
                np.array([0.0, 9.0 * t + seen_m]),
                1.5,
                1.5 / range_m,
                2 / 900,
            )
        )
    return views


@pytest.mark.parametrize("pitch_error_deg", [-0.6, 0.0, 0.6])
@pytest.mark.parametrize(
    ("speed_mps", "stands"), [(0.0, True), (-10.0, False), (9.0, False)]
)
def test_box_heights_tell_standing_from_moving_whatever_the_pitch(
    speed_mps: float, *, stands: bool, pitch_error_deg: float
) -> None:
    views = views_of_car(speed_mps, np.radians(pitch_error_deg))

    chance = stationary_probability(
        views, kind_of("car"), pitch_sigma_rad=np.radians(0.6)
    )

    assert (chance > 0.5) is stands


def test_one_view_tells_nothing_about_motion() -> None:
    chance = stationary_probability(
        views_of_car(0.0, 0.0)[:1], kind_of("car"), pitch_sigma_rad=0.01
    )

    assert chance == pytest.approx(1 - kind_of("car").moving_prior)


def test_the_wall_across_the_road_is_farther_than_the_one_beside() -> None:
    camera = replace(CAMERA, lane_offset_m=2.0)
    options = LocateOptions(wall_lateral_m=9.0)

    assert wall_lateral_m(camera, options, right=True) == 7.0
    assert wall_lateral_m(camera, options, right=False) == 11.0
    assert wall_lateral_m(CAMERA, options, right=False) == 9.0
