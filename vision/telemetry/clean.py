"""Drop fixes that cannot be true, and say how many and why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.errors import TelemetryError
from vision.geo import LocalFrame
from vision.types import FloatArray, GnssFix

MAX_SPEED_MPS = 60.0
MAX_HDOP = 20.0
_NULL_ISLAND_DEG = 1e-4
_MOVING_MPS = 1.5
_NOISE_ALLOWANCE_M = 30.0
_CHAIN_WINDOW = 60
_LONE_FLOOR_M = 12.0
_LONE_ACCELERATION_MPS2 = 4.0
_FROZEN_JUMP_M = 15.0


@dataclass(frozen=True, slots=True)
class CleanedFixes:
    """Fixes worth believing, and what was dropped.

    Attributes:
        fixes: in time order, at most one an instant.
        dropped: reason -> count, of `no_time`, `no_place` (0,0 or not a number),
            `out_of_range`, `no_lock` (HDOP above 20), `duplicate_time`, `frozen`,
            `jump`.
    """

    fixes: tuple[GnssFix, ...]
    dropped: Mapping[str, int]


def is_usable(fix: GnssFix) -> bool:
    """Say if a fix, taken alone, has a place on earth and a lock."""
    return _flaw(fix) is None


def clean_fixes(fixes: Sequence[GnssFix]) -> CleanedFixes:
    """Return the fixes in time order without those that cannot be true.

    A fix with neither clock is dropped, unless it is the only one (one photo). The
    embedded clock (`drive_s`) orders the fixes where all have it, else UTC.

    Raises:
        TelemetryError: longitude and latitude are swapped.
    """
    _refuse_swapped(fixes)
    dropped: Counter[str] = Counter()
    kept: list[GnssFix] = []
    clock = _clock_of(fixes)
    for fix in fixes:
        reason = _flaw(fix)
        if reason is None and len(fixes) > 1 and _time(fix, clock) is None:
            reason = "no_time"
        if reason is None:
            kept.append(fix)
        else:
            dropped[reason] += 1
    if len(kept) > 1:
        kept = _in_time_order(kept, clock, dropped)
    for reason, keep in (("frozen", _not_frozen), ("jump", _not_jumping)):
        if len(kept) > 2:
            mask = keep(kept, _seconds(kept, clock))
            dropped[reason] += int(np.count_nonzero(~mask))
            kept = [fix for fix, good in zip(kept, mask, strict=True) if good]
    return CleanedFixes(tuple(kept), {k: n for k, n in dropped.items() if n})


def _refuse_swapped(fixes: Sequence[GnssFix]) -> None:
    real = [fix for fix in fixes if math.isfinite(fix.lat) and math.isfinite(fix.lon)]
    swapped = [f for f in real if 90 < abs(f.lat) <= 180 and abs(f.lon) <= 90]
    if len(swapped) > len(real) / 2:
        first = swapped[0]
        msg = (
            "Longitude and latitude are swapped: the track has latitude "
            f"{first.lat:.4f} and longitude {first.lon:.4f}; exchange the two columns."
        )
        raise TelemetryError(msg)


def _flaw(fix: GnssFix) -> str | None:
    if not (math.isfinite(fix.lon) and math.isfinite(fix.lat)):
        return "no_place"
    if abs(fix.lon) < _NULL_ISLAND_DEG and abs(fix.lat) < _NULL_ISLAND_DEG:
        return "no_place"
    if abs(fix.lat) > 90 or abs(fix.lon) > 180:
        return "out_of_range"
    if fix.hdop is not None and fix.hdop > MAX_HDOP:
        return "no_lock"
    return None


def _clock_of(fixes: Sequence[GnssFix]) -> str:
    streamed = bool(fixes) and all(fix.drive_s is not None for fix in fixes)
    return "drive_s" if streamed else "epoch_s"


def _time(fix: GnssFix, clock: str) -> float | None:
    return fix.drive_s if clock == "drive_s" else fix.epoch_s


def _seconds(fixes: Sequence[GnssFix], clock: str) -> FloatArray:
    return np.array([_time(fix, clock) for fix in fixes], dtype=np.float64)


def _in_time_order(
    fixes: list[GnssFix], clock: str, dropped: Counter[str]
) -> list[GnssFix]:
    times = _seconds(fixes, clock)
    order = np.argsort(times, kind="stable")
    fresh = np.diff(times[order], prepend=-np.inf) > 1e-6
    dropped["duplicate_time"] += int(np.count_nonzero(~fresh))
    return [fixes[i] for i in order[fresh]]


def _metres(fixes: Sequence[GnssFix]) -> FloatArray:
    lonlat = np.array([(fix.lon, fix.lat) for fix in fixes], dtype=np.float64)
    middle = np.median(lonlat, axis=0)
    return LocalFrame(float(middle[0]), float(middle[1])).to_xy(lonlat)


def _not_frozen(fixes: Sequence[GnssFix], t: FloatArray) -> npt.NDArray[np.bool_]:
    """Keep the first of a run of identical places, and all of it if it may be true.

    A run is frozen when the receiver reports speed in it, or when the step out of it is
    far too long for its own time but not for the run's. Where speeds are reported and
    low, the vehicle stood.
    """
    xy = _metres(fixes)
    step_m = np.hypot(*np.diff(xy, axis=0).T)
    same = step_m < 1e-3
    moving_steps = ~same
    usual_mps = (
        float(np.median((step_m / np.diff(t))[moving_steps]))
        if moving_steps.any()
        else 0.0
    )
    keep = np.ones(len(fixes), dtype=np.bool_)
    first = 0
    while first < len(fixes):
        last = first
        while last < len(same) and same[last]:
            last += 1
        if last > first and (
            _moves_by_speed(fixes[first + 1 : last + 1])
            or _jumps_on(xy, t, (first, last), usual_mps)
        ):
            keep[first + 1 : last + 1] = False
        first = last + 1
    return keep


def _moves_by_speed(run: Sequence[GnssFix]) -> bool:
    speeds = [fix.speed_mps for fix in run if fix.speed_mps is not None]
    return bool(speeds) and float(np.median(speeds)) > _MOVING_MPS


def _jumps_on(
    xy: FloatArray, t: FloatArray, run: tuple[int, int], usual_mps: float
) -> bool:
    """Say if the place leaps on after the run, as if the run's time had been lost.

    A leap that the next fix takes back is an outlier, not the end of a frozen run.
    """
    first, last = run
    if last + 2 >= len(xy):
        return False
    leap_m = float(np.hypot(*(xy[last + 1] - xy[last])))
    kept_m = float(np.hypot(*(xy[last + 2] - xy[last])))
    if leap_m < _FROZEN_JUMP_M or kept_m < leap_m / 2:
        return False
    leap_mps = leap_m / float(t[last + 1] - t[last])
    spread_mps = leap_m / float(t[last + 1] - t[first])
    return leap_mps > 2 * max(usual_mps, 3.0) and spread_mps < MAX_SPEED_MPS


def _not_jumping(fixes: Sequence[GnssFix], t: FloatArray) -> npt.NDArray[np.bool_]:
    """Keep the longest feasible chain without what disagrees with its neighbours."""
    xy = _metres(fixes)
    keep = _feasible_chain(xy, t)
    while True:
        rows = np.flatnonzero(keep)
        lone = _lone_outliers(xy[rows], t[rows])
        if not len(lone):
            return keep
        keep[rows[lone]] = False


def _feasible_chain(xy: FloatArray, t: FloatArray) -> npt.NDArray[np.bool_]:
    """Return the longest chain of fixes in which no step is faster than 60 m/s.

    A short step may add 30 m of noise. A cluster of wrong places loses against the
    longer rest of the track.
    """
    n = len(t)
    length = np.ones(n, dtype=np.int64)
    before = np.full(n, -1, dtype=np.int64)
    for i in range(1, n):
        low = max(0, i - _CHAIN_WINDOW)
        gap_m = np.hypot(*(xy[i] - xy[low:i]).T)
        dt = t[i] - t[low:i]
        allowed_m = MAX_SPEED_MPS * dt + np.minimum(_NOISE_ALLOWANCE_M, 10 + 20 * dt)
        score = np.where(gap_m <= allowed_m, length[low:i], 0)
        best = len(score) - 1 - int(np.argmax(score[::-1]))
        if score[best] > 0:
            length[i] = score[best] + 1
            before[i] = low + best
    keep = np.zeros(n, dtype=np.bool_)
    row = int(np.argmax(length))
    while row >= 0:
        keep[row] = True
        row = int(before[row])
    return keep


def _lone_outliers(xy: FloatArray, t: FloatArray) -> npt.NDArray[np.intp]:
    """Return rows far from where their two neighbours put them, worst of each group."""
    if len(t) < 4:
        return np.empty(0, dtype=np.intp)
    inner = np.arange(1, len(t) - 1)
    miss_m, turn_m, _ = _miss(xy, t, (inner, inner - 1, inner + 1))
    noise_m = 4 * float(np.median(miss_m))
    for order in (np.arange(4), len(t) - 1 - np.arange(4)):
        wrong = _end_outlier(xy[order], t[order], noise_m)
        if wrong is not None:
            return order[[wrong]]
    ratio = np.pad(miss_m / (_LONE_FLOOR_M + noise_m + turn_m), 1)
    peak = (ratio[1:-1] >= ratio[:-2]) & (ratio[1:-1] >= ratio[2:])
    return inner[peak & (ratio[1:-1] > 1)]


def _end_outlier(xy: FloatArray, t: FloatArray, noise_m: float) -> int | None:
    """Return 0 or 1 if the first of four rows lies off the line of the next two.

    Which of the two is wrong, the line through the last two tells.
    """
    ends = (np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([2, 3, 3]))
    miss_m, turn_m, gain = _miss(xy, t, ends)
    ratio = miss_m / (_LONE_FLOOR_M + noise_m * gain / gain[0] * 2 + turn_m)
    if ratio[0] <= 1:
        return None
    return 0 if miss_m[1] / gain[1] > miss_m[2] / gain[2] else 1


_Rows = npt.NDArray[np.intp]


def _miss(
    xy: FloatArray, t: FloatArray, rows: tuple[_Rows, _Rows, _Rows]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compare each first row with the line through the two others.

    Returns:
        How far off it is, how far a turning vehicle could be off, both in metres, and
        by how much the line magnifies noise.
    """
    row, a, b = rows
    weight = (t[row] - t[a]) / (t[b] - t[a])
    guess = xy[a] + weight[:, None] * (xy[b] - xy[a])
    miss_m = np.hypot(*(xy[row] - guess).T)
    turn_m = _LONE_ACCELERATION_MPS2 * np.abs((t[row] - t[a]) * (t[b] - t[row])) / 2
    return miss_m, turn_m, np.sqrt(1 + weight**2 + (1 - weight) ** 2)
