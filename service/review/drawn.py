"""Things that reviewers draw in a picture, put on the ground and the street.

The pose of the frame is not kept, but another thing in the same picture has a place:
from it to the drawn box it is so far forward and so far right as the camera says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from service.review.base import AddedBox
from service.roads import build_network
from service.types import PlacedSighting, Segment
from vision.camera import pixel_to_ground, scale_camera
from vision.errors import CameraError, InputError
from vision.geo import LocalFrame
from vision.scene import GeometryZones, StreetShape
from vision.types import Camera, Evidence, Sighting

BESIDE_SIGMA_M = 5.0
"""1-sigma of what lies somewhere in the picture of a thing."""
FURTHEST_M = 40.0
SAME_BOX = 0.5
"""Boxes that share so much of what both cover are of one thing."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the sighting that it is evidence of.

    Attributes:
        placed: the sighting, with its place.
        evidence: of it, in this picture.
        size_px: width and height.
    """

    placed: PlacedSighting
    evidence: Evidence
    size_px: tuple[int, int]


def check_box(box: AddedBox, size_px: tuple[int, int]) -> None:
    """Refuse a box that is none, or lies outside of its picture.

    Raises:
        InputError: the message names the box and the picture.
    """
    x1, y1, x2, y2 = box.xyxy
    width, height = size_px
    inside = 0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height
    if not (all(map(math.isfinite, box.xyxy)) and inside):
        said = ", ".join(f"{value:g}" for value in box.xyxy)
        msg = (
            f"the box ({said}) of {box.category} does not lie in the picture "
            f"{box.image} of {width} x {height} pixels; draw it inside"
        )
        raise InputError(msg)


def overlap(one: Box, other: Box) -> float:
    """Return the intersection of two boxes over their union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)]
    return shared / (sum(areas) - shared) if shared > 0 else 0.0


def placed_of_box(
    box: AddedBox,
    picture: Picture,
    *,
    run: Mapping[str, Any],
    segment: Segment,
    raised: bool,
) -> PlacedSighting:
    """Return what a reviewer drew as a sighting of the pass, on the same street.

    Its chance is 0: what makes it real is the reviewer's word on it.

    Args:
        box: in pixels of the picture.
        picture: where it was drawn.
        run: facts of the inspection, its camera among them.
        segment: the street of the picture's own sighting.
        raised: it, or the picture's own thing, hangs: where its box ends is no ground.
    """
    seen, evidence = picture.placed.sighting, picture.evidence
    ends = [_foot(evidence.xyxy), _foot(box.xyxy)]
    step = None if raised else _step(ends, picture.size_px, run)
    lon, lat, sigma_m = seen.lon, seen.lat, math.hypot(seen.sigma_m, BESIDE_SIGMA_M)
    lateral_m, offset_m = seen.lateral_m, picture.placed.offset_m
    side, belief = picture.placed.side, picture.placed.zone_belief
    lateral_sigma_m = math.hypot(seen.lateral_sigma_m, BESIDE_SIGMA_M)
    if step is not None:
        forward, right = step
        heading = math.radians(seen.heading_deg)
        ahead = np.array([math.sin(heading), math.cos(heading)])
        aside = np.array([math.cos(heading), -math.sin(heading)])
        moved = LocalFrame(seen.lon, seen.lat).to_lonlat(
            forward * ahead + right * aside
        )
        lon, lat = (float(v) for v in np.asarray(moved).ravel())
        doubt_m = 0.5 + 0.1 * math.hypot(forward, right)
        sigma_m = math.hypot(seen.sigma_m, doubt_m)
        lateral_m += right
        lateral_sigma_m = math.hypot(seen.lateral_sigma_m, doubt_m)
        network = build_network([segment])
        offset_m, from_centre_m = network.project(lon, lat, segment.id)
        side = "right" if from_centre_m >= 0 else "left"
        belief = GeometryZones().belief(
            lateral_m,
            lateral_sigma_m,
            StreetShape(
                network.width_m(segment.id),
                (run.get("camera") or {}).get("lane_offset_m"),
                oneway=segment.oneway,
            ),
        )
    drawn = replace(evidence, xyxy=box.xyxy)
    at_s = evidence.drive_s
    sighting = Sighting(
        id=f"drawn-{box.category}-{box.xyxy[0]:.0f}-{box.xyxy[1]:.0f}",
        category=box.category,
        probability=0.0,
        lon=lon,
        lat=lat,
        sigma_m=sigma_m,
        lateral_m=lateral_m,
        lateral_sigma_m=lateral_sigma_m,
        heading_deg=seen.heading_deg,
        first_drive_s=at_s,
        last_drive_s=at_s,
        frames=1,
        width_m=None,
        stationary_probability=None,
        zone_belief=None,
        evidence=(drawn,),
        model_id=seen.model_id,
    )
    return PlacedSighting(sighting, segment.id, side, offset_m, belief)


def _foot(xyxy: Sequence[float]) -> tuple[float, float]:
    return (xyxy[0] + xyxy[2]) / 2, xyxy[3]


def _step(
    feet: Sequence[tuple[float, float]],
    size_px: tuple[int, int],
    run: Mapping[str, Any],
) -> tuple[float, float] | None:
    """Return how far forward and right it is from one foot to the other, metres.

    None where the camera is not known or does not see the ground there.
    """
    known = dict(run.get("camera") or {})
    known["distortion"] = tuple(known.get("distortion") or ())
    try:
        camera = scale_camera(Camera(**known), *size_px)
    except (CameraError, TypeError):
        return None
    ground = pixel_to_ground(camera, feet)
    away_m = np.linalg.norm(ground, axis=1)
    if not np.all(away_m <= FURTHEST_M):
        return None
    forward, right = (float(v) for v in ground[1] - ground[0])
    return forward, right
