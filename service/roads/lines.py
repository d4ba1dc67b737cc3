"""Lines and points in metres, as columns: shapely with plain array types."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
ObjectArray = npt.NDArray[np.object_]


def line_column(xy: FloatArray, of: npt.NDArray[np.integer]) -> ObjectArray:
    """Return LineStrings `(S,)` of vertices `(N, 2)` that belong to lines `of`."""
    return np.asarray(shapely.linestrings(xy, indices=of), dtype=np.object_)


def point_column(xy: FloatArray) -> ObjectArray:
    """Return Points `(N,)` of places `(N, 2)`, or of one place `(2,)` as `(1,)`."""
    return np.atleast_1d(np.asarray(shapely.points(xy), dtype=np.object_))


def lengths_m(lines: ObjectArray) -> FloatArray:
    """Return the length of each line."""
    return np.asarray(shapely.length(lines), dtype=np.float64)


def offsets_m(lines: ObjectArray, points: ObjectArray) -> FloatArray:
    """Return the offset of each point's foot on its line."""
    return np.asarray(shapely.line_locate_point(lines, points), dtype=np.float64)


def distances_m(lines: ObjectArray, points: ObjectArray) -> FloatArray:
    """Return the distance of each point from its line."""
    return np.asarray(shapely.distance(lines, points), dtype=np.float64)


def vertices(lines: ObjectArray) -> tuple[FloatArray, IntArray]:
    """Return all vertices `(N, 2)` and the row of the line each belongs to `(N,)`."""
    xy, of = shapely.get_coordinates(lines, return_index=True)
    return xy, of.astype(np.intp)


def places_at(lines: ObjectArray, offset_m: FloatArray) -> FloatArray:
    """Return the place `(N, 2)` on each line at an offset."""
    return shapely.get_coordinates(
        np.asarray(shapely.line_interpolate_point(lines, offset_m))
    )


def feet(
    lines: ObjectArray, offset_m: FloatArray, length_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return foot points `(N, 2)` and unit directions `(N, 2)` of lines at offsets.

    The direction is taken over a metre around the foot point, in drawing direction.
    """
    if not len(lines):
        return np.zeros((0, 2)), np.zeros((0, 2))
    half_m = np.minimum(0.5, length_m / 4)
    centre = np.clip(offset_m, half_m, length_m - half_m)
    along = places_at(lines, centre + half_m) - places_at(lines, centre - half_m)
    norm = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    return places_at(lines, offset_m), along / norm[:, None]
