"""Pixel <-> ground of a camera that stands, from points known on both.

Source:
    OpenCV's `findHomography`, least squares over all points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from vision.errors import CameraError
from vision.geo import LocalFrame

FloatArray = npt.NDArray[np.float64]

LEAST_POINTS = 4
MOST_ERROR_M = 1.0
"""Points that fit worse than this contradict each other."""
_FLAT = 0.01
"""A triangle flatter than this share of its longest side squared is a line."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundView:
    """How a picture shows flat ground.

    Attributes:
        frame: local metres around the first known point.
        to_ground: float64 `(3, 3)`: pixels to metres east, north.
        residual_m: largest distance of a known point from where its pixel lies.
    """

    frame: LocalFrame
    to_ground: FloatArray
    residual_m: float

    def lonlat(self, uv: npt.ArrayLike) -> FloatArray:
        """Return `(N, 2)` lon/lat of pixels `(N, 2)`; NaN at and above the horizon."""
        xy = self.metres(uv)
        out: FloatArray = np.full_like(xy, np.nan)
        good = np.isfinite(xy).all(axis=1)
        if good.any():
            out[good] = self.frame.to_lonlat(xy[good])
        return out

    def metres(self, uv: npt.ArrayLike) -> FloatArray:
        """Return `(N, 2)` metres east, north of pixels `(N, 2)`; NaN above the horizon.

        The horizon is where the ground of the known points would be seen from below.
        """
        points = np.asarray(uv, np.float64).reshape(-1, 2)
        turned = np.column_stack([points, np.ones(len(points))]) @ self.to_ground.T
        with np.errstate(divide="ignore", invalid="ignore"):
            out: FloatArray = np.where(
                turned[:, 2:] > 0, turned[:, :2] / turned[:, 2:], np.nan
            )
        return out

    def pixels(self, lonlat: npt.ArrayLike) -> FloatArray:
        """Return `(N, 2)` pixels of places `(N, 2)`."""
        xy = np.asarray(self.frame.to_xy(lonlat), np.float64).reshape(-1, 2)
        inverse = np.linalg.inv(self.to_ground)
        turned = np.column_stack([xy, np.ones(len(xy))]) @ inverse.T
        out: FloatArray = turned[:, :2] / turned[:, 2:]
        return out


def fit_ground(
    pixels: Sequence[tuple[float, float]], lonlat: Sequence[tuple[float, float]]
) -> GroundView:
    """Return the view of the ground from points known in the picture and on the map.

    Raises:
        CameraError: fewer than four points, four of which no three on a line, points
            that contradict each other, or a point twice.
    """
    if len(pixels) < LEAST_POINTS:
        msg = (
            f"{len(pixels)} known points are too few for the ground; measure at least "
            f"{LEAST_POINTS}, no three of them on a line"
        )
        raise CameraError(msg)
    uv = np.asarray(pixels, np.float64)
    frame = LocalFrame(*lonlat[0])
    xy = np.asarray(frame.to_xy(np.asarray(lonlat, np.float64)), np.float64)
    for name, points in (("picture", uv), ("map", xy)):
        if not _spread(points):
            msg = (
                f"the known points lie on a line in the {name}, or are there twice; "
                "measure four of which no three are on a line"
            )
            raise CameraError(msg)
    found, _ = cv2.findHomography(uv, xy)
    if found is None:
        msg = "the known points show no ground; measure them again"
        raise CameraError(msg)
    matrix = np.asarray(found, np.float64)
    seen = np.column_stack([uv, np.ones(len(uv))]) @ matrix.T
    if not ((seen[:, 2] > 0).all() or (seen[:, 2] < 0).all()):
        msg = (
            "the known points cannot be seen on one flat ground; check that pixels and "
            "coordinates are in the same order"
        )
        raise CameraError(msg)
    if seen[0, 2] < 0:
        matrix = -matrix
    view = GroundView(frame, matrix, 0.0)
    residual_m = float(np.hypot(*(view.metres(uv) - xy).T).max())
    if residual_m > MOST_ERROR_M:
        msg = (
            f"the known points contradict each other by {residual_m:.1f} m; measure "
            "them again"
        )
        raise CameraError(msg)
    return GroundView(frame, matrix, residual_m)


def _spread(points: FloatArray) -> bool:
    """Return whether four of the points have no three on a line."""
    return any(
        all(
            _area(points[list(three)]) > _FLAT * _longest(points[list(four)]) ** 2
            for three in combinations(four, 3)
        )
        for four in combinations(range(len(points)), 4)
    )


def _area(triangle: FloatArray) -> float:
    (ax, ay), (bx, by), (cx, cy) = triangle
    return float(abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2)


def _longest(points: FloatArray) -> float:
    gaps = points[:, None] - points[None]
    return float(np.hypot(gaps[..., 0], gaps[..., 1]).max())
