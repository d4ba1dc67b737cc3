"""Plans which moments of a drive to look at, by metres driven, before any decoding."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from vision.errors import InputError
from vision.types import FloatArray

_GRID_S = 0.05
_SNAP_FRACTION = 0.25
_ROUNDING_S = 1e-6


def plan_samples(
    travelled_m: Callable[[float], float],
    *,
    start_s: float,
    end_s: float,
    spacing_m: float,
    key_drive_s: Sequence[float] = (),
    frame_interval_s: float = 0.0,
) -> list[float]:
    """Return ascending drive times, one for every `spacing_m` driven.

    The first is `start_s` (or a key picture as near as below). Nothing is added while
    the vehicle stands or rolls back. Each step is `spacing_m` long, or within 25 % of
    it where a key picture lies there, which is cheaper to decode.

    Args:
        travelled_m: drive time -> metres driven since any fixed moment.
        start_s: first drive time that may be sampled.
        end_s: last one.
        spacing_m: metres between samples, > 0.
        key_drive_s: drive times of key pictures, in any order.
        frame_interval_s: samples are never nearer than this, so that a fast vehicle
            does not ask for one picture twice.

    Raises:
        InputError: an argument is out of range or the distance is not a number.
    """
    _check(start_s, end_s, spacing_m, frame_interval_s)
    steps = max(1, math.ceil((end_s - start_s) / _GRID_S))
    time_s = np.linspace(start_s, end_s, steps + 1, dtype=np.float64)
    driven_m = _driven(travelled_m, time_s)
    keys_s = np.unique(np.asarray(key_drive_s, dtype=np.float64))
    keys_s = keys_s[(keys_s >= start_s) & (keys_s <= end_s)]
    keys_m = np.interp(keys_s, time_s, driven_m)
    snap_m = _SNAP_FRACTION * spacing_m

    chosen = [_start(keys_s, keys_m - driven_m[0], snap_m, start_s)]
    at_m = float(np.interp(chosen[0], time_s, driven_m))
    while at_m + spacing_m - snap_m <= driven_m[-1]:
        goal_m = at_m + spacing_m
        earliest_s = chosen[-1] + frame_interval_s
        key = _nearest_key(keys_m, goal_m, snap_m)
        moment_s = None if key is None else float(keys_s[key])
        if moment_s is None or moment_s < earliest_s:
            if goal_m > driven_m[-1]:
                break
            moment_s = max(_first_time_at(goal_m, time_s, driven_m), earliest_s)
        if moment_s > end_s + _ROUNDING_S:
            break
        chosen.append(min(moment_s, end_s))
        at_m = max(goal_m - snap_m, float(np.interp(moment_s, time_s, driven_m)))
    return chosen


def _check(
    start_s: float, end_s: float, spacing_m: float, frame_interval_s: float
) -> None:
    if not (math.isfinite(start_s) and math.isfinite(end_s) and start_s <= end_s):
        msg = f"start_s must not lie after end_s, got start_s={start_s}, end_s={end_s}"
        raise InputError(msg)
    if not (math.isfinite(spacing_m) and spacing_m > 0):
        msg = f"spacing_m must be a finite number > 0, got {spacing_m}"
        raise InputError(msg)
    if not (math.isfinite(frame_interval_s) and frame_interval_s >= 0):
        msg = f"frame_interval_s must be a finite number >= 0, got {frame_interval_s}"
        raise InputError(msg)


def _driven(travelled_m: Callable[[float], float], time_s: FloatArray) -> FloatArray:
    """Return metres driven at each time, never falling."""
    driven_m = np.array([travelled_m(float(t)) for t in time_s], dtype=np.float64)
    if not np.isfinite(driven_m).all():
        first_s = float(time_s[~np.isfinite(driven_m)][0])
        msg = f"travelled_m is not a finite number at {first_s:.2f} s of the drive"
        raise InputError(msg)
    return np.maximum.accumulate(driven_m)


def _start(
    keys_s: FloatArray, keys_ahead_m: FloatArray, snap_m: float, start_s: float
) -> float:
    """Return the first key picture within reach of the start, else the start."""
    if len(keys_s) and keys_ahead_m[0] <= snap_m and keys_s[0] - start_s <= 1.0:
        return float(keys_s[0])
    return start_s


def _nearest_key(keys_m: FloatArray, goal_m: float, snap_m: float) -> int | None:
    """Return the key picture nearest to a distance, the first of equals."""
    low, high = np.searchsorted(keys_m, [goal_m - snap_m, goal_m + snap_m + 1e-9])
    if low >= high:
        return None
    return int(low + np.argmin(np.abs(keys_m[low:high] - goal_m)))


def _first_time_at(goal_m: float, time_s: FloatArray, driven_m: FloatArray) -> float:
    """Return the first time at which `goal_m` is reached; it must be reached."""
    after = int(np.searchsorted(driven_m, goal_m, side="left"))
    if after == 0:
        return float(time_s[0])
    step_m = driven_m[after] - driven_m[after - 1]
    part = (goal_m - driven_m[after - 1]) / step_m
    return float(time_s[after - 1] + part * (time_s[after] - time_s[after - 1]))
