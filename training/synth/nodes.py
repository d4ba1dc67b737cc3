"""Wiring of Blender shader nodes, and colours for them. Needs `bpy`."""

from __future__ import annotations

from typing import Any

import bpy

from training.synth.layout import rgb


def linear(hex_colour: str) -> tuple[float, float, float, float]:
    """Turn sRGB hex into linear RGBA."""
    r, g, b = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in rgb(hex_colour)
    )
    return r, g, b, 1.0


def scaled(
    colour: tuple[float, ...], factor: float
) -> tuple[float, float, float, float]:
    """Darken or lighten linear RGB, kept within 1; alpha becomes 1."""
    r, g, b = (min(c * factor, 1.0) for c in colour[:3])
    return r, g, b, 1.0


MATT = 0.5
"""From this roughness on, a surface gets the plain diffuse shader."""


class Nodes:
    """Thin wiring helper around one node tree."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.bsdf = self.tree.nodes["Principled BSDF"]

    def add(self, kind: str, **settings: Any) -> Any:
        """Add `ShaderNode<kind>`; `in_Name=` sets an input, others set attributes."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for key, value in settings.items():
            if key.startswith("in_"):
                node.inputs[key[3:].replace("_", " ")].default_value = value
            else:
                setattr(node, key, value)
        return node

    def link(self, out: Any, into: Any) -> None:
        """Wire an output into an input."""
        self.tree.links.new(out, into)

    def noise(self, scale: float, detail: float = 3.0) -> Any:
        """Add noise over the position in space; `scale` in waves per metre."""
        position = self.add("NewGeometry")
        noise = self.add("TexNoise", in_Scale=scale, in_Detail=detail)
        self.link(position.outputs["Position"], noise.inputs["Vector"])
        return noise

    def mix(self, factor: Any, a: Any, b: Any, blend: str = "MIX") -> Any:
        """Mix two colours (sockets or values); return the output socket."""
        node = self.add("Mix", data_type="RGBA", blend_type=blend)
        for value, socket in (
            (factor, node.inputs[0]),
            (a, node.inputs[6]),
            (b, node.inputs[7]),
        ):
            if hasattr(value, "is_linked"):
                self.link(value, socket)
            else:
                socket.default_value = value
        return node.outputs[2]

    def ramp(self, value: Any, low: float, high: float) -> Any:
        """Map `low`..`high` to 0..1, clamped; return the output socket."""
        node = self.add("MapRange", clamp=True)
        node.inputs["From Min"].default_value = low
        node.inputs["From Max"].default_value = high
        self.link(value, node.inputs["Value"])
        return node.outputs["Result"]

    def _matt(self) -> Any:
        """Swap the Principled shader for plain diffuse, which renders far faster."""
        self.tree.nodes.remove(self.bsdf)
        node = self.add("BsdfDiffuse")
        self.link(node.outputs[0], self.tree.nodes["Material Output"].inputs["Surface"])
        return node

    def cut_out(self, alpha: Any) -> None:
        """Let the surface be clear where `alpha` is 0; call after `finish`."""
        clear, mixed = self.add("BsdfTransparent"), self.add("MixShader")
        self.link(alpha, mixed.inputs[0])
        self.link(clear.outputs[0], mixed.inputs[1])
        self.link(self.bsdf.outputs[0], mixed.inputs[2])
        self.link(
            mixed.outputs[0], self.tree.nodes["Material Output"].inputs["Surface"]
        )

    def finish(
        self, colour: Any, roughness: float, bump: Any = None, depth_m: float = 0.01
    ) -> Any:
        """Set colour (socket or value), roughness, embossing; return the material."""
        slot = "Base Color"
        if roughness >= MATT:
            self.bsdf, slot = self._matt(), "Color"
        if hasattr(colour, "is_linked"):
            self.link(colour, self.bsdf.inputs[slot])
        else:
            self.bsdf.inputs[slot].default_value = colour
        self.bsdf.inputs["Roughness"].default_value = (
            0.0 if slot == "Color" else roughness
        )
        if bump is not None:
            node = self.add("Bump", in_Distance=depth_m, in_Strength=0.8)
            self.link(bump, node.inputs["Height"])
            self.link(node.outputs["Normal"], self.bsdf.inputs["Normal"])
        return self.material
