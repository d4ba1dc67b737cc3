"""Tell when the vehicle stood, from its speeds or from where its fixes stay."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vision.types import FloatArray

_STANDING_MPS = 0.5
_SLOT_S = 0.5
_MAX_STOP_S = 120.0
_CRAWL_MPS = 1.0
_MIN_STOP_S = 4.0
_MIN_RADIUS_M = 2.0
_RADIUS_SIGMAS = 2.5
_NET_FRACTION = 0.35


def standing_mask(
    t: FloatArray, xy: FloatArray, speed_mps: FloatArray, *, noise_m: float
) -> npt.NDArray[np.bool_]:
    """Say for each fix if the vehicle stood.

    Args:
        t: float64 `(N,)`, seconds, ascending.
        xy: float64 `(N, 2)`, metres.
        speed_mps: float64 `(N,)`, as the receiver says; NaN where it says nothing.
        noise_m: 1-sigma of the fixes' white noise, per axis.

    Where speeds are known for most fixes, standing is below 0.5 m/s. Otherwise it is a
    stretch of fixes that stay together longer than a crawling vehicle could.
    """
    known = np.isfinite(speed_mps)
    if np.count_nonzero(known) > 0.8 * len(t):
        return known & (speed_mps < _STANDING_MPS)
    slots = np.floor((t - t[0]) / _SLOT_S)
    rows = np.flatnonzero(np.diff(slots, prepend=-1.0) > 0)
    stays = _stays(t[rows], xy[rows], max(_MIN_RADIUS_M, _RADIUS_SIGMAS * noise_m))
    return stays[np.searchsorted(rows, np.arange(len(t)), side="right") - 1]


def _stays(t: FloatArray, xy: FloatArray, radius_m: float) -> npt.NDArray[np.bool_]:
    mask = np.zeros(len(t), dtype=np.bool_)
    min_stop_s = max(_MIN_STOP_S, 2 * radius_m / _CRAWL_MPS)
    first = 0
    while first < len(t) - 1:
        last = _reach(t, xy, first, radius_m)
        if t[last] - t[first] < min_stop_s or _drifts(xy[first : last + 1], radius_m):
            first += 1
            continue
        low, high = _core(xy, (first, last), radius_m / 2)
        mask[low : high + 1] = True
        first = last + 1
    return mask


def _reach(t: FloatArray, xy: FloatArray, first: int, radius_m: float) -> int:
    """Return the last row of the run that stays within `radius_m` of its mean.

    A run ends after two minutes at most: a longer stop is several in a row, so that a
    receiver that wanders slowly does not break it.
    """
    end = int(np.searchsorted(t, t[first] + _MAX_STOP_S, side="right"))
    sum_x, sum_y = (float(v) for v in xy[first])
    count = 1
    for x, y in xy[first + 1 : end].tolist():
        if math.hypot(x - sum_x / count, y - sum_y / count) > radius_m:
            break
        sum_x, sum_y, count = sum_x + x, sum_y + y, count + 1
    return first + count - 1


def _drifts(xy: FloatArray, radius_m: float) -> bool:
    """Say if the run's end lies apart from its start: a crawl, not a stop."""
    third = max(1, len(xy) // 3)
    net = xy[-third:].mean(axis=0) - xy[:third].mean(axis=0)
    return float(np.hypot(*net)) > _NET_FRACTION * radius_m


def _core(xy: FloatArray, run: tuple[int, int], radius_m: float) -> tuple[int, int]:
    """Trim the rows of arriving and leaving."""
    low, high = run
    centre = np.median(xy[low : high + 1], axis=0)
    away_m = np.hypot(*(xy - centre).T)
    while low < high and away_m[low] > radius_m:
        low += 1
    while high > low and away_m[high] > radius_m:
        high -= 1
    return low, high
