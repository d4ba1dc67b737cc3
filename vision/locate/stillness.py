"""Did a vehicle or person stand still while we drove by? All its views at once.

The foot of a far box is metres off when the pitch is a little wrong, so the foot alone
cannot tell an oncoming car from a parked one in three views. The box's height can: it
grows with 1/range, whatever the pitch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from vision.locate.kinds import Kind
from vision.types import FloatArray

_PITCH_SHARE = 0.7
_HEADING_SIGMA_RAD = math.radians(0.7)
_SIZE_SIGMA = 0.05
_STILL_PARAMETERS = 4
_ROBUST_SIGMAS = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class SizedView:
    """One uncut box of a thing that may move.

    Attributes:
        drive_s: when.
        camera_xy: `(2,)` ground point below the lens, local frame.
        foot_xy: `(2,)` where the middle of the box's lower edge meets the ground.
        camera_height_m: lens above the road.
        height_rad: the box's height over the focal length.
        pixel_rad: 1-sigma of a box edge over the focal length.
    """

    drive_s: float
    camera_xy: FloatArray
    foot_xy: FloatArray
    camera_height_m: float
    height_rad: float
    pixel_rad: float


def stationary_probability(
    views: Sequence[SizedView], kind: Kind, *, pitch_sigma_rad: float
) -> float:
    """Return the chance that the object stood still, in [0, 1].

    Two models are fitted to depression angle, bearing and size of all views: one place,
    or one place and a speed with the kind's prior; both with one unknown pitch error
    and one size around the kind's usual one. Their evidences (Laplace) and the kind's
    prior give the chance. With fewer than two views this is the prior.
    """
    prior_odds = math.log(kind.moving_prior) - math.log(1 - kind.moving_prior)
    if len(views) < 2:
        return 1 - kind.moving_prior
    data = _columns(views)
    sigma = _PITCH_SHARE * pitch_sigma_rad
    nearest = int(np.argmin(np.hypot(*(data.foot - data.origin).T)))
    start = np.array([*data.foot[nearest], 0.0, 0.0, 0.0, 0.0])
    start[3] = data.log_size[nearest] + math.log(
        np.hypot(*(data.foot[nearest] - data.origin[nearest]))
    )
    span_s = data.time[-1] - data.time[0]
    start[4:] = (data.foot[-1] - data.foot[0]) / max(span_s, 0.1)
    chi2_log_det = []
    for count in (_STILL_PARAMETERS, len(start)):
        fit = least_squares(
            _residuals,
            start[:count],
            args=(data, sigma, kind),
            loss="soft_l1",
            f_scale=_ROBUST_SIGMAS,
            x_scale=np.array([1.0, 1.0, 0.01, 0.1, 5.0, 5.0])[:count],
        )
        slope = np.asarray(fit.jac, dtype=np.float64)
        _, log_det = np.linalg.slogdet(slope.T @ slope)
        chi2_log_det.append(2 * fit.cost + log_det)
    log_odds = prior_odds - 0.5 * (chi2_log_det[1] - chi2_log_det[0])
    log_odds -= 2 * math.log(kind.speed_sigma_mps)
    return 1 / (1 + math.exp(min(max(log_odds, -50.0), 50.0)))


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    time: FloatArray
    origin: FloatArray
    foot: FloatArray
    height: FloatArray
    log_size: FloatArray
    pixel: FloatArray


def _columns(views: Sequence[SizedView]) -> _Columns:
    time = np.array([v.drive_s for v in views])
    origin = np.array([v.camera_xy for v in views])
    foot = np.array([v.foot_xy for v in views])
    nearest = int(np.argmin(np.hypot(*(foot - origin).T)))
    return _Columns(
        time=time - time[nearest],
        origin=origin - origin[0],
        foot=foot - origin[0],
        height=np.array([v.camera_height_m for v in views]),
        log_size=np.log([v.height_rad for v in views]),
        pixel=np.array([v.pixel_rad for v in views]),
    )


def _residuals(
    guess: FloatArray,
    data: _Columns,
    pitch_sigma: float,
    kind: Kind,
) -> FloatArray:
    """Return residuals in sigmas; `guess` is x, y, pitch error, log size[, vx, vy]."""
    speed = guess[4:] if len(guess) > _STILL_PARAMETERS else np.zeros(2)
    away = guess[:2] + data.time[:, None] * speed - data.origin
    seen = data.foot - data.origin
    range_m = np.maximum(np.hypot(*away.T), 0.5)
    seen_m = np.hypot(*seen.T)
    down = np.arctan2(data.height, range_m) + guess[2] - np.arctan2(data.height, seen_m)
    cross = away[:, 0] * seen[:, 1] - away[:, 1] * seen[:, 0]
    turn = np.arctan2(cross, np.einsum("ij,ij->i", away, seen))
    turn_sigma = np.hypot(_HEADING_SIGMA_RAD, kind.extent_sigma_m / seen_m)
    size = guess[3] - np.log(range_m) - data.log_size
    unusual = (guess[3] - math.log(kind.height_m)) / kind.height_log_sigma
    size_sigma = np.hypot(_SIZE_SIGMA, data.pixel / np.exp(data.log_size))
    return np.concatenate(
        [
            down / np.hypot(pitch_sigma, data.pixel),
            turn / turn_sigma,
            size / size_sigma,
            [guess[2] / pitch_sigma, unusual],
            speed / kind.speed_sigma_mps,
        ]
    )
