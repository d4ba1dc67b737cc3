"""Tie the footage's clock to UTC, and say how well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vision.errors import TelemetryError
from vision.telemetry.correlate import (
    Match,
    SpeedSignal,
    best_correlation,
    match_motion,
    speed_signal,
)
from vision.telemetry.times import date_text
from vision.types import ClockOffset, GnssFix, MotionSignal

REFINE_S = 60.0
"""How far a wall clock is searched around by the picture's motion."""

_EDGE_S = 5.0
_QUARTER_HOUR_S = 900.0
_ZONES = range(-12 * 4, 14 * 4 + 1)
_CLEARLY_BETTER = 0.2
_OVERRULING_CORRELATION = 0.8
_OVERRULING_MARGIN = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """What is known before the search."""

    start_s: float
    end_s: float
    mean_lon: float
    duration_s: float
    motion: MotionSignal | None
    speed: SpeedSignal | None
    clock: str

    def overlap_s(self, epoch_at_zero_s: float) -> float:
        """Return how much of the footage the track covers; negative is the gap."""
        return min(self.end_s, epoch_at_zero_s + self.duration_s) - max(
            self.start_s, epoch_at_zero_s
        )

    def overlaps(self, epoch_at_zero_s: float) -> bool:
        """Say if they share time, allowing five seconds at the edges."""
        return self.overlap_s(epoch_at_zero_s) > -_EDGE_S

    def match(self, low_s: float, high_s: float) -> Match | None:
        """Return where the motion fits with drive second 0 between two times."""
        if self.motion is None or self.speed is None or high_s < low_s:
            return None
        return match_motion(self.motion, self.speed, search=(low_s, high_s))

    def match_near(self, epoch_at_zero_s: float) -> Match | None:
        """Return where the motion fits within a minute of a wall clock."""
        return self.match(epoch_at_zero_s - REFINE_S, epoch_at_zero_s + REFINE_S)

    def fit_at(self, epoch_at_zero_s: float) -> float:
        """Return how well the motion fits with the wall clock as it is."""
        if self.motion is None or self.speed is None:
            return -1.0
        search = (epoch_at_zero_s, epoch_at_zero_s)
        return best_correlation(self.motion, self.speed, search=search)

    def fit_near(self, epoch_at_zero_s: float) -> float:
        """Return how well the motion fits at best within a minute, however often."""
        if self.motion is None or self.speed is None:
            return -1.0
        search = (epoch_at_zero_s - REFINE_S, epoch_at_zero_s + REFINE_S)
        return best_correlation(self.motion, self.speed, search=search)


def align_clock(
    fixes: Sequence[GnssFix],
    *,
    duration_s: float,
    epoch_at_zero_s: float | None,
    motion: MotionSignal | None,
    given_offset_s: float | None,
    kind: Literal["video", "photos"] = "video",
) -> ClockOffset:
    """Return the UTC of drive second 0, how it was found, and its residual.

    Args:
        fixes: cleaned, in time order.
        duration_s: length of the footage.
        epoch_at_zero_s: the footage's own wall clock at drive second 0, from its
            container or EXIF; None if it has none worth believing.
        motion: how much the picture changes; None if not measured.
        given_offset_s: seconds that the user adds to the footage's wall clock (to the
            track's first fix, where the footage has no wall clock); None to estimate.
        kind: `photos` have exact times of their own and are not refined by motion;
            fixes tied to their photos (`drive_s` set) give `photo_time`.

    Returns:
        Method `given`; `embedded` (fixes on the footage's own clock; the residual is
        the spread of UTC minus stream time); `creation_time` or `photo_time` (the wall
        clock; the residual is how far motion would have moved it, None if motion says
        nothing); the same with `_local` (wall clock in local time, a whole number of
        quarter-hours from UTC); `motion` (correlation of picture motion and speed);
        `assumed_start` (footage and track begin together; the residual is by how much
        their lengths differ).

    Raises:
        TelemetryError: no fixes; or footage and track do not overlap; or nothing ties
            the footage to the track.
    """
    if not fixes:
        msg = "No usable GPS fix is left for this footage; give another --track FILE."
        raise TelemetryError(msg)
    streamed = [fix for fix in fixes if fix.drive_s is not None]
    if streamed and given_offset_s is None:
        return _embedded(streamed, "embedded" if kind == "video" else "photo_time")
    timed = [fix for fix in fixes if fix.epoch_s is not None]
    if not timed:
        msg = "The track has no times; give one with times by --track FILE."
        raise TelemetryError(msg)
    times = [fix.epoch_s for fix in timed if fix.epoch_s is not None]
    problem = _Problem(
        start_s=min(times),
        end_s=max(times),
        mean_lon=float(np.mean([fix.lon for fix in timed])),
        duration_s=duration_s,
        motion=motion if kind == "video" else None,
        speed=speed_signal(timed),
        clock="creation_time" if kind == "video" else "photo_time",
    )
    if given_offset_s is not None:
        return _given(problem, epoch_at_zero_s, given_offset_s)
    if epoch_at_zero_s is not None:
        return _by_wall_clock(problem, epoch_at_zero_s)
    return _without_wall_clock(problem)


def _embedded(fixes: Sequence[GnssFix], method: str) -> ClockOffset:
    offsets = np.array(
        [
            fix.epoch_s - fix.drive_s
            for fix in fixes
            if fix.epoch_s is not None and fix.drive_s is not None
        ],
        dtype=np.float64,
    )
    if not len(offsets):
        return ClockOffset(None, method, None)
    middle = float(np.median(offsets))
    spread = 1.4826 * float(np.median(np.abs(offsets - middle)))
    return ClockOffset(middle, method, spread if len(offsets) > 1 else None)


def _given(
    problem: _Problem, epoch_at_zero_s: float | None, offset_s: float
) -> ClockOffset:
    base_s = problem.start_s if epoch_at_zero_s is None else epoch_at_zero_s
    at_zero_s = base_s + offset_s
    if not problem.overlaps(at_zero_s):
        raise TelemetryError(_apart(problem, at_zero_s))
    return ClockOffset(at_zero_s, "given", None)


def _apart(problem: _Problem, at_zero_s: float) -> str:
    return (
        f"The footage ({date_text(at_zero_s)}) and the track "
        f"({date_text(problem.start_s)} to {date_text(problem.end_s)}) do not overlap; "
        "give the track of that drive, or the clock offset by --clock-offset S."
    )


def _by_wall_clock(problem: _Problem, wall_s: float) -> ClockOffset:
    """Believe the wall clock, as UTC or as local time, and refine it by motion."""
    shifts = [k * _QUARTER_HOUR_S for k in _ZONES]
    starts = [(s, wall_s - s) for s in shifts if problem.overlaps(wall_s - s)]
    if not starts:
        nearby = problem.match_near(wall_s)
        if nearby is None:
            raise TelemetryError(_apart(problem, wall_s))
        return ClockOffset(nearby.epoch_at_zero_s, "motion", nearby.residual_s)
    shift_s, start_s = min(starts, key=lambda row: _unlikely(problem, *row))
    match = problem.match_near(start_s)
    best = problem.fit_near(start_s) if len(starts) > 1 else 1.0
    for _, other_s in starts:
        other = problem.match_near(other_s) if best < 1 - _CLEARLY_BETTER else None
        if other is not None and other.correlation > best + _CLEARLY_BETTER:
            match, best = other, other.correlation
    if match is not None and _overrules(match, problem.fit_at(start_s)):
        return ClockOffset(match.epoch_at_zero_s, "motion", match.residual_s)
    suffix = "_local" if shift_s else ""
    apart_s = None if match is None else abs(match.epoch_at_zero_s - start_s)
    return ClockOffset(start_s, problem.clock + suffix, apart_s)


def _overrules(match: Match, wall_fit: float) -> bool:
    """Say if motion is believed more than a wall clock that lies on the track.

    What a picture shows changes its size as much as speed does, so a middling or
    flat fit is no reason to move a clock that was set.
    """
    return (
        match.correlation >= _OVERRULING_CORRELATION
        and match.correlation >= wall_fit + _OVERRULING_MARGIN
    )


def _unlikely(
    problem: _Problem, shift_s: float, start_s: float
) -> tuple[bool, bool, float, float]:
    """Order readings of the wall clock: UTC, then whole hours near the sun's zone."""
    covered = problem.overlap_s(start_s) >= 0.5 * min(
        problem.duration_s, problem.end_s - problem.start_s
    )
    if shift_s == 0:
        return (False, False, -1.0, 0.0)
    away_h = abs(shift_s / 3600.0 - problem.mean_lon / 15.0)
    return (True, not covered, shift_s % 3600.0, away_h)


def _without_wall_clock(problem: _Problem) -> ClockOffset:
    length_s = problem.end_s - problem.start_s
    slack_s = max(3.0, 0.1 * max(length_s, problem.duration_s))
    alike = abs(length_s - problem.duration_s) <= slack_s
    if alike or length_s > problem.duration_s:
        last_s = max(problem.start_s, problem.end_s - problem.duration_s)
        match = problem.match(problem.start_s - slack_s, last_s + slack_s)
        if match is not None:
            return ClockOffset(match.epoch_at_zero_s, "motion", match.residual_s)
    if alike:
        apart_s = abs(length_s - problem.duration_s)
        return ClockOffset(problem.start_s, "assumed_start", apart_s)
    msg = (
        f"The footage has no clock and lasts {problem.duration_s:.0f} s, the track "
        f"{length_s:.0f} s: nothing ties them together; "
        "give the clock offset by --clock-offset S."
    )
    raise TelemetryError(msg)
