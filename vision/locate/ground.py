"""One thing on the ground: where it is after several views, still or moving."""

from __future__ import annotations

import math

import numpy as np

from vision.locate.associate import mahalanobis2
from vision.locate.kinds import Kind
from vision.locate.motion import ConstantVelocity
from vision.types import FloatArray

_BIAS_FRACTION = 0.7
_LEAST_LOG_WEIGHT = -30.0


class GroundPoint:
    """Position of one object under two hypotheses: it stands, or it moves.

    Standing: views are fused by their information, which for flat ground is a weight of
    about 1/r^4 (evidence.md), so near views decide. Pitch is wrong in the same way in
    every view, so its share of the doubt is carried apart (`gain`) and does not shrink
    with the number of views. Moving: constant velocity. The chance of each hypothesis
    follows from how well it foretold the views.
    """

    __slots__ = ("_cov", "_gain", "_log_weight", "_mover", "_step_var", "_xy")

    def __init__(
        self, view: GroundView, kind: Kind, *, drive_s: float, step_sigma_m: float
    ) -> None:
        self._xy, self._cov, self._gain = view
        self._step_var = step_sigma_m**2 * np.eye(2)
        self._mover: ConstantVelocity | None = None
        self._log_weight = np.array([0.0, -np.inf])
        if kind.speed_sigma_mps > 0:
            self._mover = ConstantVelocity(
                self._xy,
                self._cov,
                drive_s=drive_s,
                speed_sigma_mps=kind.speed_sigma_mps,
            )
            moving = kind.moving_prior
            self._log_weight = np.array([math.log(1 - moving), math.log(moving)])

    @property
    def stationary_probability(self) -> float | None:
        """Chance that it stands still; None for things that cannot move."""
        return None if self._mover is None else float(np.exp(self._log_weight[0]))

    def predict(self, drive_s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return means `(2, 2)`, covariances `(2, 2, 2)` and log weights `(2,)`."""
        still = (self._xy, self._cov + self._step_var)
        moved = still if self._mover is None else self._mover.predict(drive_s)
        return (
            np.stack([still[0], moved[0]]),
            np.stack([still[1], moved[1]]),
            self._log_weight,
        )

    def absorb(self, view: GroundView, *, drive_s: float) -> None:
        """Take in one more view of the same object."""
        xy, cov, gain = view
        mean, spread, weight = self.predict(drive_s)
        if self._mover is not None:
            d2, log_det = mahalanobis2(xy - mean, spread + cov)
            weight = weight - 0.5 * (d2 + log_det)
            weight = weight - np.logaddexp.reduce(weight)
            self._log_weight = np.maximum(weight, _LEAST_LOG_WEIGHT)
            self._mover.absorb(xy, cov, drive_s=drive_s)
        self._fuse(xy, cov, gain)

    def join(self, other: GroundPoint) -> None:
        """Take in another estimate of the same standing object."""
        self._fuse(other._xy, other._cov, other._gain)

    def locate_moving(self, drive_s: float) -> tuple[FloatArray, FloatArray]:
        """Return place `(2,)` and covariance `(2, 2)` at a time, if it moves."""
        if self._mover is None:
            return self._xy, self._cov
        return self._mover.predict(drive_s)

    def locate_still(self, pitch_sigma_rad: float) -> tuple[FloatArray, FloatArray]:
        """Return place `(2,)` and covariance `(2, 2)`, if it stands."""
        bias = (_BIAS_FRACTION * pitch_sigma_rad) ** 2
        return self._xy, self._cov + bias * np.outer(self._gain, self._gain)

    def _fuse(self, xy: FloatArray, cov: FloatArray, gain: FloatArray) -> None:
        own = self._cov + self._step_var
        share = own @ np.linalg.inv(own + cov)
        self._xy = self._xy + share @ (xy - self._xy)
        self._gain = self._gain + share @ (gain - self._gain)
        kept = np.eye(2) - share
        self._cov = kept @ own @ kept.T + share @ cov @ share.T


GroundView = tuple[FloatArray, FloatArray, FloatArray]
"""One view: place `(2,)`, covariance `(2, 2)`, metres per radian of pitch `(2,)`."""
