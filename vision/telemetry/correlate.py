"""Slide the picture's motion along the track's speed until they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.geo import LocalFrame
from vision.types import FloatArray, GnssFix, MotionSignal

_COARSE_S = 1.0
_FINE_S = 0.1
_WINDOW_S = 1.5
_MIN_OVERLAP_S = 8.0
_MIN_OVERLAP_FRACTION = 0.6
_MIN_SPEED_SPREAD_MPS = 0.7
_MIN_CORRELATION = 0.6
_RIVAL_MARGIN = 0.05
_RIVAL_AWAY_S = 4.0
_NOISE_MEMORY_S = 1.0
_MIN_RESIDUAL_S = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class SpeedSignal:
    """The track's speed: `epoch_s` `(N,)` ascending UTC, `speed_mps` `(N,)`."""

    epoch_s: FloatArray
    speed_mps: FloatArray


@dataclass(frozen=True, slots=True)
class Match:
    """The best place of the footage on the track.

    Attributes:
        epoch_at_zero_s: UTC of drive second 0.
        correlation: Pearson's, in [-1, 1].
        residual_s: 1-sigma of `epoch_at_zero_s`.
    """

    epoch_at_zero_s: float
    correlation: float
    residual_s: float


def speed_signal(fixes: Sequence[GnssFix]) -> SpeedSignal | None:
    """Return the speed over time: as received, else from the places.

    None when fewer than three fixes have a time.
    """
    timed = sorted(
        ((fix.epoch_s, fix) for fix in fixes if fix.epoch_s is not None),
        key=lambda row: row[0],
    )
    timed = [row for i, row in enumerate(timed) if not i or row[0] > timed[i - 1][0]]
    if len(timed) < 3:
        return None
    t = np.array([time for time, _ in timed], dtype=np.float64)
    if all(fix.speed_mps is not None for _, fix in timed):
        return SpeedSignal(t, np.array([fix.speed_mps for _, fix in timed], np.float64))
    lonlat = np.array([(fix.lon, fix.lat) for _, fix in timed], dtype=np.float64)
    xy = LocalFrame(*(float(v) for v in lonlat.mean(axis=0))).to_xy(lonlat)
    # differences over a window, so that jitter does not look like speed
    before = np.column_stack([np.interp(t - _WINDOW_S, t, axis) for axis in xy.T])
    after = np.column_stack([np.interp(t + _WINDOW_S, t, axis) for axis in xy.T])
    span = np.minimum(t + _WINDOW_S, t[-1]) - np.maximum(t - _WINDOW_S, t[0])
    return SpeedSignal(t, np.hypot(*(after - before).T) / span)


def match_motion(
    motion: MotionSignal, speed: SpeedSignal, *, search: tuple[float, float]
) -> Match | None:
    """Return where the picture's motion fits the track's speed best.

    Args:
        motion: on the drive clock.
        speed: on UTC.
        search: least and greatest UTC of drive second 0 to try.

    Returns:
        None when the speed does not vary enough, the fit is poor (correlation below
        0.6), or another place fits as well.
    """
    coarse = _scan(motion, speed, _steps(search[0], search[1], _COARSE_S))
    if coarse is None:
        return None
    lags, fits = coarse
    best = float(lags[int(np.argmax(fits))])
    rivals = fits[np.abs(lags - best) > _RIVAL_AWAY_S]
    if len(rivals) and float(rivals.max()) > float(fits.max()) - _RIVAL_MARGIN:
        return None
    near = _steps(best - 1.5 * _COARSE_S, best + 1.5 * _COARSE_S, _FINE_S)
    fine = _scan(motion, speed, near, step_s=0.2)
    if fine is None or float(fine[1].max()) < _MIN_CORRELATION:
        return None
    return _peak(*fine, _length_s(motion))


def _steps(low: float, high: float, step: float) -> FloatArray:
    return low + step * np.arange(int((high - low) / step + 1e-6) + 1, dtype=np.float64)


def best_correlation(
    motion: MotionSignal, speed: SpeedSignal, *, search: tuple[float, float]
) -> float:
    """Return the best correlation in the search range; -1 if it cannot be judged."""
    coarse = _scan(motion, speed, _steps(search[0], search[1], _COARSE_S))
    return -1.0 if coarse is None else float(coarse[1].max())


def _length_s(motion: MotionSignal) -> float:
    return float(motion.drive_s[-1] - motion.drive_s[0])


def _scan(
    motion: MotionSignal, speed: SpeedSignal, lags: FloatArray, *, step_s: float = 0.5
) -> tuple[FloatArray, FloatArray] | None:
    """Return the lags that can be judged and their correlations."""
    if len(motion.drive_s) < 4 or _length_s(motion) <= 0:
        return None
    t = np.arange(motion.drive_s[0], motion.drive_s[-1], step_s)
    activity = _boxcar(
        np.interp(t, motion.drive_s, motion.activity), round(1.0 / step_s)
    )
    need = max(_MIN_OVERLAP_S, _MIN_OVERLAP_FRACTION * _length_s(motion)) / step_s
    kept: list[tuple[float, float]] = []
    for lag in lags.tolist():
        inside = (t + lag >= speed.epoch_s[0]) & (t + lag <= speed.epoch_s[-1])
        if np.count_nonzero(inside) < need:
            continue
        a = activity[inside]
        v = np.interp(t[inside] + lag, speed.epoch_s, speed.speed_mps)
        if v.std() < _MIN_SPEED_SPREAD_MPS or a.std() == 0:
            continue
        fit = float(((a - a.mean()) * (v - v.mean())).mean() / (a.std() * v.std()))
        kept.append((lag, fit))
    if not kept:
        return None
    table = np.array(kept, dtype=np.float64)
    return table[:, 0], table[:, 1]


def _boxcar(values: FloatArray, width: int) -> FloatArray:
    width |= 1
    if len(values) < width:
        return values
    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")


def _peak(lags: FloatArray, fits: FloatArray, length_s: float) -> Match:
    """Fit a parabola to the correlations; its width and the noise give the residual.

    Source:
        Cramer-Rao bound of a delay: variance = (1 - r^2) / (n * curvature), with n
        independent samples about a second apart.
    """
    a, b, c = np.polyfit(lags - lags.mean(), fits, 2)
    top = int(np.argmax(fits))
    best = float(lags[top])
    if a < 0:
        vertex = float(lags.mean() - b / (2 * a))
        best = min(max(vertex, float(lags[0])), float(lags[-1]))
    correlation = float(min(max(fits[top], c), 1.0))
    curvature = max(-2 * float(a), 1e-6) / max(correlation, 1e-3)
    samples = max(length_s / _NOISE_MEMORY_S, 1.0)
    residual = float(np.sqrt(max(1 - correlation**2, 0.0) / (samples * curvature)))
    return Match(best, correlation, max(residual, _MIN_RESIDUAL_S))
