"""Turns a plan into a Blender scene. Needs `bpy`."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import bpy
import numpy as np

from training.synth import buildings, ground, materials, props
from training.synth.motion import actor_xy
from training.synth.plan import Actor, Item, Look, Plan
from training.synth.shapes import FloatArray, Shape

GROUND, LOT = "ground", "lot"
"""Kinds of what is no item."""

Paint = Callable[[str, str], Any]
"""From a kind and the name of a material to Blender's material."""


@dataclass(slots=True)
class Stage:
    """A built scene.

    Attributes:
        plan: what was built.
        statics: `(owner id, object)` of all that stands still.
        actors: `(actor, object)` of all that moves.
        camera: the camera object.
    """

    plan: Plan
    camera: Any
    statics: list[tuple[str, Any]] = field(default_factory=list)
    actors: list[tuple[Actor, Any]] = field(default_factory=list)


def build(
    plan: Plan, paint: Paint | None = None, hidden: Collection[str] = ()
) -> Stage:
    """Empty Blender and build one plan.

    Args:
        plan: the street.
        paint: what surfaces look like; None for real materials.
        hidden: kinds of items that are left out.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    light(plan.look)
    stage = Stage(plan, camera)
    paint = paint or partial(_real, plan.look)
    shape = ground.ground(plan)
    stage.statics.append((GROUND, _object(_mesh(GROUND, shape, GROUND, paint), GROUND)))
    for k, lot in enumerate(plan.lots):
        shape = buildings.lot_shape(lot.kind, lot.variant, lot.to_m - lot.from_m)
        obj = _object(_mesh(f"lot-{k}", shape, LOT, paint), f"lot-{k}")
        leg = plan.legs[lot.leg_id]
        ahead_m = 14.0 if lot.side == 0 else 0.0
        x, y = leg.xy((lot.from_m + lot.to_m) / 2 + ahead_m, lot.side * leg.wall_m)
        _pose(obj, (x, y, 0.1), leg.heading_deg + 90 * lot.side)
        stage.statics.append((f"lot-{k}", obj))
    for item in plan.items:
        if item.kind not in hidden:
            stage.statics.append((item.item_id, _item_object(plan, item, paint)))
    for actor in plan.actors:
        stage.actors.append((actor, _item_object(plan, actor.item, paint)))
    return stage


def _real(look: Look, _kind: str, material_name: str) -> Any:
    return materials.material(material_name, look)


def _item_object(plan: Plan, item: Item, paint: Paint) -> Any:
    name = f"{item.kind}-{item.variant}"
    mesh = bpy.data.meshes.get(name) or _mesh(
        name, props.build(item.kind, item.variant).shape, item.kind, paint
    )
    obj = _object(mesh, item.item_id)
    obj.color = (*(c**2.2 for c in item.tint), 1.0)
    obj.scale = (item.scale,) * 3
    _pose(obj, plan.item_xyz(item), item.heading_deg)
    return obj


def move_actors(stage: Stage, time_s: float) -> None:
    """Put every moving thing where it is at `time_s`."""
    for actor, obj in stage.actors:
        x, y = actor_xy(stage.plan, actor, time_s)
        obj.location = (x, y, actor.item.z_m)


def _pose(obj: Any, at: tuple[float, float, float], heading_deg: float) -> None:
    obj.location = at
    obj.rotation_euler = (0.0, 0.0, -math.radians(heading_deg))


def _object(mesh: Any, name: str) -> Any:
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def _mesh(name: str, shape: Shape, kind: str, paint: Paint) -> Any:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(shape.verts, [], shape.faces)
    names = list(dict.fromkeys(shape.materials))
    for material_name in names:
        mesh.materials.append(paint(kind, material_name))
    rows = {n: i for i, n in enumerate(names)}
    mesh.polygons.foreach_set("material_index", [rows[n] for n in shape.materials])
    mesh.polygons.foreach_set("use_smooth", shape.smooth)
    layer = mesh.uv_layers.new(name="UVMap")
    layer.data.foreach_set(
        "uv", np.array([c for uv in shape.uvs for p in uv for c in p], dtype=np.float32)
    )
    mesh.update()
    return mesh


def light(look: Look) -> None:
    """Set sun and sky, replacing those that were there."""
    scene = bpy.context.scene
    for old in [lamp for lamp in bpy.data.lights if lamp.name.startswith("sun")]:
        bpy.data.lights.remove(old)
    for old in list(bpy.data.worlds):
        bpy.data.worlds.remove(old)
    sun = bpy.data.lights.new("sun", "SUN")
    sun.energy = look.sun_strength
    sun.angle = math.radians(look.sun_size_deg)
    sun.color = _sun_colour(look)
    obj = bpy.data.objects.new("sun", sun)
    obj.rotation_euler = (
        math.radians(90 - look.sun_elevation_deg),
        0,
        math.radians(180 - look.sun_azimuth_deg),
    )
    scene.collection.objects.link(obj)
    world = bpy.data.worlds.new("world")
    scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    nodes, links = tree.nodes, tree.links
    background = nodes["Background"]
    background.inputs["Strength"].default_value = look.sky_strength
    coord, split = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeSeparateXYZ")
    links.new(coord.outputs["Generated"], split.inputs[0])
    fade = nodes.new("ShaderNodeMapRange")
    fade.inputs["From Max"].default_value = 0.55
    links.new(split.outputs["Z"], fade.inputs["Value"])
    gradient = nodes.new("ShaderNodeMix")
    gradient.data_type = "RGBA"
    gradient.inputs[6].default_value = (*look.sky[1], 1)
    gradient.inputs[7].default_value = (*look.sky[0], 1)
    links.new(fade.outputs["Result"], gradient.inputs[0])
    noise = nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 2.6
    noise.inputs["Detail"].default_value = 6
    links.new(coord.outputs["Generated"], noise.inputs["Vector"])
    amount = nodes.new("ShaderNodeMapRange")
    amount.inputs["From Min"].default_value = 0.72 - 0.4 * look.cloud
    amount.inputs["From Max"].default_value = 0.95 - 0.4 * look.cloud
    links.new(noise.outputs["Fac"], amount.inputs["Value"])
    cloud = nodes.new("ShaderNodeMix")
    cloud.data_type = "RGBA"
    cloud.inputs[7].default_value = (0.9, 0.9, 0.92, 1)
    links.new(amount.outputs["Result"], cloud.inputs[0])
    links.new(gradient.outputs[2], cloud.inputs[6])
    links.new(cloud.outputs[2], background.inputs["Color"])
    plain, path, either = (
        nodes.new(f"ShaderNode{k}") for k in ("Background", "LightPath", "MixShader")
    )
    plain.inputs["Color"].default_value = (
        *(0.5 * (a + b) for a, b in zip(*look.sky, strict=True)),
        1,
    )
    plain.inputs["Strength"].default_value = look.sky_strength
    links.new(path.outputs["Is Camera Ray"], either.inputs[0])
    links.new(plain.outputs[0], either.inputs[1])
    links.new(background.outputs[0], either.inputs[2])
    links.new(either.outputs[0], nodes["World Output"].inputs["Surface"])
    world.cycles.sampling_method = "NONE"


def _sun_colour(look: Look) -> tuple[float, float, float]:
    if look.sun_elevation_deg < 15:
        return 1.0, 0.72, 0.45
    return (1.0, 0.93, 0.82) if look.sun_strength > 1 else (1.0, 1.0, 1.0)


def world_points(obj: Any, points: FloatArray) -> FloatArray:
    """Turn an object's own `(N, 3)` points into plan coordinates, metres."""
    matrix = np.array(obj.matrix_world)
    out: FloatArray = points @ matrix[:3, :3].T + matrix[:3, 3]
    return out
