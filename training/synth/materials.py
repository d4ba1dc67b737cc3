"""Blender materials by name, made on first use. Needs `bpy`.

Names: `#rrggbb` matt, with `~` plastic, with `!` glossy paint; `tint` takes the
object's colour; `img:kind:n` shows `artwork.painted`; `bump:kind:n` also embosses it;
the rest are procedural surfaces (`asphalt`, `paving`, `soil`, ...).
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from training.synth import artwork, materials_ground
from training.synth.nodes import Nodes, linear, scaled
from training.synth.plan import Look


def material(name: str, look: Look) -> Any:
    """Return the material of this name, making it when it is new."""
    found = bpy.data.materials.get(name)
    if found is not None:
        return found
    if name.startswith("#"):
        return _plain(name)
    kind, _, rest = name.partition(":")
    if kind in ("img", "bump"):
        return _picture(name, rest, embossed=kind == "bump")
    return _PROCEDURAL[kind](name, rest, look)


def _plain(name: str) -> Any:
    n = Nodes(name)
    rough = {"~": 0.35, "!": 0.12}.get(name[7:8], 0.85)
    return n.finish(linear(name[:7]), rough)


def _image(picture: str) -> Any:
    found = bpy.data.images.get(picture)
    if found is not None:
        return found
    pixels = artwork.painted(picture)
    h, w = pixels.shape[:2]
    image = bpy.data.images.new(picture, w, h, alpha=True)
    image.pixels.foreach_set((pixels[::-1].astype(np.float32) / 255).ravel())
    image.pack()
    return image


def _picture(name: str, picture: str, *, embossed: bool) -> Any:
    n = Nodes(name)
    image = _image(picture)
    texture = n.add("TexImage", image=image)
    n.link(n.add("TexCoord").outputs["UV"], texture.inputs["Vector"])
    pixels = artwork.painted(picture)
    rough = 0.25 if picture.startswith("shop") else 0.75
    bump = texture.outputs["Color"] if embossed else None
    n.finish(texture.outputs["Color"], rough, bump, 0.02)
    if (pixels[..., 3] < 250).any():
        n.cut_out(texture.outputs["Alpha"])
    return n.material


def _tint(name: str, _rest: str, _look: Look) -> Any:
    n = Nodes(name)
    n.bsdf.inputs["Coat Weight"].default_value = 0.6
    n.bsdf.inputs["Coat Roughness"].default_value = 0.05
    return n.finish(n.add("ObjectInfo").outputs["Color"], 0.3)


def _glass(name: str, _rest: str, _look: Look) -> Any:
    return Nodes(name).finish((0.012, 0.016, 0.018, 1), 0.04)


def _ground(n: Nodes, colour: Any, rough: float, look: Look) -> Any:
    """Finish a ground; rain makes it darker and, where it stands, glossy."""
    if not look.wet:
        return n.finish(colour, rough)
    darker = n.mix(0.55 * look.wet, colour, (0.0, 0.0, 0.0, 1))
    return n.finish(darker, 0.45 - 0.25 * look.wet)


def _asphalt(name: str, _rest: str, look: Look) -> Any:
    n = Nodes(name)
    base = linear(look.asphalt)
    dark = scaled(base, 0.62)
    light = scaled(base, 1.35)
    fine = n.noise(55.0, 1.0)
    colour = n.mix(n.ramp(fine.outputs["Fac"], 0.3, 0.7), dark, light)
    stains = n.noise(0.35, 3.0)
    colour = n.mix(n.ramp(stains.outputs["Fac"], 0.48, 0.72), colour, dark)
    wear = n.noise(1.7, 2.0)
    colour = n.mix(n.ramp(wear.outputs["Fac"], 0.55, 0.9), colour, light)
    cells = n.add("TexVoronoi", feature="DISTANCE_TO_EDGE", in_Scale=0.28)
    bent = n.add("VectorMath", operation="ADD")
    n.link(n.add("NewGeometry").outputs["Position"], bent.inputs[0])
    n.link(wear.outputs["Color"], bent.inputs[1])
    n.link(bent.outputs["Vector"], cells.inputs["Vector"])
    line = n.ramp(cells.outputs["Distance"], 0.006, 0.002)
    where = n.ramp(n.noise(0.08, 1.0).outputs["Fac"], 0.52, 0.6)
    both = n.add("Math", operation="MULTIPLY")
    n.link(line, both.inputs[0])
    n.link(where, both.inputs[1])
    colour = n.mix(both.outputs[0], colour, (0.012, 0.012, 0.012, 1))
    return _ground(n, colour, 0.82, look)


def _paving(name: str, _rest: str, look: Look) -> Any:
    n = Nodes(name)
    base = linear(look.paving)
    brick = n.add("TexBrick", offset=0.5)
    for key, value in (
        ("Scale", 1.0),
        ("Brick Width", look.slab_m[0]),
        ("Row Height", look.slab_m[1]),
        ("Mortar Size", 0.006),
    ):
        brick.inputs[key].default_value = value
    brick.inputs["Color1"].default_value = base
    brick.inputs["Color2"].default_value = (
        base[0] * 0.72,
        base[1] * 0.76,
        base[2] * 0.78,
        1,
    )
    brick.inputs["Mortar"].default_value = (
        base[0] * 0.4,
        base[1] * 0.4,
        base[2] * 0.4,
        1,
    )
    n.link(n.add("NewGeometry").outputs["Position"], brick.inputs["Vector"])
    dirt = n.ramp(n.noise(0.9, 3.0).outputs["Fac"], 0.45, 0.8)
    colour = n.mix(dirt, brick.outputs["Color"], (0.07, 0.06, 0.05, 1))
    colour = n.mix(0.75, colour, brick.outputs["Color"])
    return _ground(n, colour, 0.85, look)


def _speckled(
    base: tuple[float, ...], spread: float, scale: float, rough: float = 0.9
) -> Any:
    def make(name: str, rest: str, look: Look) -> Any:
        n = Nodes(name)
        colour = base
        if name == "kerb":
            colour = linear(look.kerb)
        elif rest.startswith("#"):
            colour = linear(rest)
        low = scaled(colour, 1 - spread)
        high = scaled(colour, 1 + spread)
        noise = n.noise(scale, 2.0)
        big = n.noise(scale * 0.13, 1.0)
        mixed = n.mix(n.ramp(noise.outputs["Fac"], 0.3, 0.7), low, high)
        mixed = n.mix(
            n.ramp(big.outputs["Fac"], 0.5, 0.85),
            mixed,
            scaled(colour, 0.55),
        )
        return n.finish(mixed, rough)

    return make


def _worn_paint(name: str, rest: str, look: Look) -> Any:
    n = Nodes(name)
    worn = n.ramp(n.noise(9.0, 6.0).outputs["Fac"], 0.58, 0.66)
    return n.finish(n.mix(worn, linear(rest), linear(look.asphalt)), 0.7)


def _brick(name: str, _rest: str, _look: Look) -> Any:
    n = Nodes(name)
    brick = n.add("TexBrick", offset=0.5)
    for key, value in (
        ("Scale", 1.0),
        ("Brick Width", 0.25),
        ("Row Height", 0.075),
        ("Mortar Size", 0.006),
    ):
        brick.inputs[key].default_value = value
    brick.inputs["Color1"].default_value = linear("#8d4a38")
    brick.inputs["Color2"].default_value = linear("#a05c46")
    brick.inputs["Mortar"].default_value = linear("#9c968c")
    split = n.add("SeparateXYZ")
    n.link(n.add("NewGeometry").outputs["Position"], split.inputs[0])
    along = n.add("Math", operation="ADD")
    n.link(split.outputs["X"], along.inputs[0])
    n.link(split.outputs["Y"], along.inputs[1])
    joined = n.add("CombineXYZ")
    n.link(along.outputs[0], joined.inputs["X"])
    n.link(split.outputs["Z"], joined.inputs["Y"])
    n.link(joined.outputs[0], brick.inputs["Vector"])
    return n.finish(brick.outputs["Color"], 0.9)


def _leaf(name: str, rest: str, _look: Look) -> Any:
    n = Nodes(name)
    base = linear(rest)
    noise = n.noise(2.5, 2.0)
    colour = n.mix(
        n.ramp(noise.outputs["Fac"], 0.3, 0.7),
        scaled(base, 0.6),
        scaled(base, 1.5),
    )
    return n.finish(colour, 0.6)


def _tactile(name: str, _rest: str, _look: Look) -> Any:
    n = Nodes(name)
    waves = n.add("TexVoronoi", in_Scale=16.0)
    n.link(n.add("NewGeometry").outputs["Position"], waves.inputs["Vector"])
    colour = n.mix(
        n.ramp(n.noise(1.5, 5.0).outputs["Fac"], 0.4, 0.75),
        linear("#b8943a"),
        linear("#7d6a3c"),
    )
    return n.finish(colour, 0.85, waves.outputs["Distance"], 0.02)


def _glow(name: str, rest: str, _look: Look) -> Any:
    n = Nodes(name)
    n.bsdf.inputs["Emission Color"].default_value = linear(rest)
    n.bsdf.inputs["Emission Strength"].default_value = 3.0
    return n.finish(linear(rest), 0.4)


_PROCEDURAL = {
    "tint": _tint,
    "glass": _glass,
    "asphalt": _asphalt,
    "paving": _paving,
    "kerb": _speckled((0.5, 0.5, 0.48), 0.22, 12.0),
    "gutter": _speckled((0.23, 0.22, 0.21), 0.3, 9.0),
    "apron": _speckled((0.33, 0.32, 0.3), 0.25, 6.0),
    "soil": _speckled((0.09, 0.06, 0.04), 0.5, 18.0),
    "rubble": _speckled((0.3, 0.28, 0.25), 0.45, 14.0),
    "plaster": _speckled((0.5, 0.5, 0.45), 0.1, 2.0),
    "bark": _speckled((0.12, 0.1, 0.08), 0.5, 14.0),
    "paint": _worn_paint,
    "brick": _brick,
    "leaf": _leaf,
    "tactile": _tactile,
    "glow": _glow,
    **materials_ground.MATERIALS,
}
