"""Fixes as columns, and which of them decide.

A receiver at 20 Hz, or one that stands, repeats itself: such fixes are not new
evidence. The ones that decide lie apart in time and place; the others follow them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.roads.lines import point_column
from service.roads.network import RoadNetwork
from vision.errors import InputError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

LEAST_SIGMA_M = 4.0
MOST_SIGMA_M = 15.0
"""Bounds of a receiver's 1-sigma that is judged from the fixes."""

GIVEN_HEADING_DEG = 10.0
"""1-sigma of a heading that the receiver gives while moving."""

FARTHEST_M = 40.0
"""A fix without a segment within this (or 4 sigma) is off the network."""

STANDING_MPS = 0.3


@dataclass(frozen=True, slots=True)
class FixIn:
    """One fix to match.

    Attributes:
        time_s: seconds on any one clock, not decreasing.
        lon: degrees east.
        lat: degrees north.
        heading_deg: direction of travel, clockwise from north; None if unknown.
        speed_mps: ground speed; None if unknown.
        sigma_m: 1-sigma of the position, per axis; None to judge it from the fixes.
    """

    time_s: float
    lon: float
    lat: float
    heading_deg: float | None = None
    speed_mps: float | None = None
    sigma_m: float | None = None


@dataclass(frozen=True, slots=True)
class MatchOptions:
    """What the matcher believes about drives.

    Attributes:
        step_s: of fixes nearer in time than this only one decides; the others follow.
        step_m: a fix that moved less than this since the last one that decided does
            not decide (a standing vehicle).
        top_mps: no patrol vehicle is faster; a fix that says so for a moment is a
            stray and is left out.
        spread_m: how far route and fixes disagree, besides their noise.
        spread_fraction: ... per metre moved.
    """

    step_s: float = 0.9
    step_m: float = 1.0
    top_mps: float = 60.0
    spread_m: float = 4.0
    spread_sigma: float = 0.8
    spread_fraction: float = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Fixes as columns, in the network's frame.

    Attributes:
        time_s: float64 `(N,)`, ascending.
        xy: float64 `(N, 2)`, metres.
        sigma_m: float64 `(N,)`, 1-sigma per axis.
        reach_m: float64 `(N,)`, a segment farther away cannot be the right one.
        heading_deg: float64 `(N,)`, NaN where unknown.
        heading_sigma_deg: float64 `(N,)`, of `heading_deg`.
        weight: float64 `(N,)` in `(0, 1]`, how much of each fix is new evidence.
    """

    time_s: FloatArray
    xy: FloatArray
    sigma_m: FloatArray
    reach_m: FloatArray
    heading_deg: FloatArray
    heading_sigma_deg: FloatArray
    weight: FloatArray

    def __len__(self) -> int:
        """Return the number of fixes."""
        return len(self.time_s)


def track_of(network: RoadNetwork, fixes: Sequence[FixIn]) -> Track:
    """Return the fixes as columns in the network's frame.

    Raises:
        InputError: the times decrease, or a place is not finite.
    """
    time_s = np.array([fix.time_s for fix in fixes], dtype=np.float64)
    xy = network.frame.to_xy([(fix.lon, fix.lat) for fix in fixes])
    if not (np.isfinite(xy).all() and np.isfinite(time_s).all()):
        msg = "a fix has no finite time or place; clean the track before matching"
        raise InputError(msg)
    if np.any(np.diff(time_s) < 0):
        msg = "the times of the fixes decrease; sort the track before matching"
        raise InputError(msg)
    sigma_m = np.array(
        [np.nan if f.sigma_m is None else max(f.sigma_m, 0.5) for f in fixes]
    )
    if np.isnan(sigma_m).any():
        sigma_m = np.where(np.isnan(sigma_m), _judged_sigma_m(network, xy), sigma_m)
    heading, heading_sigma = _headings(fixes, time_s, xy, sigma_m)
    reach_m = np.maximum(4 * sigma_m, FARTHEST_M)
    return Track(
        time_s, xy, sigma_m, reach_m, heading, heading_sigma, np.ones(len(fixes))
    )


def _judged_sigma_m(network: RoadNetwork, xy: FloatArray) -> float:
    """Judge the receiver's 1-sigma by how far the fixes lie from the roads."""
    _, off_m = network.tree.query_nearest(
        point_column(xy), return_distance=True, all_matches=False
    )
    near = off_m[off_m < 100.0]
    off = float(np.percentile(near, 75)) if len(near) else 0.0
    return float(np.clip(off, LEAST_SIGMA_M, MOST_SIGMA_M))


def _headings(
    fixes: Sequence[FixIn], time_s: FloatArray, xy: FloatArray, sigma_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the given headings, else those of the way from fix to fix."""
    n = len(fixes)
    given = np.array(
        [np.nan if f.heading_deg is None else f.heading_deg for f in fixes]
    )
    slow = np.array([f.speed_mps is not None and f.speed_mps < 1.5 for f in fixes])
    before = np.maximum(np.searchsorted(time_s, time_s - 1.0, side="right") - 1, 0)
    after = np.minimum(np.searchsorted(time_s, time_s + 1.0), n - 1)
    way = xy[after] - xy[before]
    far_m = np.hypot(way[:, 0], way[:, 1])
    made = np.degrees(np.arctan2(way[:, 0], way[:, 1]))
    usable = (far_m > 2 * sigma_m) & (time_s[after] - time_s[before] < 10.0)
    made = np.where(usable, made, np.nan)
    made_sigma = np.degrees(np.arctan2(1.5 * sigma_m, np.maximum(far_m, 1e-6)))
    take = ~np.isnan(given)
    heading = np.where(take, np.where(slow, np.nan, given), made)
    return heading, np.where(take, GIVEN_HEADING_DEG, made_sigma)


def deciding_rows(
    track: Track, fixes: Sequence[FixIn], options: MatchOptions
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Return which fixes decide, and which of the others merely repeat one.

    Returns:
        Rows `(D,)` of the fixes that lie apart in time and place and are no strays,
        and `(N,)` True for fixes of a vehicle that stands since the deciding one
        before.
    """
    rows: list[int] = []
    repeats = np.zeros(len(track), dtype=np.bool_)
    stray = _strays(track, options.top_mps)
    for k in range(len(track)):
        if stray[k]:
            continue
        if rows:
            last = rows[-1]
            moved_m = float(np.hypot(*(track.xy[k] - track.xy[last])))
            speed = fixes[k].speed_mps
            repeats[k] = moved_m < options.step_m or (
                speed is not None and speed < STANDING_MPS
            )
            soon = track.time_s[k] - track.time_s[last] < options.step_s
            if soon or repeats[k]:
                continue
        rows.append(k)
    return np.array(rows or [0], dtype=np.intp), repeats


def _strays(track: Track, top_mps: float) -> npt.NDArray[np.bool_]:
    """Return True for single fixes that jump away and come back."""
    n = len(track)
    out = np.zeros(n, dtype=np.bool_)
    if n < 3:
        return out
    step_m = np.hypot(*np.diff(track.xy, axis=0).T)
    step_s = np.diff(track.time_s)
    fast = step_m > top_mps * np.maximum(step_s, 0.05) + 6 * track.sigma_m[1:]
    fast &= step_s < 15.0
    over_m = np.hypot(*(track.xy[2:] - track.xy[:-2]).T)
    back = over_m < top_mps * (track.time_s[2:] - track.time_s[:-2])
    out[1:-1] = fast[:-1] & fast[1:] & back
    return out


def rows_of(track: Track, rows: IntArray) -> Track:
    """Return some rows of a track."""
    return Track(
        track.time_s[rows],
        track.xy[rows],
        track.sigma_m[rows],
        track.reach_m[rows],
        track.heading_deg[rows],
        track.heading_sigma_deg[rows],
        track.weight[rows],
    )
