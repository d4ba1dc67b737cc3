"""The clock of the device that filmed, as the service measured it.

A camera dates its footage by the clock of its device. Where GNSS time ties pictures and
track, that clock does not matter; where only the footage's wall clock ties them, it is
put right by the offset that was measured when the device was heard of. A clock that was
measured is not overruled by how the picture moves: on a short piece at an even speed
that fits in more than one place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from vision.errors import TelemetryError
from vision.telemetry import align_clock
from vision.types import ClockOffset, GnssFix, MotionSignal

_QUARTER_HOUR_S = 900.0
_MOST_ZONE_S = 14.5 * 3600.0
_WALL_CLOCKS = frozenset({"creation_time", "photo_time", "device_clock"})
_BELIEVED_S = 2.0
_SAME_CLOCK_S = 120.0
"""Footage and its device's word for when it began differ by less: one clock said both,
but for whole quarter-hours, which are the zone in which a camera writes its time."""


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """What was measured of a device's clock.

    Attributes:
        offset_s: seconds to add to the footage's wall clock.
        started_s: when the drive began, UTC, by the device's word put right; None if
            it did not say.
    """

    offset_s: float
    started_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """What is known of the footage's time.

    Attributes:
        duration_s: its length.
        wall_s: its own wall clock at drive second 0; None if it has none.
        motion: how much the picture changes; None if not measured.
        photos: it is photos, not film.
    """

    duration_s: float
    wall_s: float | None
    motion: MotionSignal | None
    photos: bool


def tie_clock(
    fixes: tuple[GnssFix, ...],
    footage: Footage,
    *,
    given_offset_s: float | None,
    device: DeviceClock | None,
) -> ClockOffset:
    """Return the UTC of drive second 0; the best clock there is says it.

    Args:
        fixes: cleaned, in time order.
        footage: with its own clock.
        given_offset_s: see `align_clock`; None to estimate.
        device: measured; None where the footage is of no known device.

    Raises:
        TelemetryError: nothing ties the footage to the track.
    """
    if device is None or footage.wall_s is None or given_offset_s is not None:
        return _align(fixes, footage, given_offset_s)
    right_s = footage.wall_s + device.offset_s
    right = replace(footage, wall_s=right_s, motion=None)
    try:
        clock = _align(fixes, right, None)
    except TelemetryError:
        return _align(fixes, footage, None)  # another clock dated the footage
    if clock.epoch_at_zero_s is None:
        return _dated(clock, right_s, device)
    return clock


def untold_s(
    clock: ClockOffset, used_s: float | None, measured_s: float | None
) -> float | None:
    """Return by how much a clock was off that tied footage and track elsewhere.

    Args:
        clock: as it was tied.
        used_s: seconds that were added to the footage's wall clock; None where its
            device did not know them.
        measured_s: seconds that should have been; None where nothing was measured.

    Returns:
        None where it was off by no more than two seconds, or where it did not matter:
        the track had a better clock, or how the picture moves agreed.
    """
    off_s = (used_s or 0.0) - (measured_s or 0.0)
    if measured_s is None or abs(off_s) <= _BELIEVED_S:
        return None
    if clock.method.removesuffix("_local") not in _WALL_CLOCKS:
        return None
    agreed = clock.residual_s is not None and clock.residual_s <= _BELIEVED_S
    return None if agreed else off_s


def _align(
    fixes: tuple[GnssFix, ...], footage: Footage, given_offset_s: float | None
) -> ClockOffset:
    return align_clock(
        fixes,
        duration_s=footage.duration_s,
        epoch_at_zero_s=footage.wall_s,
        motion=footage.motion,
        given_offset_s=given_offset_s,
        kind="photos" if footage.photos else "video",
    )


def _dated(clock: ClockOffset, wall_s: float, device: DeviceClock) -> ClockOffset:
    """Date a track that runs on the footage's clock, if two words agree on the date.

    A camera may write local time, so its clock alone could be hours off.
    """
    if device.started_s is None:
        return clock
    apart_s = wall_s - device.started_s
    zone_s = _QUARTER_HOUR_S * round(apart_s / _QUARTER_HOUR_S)
    left_s = abs(apart_s - zone_s)
    if left_s > _SAME_CLOCK_S or abs(zone_s) > _MOST_ZONE_S:
        return clock
    return ClockOffset(wall_s - zone_s, "device_clock", left_s)
