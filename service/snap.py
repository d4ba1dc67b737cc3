"""Observed ground moved across the street to where the vehicle's lane is.

A receiver's error of a few metres shifts everything it saw sideways: the pavement would
count as not seen because the footprint seems to lie on the other side. The vehicle was
on the road, so its footprint is moved across the matched segment to its lane.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from service.roads import RoadNetwork
from service.types import MatchedFix
from vision.geo import LocalFrame, angle_difference_deg
from vision.telemetry import Track
from vision.types import Observed

ALONG_DEG = 20.0
"""A vehicle that heads further off than this is turning: its lane is not known."""


def snap_observed(
    observed: Sequence[Observed],
    *,
    track: Track,
    network: RoadNetwork,
    path: tuple[Sequence[float], Sequence[MatchedFix]],
    lane_offset_m: float | None,
) -> list[Observed]:
    """Return the observed ground with each footprint moved across its segment.

    Args:
        observed: in drive order.
        track: where the receiver says the vehicle was.
        network: the roads.
        path: drive times, ascending, and the fix matched at each.
        lane_offset_m: camera right of the centre line in the driving direction; None
            leaves everything where it is.
    """
    times_s, matched = path
    if lane_offset_m is None or not times_s:
        return list(observed)
    return [
        _snap(
            one, track, network, _nearest(times_s, matched, one.drive_s), lane_offset_m
        )
        for one in observed
    ]


def _nearest(
    times_s: Sequence[float], matched: Sequence[MatchedFix], drive_s: float
) -> MatchedFix:
    after = min(bisect_left(times_s, drive_s), len(times_s) - 1)
    before = max(after - 1, 0)
    if drive_s - times_s[before] < times_s[after] - drive_s:
        return matched[before]
    return matched[after]


def _snap(
    one: Observed,
    track: Track,
    network: RoadNetwork,
    fix: MatchedFix,
    lane_offset_m: float,
) -> Observed:
    if fix.segment_id is None or fix.offset_m is None or fix.forward is None:
        return one
    drawn_deg = network.direction_deg(fix.segment_id, fix.offset_m)
    driven_deg = drawn_deg if fix.forward else drawn_deg + 180.0
    if abs(angle_difference_deg(one.heading_deg, driven_deg)) > ALONG_DEG:
        return one
    pose = track.pose_at(one.drive_s)
    _, lateral_m = network.project(pose.lon, pose.lat, fix.segment_id)
    wanted_m = lane_offset_m if fix.forward else -lane_offset_m
    right = math.radians(drawn_deg + 90.0)
    shift_m = (wanted_m - lateral_m) * np.array([math.sin(right), math.cos(right)])
    frame = LocalFrame(pose.lon, pose.lat)
    moved = frame.to_lonlat(frame.to_xy(one.footprint) + shift_m)
    return replace(one, footprint=moved)
