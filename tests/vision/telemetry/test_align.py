from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from vision.errors import TelemetryError
from vision.telemetry import align_clock
from vision.types import ClockOffset, GnssFix, MotionSignal

EPOCH_S = 1_700_000_000.0


def clip(
    drive, start_s: float, end_s: float, *, noise: float = 0.15, seed: int = 3
) -> MotionSignal:
    """Film a stretch of the drive: activity grows with speed, with noise."""
    rows = np.flatnonzero((drive.t >= start_s) & (drive.t < end_s))
    rng = np.random.default_rng(seed)
    speed = drive.speed_mps[rows] / 9.0
    activity = np.maximum(0, 0.1 + speed + rng.normal(0, noise, len(rows)))
    return MotionSignal(drive.t[rows] - start_s, activity)


def align(fixes: list[GnssFix], **changes: object) -> ClockOffset:
    given: dict[str, object] = {
        "duration_s": 60.0,
        "epoch_at_zero_s": None,
        "motion": None,
        "given_offset_s": None,
    }
    return align_clock(fixes, **{**given, **changes})  # type: ignore[arg-type]


def test_embedded_fixes_give_the_median_offset_and_its_spread() -> None:
    # one payload's UTC is off by 1.5 s, as on real GoPros before the first second
    extra = [1.5, 0.0, 0.02, -0.02, 0.0, 0.02, -0.02]
    fixes = [
        GnssFix(EPOCH_S + i + e, 113.8, 34.0, drive_s=float(i))
        for i, e in enumerate(extra)
    ]

    clock = align(fixes, epoch_at_zero_s=EPOCH_S + 99_999)

    assert clock.method == "embedded"
    assert clock.epoch_at_zero_s == pytest.approx(EPOCH_S, abs=0.001)
    assert clock.residual_s == pytest.approx(1.4826 * 0.02, abs=0.001)


def test_embedded_fixes_without_utc_keep_it_unknown() -> None:
    fixes = [GnssFix(None, 113.8, 34.0, drive_s=float(i)) for i in range(5)]

    assert align(fixes) == ClockOffset(None, "embedded", None)


def test_a_given_offset_is_added_to_the_wall_clock(drive) -> None:
    fixes = drive.fixes(drive.white(1.0))

    clock = align(fixes, epoch_at_zero_s=EPOCH_S + 30, given_offset_s=-20.0)

    assert clock == ClockOffset(EPOCH_S + 10, "given", None)


def test_a_wall_clock_within_the_track_is_believed(drive) -> None:
    clock = align(drive.fixes(drive.white(1.0)), epoch_at_zero_s=EPOCH_S + 30)

    assert clock == ClockOffset(EPOCH_S + 30, "creation_time", None)


@pytest.mark.parametrize(
    ("hours", "lon"),
    [
        pytest.param(8.0, 113.8, id="China"),
        pytest.param(5.5, 77.2, id="India, half an hour"),
        pytest.param(5.75, 85.3, id="Nepal, a quarter"),
        pytest.param(-8.0, -122.6, id="west of Greenwich"),
    ],
)
def test_a_wall_clock_in_local_time_is_recognised(
    drive, hours: float, lon: float
) -> None:
    fixes = [replace(f, lon=lon) for f in drive.fixes(drive.white(0.0))]
    local = EPOCH_S + 20 + hours * 3600

    clock = align(fixes, epoch_at_zero_s=local)

    assert clock == ClockOffset(EPOCH_S + 20, "creation_time_local", None)


def test_on_a_long_track_the_zone_nearest_the_sun_is_taken() -> None:
    # 3 h 20 of track, footage 12 min after its start, stamped 8 h ahead: the zones
    # +5 to +8 would all fall into the track; at 113.8 E the sun says 7.6 h
    fixes = [GnssFix(EPOCH_S + 60 * i, 113.8, 34 + i * 1e-3) for i in range(200)]

    clock = align(fixes, epoch_at_zero_s=EPOCH_S + 720 + 8 * 3600)

    assert clock == ClockOffset(EPOCH_S + 720, "creation_time_local", None)


def test_photos_say_so_in_the_method(drive) -> None:
    clock = align(
        drive.fixes(drive.white(1.0)),
        epoch_at_zero_s=EPOCH_S + 2 * 3600,
        kind="photos",
    )

    assert clock.method == "photo_time_local"


@pytest.mark.parametrize("wrong_s", [-25.0, -3.3, 0.0, 3.3, 17.4])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_motion_recovers_a_wrong_wall_clock_within_half_a_second(
    drive, wrong_s: float, seed: int
) -> None:
    fixes = drive.fixes(drive.white(1.5, seed=seed))
    motion = clip(drive, 22.3, 92.3, seed=seed)

    clock = align(
        fixes,
        duration_s=70.0,
        epoch_at_zero_s=EPOCH_S + 22.3 + wrong_s,
        motion=motion,
    )

    assert clock.method == ("motion" if wrong_s else "creation_time")
    assert clock.epoch_at_zero_s == pytest.approx(EPOCH_S + 22.3, abs=0.5)
    assert clock.residual_s is not None
    assert 0 <= clock.residual_s < 1


def test_a_middling_fit_never_moves_a_clock_that_was_set(drive) -> None:
    fixes = drive.fixes(drive.white(1.0))
    honest = clip(drive, 22.3, 92.3, seed=4)
    scenery = np.random.default_rng(5).normal(0, 2.0 * honest.activity.std(), 4000)
    misled = MotionSignal(
        drive_s=honest.drive_s,
        activity=np.maximum(
            honest.activity + np.cumsum(scenery)[: len(honest.activity)] / 9, 0
        ),
    )

    clock = align(fixes, duration_s=70.0, epoch_at_zero_s=EPOCH_S + 22.3, motion=misled)

    assert clock.method == "creation_time"
    assert clock.epoch_at_zero_s == EPOCH_S + 22.3


def test_motion_finds_the_place_without_any_wall_clock(drive) -> None:
    clock = align(
        drive.fixes(drive.white(1.5)),
        duration_s=70.0,
        motion=clip(drive, 22.3, 92.3),
    )

    assert clock.method == "motion"
    assert clock.epoch_at_zero_s == pytest.approx(EPOCH_S + 22.3, abs=0.5)


def test_the_residual_is_of_the_size_of_the_error(drive) -> None:
    errors, residuals = [], []
    for seed in range(12):
        clock = align(
            drive.fixes(drive.white(1.5, seed=seed)),
            duration_s=70.0,
            motion=clip(drive, 22.3, 92.3, noise=0.3, seed=seed),
        )
        assert clock.epoch_at_zero_s is not None
        assert clock.residual_s is not None
        errors.append(clock.epoch_at_zero_s - EPOCH_S - 22.3)
        residuals.append(clock.residual_s)

    ratio = float(np.sqrt(np.mean(np.square(errors))) / np.median(residuals))
    assert 0.2 < ratio < 3


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda n, _: np.ones(n), id="constant"),
        pytest.param(lambda n, rng: rng.uniform(0, 1, n), id="pure noise"),
    ],
)
def test_motion_that_says_nothing_leaves_the_wall_clock_alone(
    drive, wrong: Callable[[int, np.random.Generator], np.ndarray]
) -> None:
    motion = clip(drive, 22.3, 92.3)
    noise = wrong(len(motion.drive_s), np.random.default_rng(0))

    clock = align(
        drive.fixes(drive.white(1.0)),
        duration_s=70.0,
        epoch_at_zero_s=EPOCH_S + 20,
        motion=MotionSignal(motion.drive_s, noise),
    )

    assert clock == ClockOffset(EPOCH_S + 20, "creation_time", None)


def test_equal_lengths_without_a_clock_begin_together(drive) -> None:
    clock = align(drive.fixes(drive.white(1.0)), duration_s=119.0)

    assert clock.method == "assumed_start"
    assert clock.epoch_at_zero_s == EPOCH_S
    assert clock.residual_s == pytest.approx(1.0)


def patrol(hours: float, *, period_s: float | None = None) -> list[GnssFix]:
    """Drive east for hours with speeds that wander, or repeat with a period."""
    t = np.arange(0, hours * 3600)
    if period_s is None:
        kicks = np.random.default_rng(5).normal(0, 1, len(t))
        speed = 7 + 8 * np.convolve(kicks, np.ones(30) / 30, mode="same")
    else:
        speed = 7 + 4 * np.sin(2 * np.pi * t / period_s)
    return [
        GnssFix(EPOCH_S + float(s), 113.8, 34.0, speed_mps=max(0.0, float(v)))
        for s, v in zip(t, speed, strict=True)
    ]


def film(fixes: list[GnssFix], start_s: int, length_s: int) -> MotionSignal:
    speed = [f.speed_mps or 0.0 for f in fixes[start_s : start_s + length_s]]
    noise = np.random.default_rng(6).normal(0, 1, length_s)
    activity = np.maximum(0, np.array(speed) + noise)
    return MotionSignal(np.arange(length_s, dtype=np.float64), activity)


def test_on_a_shift_long_track_motion_tells_local_time_from_utc() -> None:
    fixes = patrol(9.5)
    motion = film(fixes, 600, 300)

    # read as UTC, the stamp falls into the shift as well, at the wrong place
    clock = align(
        fixes,
        duration_s=300.0,
        epoch_at_zero_s=EPOCH_S + 600 + 8 * 3600,
        motion=motion,
    )

    assert clock.method == "motion"
    assert clock.epoch_at_zero_s == pytest.approx(EPOCH_S + 600, abs=0.5)


def test_motion_that_fits_in_many_places_leaves_the_wall_clock_alone() -> None:
    fixes = patrol(9.5, period_s=20.0)

    clock = align(
        fixes,
        duration_s=300.0,
        epoch_at_zero_s=EPOCH_S + 600,
        motion=film(fixes, 600, 300),
    )

    assert clock == ClockOffset(EPOCH_S + 600, "creation_time", None)


@pytest.mark.parametrize("offset_s", [None, 5.0])
def test_a_track_of_another_day_is_refused_with_both_dates(
    drive, offset_s: float | None
) -> None:
    with pytest.raises(TelemetryError, match="do not overlap") as caught:
        align(
            drive.fixes(drive.white(1.0)),
            epoch_at_zero_s=EPOCH_S + 3 * 86400,
            given_offset_s=offset_s,
        )

    assert "2023-11-17" in str(caught.value)
    assert "2023-11-14" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("duration_s", [10.0, 900.0])
def test_footage_that_nothing_ties_to_the_track_is_refused(
    drive, duration_s: float
) -> None:
    with pytest.raises(TelemetryError, match="clock offset"):
        align(drive.fixes(drive.white(1.0)), duration_s=duration_s)


@pytest.mark.parametrize("fixes", [[], [GnssFix(None, 113.8, 34.0)]])
def test_no_fixes_or_no_times_are_refused(fixes: list[GnssFix]) -> None:
    with pytest.raises(TelemetryError, match="--track FILE"):
        align(fixes)
