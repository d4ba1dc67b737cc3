"""Headings steadied over the last metres driven.

A receiver's slow error wanders a little from fix to fix; taken for motion it turns the
vehicle by a degree or two, which is half a metre at 15 m. A vehicle on a street keeps
its direction over a few seconds, so the direction is read from a longer piece of path
wherever that piece is not a turn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.types import FloatArray

HALF_WINDOW_S = 2.5
TURNING_DEG = 4.0
"""A longer piece that disagrees more than this is a turn: the near motion is right."""
_LEAST_FIXES = 4
_LEAST_PATH_M = 3.0


def steady_headings(
    t: FloatArray,
    xy: FloatArray,
    own_deg: FloatArray,
    moving: npt.NDArray[np.bool_],
) -> FloatArray:
    """Return headings `(N,)` from a parabola through the path around each fix.

    Args:
        t: `(N,)` seconds, ascending.
        xy: `(N, 2)` smoothed places, metres east and north.
        own_deg: `(N,)` headings of the motion at each fix, clockwise from north.
        moving: `(N,)` where the vehicle moves; other fixes keep their own heading and
            are left out of the parabolas.

    Returns:
        Degrees, clockwise from north, `[0, 360)`.
    """
    steadied = own_deg.copy()
    rows = np.flatnonzero(moving)
    first = np.searchsorted(t[rows], t[rows] - HALF_WINDOW_S, side="left")
    last = np.searchsorted(t[rows], t[rows] + HALF_WINDOW_S, side="right")
    for row, low, high in zip(rows, first, last, strict=True):
        near = rows[low:high]
        if len(near) < _LEAST_FIXES:
            continue
        since_s = t[near] - t[row]
        basis = np.column_stack([np.ones_like(since_s), since_s, since_s**2])
        fit = np.linalg.lstsq(basis, xy[near], rcond=None)[0]
        if np.hypot(*fit[1]) * np.ptp(since_s) < _LEAST_PATH_M:
            continue
        angle_deg = float(np.degrees(np.arctan2(fit[1, 0], fit[1, 1])))
        off_deg = (angle_deg - own_deg[row] + 180.0) % 360.0 - 180.0
        if abs(off_deg) <= TURNING_DEG:
            steadied[row] = angle_deg % 360.0
    return steadied
