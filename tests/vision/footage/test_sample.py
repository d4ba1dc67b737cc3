"""Samples are a matter of metres driven."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from vision.errors import InputError
from vision.footage import plan_samples


def steady(speed_mps: float) -> Callable[[float], float]:
    return lambda t: speed_mps * t


def stop_and_go(t: float) -> float:
    """10 m/s for 2 s, 10 s at a light, 10 m/s again."""
    return 10 * min(t, 2.0) + 10 * max(0.0, t - 12.0)


@pytest.mark.parametrize(
    ("speed_mps", "times_s"),
    [
        pytest.param(0.0, [0.0], id="parked: one view, however long"),
        pytest.param(3.0, [0.0, 1.0, 2.0, 3.0, 4.0], id="3 m at 3 m/s is a second"),
        pytest.param(1.0, [0.0, 3.0], id="walking"),
        pytest.param(-2.0, [0.0], id="rolling back shows nothing new"),
    ],
)
def test_one_sample_for_every_spacing(speed_mps: float, times_s: list[float]) -> None:
    got = plan_samples(steady(speed_mps), start_s=0.0, end_s=4.0, spacing_m=3.0)

    assert got == pytest.approx(times_s)


def test_nothing_new_at_a_red_light() -> None:
    got = plan_samples(stop_and_go, start_s=0.0, end_s=14.0, spacing_m=3.0)

    # 0, 3, ... 39 m: 18 m at 1.8 s, 21 m at 12.1 s.
    assert got == pytest.approx(
        [0.3 * n for n in range(7)] + [10 + 0.3 * n for n in range(7, 14)]
    )


def test_jitter_while_standing_adds_nothing() -> None:
    got = plan_samples(
        lambda t: 2.9 + 0.05 * math.sin(40 * t), start_s=0.0, end_s=600.0, spacing_m=3.0
    )

    assert got == [0.0]


def test_start_of_the_drive_may_be_anywhere() -> None:
    got = plan_samples(steady(1.0), start_s=100.0, end_s=107.0, spacing_m=3.0)

    assert got == pytest.approx([100.0, 103.0, 106.0])


def test_samples_snap_to_key_pictures_within_a_quarter_of_the_spacing() -> None:
    # At 1 m/s metres are seconds: 4 snaps to 4.9 (0.9 off, 1.0 allowed), then 8.9 to
    # 8.0 (0.9 off); 12 has none near (10.9 and 13.1 are 1.1 off).
    keys = [4.9, 8.0, 10.9, 13.1]

    got = plan_samples(
        steady(1.0), start_s=0.0, end_s=12.5, spacing_m=4.0, key_drive_s=keys
    )

    assert got == pytest.approx([0.0, 4.9, 8.0, 12.0])


@pytest.mark.parametrize("seed", range(5))
def test_every_step_is_within_a_quarter_of_the_spacing(seed: int) -> None:
    random = np.random.default_rng(seed)
    at_s = np.arange(0, 121.0)
    at_m = np.cumsum(random.choice([0.0, 0.0, 4.0, 9.0, 14.0], size=len(at_s)))
    keys = np.sort(random.uniform(0, 120, size=80)).tolist()

    got = plan_samples(
        lambda t: float(np.interp(t, at_s, at_m)),
        start_s=0.0,
        end_s=120.0,
        spacing_m=3.0,
        key_drive_s=keys,
    )

    steps_m = np.diff(np.interp(got, at_s, at_m))
    assert np.all(np.diff(got) > 0)
    assert steps_m.min() >= 2.25 - 0.01
    assert steps_m.max() <= 3.75 + 0.01
    # Nothing is left unseen at the end but less than one longest step.
    assert at_m[-2] - np.interp(got[-1], at_s, at_m) < 3.75 + 14.0 * 0.05


def test_fast_vehicle_gets_at_most_one_sample_a_frame() -> None:
    got = plan_samples(
        steady(40.0), start_s=0.0, end_s=2.0, spacing_m=3.0, frame_interval_s=0.1
    )

    assert np.diff(got).min() >= 0.1 - 1e-9
    assert len(got) == 21


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"spacing_m": 0.0}, "spacing_m", id="no spacing"),
        pytest.param({"spacing_m": float("nan")}, "spacing_m", id="spacing no number"),
        pytest.param({"end_s": -1.0}, "end_s", id="end before start"),
        pytest.param({"frame_interval_s": -0.1}, "frame_interval_s", id="interval"),
    ],
)
def test_bad_argument_fails_before_the_first_sample(
    change: dict[str, float], message: str
) -> None:
    arguments = {"start_s": 0.0, "end_s": 4.0, "spacing_m": 3.0, **change}

    with pytest.raises(InputError, match=message):
        plan_samples(steady(1.0), **arguments)


def test_distance_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match=r"travelled_m .* at 0\.00 s"):
        plan_samples(lambda _: float("nan"), start_s=0.0, end_s=1.0, spacing_m=3.0)
