"""Segments laid along the driven path, for drives without a road file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import substring

from service.roads.lines import line_column, point_column
from service.roads.network import RoadNetwork, build_network
from service.types import Segment
from vision.errors import RoadsError
from vision.geo import LocalFrame

FloatArray = npt.NDArray[np.float64]

STEP_M = 5.0
"""The path is thinned to places this far apart; standing still leaves no knot."""

SAME_STREET_M = 12.0
"""A path that comes back this near, along or against, drives the same street."""

SAME_DIRECTION_DEG = 30.0
RECENT_M = 60.0
RECENT_BACK_M = 15.0
"""The path just driven is no other pass over the street, unless it turned back."""

LEAST_NEW_M = 30.0
"""Shorter stretches beside a known street are noise, not a street of their own."""

LEAST_REST_M = 30.0
"""A remainder shorter than this is added to the segment before."""


def lay_segments(lonlat_path: npt.ArrayLike, *, length_m: float = 100.0) -> RoadNetwork:
    """Lay segments of `length_m` along a driven path.

    Ids are `path-0001`, `path-0002`, ... in driving order, class 3, `assumed`. Where
    the path comes back over a street (within 12 m, along or against) no second
    segment is laid on top.

    Args:
        lonlat_path: `(N, 2)` degrees, in driving order.
        length_m: of each segment; the last of a stretch is 30 % shorter to 30 m longer.

    Raises:
        RoadsError: the path has no two places 5 m apart, or `length_m` < 10.
    """
    if length_m < 10:
        msg = f"segments must be at least 10 m long, got {length_m:g}; give more"
        raise RoadsError(msg)
    lonlat = np.atleast_2d(np.asarray(lonlat_path, dtype=np.float64))
    lonlat = lonlat[np.isfinite(lonlat).all(axis=1)] if lonlat.size else lonlat
    if len(lonlat) < 2:
        msg = "no segments can be laid along fewer than two fixes; give a longer track"
        raise RoadsError(msg)
    middle = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2
    frame = LocalFrame(float(middle[0]), float(middle[1]))
    xy = _thinned(frame.to_xy(lonlat))
    if len(xy) < 2:
        msg = (
            f"the track moves less than {STEP_M:g} m, so no segments can be laid "
            "along it; give a road file"
        )
        raise RoadsError(msg)
    pieces = _crossed(
        [
            piece
            for stretch in _joined(_new_stretches(xy))
            for piece in _cut(stretch, length_m)
        ]
    )
    return build_network(
        [
            Segment(
                id=f"path-{number:04d}",
                name=None,
                road_class="3",
                lonlat=frame.to_lonlat(shapely.get_coordinates(piece)),
                length_m=0.0,
                assumed=True,
            )
            for number, piece in enumerate(pieces, start=1)
        ]
    )


def _thinned(xy: FloatArray) -> FloatArray:
    """Keep the places `STEP_M` from the one kept before."""
    kept = [xy[0]]
    for place in xy[1:]:
        if np.hypot(*(place - kept[-1])) >= STEP_M:
            kept.append(place)
    return np.array(kept)


def _new_stretches(xy: FloatArray) -> Iterator[FloatArray]:
    """Yield the parts of the path that run where it has not run before."""
    known = _known(xy)
    _flip_short(known, xy, value=False, shorter_m=LEAST_NEW_M)
    known[0] = False
    _flip_short(known, xy, value=True, shorter_m=LEAST_NEW_M)
    known[0] = False
    edges = np.flatnonzero(np.diff(np.r_[True, known, True].astype(np.int8)))
    for start, stop in edges.reshape(-1, 2):
        first = max(0, start - 1)
        last = min(len(xy), stop + 1)
        if last - first >= 2:
            yield xy[first:last]


def _known(xy: FloatArray) -> npt.NDArray[np.bool_]:
    """Return `(N,)` True where an earlier part of the path runs along the place."""
    steps = np.diff(xy, axis=0)
    along_m = np.r_[0.0, np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))]
    pairs = np.stack([xy[:-1], xy[1:]], axis=1)
    lines = line_column(pairs.reshape(-1, 2), np.repeat(np.arange(len(steps)), 2))
    angle = np.degrees(np.arctan2(steps[:, 0], steps[:, 1]))
    mine = np.r_[angle, angle[-1]]
    place, line = shapely.STRtree(list(lines)).query(
        point_column(xy), predicate="dwithin", distance=SAME_STREET_M
    )
    off = np.abs((mine[place] - angle[line] + 180.0) % 360.0 - 180.0)
    ago_m = along_m[place] - along_m[line + 1]
    again = (ago_m > RECENT_M) & (off < SAME_DIRECTION_DEG)
    again |= (ago_m > RECENT_BACK_M) & (off > 180.0 - SAME_DIRECTION_DEG)
    known = np.zeros(len(xy), dtype=np.bool_)
    known[place[again]] = True
    return known


def _flip_short(
    known: npt.NDArray[np.bool_], xy: FloatArray, *, value: bool, shorter_m: float
) -> None:
    """Turn runs of `value` shorter than `shorter_m` into the other, in place."""
    edges = np.flatnonzero(np.diff(np.r_[not value, known, not value]))
    for start, stop in edges.reshape(-1, 2):
        run = np.diff(xy[start:stop], axis=0)
        if np.hypot(run[:, 0], run[:, 1]).sum() < shorter_m:
            known[start:stop] = not value


def _joined(stretches: Iterator[FloatArray]) -> Iterator[shapely.LineString]:
    """Yield the stretches as lines, their ends moved onto the street they leave."""
    laid: list[shapely.LineString] = []
    for stretch in stretches:
        vertices = stretch.copy()
        vertices[0] = _onto(laid, vertices[0])
        step = np.diff(stretch, axis=0)
        left_m = np.r_[np.cumsum(np.hypot(step[:, 0], step[:, 1])[::-1])[::-1], 0.0]
        own = vertices[left_m > RECENT_M]
        mine = [shapely.LineString(own)] if len(own) >= 2 else []
        vertices[-1] = _onto([*laid, *mine], vertices[-1])
        laid.append(shapely.LineString(vertices))
        yield laid[-1]


def _onto(laid: list[shapely.LineString], xy: FloatArray) -> FloatArray:
    """Return the nearest place on a laid street, `xy` itself if none is near."""
    street = shapely.MultiLineString(laid)
    end = shapely.Point(xy)
    if street.is_empty or street.distance(end) > SAME_STREET_M:
        return xy
    on_street = street.interpolate(street.project(end))
    found: FloatArray = shapely.get_coordinates(on_street)[0]
    return found


def _cut(line: shapely.LineString, length_m: float) -> Iterator[shapely.LineString]:
    """Yield pieces of `length_m`, the rest at the end."""
    whole_m = float(line.length)
    count = max(1, int(whole_m // length_m))
    if whole_m - count * length_m >= LEAST_REST_M:
        count += 1
    cuts = [k * length_m for k in range(count)] + [whole_m]
    for start, stop in pairwise(cuts):
        yield cast("shapely.LineString", substring(line, start, stop))


def _crossed(pieces: list[shapely.LineString]) -> list[shapely.LineString]:
    """Return the pieces with a shared vertex wherever two of them cross."""
    a, b = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    points: dict[int, list[FloatArray]] = {}
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        if one != other:
            crossing = shapely.intersection(pieces[one], pieces[other])
            points.setdefault(one, []).append(shapely.get_coordinates(crossing))
    return [
        _with_vertices(piece, np.concatenate(points[row])) if row in points else piece
        for row, piece in enumerate(pieces)
    ]


def _with_vertices(line: shapely.LineString, xy: FloatArray) -> shapely.LineString:
    """Return the line with vertices added where `xy` lie on it."""
    own = shapely.get_coordinates(line)
    step = np.diff(own, axis=0)
    own_m = np.r_[0.0, np.cumsum(np.hypot(step[:, 0], step[:, 1]))]
    new_m = np.asarray(shapely.line_locate_point(line, point_column(xy)))
    apart = np.abs(new_m[:, None] - own_m[None, :]).min(axis=1) > 1e-3
    order = np.argsort(np.r_[own_m, new_m[apart]], kind="stable")
    return shapely.LineString(np.concatenate([own, xy[apart]])[order])
