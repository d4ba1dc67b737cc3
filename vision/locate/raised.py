"""One thing on a wall: no foot on the ground, so its place comes from bearings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vision.camera import ground_to_pixel
from vision.locate.options import LocateOptions
from vision.locate.path import Viewpoint
from vision.types import Camera, FloatArray

_MAX_VIEWS = 24
_ROUNDS = 8
_HUBER = 2.0
_FAR_SIGMA_M = 3.0
_STEP_M = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Ray:
    """One view: from where, in which direction, how sure.

    Attributes:
        viewpoint: where the camera was.
        bearing: `(2,)` azimuth and elevation in the vehicle frame, radians.
        sigma_rad: `(2,)` 1-sigma of each against the object's other views. A turn
            that all views share moves the object round the camera by centimetres and
            is left out of the azimuth's.
    """

    viewpoint: Viewpoint
    bearing: FloatArray
    sigma_rad: FloatArray


def wall_lateral_m(camera: Camera, options: LocateOptions, *, right: bool) -> float:
    """Return the usual distance of a wall from the path, on one side.

    A camera that drives right of the road's middle is nearer to the wall on its right.
    """
    offset_m = camera.lane_offset_m or 0.0
    return max(options.wall_lateral_m + (-offset_m if right else offset_m), 1.0)


class WallPoint:
    """Position of one raised object by a least-squares bundle of its rays.

    The point (east, north, height) is fitted to all bearings with Huber's loss. A prior
    on the wall's distance from the path and on the height, both seen from the first
    view, holds it where the rays do not cross: one view alone gives the usual wall.
    """

    __slots__ = (
        "_camera",
        "_cov",
        "_max_range_m",
        "_options",
        "_point",
        "_rays",
        "_wall_m",
    )

    def __init__(
        self, ray: Ray, camera: Camera, *, options: LocateOptions, max_range_m: float
    ) -> None:
        self._camera = camera
        self._options = options
        self._max_range_m = max_range_m
        self._rays = [ray]
        azimuth, elevation = ray.bearing
        away = max(abs(math.sin(azimuth)), 1e-3)
        self._wall_m = wall_lateral_m(camera, options, right=azimuth >= 0)
        range_m = min(self._wall_m / away, max_range_m)
        ahead = range_m * np.array([[math.cos(azimuth), math.sin(azimuth)]])
        height_m = camera.height_m + range_m * math.tan(elevation)
        self._point = np.append(ray.viewpoint.to_world(ahead)[0], height_m)
        self._cov = np.eye(3)
        self._solve()

    def absorb(self, ray: Ray) -> None:
        """Take in one more view of the same object."""
        self._rays.append(ray)
        if len(self._rays) > _MAX_VIEWS:
            del self._rays[1]
        self._solve()

    def join(self, other: WallPoint) -> None:
        """Take in the views of another estimate of the same object."""
        both = sorted(self._rays + other._rays, key=lambda r: r.viewpoint.drive_s)
        self._rays = both[:1] + both[1:][-(_MAX_VIEWS - 1) :]
        self._solve()

    def locate(self) -> tuple[FloatArray, FloatArray]:
        """Return place `(2,)` and covariance `(2, 2)` on the ground below it."""
        return self._point[:2], self._cov[:2, :2]

    def predict_pixel(
        self, viewpoint: Viewpoint
    ) -> tuple[FloatArray, FloatArray] | None:
        """Return pixel `(2,)` and covariance `(2, 2)` from here; None if behind."""
        shifted = self._point + np.concatenate([np.zeros((1, 3)), _STEP_M * np.eye(3)])
        vehicle = np.column_stack([viewpoint.to_vehicle(shifted[:, :2]), shifted[:, 2]])
        uv = ground_to_pixel(self._camera, vehicle)
        if vehicle[0, 0] < 0 or not np.isfinite(uv).all():
            return None
        slope = (uv[1:] - uv[0]).T / _STEP_M
        return uv[0], slope @ self._cov @ slope.T

    def _solve(self) -> None:
        """Fit the point by damped Gauss-Newton with iteratively reweighted rays."""
        point, damping = self._point, 1e-3
        residual = self._residual(point)
        for _ in range(_ROUNDS):
            slope = np.stack(
                [(self._residual(point + d) - residual) / _STEP_M for d in _STEPS],
                axis=1,
            )
            weight = np.minimum(1.0, _HUBER / np.maximum(np.abs(residual), 1e-9))
            weight[-3:] = 1.0  # the priors
            normal = slope.T @ (weight[:, None] * slope)
            pull = slope.T @ (weight * residual)
            move = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -pull)
            trial = self._residual(point + move)
            if _huber(trial) > _huber(residual):
                damping *= 10
                continue
            point, residual, damping = point + move, trial, damping / 3
            if np.hypot(move[0], move[1]) < 1e-3:
                break
        self._point = point
        self._cov = np.linalg.inv(normal)

    def _residual(self, point: FloatArray) -> FloatArray:
        """Return residuals in sigmas: two per ray, then wall, height, range priors."""
        centres = np.array([r.viewpoint.xy for r in self._rays])
        axes = np.array([r.viewpoint.axes for r in self._rays])
        bearing = np.array([r.bearing for r in self._rays])
        sigma = np.array([r.sigma_rad for r in self._rays])
        ahead = np.einsum("nij,nj->ni", axes, point[:2] - centres)
        flat = np.hypot(*ahead.T)
        turn = np.arctan2(ahead[:, 1], ahead[:, 0]) - bearing[:, 0]
        turn = (turn + np.pi) % (2 * np.pi) - np.pi
        rise = np.arctan2(point[2] - self._camera.height_m, flat) - bearing[:, 1]
        side = math.copysign(1.0, bearing[0, 0])
        use = self._options
        priors = (
            (side * ahead[0, 1] - self._wall_m) / use.wall_lateral_sigma_m,
            (point[2] - use.wall_height_m) / use.wall_height_sigma_m,
            max(flat[0] - self._max_range_m, 0.0) / _FAR_SIGMA_M,
        )
        return np.concatenate([turn / sigma[:, 0], rise / sigma[:, 1], priors])


_STEPS = _STEP_M * np.eye(3)


def _huber(residual: FloatArray) -> float:
    size = np.abs(residual)
    bent = np.where(size < _HUBER, size**2, 2 * _HUBER * size - _HUBER**2)
    return float(bent[:-3].sum() + (residual[-3:] ** 2).sum())
