"""The receiver's headings made steady by the turns that the camera sees."""

from __future__ import annotations

import math
from dataclasses import replace

from vision.locate.turn import TurnSeer
from vision.types import Camera, Image, Pose

_SEEN_SIGMA_DEG = 0.15
_UNSEEN_SIGMA_DEG = 1.5
_RECEIVER_SIGMA_DEG = 1.0
_SIGMA_PER_TURN = 0.1
"""Seconds: in a turn of 20 deg/s the receiver's heading is another 2 deg off."""
_MEMORY_S = 3.0
_GATE_DEG = 8.0
_LONGEST_STEP_S = 3.0
_LARGEST_GUESS_DEG = 40.0
_WORST_SIGMA_M = 2.0
"""A receiver that is farther off is left alone: its path is wrong by metres, and a
right heading beside a wrong path moved things over the kerb (docs/decisions/0011)."""


class Steerer:
    """Keeps the vehicle's heading from picture to picture.

    The heading is the last one turned as far as the camera saw, drawn slowly to the
    receiver's (a Kalman filter of one number). The receiver's headings come from
    seconds of path and err alike for some seconds, so each counts only for its share
    of that time. A turn that contradicts the receiver by more than 8 degrees is not
    believed. With the lens covered the receiver's heading comes back within seconds.
    """

    def __init__(self, camera: Camera) -> None:
        self._seer = TurnSeer(camera)
        self._last: Pose | None = None
        self._heading_deg = 0.0
        self._variance = 0.0

    def steady(self, image: Image, pose: Pose) -> Pose:
        """Return the pose with the better heading.

        Args:
            image: uint8 `(H, W, 3)` BGR at the pose; pictures come in driving order.
            pose: of the vehicle, from the receiver.
        """
        if pose.sigma_m > _WORST_SIGMA_M:
            return pose
        last, self._last = self._last or pose, pose
        told_deg = turned_deg(last.heading_deg, pose.heading_deg)
        seen_deg = self._seer.see(image, expected_deg=_within(told_deg))
        step_s = pose.drive_s - last.drive_s
        if not self._variance or step_s > _LONGEST_STEP_S:
            self._heading_deg = pose.heading_deg
            self._variance = _receiver_sigma_deg(pose) ** 2
            return pose
        if seen_deg is not None and abs(seen_deg - told_deg) <= _GATE_DEG:
            turn_deg, sigma_deg = seen_deg, _SEEN_SIGMA_DEG
        else:
            turn_deg, sigma_deg = told_deg, _UNSEEN_SIGMA_DEG
        self._heading_deg += turn_deg
        self._variance += sigma_deg**2
        self._draw(pose, turn_deg, step_s)
        return replace(pose, heading_deg=self._heading_deg % 360.0)

    def _draw(self, pose: Pose, turn_deg: float, step_s: float) -> None:
        rate = abs(turn_deg) / max(step_s, 1e-3)
        sigma_deg = math.hypot(_receiver_sigma_deg(pose), _SIGMA_PER_TURN * rate)
        share = max(1.0, _MEMORY_S / max(step_s, 1e-3))
        gain = self._variance / (self._variance + sigma_deg**2 * share)
        self._heading_deg += gain * turned_deg(self._heading_deg, pose.heading_deg)
        self._variance *= 1 - gain


def _receiver_sigma_deg(pose: Pose) -> float:
    """Return 1-sigma of a heading: a receiver twice as far off turns twice as much."""
    return _RECEIVER_SIGMA_DEG * max(1.0, pose.sigma_m)


def _within(turn_deg: float) -> float:
    return max(-_LARGEST_GUESS_DEG, min(_LARGEST_GUESS_DEG, turn_deg))


def turned_deg(before_deg: float, after_deg: float) -> float:
    """Return the shorter way from one heading to another, `[-180, 180)`."""
    return (after_deg - before_deg + 180.0) % 360.0 - 180.0
