"""How a receiver's error behaves from fix to fix, and taking the jitter out.

An error has a part that drifts (fixes a second apart are wrong together) and a white
part that jitters. The drift makes a minute beside the wrong street a weak proof, not
sixty; the jitter hides where along the street a fix lies, and can be averaged away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from service.roads.track import Track, rows_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

DENSE_S = 4.5
"""Three fixes within this tell of jitter."""

JITTER = 2.88
"""Median length of a second difference of white noise of 1 m per axis: sqrt(6) times
the median of a Rayleigh variable."""

LEAST_WEIGHT = 0.1
LEAST_WHITE_M = 2.0
"""Less jitter than this is left alone: it may be driving."""

WINDOW_S = 1.0
WINDOW_S_PER_M = 0.4
"""Half width of the window the jitter is averaged over, by its size."""

MOST_WINDOW_S = 8.0

STOP_S = 4.0
STOP_S_PER_M = 0.5
"""Half width of the window in which a speed is looked for."""

STOP_MPS = 0.3
LEAST_STOP = 4
"""Slower than this, for so many fixes, is a stop."""


@dataclass(frozen=True, slots=True, eq=False)
class Steady:
    """Fixes without jitter.

    Attributes:
        track: the fixes that are left.
        rows: `(M,)` rows they had before.
        stops: `(first, last)` rows of each stop; its fixes became one, the first,
            at their mean place.
    """

    track: Track
    rows: IntArray
    stops: tuple[tuple[int, int], ...]


def steadied(track: Track) -> Steady:
    """Return the fixes with stops drawn together and jitter averaged away.

    Expects fixes about a second or more apart. Sparse fixes (fewer than 12, or more
    than 2 s apart) come back as they are.

    Source:
        Local quadratic regression with tricube weights (Cleveland 1979).
    """
    every = np.arange(len(track))
    white_m = _white_m(track)
    if white_m is None:
        return Steady(track, every, ())
    share = np.clip(white_m / track.sigma_m, LEAST_WEIGHT, 1.0)
    track = replace(track, weight=share)
    stops = tuple(_stops(track, white_m))
    keep = np.ones(len(track), dtype=np.bool_)
    xy = track.xy.copy()
    for first, last in stops:
        xy[first] = track.xy[first : last + 1].mean(axis=0)
        keep[first + 1 : last + 1] = False
    rows = every[keep]
    track = rows_of(replace(track, xy=xy), rows)
    if white_m < LEAST_WHITE_M:
        return Steady(track, rows, stops)
    xy, gain = _smoothed(track, WINDOW_S + WINDOW_S_PER_M * white_m)
    drift = np.maximum(track.sigma_m**2 - white_m**2, 0.0)
    sigma_m = np.sqrt(drift + gain * np.minimum(white_m, track.sigma_m) ** 2)
    kept = (sigma_m / track.sigma_m) ** 2
    steady = replace(track, xy=xy, sigma_m=sigma_m, weight=track.weight * kept)
    return Steady(steady, rows, stops)


def _stops(track: Track, white_m: float) -> Iterator[tuple[int, int]]:
    """Yield first and last row of the runs that show no speed beyond the jitter."""
    half_s = min(STOP_S + STOP_S_PER_M * white_m, 2 * MOST_WINDOW_S)
    window, t = _windows(track, half_s)
    inside = np.abs(t) <= 1.0
    t = np.where(inside, t * half_s, 0.0)
    count = inside.sum(axis=1)
    t = np.where(inside, t - (t.sum(axis=1) / count)[:, None], 0.0)
    spread = np.maximum((t**2).sum(axis=1), 1e-6)
    speed = np.einsum("nw,nwk->nk", t, track.xy[window]) / spread[:, None]
    doubt = white_m / np.sqrt(spread)
    stands = np.hypot(speed[:, 0], speed[:, 1]) < np.maximum(STOP_MPS, 3 * doubt)
    stands &= count >= LEAST_STOP
    edges = np.flatnonzero(np.diff(np.r_[False, stands, False].astype(np.int8)))
    for first, after in edges.reshape(-1, 2).tolist():
        if after - first >= LEAST_STOP:
            yield first, after - 1


def _windows(track: Track, half_s: float) -> tuple[IntArray, FloatArray]:
    """Return rows `(N, W)` around each fix and their time from it over `half_s`.

    Rows that do not exist are infinitely far in time.
    """
    n = len(track)
    reach = int(np.ceil(half_s)) + 1
    window = np.arange(n)[:, None] + np.arange(-reach, reach + 1)[None, :]
    outside = (window < 0) | (window >= n)
    window = np.clip(window, 0, n - 1)
    t = (track.time_s[window] - track.time_s[:, None]) / half_s
    return window, np.where(outside, np.inf, t)


def _white_m(track: Track) -> float | None:
    """Return the 1-sigma of the white part, per axis; None if it cannot be told."""
    if len(track) < 12:
        return None
    span_s = track.time_s[2:] - track.time_s[:-2]
    jitter = track.xy[2:] - 2 * track.xy[1:-1] + track.xy[:-2]
    dense = span_s < DENSE_S
    if dense.sum() < 10:
        return None
    return float(np.median(np.hypot(*jitter[dense].T))) / JITTER


def _smoothed(track: Track, half_s: float) -> tuple[FloatArray, FloatArray]:
    """Return places `(N, 2)` and the share `(N,)` of the white variance left."""
    n = len(track)
    window, t = _windows(track, min(half_s, MOST_WINDOW_S))
    inside = np.abs(t) < 1.0
    t = np.where(inside, t, 0.0)
    weight = np.where(inside, (1 - np.abs(t) ** 3) ** 3, 0.0)
    basis = np.stack([np.ones_like(t), t, t**2], axis=2)
    normal = np.einsum("nwi,nw,nwj->nij", basis, weight, basis)
    normal += 1e-6 * np.eye(3)
    first = np.linalg.solve(normal, np.tile([[1.0], [0.0], [0.0]], (n, 1, 1)))
    linear = np.einsum("ni,nwi,nw->nw", first[:, :, 0], basis, weight)
    linear /= linear.sum(axis=1, keepdims=True)
    return np.einsum("nw,nwk->nk", linear, track.xy[window]), (linear**2).sum(axis=1)
