"""What looks like a manhole and is none: gratings, patches, stains, puddles, paint.

None of these kinds has a category. Long ones lie along +x.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from training.synth.plan import KERB_HEIGHT_M
from training.synth.props_covers import (
    FACE_Z,
    FRAME_Z,
    MARK_Z,
    PATCH_Z,
    Look,
    Ring,
    Rng,
    add_frame,
    add_patch,
    band,
    flat,
    outline,
    pit_name,
)
from training.synth.shapes import Shape

_SEALS = ("#262628", "#303032", "#3c3c3e", "#505050", "#6f6c66", "#8a867d")
_PAINTS = ("#dcdcd8", "#d8b13a", "#d8d8d0", "#b8503a", "#4a78a8")


def _grate(rng: Rng, _variant: int) -> Shape:
    half = (float(rng.uniform(0.22, 0.42)), float(rng.uniform(0.14, 0.26)))
    tone = str(rng.choice(["#4a4744", "#3a3836", "#5e5a55", "#6b5a48", "#77736c"]))
    look = Look("square", half, float(rng.uniform(0.02, 0.05)), tone, "")
    out = Shape()
    if rng.random() < 0.5:
        add_patch(out, rng, look)
    add_frame(out, look)
    pit = pit_name(look, float(rng.uniform(0.25, 0.7)), "plain#5c5650", "#0c0b0a")
    flat(out, outline("square", half), FACE_Z, pit)
    if rng.random() < 0.75:
        _bars(out, half, float(rng.uniform(0.045, 0.075)), tone, across=False)
    else:
        _bars(out, half, 0.07, tone, across=False)
        _bars(out, half, 0.09, tone, across=True)
    mid = float(rng.uniform(0.015, 0.04))
    if rng.random() < 0.7:
        _strip(out, (-half[0], half[0]), (-mid, mid), MARK_Z, tone)
    return out


def _strip(
    out: Shape,
    x_m: tuple[float, float],
    y_m: tuple[float, float],
    z_m: float,
    mat: str,
) -> None:
    (x0, x1), (y0, y1) = x_m, y_m
    out.quad([(x0, y0, z_m), (x1, y0, z_m), (x1, y1, z_m), (x0, y1, z_m)], mat)


def _bars(
    out: Shape, half: tuple[float, float], step_m: float, mat: str, *, across: bool
) -> None:
    long, wide = (half[1], half[0]) if across else half
    at = -long + step_m * 0.8
    while at < long:
        span = (at - step_m * 0.22, at + step_m * 0.22)
        x, y = ((-wide, wide), span) if across else (span, (-wide, wide))
        _strip(out, x, y, MARK_Z - 0.0005, mat)
        at += step_m


def _channel(rng: Rng, _variant: int) -> Shape:
    """Build a drain channel with a long row of slots."""
    out = Shape()
    length, wide = float(rng.uniform(2.0, 4.5)), float(rng.uniform(0.1, 0.18))
    tone = str(rng.choice(["#5c5a56", "#45433f", "#8b8880"]))
    _strip(out, (-length / 2, length / 2), (-wide, wide), FRAME_Z, tone)
    at = -length / 2 + 0.05
    while at < length / 2 - 0.04:
        _strip(out, (at, at + 0.025), (-wide * 0.7, wide * 0.7), MARK_Z, "#0c0c0b")
        at += 0.055
    return out


def _patch_round(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    r = float(rng.uniform(0.3, 0.75))
    ring = _wobbly(rng, r, 0.015)
    kind = str(rng.choice(["apron", "gutter", "rubble"]))
    flat(out, ring, PATCH_Z, f"{kind}:{rng.choice(_SEALS)}")
    if rng.random() < 0.5:
        outer = [(x * 1.07, y * 1.07) for x, y in ring]
        band(out, ring, outer, PATCH_Z, str(rng.choice(["#1a1a1b", "#232324"])))
    return out


def _patch_square(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    half = (float(rng.uniform(0.3, 1.3)), float(rng.uniform(0.3, 1.0)))
    ring = [
        (x + float(rng.normal(0, 0.012)), y + float(rng.normal(0, 0.012)))
        for x, y in outline("square", half)
    ]
    kind = str(rng.choice(["apron", "gutter"]))
    flat(out, ring, PATCH_Z, f"{kind}:{rng.choice(_SEALS)}")
    if rng.random() < 0.6:
        outer = [(x * 1.05, y * 1.05) for x, y in ring]
        band(out, ring, outer, PATCH_Z, "#1c1c1d")
    return out


def _wobbly(rng: Rng, radius_m: float, spread: float, stretch: float = 1.0) -> Ring:
    """Return a closed uneven line round the origin, 36 points."""
    phases = rng.uniform(0, 6.28, 5)
    sizes = rng.normal(0, spread * 2.2, 5) / np.arange(1, 6)
    ring = []
    for k in range(36):
        a = 2 * math.pi * k / 36
        wave = sum(
            s * math.cos((j + 2) * a + p)
            for j, (s, p) in enumerate(zip(sizes, phases, strict=True))
        )
        r = radius_m * max(1 + float(wave), 0.3)
        ring.append((r * math.cos(a) * stretch, r * math.sin(a)))
    return ring


def _soft(
    tone: str, opacity: tuple[float, float], ragged: float
) -> Callable[[Rng, int], Shape]:
    def make(rng: Rng, _variant: int) -> Shape:
        out = Shape()
        r = float(rng.uniform(0.3, 0.8))
        share = float(rng.uniform(*opacity))
        rough = ragged * float(rng.uniform(0.5, 1.5))
        ring = [(x * 1.5, y * 1.5) for x, y in outline("round", (r, r))]
        flat(out, ring, PATCH_Z, f"soft:{tone}:{r:.3f}:{share:.2f}:{rough:.2f}")
        return out

    return make


def _puddle(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    ring = _wobbly(rng, float(rng.uniform(0.3, 0.9)), 0.09, float(rng.uniform(0.8, 2)))
    flat(out, [(x * 1.1, y * 1.1) for x, y in ring], PATCH_Z - 0.001, "gutter:#38383a")
    flat(out, ring, PATCH_Z, "wet")
    return out


def _paint_circle(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    r, mat = float(rng.uniform(0.28, 0.6)), f"paint:{rng.choice(_PAINTS)}"
    ring = outline("round", (r, r))
    if rng.random() < 0.35:
        flat(out, ring, PATCH_Z, mat)
        return out
    width = float(rng.uniform(0.03, 0.1))
    band(out, outline("round", (r - width, r - width)), ring, PATCH_Z, mat)
    if rng.random() < 0.4:
        _strip(out, (-r * 0.5, r * 0.5), (-0.04, 0.04), PATCH_Z, mat)
        _strip(out, (-0.04, 0.04), (-r * 0.5, r * 0.5), PATCH_Z + 0.001, mat)
    return out


def _paint_arrow(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    mat, long = f"paint:{_PAINTS[0]}", float(rng.uniform(1.8, 3.0))
    _strip(out, (-0.075, 0.075), (-long, 0.0), PATCH_Z, mat)
    flat(out, [(-0.3, 0.0), (0.3, 0.0), (0.0, 1.1)], PATCH_Z, mat)
    if rng.random() < 0.4:
        _strip(out, (0.075, 0.45), (-long * 0.6, -long * 0.6 + 0.15), PATCH_Z, mat)
        flat(
            out,
            [(0.45, -long * 0.8), (0.95, -long * 0.52), (0.45, -long * 0.25)],
            PATCH_Z,
            mat,
        )
    return out


def _joint(rng: Rng, _variant: int) -> Shape:
    """Build a bridge's expansion joint across a lane."""
    out = Shape()
    half, gap = float(rng.uniform(1.6, 3.2)), float(rng.uniform(0.015, 0.05))
    _strip(out, (-half, half), (-0.22, 0.22), PATCH_Z, "apron:#77736b")
    for side in (-1, 1):
        y = sorted((side * gap, side * (gap + 0.06)))
        _strip(out, (-half, half), (y[0], y[1]), FRAME_Z, "#6a6764")
    _strip(out, (-half, half), (-gap, gap), FRAME_Z, "#0c0c0c")
    return out


def _kerb_inlet(rng: Rng, _variant: int) -> Shape:
    """Build a drain's mouth in the kerb's face; the kerb stands towards +y."""
    out = Shape()
    half = float(rng.uniform(0.28, 0.5))
    top = KERB_HEIGHT_M
    out.box((0, 0.06, top / 2), (2 * half + 0.2, 0.16, top + 0.01), "#8a867e")
    out.box((0, -0.018, top * 0.45), (2 * half, 0.006, top * 0.62), "#0a0a0a")
    if rng.random() < 0.6:
        for x in np.linspace(-half, half, 6)[1:-1]:
            out.box(
                (float(x), -0.022, top * 0.45), (0.02, 0.008, top * 0.62), "#55524e"
            )
    return out


def _speed_hump(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    blocks = int(rng.integers(5, 10))
    step, high = 0.5, float(rng.uniform(0.035, 0.06))
    for k in range(blocks):
        x = (k - (blocks - 1) / 2) * step
        mat = ("#c9a227", "#1c1c1d")[k % 2]
        profile = ((-0.19, 0.0), (-0.1, high), (0.1, high), (0.19, 0.0))
        rings = [[(x + side * step / 2, y, z) for y, z in profile] for side in (-1, 1)]
        out.loft(rings, [mat] * 4)
    return out


def _tree_grate(rng: Rng, _variant: int) -> Shape:
    """Build an iron or plastic grid round a trunk."""
    out = Shape()
    half = float(rng.uniform(0.5, 0.7))
    tone = str(rng.choice(["#3d3a37", "#5b5752", "#4f5a4c", "#6c6a66"]))
    flat(out, outline("square", (half, half)), FRAME_Z, tone)
    hole = outline("round", (0.17, 0.17))
    flat(out, hole, MARK_Z, "soil")
    rays = int(rng.integers(16, 34))
    for k in range(rays):
        a = 2 * math.pi * k / rays
        for r0, r1 in ((0.2, 0.33), (0.36, 0.48)):
            if r1 * half / 0.5 > half * 0.97:
                continue
            _slot(out, a, (r0, r1), 0.012)
    return out


def _slot(out: Shape, angle: float, r_m: tuple[float, float], half_m: float) -> None:
    c, s = math.cos(angle), math.sin(angle)
    ring = [
        (r * c - e * s, r * s + e * c)
        for r, e in (
            (r_m[0], -half_m),
            (r_m[1], -half_m),
            (r_m[1], half_m),
            (r_m[0], half_m),
        )
    ]
    flat(out, ring, MARK_Z, "#0d0c0b")


BUILDERS: dict[str, Callable[[Rng, int], Shape]] = {
    "grate": _grate,
    "grate_road": _grate,
    "grate_channel": _channel,
    "patch_round": _patch_round,
    "patch_square": _patch_square,
    "oil_stain": _soft("#1a1918", (0.5, 0.85), 0.7),
    "shadow_round": _soft("#121316", (0.45, 0.75), 0.05),
    "puddle": _puddle,
    "paint_circle": _paint_circle,
    "paint_arrow": _paint_arrow,
    "expansion_joint": _joint,
    "kerb_inlet": _kerb_inlet,
    "speed_hump": _speed_hump,
    "tree_grate": _tree_grate,
}
"""Kinds without a category."""
