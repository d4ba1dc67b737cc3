"""Blender materials of what lies on or opens in the ground. Needs `bpy`.

Names: `iron:variant:pattern:finish:form` is a cover's face; `pit:...` is an opening
(`props_covers.pit_name` makes that name); `soft` is a stain; `wet` is water.
The ground is one plane, so an opening is no hole: its shader follows the view ray
down to the wall or floor that it would meet, and asks whether the sun gets there.
"""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np

from training.synth import artwork_covers
from training.synth.nodes import Nodes, linear, scaled
from training.synth.plan import Look

_COLLAR_M = 0.14
_FADE_M = 0.42


def _face_image(rest: str) -> Any:
    found = bpy.data.images.get(rest)
    if found is not None:
        return found
    variant, pattern, finish, form = rest.split(":")
    pixels = artwork_covers.face(int(variant), pattern, finish, form)
    h, w = pixels.shape[:2]
    image = bpy.data.images.new(rest, w, h, alpha=True)
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_set((pixels[::-1].astype(np.float32) / 255).ravel())
    image.pack()
    return image


def _iron(name: str, rest: str, _look: Look) -> Any:
    n = Nodes(name)
    texture = n.add("TexImage", image=_face_image(rest))
    n.link(n.add("TexCoord").outputs["UV"], texture.inputs["Vector"])
    metal = rest.split(":")[2] not in ("concrete", "pink", "composite")
    rough = 0.48 if metal else 0.8
    return n.finish(texture.outputs["Color"], rough, texture.outputs["Alpha"], 0.012)


class _Sum:
    """Arithmetic on sockets and numbers."""

    def __init__(self, nodes: Nodes) -> None:
        self.n = nodes

    def __call__(self, operation: str, *values: Any) -> Any:
        node = self.n.add("Math", operation=operation)
        for socket, value in zip(node.inputs, values, strict=False):
            if hasattr(value, "is_linked"):
                self.n.link(value, socket)
            else:
                socket.default_value = value
        return node.outputs[0]

    def split(self, vector: Any) -> tuple[Any, Any, Any]:
        node = self.n.add("SeparateXYZ")
        self.n.link(vector, node.inputs[0])
        return node.outputs[0], node.outputs[1], node.outputs[2]

    def local(self, vector: Any) -> Any:
        """Turn a direction from world to object space."""
        node = self.n.add(
            "VectorTransform",
            vector_type="VECTOR",
            convert_from="WORLD",
            convert_to="OBJECT",
        )
        if hasattr(vector, "is_linked"):
            self.n.link(vector, node.inputs[0])
        else:
            node.inputs[0].default_value = vector
        return node.outputs[0]

    def joined(self, x: Any, y: Any, z: Any = 0.0) -> Any:
        node = self.n.add("CombineXYZ")
        for socket, value in zip(node.inputs, (x, y, z), strict=True):
            if hasattr(value, "is_linked"):
                self.n.link(value, socket)
            else:
                socket.default_value = value
        return node.outputs[0]

    def choose(self, which: Any, if_zero: Any, if_one: Any) -> Any:
        node = self.n.add("Mix", data_type="FLOAT")
        for socket, value in zip(
            node.inputs[:1] + node.inputs[2:4], (which, if_zero, if_one), strict=True
        ):
            if hasattr(value, "is_linked"):
                self.n.link(value, socket)
            else:
                socket.default_value = value
        return node.outputs[0]


def _reach_round(m: _Sum, p: Any, d: Any, radius: float) -> Any:
    """Return how far along `d` (a ray from inside) a cylinder's wall is met."""
    (px, py), (dx, dy) = p, d
    a = m("MAXIMUM", m("ADD", m("MULTIPLY", dx, dx), m("MULTIPLY", dy, dy)), 1e-6)
    b = m("ADD", m("MULTIPLY", px, dx), m("MULTIPLY", py, dy))
    c = m("ADD", m("MULTIPLY", px, px), m("MULTIPLY", py, py))
    c = m("SUBTRACT", c, radius * radius)
    inner = m("SUBTRACT", m("MULTIPLY", b, b), m("MULTIPLY", a, c))
    root = m("SQRT", m("MAXIMUM", inner, 0.0))
    return m("DIVIDE", m("SUBTRACT", root, b), a)


def _reach_box(m: _Sum, p: Any, d: Any, half: tuple[float, float]) -> Any:
    """Return how far along `d` (a ray from inside) a box's wall is met."""
    ways = []
    for pi, di, hi in zip(p, d, half, strict=True):
        size = m("MAXIMUM", m("ABSOLUTE", di), 1e-5)
        along = m("MULTIPLY", pi, m("SIGN", di))
        ways.append(m("DIVIDE", m("SUBTRACT", hi, along), size))
    return m("MINIMUM", *ways)


def _pit(name: str, rest: str, look: Look) -> Any:
    form, cx, cy, hx, hy, depth, wall, floor = rest.split("|")
    half, depth_m = (float(hx), float(hy)), float(depth)
    n = Nodes(name)
    m = _Sum(n)
    ox, oy, _ = m.split(n.add("TexCoord").outputs["Object"])
    p = (m("SUBTRACT", ox, float(cx)), m("SUBTRACT", oy, float(cy)))
    ix, iy, iz = m.split(m.local(n.add("NewGeometry").outputs["Incoming"]))
    d = tuple(m("MULTIPLY", v, -1.0) for v in (ix, iy))
    down = m("MAXIMUM", iz, 1e-4)
    reach = (
        _reach_round(m, p, d, half[0]) if form == "round" else _reach_box(m, p, d, half)
    )
    at_floor = m("DIVIDE", depth_m, down)
    is_floor = m("GREATER_THAN", reach, at_floor)
    reach = m("MINIMUM", reach, at_floor)
    hit = tuple(m("ADD", a, m("MULTIPLY", reach, b)) for a, b in zip(p, d, strict=True))
    deep = m("MULTIPLY", reach, down)
    light = _light(m, look, form, half, hit, deep, is_floor)
    colour = n.mix(
        is_floor,
        _wall_colour(n, m, wall, hit, deep),
        _floor_colour(n, m, floor, hit, half),
    )
    return n.finish(n.mix(light, (0.0, 0.0, 0.0, 1), colour), 0.9)


def _light(  # noqa: PLR0917
    m: _Sum,
    look: Look,
    form: str,
    half: tuple[float, float],
    hit: Any,
    deep: Any,
    is_floor: Any,
) -> Any:
    """Return the light down there, as a share of the light on open ground."""
    el, az = math.radians(look.sun_elevation_deg), math.radians(look.sun_azimuth_deg)
    sun = (math.cos(el) * math.sin(az), math.cos(el) * math.cos(az), math.sin(el))
    direct, sky = look.sun_strength * math.sin(el), 2.0 * look.sky_strength
    sx, sy, sz = m.split(m.local(sun))
    rise = m("DIVIDE", deep, m("MAXIMUM", sz, 0.05))
    up = [
        m("ADD", h, m("MULTIPLY", rise, s)) for h, s in zip(hit, (sx, sy), strict=True)
    ]
    inside = _within(m, form, half, up)
    facing = m("ADD", m("MULTIPLY", hit[0], sx), m("MULTIPLY", hit[1], sy))
    facing = m("DIVIDE", m("MULTIPLY", facing, -1.0 / max(half)), m("MAXIMUM", sz, 0.2))
    facing = m("MINIMUM", m("MAXIMUM", facing, 0.0), 1.0)
    facing = m("MAXIMUM", facing, is_floor)
    open_sky = m("POWER", math.e, m("MULTIPLY", deep, -1.0 / _FADE_M / max(half)))
    open_sky = m("MULTIPLY", open_sky, m.choose(is_floor, 0.45, 0.85))
    lit = m("MULTIPLY", m("MULTIPLY", inside, facing), direct / (direct + sky))
    return m("ADD", lit, m("MULTIPLY", open_sky, sky / (direct + sky)))


def _within(m: _Sum, form: str, half: tuple[float, float], at: Any) -> Any:
    """Return 1 where a place lies inside the opening, else 0."""
    if form == "round":
        squares = [m("MULTIPLY", v, v) for v in at]
        return m("LESS_THAN", m("ADD", *squares), half[0] ** 2)
    return m(
        "MULTIPLY",
        m("LESS_THAN", m("ABSOLUTE", at[0]), half[0]),
        m("LESS_THAN", m("ABSOLUTE", at[1]), half[1]),
    )


def _wall_colour(n: Nodes, m: _Sum, wall: str, hit: Any, deep: Any) -> Any:
    """Colour the inner wall: an iron collar at the top, then brick or render."""
    kind, _, tone = wall.partition("#")
    base = linear(f"#{tone}")
    around = m("ARCTAN2", hit[1], hit[0])
    place = m.joined(m("MULTIPLY", around, 0.35), deep)
    noise = n.add("TexNoise", in_Scale=9.0, in_Detail=2.0)
    n.link(place, noise.inputs["Vector"])
    plain = n.mix(noise.outputs["Fac"], scaled(base, 0.5), scaled(base, 1.4))
    if kind == "brick":
        brick = n.add("TexBrick", offset=0.5)
        for key, value in (
            ("Scale", 1.0),
            ("Brick Width", 0.22),
            ("Row Height", 0.07),
            ("Mortar Size", 0.008),
        ):
            brick.inputs[key].default_value = value
        brick.inputs["Color1"].default_value = base
        brick.inputs["Color2"].default_value = scaled(base, 0.6)
        brick.inputs["Mortar"].default_value = linear("#8f897e")
        n.link(place, brick.inputs["Vector"])
        plain = n.mix(0.3, brick.outputs["Color"], plain)
    if kind == "iron":
        return plain
    collar = m("LESS_THAN", deep, _COLLAR_M)
    return n.mix(collar, plain, linear("#3a3633"))


def _floor_colour(
    n: Nodes, m: _Sum, floor: str, hit: Any, half: tuple[float, float]
) -> Any:
    """Colour the bottom: a cover's face seen down there, or one tone."""
    if floor.startswith("#"):
        return linear(floor)
    texture = n.add("TexImage", image=_face_image(floor))
    place = [
        m("ADD", m("DIVIDE", h, 2 * w), 0.5) for h, w in zip(hit, half, strict=True)
    ]
    n.link(m.joined(*place), texture.inputs["Vector"])
    return n.mix(0.25, texture.outputs["Color"], (0.03, 0.028, 0.024, 1))


def _wet(name: str, _rest: str, look: Look) -> Any:
    n = Nodes(name)
    return n.finish(scaled(linear(look.asphalt), 0.25), 0.06)


def _soft(name: str, rest: str, _look: Look) -> Any:
    """Make a stain or shadow that fades out: `soft:#rrggbb:radius:opacity:ragged`."""
    tone, radius, opacity, ragged = rest.split(":")
    n = Nodes(name)
    m = _Sum(n)
    x, y, _ = m.split(n.add("TexCoord").outputs["Object"])
    far = m("SQRT", m("ADD", m("MULTIPLY", x, x), m("MULTIPLY", y, y)))
    rough = m(
        "MULTIPLY", m("SUBTRACT", n.noise(3.5).outputs["Fac"], 0.5), float(ragged)
    )
    edge = m("ADD", m("DIVIDE", far, float(radius)), m("MULTIPLY", rough, 3.0))
    n.finish(linear(tone), 0.8)
    n.cut_out(m("MULTIPLY", n.ramp(edge, 1.05, 0.7), float(opacity)))
    return n.material


MATERIALS = {"iron": _iron, "pit": _pit, "soft": _soft, "wet": _wet}
