"""The driven path: where the vehicle was, and how far beside it a thing lies."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from vision.geo import LocalFrame, heading_vectors
from vision.types import FloatArray, Pose

_KEPT_M = 80.0
_LEAST_STEP_M = 0.3
_AHEAD_SIGMA_RAD = math.radians(1.5)
_LEAST_LATERAL_SIGMA_M = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Viewpoint:
    """One pose in the local frame.

    Attributes:
        drive_s: seconds since the start of the drive.
        arc_m: metres driven since the first pose.
        xy: `(2,)` metres east, north of the local frame.
        axes: `(2, 2)`, rows: unit vectors forward and right in the local frame.
        heading_deg: clockwise from north.
        sigma_m: 1-sigma of the receiver's position.
    """

    drive_s: float
    arc_m: float
    xy: FloatArray
    axes: FloatArray
    heading_deg: float
    sigma_m: float

    def to_world(self, points: FloatArray) -> FloatArray:
        """Turn `(N, 2)` metres forward, right into the local frame."""
        world: FloatArray = self.xy + points @ self.axes
        return world

    def to_vehicle(self, xy: FloatArray) -> FloatArray:
        """Turn `(N, 2)` local metres into metres forward, right."""
        vehicle: FloatArray = (xy - self.xy) @ self.axes.T
        return vehicle


@dataclass(frozen=True, slots=True)
class Passing:
    """How the path passes a place.

    Attributes:
        lateral_m: right of the path is positive.
        lateral_sigma_m: 1-sigma, without the receiver's error.
        heading_deg: the path's direction there.
    """

    lateral_m: float
    lateral_sigma_m: float
    heading_deg: float


@dataclass(slots=True)
class DrivenPath:
    """The last 80 m of the drive, in a local frame set at the first pose."""

    frame: LocalFrame | None = None
    _points: deque[Viewpoint] = field(default_factory=deque)

    def advance(self, pose: Pose) -> Viewpoint:
        """Take the next pose and return it in the local frame."""
        if self.frame is None:
            self.frame = LocalFrame(pose.lon, pose.lat)
        xy = self.frame.to_xy([pose.lon, pose.lat])
        last = self._points[-1] if self._points else None
        step_m = 0.0 if last is None else float(np.hypot(*(xy - last.xy)))
        here = Viewpoint(
            drive_s=pose.drive_s,
            arc_m=step_m + (0.0 if last is None else last.arc_m),
            xy=xy,
            axes=np.stack(heading_vectors(pose.heading_deg)),
            heading_deg=pose.heading_deg,
            sigma_m=pose.sigma_m,
        )
        if last is None or step_m >= _LEAST_STEP_M:
            self._points.append(here)
        while self._points[-1].arc_m - self._points[0].arc_m > _KEPT_M:
            self._points.popleft()
        return here

    def passing(self, xy: FloatArray, cov: FloatArray) -> Passing:
        """Say how the path passes a place `(2,)` of the local frame.

        The path is the line through the kept poses, straight on at both ends along
        the first and last heading. The nearest point of it counts.
        """
        first, last = self._points[0], self._points[-1]
        behind_m, behind_right_m = first.to_vehicle(xy[None])[0]
        ahead_m, ahead_right_m = last.to_vehicle(xy[None])[0]
        nearest_m, side, heading_deg, right = self._nearest(xy)
        lateral_m, extra_m = math.copysign(nearest_m, side), 0.0
        if ahead_m > 0 and abs(ahead_right_m) < nearest_m:
            lateral_m, nearest_m = float(ahead_right_m), abs(float(ahead_right_m))
            heading_deg, right = last.heading_deg, last.axes[1]
            extra_m = float(ahead_m) * _AHEAD_SIGMA_RAD
        if behind_m < 0 and abs(behind_right_m) < nearest_m:
            lateral_m = float(behind_right_m)
            heading_deg, right = first.heading_deg, first.axes[1]
            extra_m = float(-behind_m) * _AHEAD_SIGMA_RAD
        own_m = math.sqrt(max(float(right @ cov @ right), 0.0))
        return Passing(
            lateral_m=lateral_m,
            lateral_sigma_m=math.hypot(own_m, extra_m, _LEAST_LATERAL_SIGMA_M),
            heading_deg=heading_deg % 360.0,
        )

    def _nearest(self, xy: FloatArray) -> tuple[float, float, float, FloatArray]:
        """Return distance, signed side, heading, right vector at the nearest point."""
        line = np.array([p.xy for p in self._points])
        if len(line) == 1:
            only = self._points[0]
            right_m = float(only.to_vehicle(xy[None])[0, 1])
            distance_m = float(np.hypot(*(xy - only.xy)))
            return distance_m, right_m, only.heading_deg, only.axes[1]
        step = np.diff(line, axis=0)
        share = np.einsum("ij,ij->i", xy - line[:-1], step)
        share = np.clip(share / np.einsum("ij,ij->i", step, step), 0.0, 1.0)
        offset = xy - (line[:-1] + share[:, None] * step)
        i = int(np.argmin(np.einsum("ij,ij->i", offset, offset)))
        a, b = self._points[i], self._points[i + 1]
        blend = (1 - share[i]) * a.axes[0] + share[i] * b.axes[0]
        heading_deg = math.degrees(math.atan2(blend[0], blend[1]))
        right = np.stack(heading_vectors(heading_deg))[1]
        side = float(step[i, 1] * offset[i, 0] - step[i, 0] * offset[i, 1])
        return float(np.hypot(*offset[i])), side, heading_deg, right
