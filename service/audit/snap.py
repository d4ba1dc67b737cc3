"""Observed ground moved across the street to where the vehicle's lane is.

A receiver's error of a few metres and degrees shifts everything it saw sideways: the
pavement would count as not seen because the footprint seems to lie on the other side.
The vehicle drove along the road, so its footprint is moved across the matched segment
to its lane and turned along it.
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
from vision.types import FloatArray, Observed

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
    """Return the observed ground, each footprint moved to its lane and turned along it.

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
    turned = _turned(
        frame.to_xy(one.footprint), angle_difference_deg(driven_deg, one.heading_deg)
    )
    return replace(one, footprint=frame.to_lonlat(turned + shift_m), stood=None)


def _turned(xy: FloatArray, clockwise_deg: float) -> FloatArray:
    """Return points turned about the origin."""
    angle = math.radians(clockwise_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    turned: FloatArray = xy @ np.array([[cos, -sin], [sin, cos]])
    return turned
