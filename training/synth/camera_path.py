"""The sample drive's path: straight, a right turn, straight; place over time."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass

LANE_OFFSET_M = 1.9
_START_Y_M = -150.0
_TURN_RADIUS_M = 9.0
_CRUISE_MPS = 7.9
_TURN_MPS = 4.2
_STEP_S = 0.01


@dataclass(frozen=True, slots=True)
class PathPoint:
    """The camera's ground point at one time: plan metres, heading from +y, speed."""

    x_m: float
    y_m: float
    heading_deg: float
    speed_mps: float


_STRAIGHT_M = -(LANE_OFFSET_M + _TURN_RADIUS_M) - _START_Y_M
_ARC_M = _TURN_RADIUS_M * math.pi / 2


def _speed_mps(gone_m: float) -> float:
    brake_from, arc_to = _STRAIGHT_M - 24.0, _STRAIGHT_M + _ARC_M
    if gone_m < brake_from:
        return _CRUISE_MPS
    if gone_m < _STRAIGHT_M:
        share = (gone_m - brake_from) / 24.0
    elif gone_m < arc_to:
        share = 1.0
    else:
        share = max(0.0, 1 - (gone_m - arc_to) / 22.0)
    return math.sqrt(_CRUISE_MPS**2 + share * (_TURN_MPS**2 - _CRUISE_MPS**2))


def at_distance(gone_m: float) -> PathPoint:
    """Return the path's point after `gone_m` metres; straight on before 0."""
    speed = _speed_mps(gone_m)
    if gone_m <= _STRAIGHT_M:
        return PathPoint(LANE_OFFSET_M, _START_Y_M + gone_m, 0.0, speed)
    centre_x, centre_y = LANE_OFFSET_M + _TURN_RADIUS_M, -LANE_OFFSET_M - _TURN_RADIUS_M
    turned_m = gone_m - _STRAIGHT_M
    if turned_m < _ARC_M:
        a = turned_m / _TURN_RADIUS_M
        x = centre_x - _TURN_RADIUS_M * math.cos(a)
        return PathPoint(
            x, centre_y + _TURN_RADIUS_M * math.sin(a), math.degrees(a), speed
        )
    return PathPoint(centre_x + turned_m - _ARC_M, -LANE_OFFSET_M, 90.0, speed)


class CameraPath:
    """Place over time; time 0 is the first frame."""

    def __init__(self, duration_s: float) -> None:
        self._gone = [0.0]
        self._times = [0.0]
        while self._times[-1] < duration_s + 10:
            self._gone.append(self._gone[-1] + _speed_mps(self._gone[-1]) * _STEP_S)
            self._times.append(self._times[-1] + _STEP_S)

    def distance_m(self, time_s: float) -> float:
        """Return the metres driven since the first frame; negative before it."""
        if time_s < 0:
            return time_s * _CRUISE_MPS
        row = min(bisect.bisect_right(self._times, time_s), len(self._times) - 1) - 1
        share = (time_s - self._times[row]) / _STEP_S
        return self._gone[row] + share * (self._gone[row + 1] - self._gone[row])

    def at(self, time_s: float) -> PathPoint:
        """Return the camera's ground point at a time."""
        return at_distance(self.distance_m(time_s))
