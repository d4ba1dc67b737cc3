"""The sample drive's `truth.json`: what stands where, and when it is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.synth.camera_path import LANE_OFFSET_M
from training.synth.classes import SCORED_CLASSES
from training.synth.drive_setup import (
    FRAME_COUNT,
    FRAME_RATE_HZ,
    GEO,
    START_UTC,
    pose_at,
)
from training.synth.geodesy import EARTH_RADIUS_M
from training.synth.motion import actor_xy
from training.synth.plan import Actor, Item, Plan
from training.synth.roads import segment_of
from training.synth.truth import Box

MIN_SEEN_PX = 14.0
MIN_SEEN_FRACTION = 0.5
MIN_SEEN_FRAMES = 3
_CONTEXT = frozenset({"car", "truck", "bus", "motorcycle", "bicycle"})


@dataclass(slots=True)
class Seen:
    """When one thing was visible (seconds since the first frame), and how large."""

    first_s: float
    last_s: float
    frames: int = 0
    max_px: float = 0.0


def seen_times(boxes: Mapping[int, Sequence[Box]], plan: Plan) -> dict[str, Seen]:
    """Return the visible span of each thing seen in at least `MIN_SEEN_FRAMES` frames.

    A thing counts in a frame when its own box is at least `MIN_SEEN_PX` on its longer
    side and at least half of it is visible.
    """
    own = {i.item_id: i.category for i in (*plan.items, *(a.item for a in plan.actors))}
    seen: dict[str, Seen] = {}
    for frame in sorted(boxes):
        time_s = frame / FRAME_RATE_HZ
        for box in boxes[frame]:
            big = (
                box.longer_px >= MIN_SEEN_PX
                and box.visible_fraction >= MIN_SEEN_FRACTION
            )
            if (
                not big
                or box.inside_fraction < MIN_SEEN_FRACTION
                or own[box.owner_id] != box.category
            ):
                continue
            entry = seen.setdefault(box.owner_id, Seen(time_s, time_s))
            entry.last_s = time_s
            entry.frames += 1
            entry.max_px = max(entry.max_px, round(box.longer_px, 1))
    return {k: v for k, v in seen.items() if v.frames >= MIN_SEEN_FRAMES}


def _row(plan: Plan, item: Item, seen: Seen | None) -> dict[str, Any]:
    x, y, _ = plan.item_xyz(item)
    segment = segment_of(item.leg_id, x, y)
    side, offset = segment.locate(x, y)
    lon, lat = GEO.lonlat(x, y)
    return {
        "id": item.item_id,
        "category": item.category,
        "lon": round(lon, 9),
        "lat": round(lat, 9),
        "zone": item.zone,
        "segment_id": segment.segment_id,
        "side": side,
        "offset_m": round(offset, 3),
        "first_visible_s": seen.first_s if seen else None,
        "last_visible_s": seen.last_s if seen else None,
        "frames_visible": seen.frames if seen else 0,
        "max_px": seen.max_px if seen else None,
        "kind": item.kind,
    }


def _vehicle(plan: Plan, actor: Actor, seen: Seen | None) -> dict[str, Any]:
    row = _row(plan, actor.item, seen)
    x, y = actor_xy(plan, actor, 0.0)
    lon, lat = GEO.lonlat(x, y)
    moving = actor.speed_mps > 0
    return {
        **row,
        "lon": round(lon, 9),
        "lat": round(lat, 9),
        "moving": moving,
        "speed_mps": actor.speed_mps,
        "heading_deg": round(GEO.heading_deg(actor.item.heading_deg), 2),
    }


def truth(plan: Plan, boxes: Mapping[int, Sequence[Box]]) -> dict[str, Any]:
    """Build the whole truth document from the plan and the boxes of all frames."""
    seen = seen_times(boxes, plan)
    scored = [i for i in plan.items if i.category in SCORED_CLASSES]
    standing = [Actor(i, 0.0) for i in plan.items if i.category in _CONTEXT]
    moving = [a for a in plan.actors if a.item.category in _CONTEXT]
    cameras = []
    for frame in range(FRAME_COUNT):
        pose = pose_at(frame / FRAME_RATE_HZ)
        lon, lat = GEO.lonlat(pose.xyz[0], pose.xyz[1])
        cameras.append(
            {
                "pts_s": frame / FRAME_RATE_HZ,
                "lon": round(lon, 9),
                "lat": round(lat, 9),
                "heading_deg": round(GEO.heading_deg(pose.heading_deg), 3),
                "pitch_deg": pose.pitch_deg,
                "height_m": pose.xyz[2],
            }
        )
    return {
        "start_utc": START_UTC.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "frame": {
            "crs": "EPSG:4326",
            "lon0": GEO.lon0,
            "lat0": GEO.lat0,
            "radius_m": EARTH_RADIUS_M,
            "projection": "east = rad(lon - lon0) * R * cos(lat0), "
            "north = rad(lat - lat0) * R",
            "lane_offset_m": LANE_OFFSET_M,
        },
        "objects": [_row(plan, i, seen.get(i.item_id)) for i in scored],
        "vehicles": [
            _vehicle(plan, a, seen.get(a.item.item_id)) for a in (*standing, *moving)
        ],
        "cameras": cameras,
    }
