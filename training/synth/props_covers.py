"""Manhole covers: what they look like, and whole ones lying in their frames.

Each variant draws its form, size, pattern, material and the patch around it. The box
of a cover is drawn round its frame: `extent` is the part that says so, and neither the
patch nor what stands beside counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.synth.artwork_covers import FINISHES, PATTERNS
from training.synth.shapes import Shape

Rng = np.random.Generator
Points = npt.NDArray[np.float64]
Ring = list[tuple[float, float]]
Parts = list[tuple[str, Points]]

EXTENT = "extent"
"""Category of the part whose points bound a thing's box, instead of its shape."""

PATCH_Z, FRAME_Z, FACE_Z, MARK_Z = 0.004, 0.007, 0.008, 0.011
_WEIGHTS = (0.22, 0.18, 0.18, 0.12, 0.1, 0.07, 0.03, 0.03, 0.03, 0.02, 0.02)
_ROAD_TONES = ("#424244", "#4c4c4e", "#585856", "#77746e", "#8d8980", "#9a958a")


@dataclass(frozen=True, slots=True)
class Look:
    """One cover's looks.

    Attributes:
        form: `round`, `square` or `double` (two leaves side by side).
        half_m: half its width and length without the frame; equal when round.
        frame_m: width of the frame ring.
        frame: material of the frame.
        face: name of the face's picture.
    """

    form: str
    half_m: tuple[float, float]
    frame_m: float
    frame: str
    face: str

    @property
    def face_material(self) -> str:
        """Material that shows the face."""
        return f"iron:{self.face}"


def draw_look(rng: Rng, variant: int, *, small: bool = False) -> Look:
    """Draw a cover's looks; `small` is one for a valve or a hydrant."""
    form = str(rng.choice(["round", "square", "double"], p=[0.64, 0.24, 0.12]))
    half = float(rng.uniform(0.14, 0.2) if small else rng.uniform(0.28, 0.4))
    size = (half, half)
    if form == "double":
        size = (half * 1.5, half * float(rng.uniform(0.75, 1.0)))
    elif form == "square" and rng.random() < 0.4:
        size = (half, half * float(rng.uniform(0.6, 0.9)))
    finish = str(rng.choice(list(FINISHES), p=_WEIGHTS))
    pattern = str(rng.choice(PATTERNS))
    frame = str(rng.choice(["#4a4744", "#3a3835", "#5c5853", "#6b5240", "#7d7a74"]))
    if form != "round" and rng.random() < 0.25:
        frame = "#a9adb0~"
    return Look(
        form,
        size,
        float(rng.uniform(0.022, 0.06)),
        frame,
        f"{variant}:{pattern}:{finish}:{form}",
    )


def outline(form: str, half_m: tuple[float, float], grow_m: float = 0.0) -> Ring:
    """Return the rim of a cover, 36 points counter-clockwise, metres."""
    hx, hy = half_m[0] + grow_m, half_m[1] + grow_m
    ring = []
    for k in range(36):
        a = 2 * math.pi * (k + 0.5) / 36
        c, s = math.cos(a), math.sin(a)
        if form == "round":
            ring.append((hx * c, hy * s))
        else:
            q = max(abs(c), abs(s))
            ring.append((hx * c / q, hy * s / q))
    if form != "round":
        for k in (4, 13, 22, 31):
            ring[k] = (math.copysign(hx, ring[k][0]), math.copysign(hy, ring[k][1]))
    return ring


def flat(
    out: Shape, ring: Ring, z_m: float, mat: str, half_m: tuple[float, float] = (1, 1)
) -> None:
    """Add one level polygon; the picture spans `-half_m` to `half_m`."""
    out.add([(x, y, z_m) for x, y in ring], [tuple(range(len(ring)))], mat)
    out.uvs[-1] = tuple(
        (0.5 + x / 2 / half_m[0], 0.5 + y / 2 / half_m[1]) for x, y in ring
    )


def band(out: Shape, inner: Ring, outer: Ring, z_m: float, mat: str) -> None:
    """Add the level band between two rings of equal length."""
    n = len(inner)
    verts = [(x, y, z_m) for x, y in (*inner, *outer)]
    faces = [(k, n + k, n + (k + 1) % n, (k + 1) % n) for k in range(n)]
    out.add(verts, faces, mat)


def pit_name(
    look: Look, depth_m: float, wall: str, floor: str, *, grow_m: float = 0.0
) -> str:
    """Name the material of the opening under a cover, its walls at the rim."""
    hx, hy = look.half_m[0] + grow_m, look.half_m[1] + grow_m
    form = "round" if look.form == "round" else "box"
    return f"pit:{form}|0|0|{hx:.4f}|{hy:.4f}|{depth_m:.3f}|{wall}|{floor}"


def extent(
    look: Look, top_m: float = 0.02, shift: tuple[float, float] = (0, 0)
) -> Points:
    """Return points on the cover and its frame, `(N, 3)` metres."""
    points = [
        (x, y, z)
        for grow in (look.frame_m, -0.12)
        for x, y in outline(look.form, look.half_m, grow)
        for z in (0.01,)
    ]
    points += [
        (x + shift[0], y + shift[1], top_m)
        for x, y in outline(look.form, look.half_m)[::3]
    ]
    return np.asarray(points, dtype=np.float64)


def add_frame(out: Shape, look: Look) -> None:
    """Add the frame ring and the dark gap between it and the cover."""
    inner = outline(look.form, look.half_m)
    gap = outline(look.form, look.half_m, 0.008)
    outer = outline(look.form, look.half_m, look.frame_m)
    band(out, inner, gap, FRAME_Z, "#0e0d0c")
    band(out, gap, outer, FRAME_Z, look.frame)


def add_patch(out: Shape, rng: Rng, look: Look) -> None:
    """Add the mortar or asphalt that the frame was set in; often there is none."""
    if rng.random() < 0.35:
        return
    reach = look.frame_m + float(rng.uniform(0.03, 0.24))
    form = look.form if rng.random() < 0.6 else "square"
    half = (max(look.half_m),) * 2 if form == "round" else look.half_m
    ring = [
        (x + float(rng.normal(0, 0.008)), y + float(rng.normal(0, 0.008)))
        for x, y in outline(form, half, reach)
    ]
    kind = str(rng.choice(["apron", "gutter"]))
    flat(out, ring, PATCH_Z, f"{kind}:{rng.choice(_ROAD_TONES)}")


def whole(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    """Build a sound cover, one in eight a small one."""
    look = draw_look(rng, variant, small=rng.random() < 0.12)
    out = Shape()
    add_patch(out, rng, look)
    add_frame(out, look)
    flat(out, outline(look.form, look.half_m), FACE_Z, look.face_material, look.half_m)
    return out, [(EXTENT, extent(look))]


def slab(look: Look, thick_m: float = 0.035) -> Shape:
    """Build a cover as a slab, its underside at z = 0."""
    out = Shape()
    ring = outline(look.form, look.half_m)
    n = len(ring)
    verts = [(x, y, z) for z in (0.0, thick_m) for x, y in ring]
    sides = [(k, (k + 1) % n, n + (k + 1) % n, n + k) for k in range(n)]
    out.add(verts, sides, "#3b3835")
    flat(out, ring, thick_m, look.face_material, look.half_m)
    return out


def loose(rng: Rng, variant: int) -> Shape:
    """Build a cover that lies beside its hole, sometimes leaning a little."""
    out = Shape()
    out.extend(slab(draw_look(rng, variant)), (0, 0, 0), float(rng.uniform(0, 360)))
    return out


BUILDERS: dict[str, Callable[[Rng, int], Shape | tuple[Shape, Parts]]] = {
    "manhole_ok": whole,
    "loose_cover": loose,
}
