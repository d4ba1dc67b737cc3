"""Which things a camera sees, by casting rays at their surfaces. Needs `mathutils`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from training.synth import buildings, ground, props
from training.synth.camera import NEAR_M, Lens, Pose, project
from training.synth.motion import actor_xy
from training.synth.plan import Item, Plan
from training.synth.shapes import FloatArray, Shape, place
from training.synth.truth import Box, clipped_box, surface_points

MAX_RANGE_M = 55.0
"""Things further away are no labels."""
ELBOW_M = 0.45
CLEAR_M = 1.8
_RAYS = 28
_STRICT = frozenset({"face", "licence_plate"})
_TOLERANCE_M = 0.03


@dataclass(slots=True)
class _Target:
    item: Item
    category: str
    points: FloatArray
    samples: FloatArray
    moving: int | None


@dataclass(slots=True)
class _Moving:
    tree: Any
    start_xy: tuple[float, float]
    offset: FloatArray = field(default_factory=lambda: np.zeros(3))


class Viewer:
    """Casts rays into one plan; build it once per scene."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._owners: list[str] = []
        self._targets: list[_Target] = []
        merged = Shape()
        self._merge(merged, ground.ground(plan), "ground")
        for k, lot in enumerate(plan.lots):
            leg = plan.legs[lot.leg_id]
            ahead_m = 14.0 if lot.side == 0 else 0.0
            x, y = leg.xy((lot.from_m + lot.to_m) / 2 + ahead_m, lot.side * leg.wall_m)
            shape = Shape()
            shape.extend(
                buildings.lot_shape(lot.kind, lot.variant, lot.to_m - lot.from_m),
                (x, y, 0.1),
                leg.heading_deg + 90 * lot.side,
            )
            self._merge(merged, shape, f"lot-{k}")
        for item in plan.items:
            self._merge(merged, self._add_item(item, None), item.item_id)
        self._tree = BVHTree.FromPolygons(merged.verts, merged.faces)
        self._moving: list[_Moving] = []
        for k, actor in enumerate(plan.actors):
            shape = self._add_item(actor.item, k)
            tree = BVHTree.FromPolygons(shape.verts, shape.faces)
            self._moving.append(_Moving(tree, actor_xy(plan, actor, 0.0)))

    def _merge(self, merged: Shape, shape: Shape, owner: str) -> None:
        merged.extend(shape)
        self._owners += [owner] * len(shape.faces)

    def _add_item(self, item: Item, moving: int | None) -> Shape:
        prop = props.build(item.kind, item.variant)
        at = self._plan.item_xyz(item)
        placed, scaled = (
            Shape(),
            _thinned(prop.shape) if item.category is None else Shape(),
        )
        if item.category is not None:
            scaled.extend(prop.shape)
        scaled.verts = [
            (x * item.scale, y * item.scale, z * item.scale) for x, y, z in scaled.verts
        ]
        placed.extend(scaled, at, item.heading_deg)
        if item.category is not None:
            points, samples = placed.points(), surface_points(placed, _RAYS, 1)
            if prop.extent is not None:
                points = place(prop.extent * item.scale, at, item.heading_deg)
                samples = _part_samples(points)
            self._targets.append(_Target(item, item.category, points, samples, moving))
        for category, points in prop.parts:
            moved = place(points * item.scale, at, item.heading_deg)
            self._targets.append(
                _Target(item, category, moved, _part_samples(moved), moving)
            )
        return placed

    def boxes(self, lens: Lens, pose: Pose, time_s: float = 0.0) -> list[Box]:
        """Return every thing that is in the frame, hidden or not, nearest first."""
        for moving, actor in zip(self._moving, self._plan.actors, strict=True):
            x, y = actor_xy(self._plan, actor, time_s)
            moving.offset = np.array(
                [x - moving.start_xy[0], y - moving.start_xy[1], 0.0]
            )
        found: list[Box] = []
        for target in self._targets:
            shift = (
                np.zeros(3)
                if target.moving is None
                else self._moving[target.moving].offset
            )
            clipped = clipped_box(target.points + shift, lens, pose)
            if clipped is None:
                continue
            distance = float(
                np.linalg.norm(target.points.mean(axis=0) + shift - pose.xyz)
            )
            if distance > MAX_RANGE_M:
                continue
            visible = self._visible_fraction(target, shift, lens, pose)
            found.append(
                Box(target.item.item_id, target.category, *clipped, visible, distance)
            )
        return sorted(found, key=lambda box: box.range_m)

    def centres(self) -> dict[str, FloatArray]:
        """Return the middle of each standing labelled thing's box, by item, metres."""
        return {
            t.item.item_id: (t.points.min(axis=0) + t.points.max(axis=0)) / 2
            for t in self._targets
            if t.moving is None and t.category == t.item.category
        }

    def is_clear(self, lens: Lens, pose: Pose) -> bool:
        """Tell whether a camera stands in the open and looks at more than one wall.

        False inside a thing, with a surface within `ELBOW_M`, or when a third of the
        view is nearer than `CLEAR_M` and not ground.
        """
        eye = Vector(pose.xyz)
        if self._tree.find_nearest(eye, ELBOW_M)[0] is not None:
            return False
        around = [
            Vector((math.sin(a), math.cos(a), 0.15))
            for a in np.linspace(0, 2 * math.pi, 8, endpoint=False)
        ]
        hits = [self._tree.ray_cast(eye, ray, 12.0)[2] for ray in around]
        owners = [self._owners[face] for face in hits if face is not None]
        if owners and max(owners.count(name) for name in set(owners)) >= 6:
            return False
        right, up, forward = pose.axes()
        u = lens.width_px / lens.fx_px / 2
        v = lens.height_px / lens.fx_px / 2
        rays = [
            forward + a * u * right + b * v * up
            for a in (-0.9, -0.5, 0.0, 0.5, 0.9)
            for b in (-0.8, 0.0, 0.8)
        ]
        near = [self._tree.ray_cast(eye, Vector(ray), CLEAR_M)[2] for ray in rays]
        blocked = [f for f in near if f is not None and self._owners[f] != "ground"]
        return len(blocked) <= len(rays) // 3

    def _visible_fraction(
        self, target: _Target, shift: FloatArray, lens: Lens, pose: Pose
    ) -> float:
        samples = target.samples + shift
        pixels, depth = project(samples, lens, pose)
        inside = (
            (depth > NEAR_M)
            & (pixels >= 0).all(axis=1)
            & (pixels <= (lens.width_px, lens.height_px)).all(axis=1)
        )
        if not inside.any():
            return 0.0
        seen = [self._sees(np.asarray(pose.xyz), p, target) for p in samples[inside]]
        return float(np.mean(seen))

    def _sees(self, eye: FloatArray, point: FloatArray, target: _Target) -> bool:
        ray = point - eye
        distance = float(np.linalg.norm(ray))
        direction = ray / distance
        strict = target.category in _STRICT
        reach = distance - _TOLERANCE_M
        _, _, face, _ = self._tree.ray_cast(Vector(eye), Vector(direction), reach)
        if face is not None and (strict or self._owners[face] != target.item.item_id):
            return False
        for k, moving in enumerate(self._moving):
            if k == target.moving and not strict:
                continue
            _, _, face, _ = moving.tree.ray_cast(
                Vector(eye - moving.offset), Vector(direction), reach
            )
            if face is not None:
                return False
        return True


def _thinned(shape: Shape) -> Shape:
    """Return a copy with one leaf in four: enough to judge what a crown hides."""
    out = Shape(verts=list(shape.verts))
    for k, (face, mat) in enumerate(zip(shape.faces, shape.materials, strict=True)):
        if not mat.startswith("leaf") or k % 4 == 0:
            out.faces.append(face)
            out.materials.append(mat)
    out.uvs, out.smooth = [()] * len(out.faces), [False] * len(out.faces)
    return out


def _part_samples(points: FloatArray) -> FloatArray:
    if len(points) != 4:
        step = max(len(points) // _RAYS, 1)
        return points[::step]
    a, b, c, d = points
    grid = [(u, v) for u in (0.15, 0.5, 0.85) for v in (0.15, 0.5, 0.85)]
    return np.array(
        [(1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * c) for u, v in grid]
    )
