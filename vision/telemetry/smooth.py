"""A robust constant-velocity Kalman filter with a Rauch-Tung-Striebel smoother.

East and north share one covariance, so each step is plain arithmetic on a 2x2 matrix;
an hour at 10 Hz takes about a second.

Source:
    Rauch, Tung, Striebel (1965); white-noise acceleration model as in Bar-Shalom, Li,
    Kirubarajan, Estimation with Applications to Tracking and Navigation, 6.2.
    Huber weights for outliers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.types import FloatArray

_START_SPEED_MPS = 15.0
_HUBER = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """What the receiver says, in metres of a local frame.

    Attributes:
        t: float64 `(N,)`, seconds, strictly ascending.
        xy: float64 `(N, 2)`, east, north.
        sigma_m: float64 `(N,)`, 1-sigma per axis, > 0.
        velocity: float64 `(N, 2)`, m/s east, north; NaN where unknown.
        velocity_sigma: float64 `(N,)`, m/s per axis.
        acceleration_psd: float64 `(N,)`, m^2/s^3: process noise of the step that ends
            at each row.
    """

    t: FloatArray
    xy: FloatArray
    sigma_m: FloatArray
    velocity: FloatArray
    velocity_sigma: FloatArray
    acceleration_psd: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """The most likely motion.

    Attributes:
        xy: float64 `(N, 2)`, metres.
        velocity: float64 `(N, 2)`, m/s.
        variance_m2: float64 `(N,)`, of the position, per axis.
        velocity_variance: float64 `(N,)`, m^2/s^2, per axis.
    """

    xy: FloatArray
    velocity: FloatArray
    variance_m2: FloatArray
    velocity_variance: FloatArray


_Cov = tuple[float, float, float]
"""Position, cross and velocity terms of a symmetric 2x2 covariance."""


def smooth(seen: Observations, *, rounds: int = 3) -> Smoothed:
    """Return the smoothed motion, with outliers weighed down over `rounds` rounds."""
    weight = np.ones(len(seen.t))
    result = _smooth_once(seen, weight)
    for _ in range(rounds - 1):
        miss = np.hypot(*(seen.xy - result.xy).T) / seen.sigma_m
        weight = np.minimum(1.0, _HUBER / np.maximum(miss, 1e-9)) ** 2
        result = _smooth_once(seen, weight)
    return result


def _smooth_once(seen: Observations, weight: FloatArray) -> Smoothed:
    """Run the filter forwards and the smoother backwards once."""
    n = len(seen.t)
    position_noise = (seen.sigma_m**2 / np.maximum(weight, 1e-6)).tolist()
    velocity_noise = (seen.velocity_sigma**2).tolist()
    known = np.isfinite(seen.velocity[:, 0]).tolist()
    t, psd = seen.t.tolist(), seen.acceleration_psd.tolist()
    xy, measured = seen.xy.tolist(), seen.velocity.tolist()
    before: list[_Cov] = []
    after: list[_Cov] = []
    cov: _Cov = (1e6, 0.0, _START_SPEED_MPS**2)
    state = [xy[0][0], 0.0, xy[0][1], 0.0]
    states: list[list[float]] = []
    for i in range(n):
        dt = t[i] - t[i - 1] if i else 0.0
        cov = _predicted(cov, dt, psd[i])
        state = [state[0] + dt * state[1], state[1], state[2] + dt * state[3], state[3]]
        before.append(cov)
        k = _gain(cov[0], cov[1], cov[0] + position_noise[i])
        state = _corrected(state, k, (xy[i][0] - state[0], xy[i][1] - state[2]))
        cov = (
            cov[0] - k[0] * cov[0],
            cov[1] - k[0] * cov[1],
            cov[2] - k[1] * cov[1],
        )
        if known[i]:
            k = _gain(cov[1], cov[2], cov[2] + velocity_noise[i])
            gap = (measured[i][0] - state[1], measured[i][1] - state[3])
            state = _corrected(state, k, gap)
            cov = (
                cov[0] - k[0] * cov[1],
                cov[1] - k[0] * cov[2],
                cov[2] - k[1] * cov[2],
            )
        after.append(cov)
        states.append(state)
    return _backwards(t, states, before, after)


def _predicted(cov: _Cov, dt: float, psd: float) -> _Cov:
    a, b, c = cov
    return (
        a + 2 * dt * b + dt * dt * c + psd * dt**3 / 3,
        b + dt * c + psd * dt * dt / 2,
        c + psd * dt,
    )


def _gain(position: float, velocity: float, total: float) -> tuple[float, float]:
    return position / total, velocity / total


def _corrected(
    state: Sequence[float], k: tuple[float, float], gap: tuple[float, float]
) -> list[float]:
    return [
        state[0] + k[0] * gap[0],
        state[1] + k[1] * gap[0],
        state[2] + k[0] * gap[1],
        state[3] + k[1] * gap[1],
    ]


def _backwards(
    t: Sequence[float],
    states: list[list[float]],
    before: Sequence[_Cov],
    after: Sequence[_Cov],
) -> Smoothed:
    cov = after[-1]
    variance = [(cov[0], cov[2])]
    rows = [states[-1]]
    for i in range(len(t) - 2, -1, -1):
        dt = t[i + 1] - t[i]
        a, b, c = after[i]
        pa, pb, pc = before[i + 1]
        det = pa * pc - pb * pb
        # G = P F' inv(P'), with F = [[1, dt], [0, 1]]
        top, low = a + dt * b, b + dt * c
        g11, g12 = (top * pc - b * pb) / det, (b * pa - top * pb) / det
        g21, g22 = (low * pc - c * pb) / det, (c * pa - low * pb) / det
        da, db, dc = cov[0] - pa, cov[1] - pb, cov[2] - pc
        cov = (
            a + g11 * g11 * da + 2 * g11 * g12 * db + g12 * g12 * dc,
            b + g11 * g21 * da + (g11 * g22 + g12 * g21) * db + g12 * g22 * dc,
            c + g21 * g21 * da + 2 * g21 * g22 * db + g22 * g22 * dc,
        )
        now, later = states[i], rows[-1]
        row: list[float] = []
        for axis in (0, 2):
            dp = later[axis] - now[axis] - dt * now[axis + 1]
            dv = later[axis + 1] - now[axis + 1]
            row += [
                now[axis] + g11 * dp + g12 * dv,
                now[axis + 1] + g21 * dp + g22 * dv,
            ]
        rows.append(row)
        variance.append((cov[0], cov[2]))
    table = np.array(rows[::-1], dtype=np.float64)
    spread = np.maximum(np.array(variance[::-1], dtype=np.float64), 0.0)
    return Smoothed(
        xy=table[:, [0, 2]],
        velocity=table[:, [1, 3]],
        variance_m2=spread[:, 0],
        velocity_variance=spread[:, 1],
    )
