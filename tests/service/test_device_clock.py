"""Which clock ties footage to its track."""

from __future__ import annotations

import pytest

from service.device_clock import DeviceClock, Footage, tie_clock, untold_s
from vision.errors import TelemetryError
from vision.types import ClockOffset, GnssFix

START_S = 1_790_000_000.0
LENGTH_S = 60.0


def fixes(*, epoch: bool = True, drive: bool = False) -> tuple[GnssFix, ...]:
    """Return a minute at 10 m/s, dated, or on the footage's clock, or both."""
    return tuple(
        GnssFix(
            START_S + s if epoch else None,
            113.8,
            34.0 + s * 9e-5,
            drive_s=float(s) if drive else None,
        )
        for s in range(61)
    )


def tied(
    track: tuple[GnssFix, ...], wall_s: float | None, device: DeviceClock | None
) -> ClockOffset:
    footage = Footage(LENGTH_S, wall_s, None, photos=False)
    return tie_clock(track, footage, given_offset_s=None, device=device)


def test_a_measured_clock_corrects_the_walls() -> None:
    ahead = START_S + 97.0

    assert tied(fixes(), ahead, DeviceClock(-97.0)).epoch_at_zero_s == START_S
    with pytest.raises(TelemetryError, match="do not overlap"):
        tied(fixes(), ahead, None)


def test_gnss_time_on_the_footage_is_better_than_any_clock() -> None:
    track = fixes(drive=True)

    clock = tied(track, START_S + 97.0, DeviceClock(-500.0))

    assert (clock.epoch_at_zero_s, clock.method) == (START_S, "embedded")


def test_a_camera_with_a_clock_of_its_own_is_still_believed() -> None:
    """The box was ten years off, the camera was not: only its own word overlaps."""
    clock = tied(fixes(), START_S, DeviceClock(3653 * 86400.0))

    assert clock.epoch_at_zero_s == START_S


def test_local_time_is_still_read_as_such() -> None:
    clock = tied(fixes(), START_S + 8 * 3600 + 97.0, DeviceClock(-97.0))

    assert (clock.epoch_at_zero_s, clock.method) == (START_S, "creation_time_local")


@pytest.mark.parametrize(
    ("wall_s", "started_s", "expected"),
    [
        pytest.param(START_S + 97, START_S + 3, START_S, id="two words agree"),
        pytest.param(
            START_S + 97 + 8 * 3600, START_S + 3, START_S, id="but for the zone"
        ),
        pytest.param(START_S + 97, None, None, id="one word is none"),
        pytest.param(START_S + 97, START_S + 400, None, id="they disagree"),
        pytest.param(START_S + 97, START_S - 9e8, None, id="by decades"),
    ],
)
def test_a_track_without_dates_is_dated_by_two_words(
    wall_s: float, started_s: float | None, expected: float | None
) -> None:
    track = fixes(epoch=False, drive=True)

    clock = tied(track, wall_s, DeviceClock(-97.0, started_s))

    assert clock.epoch_at_zero_s == expected
    assert (clock.method == "device_clock") == (expected is not None)


@pytest.mark.parametrize(
    ("used_s", "measured_s", "method", "residual_s", "expected"),
    [
        pytest.param(-97.0, -98.0, "creation_time", None, None, id="it knew its clock"),
        pytest.param(None, -97.0, "creation_time", None, 97.0, id="it did not"),
        pytest.param(-3.0, -97.0, "photo_time_local", 5.0, 94.0, id="or no longer"),
        pytest.param(None, -97.0, "creation_time", 0.5, None, id="the motion agreed"),
        pytest.param(None, -97.0, "embedded", None, None, id="GNSS was better"),
        pytest.param(None, None, "creation_time", None, None, id="nobody measured it"),
    ],
)
def test_a_drive_that_was_placed_elsewhere_by_a_wrong_clock_is_told_apart(
    used_s: float | None,
    measured_s: float | None,
    method: str,
    residual_s: float | None,
    expected: float | None,
) -> None:
    clock = ClockOffset(START_S, method, residual_s)

    assert untold_s(clock, used_s, measured_s) == expected
