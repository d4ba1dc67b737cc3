"""A thing that may move: constant velocity on the ground."""

from __future__ import annotations

import numpy as np

from vision.types import FloatArray

_ACCELERATION_FRACTION_PER_S = 0.2


class ConstantVelocity:
    """Kalman filter over (x, y, vx, vy) in the local frame.

    The speed is unknown at first (`speed_sigma_mps` per axis); its change is white
    acceleration of a fifth of that per second.
    """

    __slots__ = ("_acceleration", "_cov", "_drive_s", "_state")

    def __init__(
        self, xy: FloatArray, cov: FloatArray, *, drive_s: float, speed_sigma_mps: float
    ) -> None:
        self._state = np.array([xy[0], xy[1], 0.0, 0.0])
        self._cov: FloatArray = np.zeros((4, 4))
        self._cov[:2, :2] = cov
        self._cov[2:, 2:] = speed_sigma_mps**2 * np.eye(2)
        self._drive_s = drive_s
        self._acceleration = speed_sigma_mps * _ACCELERATION_FRACTION_PER_S

    def predict(self, drive_s: float) -> tuple[FloatArray, FloatArray]:
        """Return place `(2,)` and covariance `(2, 2)` at a time, without moving on."""
        state, cov = self._ahead(drive_s)
        return state[:2], cov[:2, :2]

    def absorb(self, xy: FloatArray, cov: FloatArray, *, drive_s: float) -> None:
        """Move on to `drive_s` and take in a place seen there."""
        state, ahead = self._ahead(drive_s)
        gain = ahead[:, :2] @ np.linalg.inv(ahead[:2, :2] + cov)
        self._state = state + gain @ (xy - state[:2])
        kept = np.eye(4)
        kept[:, :2] -= gain
        self._cov = kept @ ahead @ kept.T + gain @ cov @ gain.T
        self._drive_s = drive_s

    def _ahead(self, drive_s: float) -> tuple[FloatArray, FloatArray]:
        dt = max(drive_s - self._drive_s, 0.0)
        move = np.eye(4)
        move[0, 2] = move[1, 3] = dt
        push = np.array([[dt * dt / 2, 0], [0, dt * dt / 2], [dt, 0], [0, dt]])
        noise = self._acceleration**2 * push @ push.T
        return move @ self._state, move @ self._cov @ move.T + noise
