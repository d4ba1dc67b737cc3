"""Heaps of rubbish, bins closed and overflowing, rubble."""

from __future__ import annotations

import numpy as np

from training.synth.props_litter import SCATTER, bag, carton
from training.synth.shapes import Shape, tilted

Rng = np.random.Generator


_BAG_COLOURS = (
    "#15161a",
    "#1a1c22",
    "#e8e8e4",
    "#c42a30",
    "#2554a8",
    "#202020",
    "#dfd9c8",
    "#3d8c4a",
)


def heap(rng: Rng, radius_m: float, bags: int) -> Shape:
    """Build a heap of bags with loose rubbish at its foot."""
    out = Shape()
    for k in range(bags):
        layer = k / max(bags, 1)
        reach = radius_m * (1 - 0.75 * layer)
        a, r = rng.uniform(0, 6.283), reach * np.sqrt(rng.random())
        size = float(rng.uniform(0.38, 0.72))
        at = (
            float(r * np.cos(a)),
            float(r * np.sin(a) * 0.75),
            float(max(0, layer * radius_m * 0.75 - 0.08)),
        )
        piece = (
            bag(rng, str(rng.choice(_BAG_COLOURS)), size)
            if rng.random() < 0.78
            else carton(rng, 0)
        )
        out.extend(
            tilted(piece, float(rng.normal(0, 14)), float(rng.normal(0, 14))),
            at,
            float(rng.uniform(0, 360)),
        )
    for _ in range(int(bags * 0.8)):
        a, r = rng.uniform(0, 6.283), radius_m * rng.uniform(0.7, 1.25)
        piece = SCATTER[int(rng.integers(len(SCATTER)))](rng, int(rng.integers(8)))
        out.extend(
            piece,
            (float(r * np.cos(a)), float(r * np.sin(a) * 0.75), 0.01),
            float(rng.uniform(0, 360)),
        )
    return out


def _garbage_pile(rng: Rng, _variant: int) -> Shape:
    return heap(rng, float(rng.uniform(0.6, 1.15)), int(rng.integers(10, 22)))


def wheelie(rng: Rng, lid_deg: float) -> Shape:
    """Build a 240-litre bin whose lid stands open by `lid_deg`."""
    colour = str(rng.choice(["#2f6b3c~", "#2a5fa8~", "#4a4d50~", "#3a7d4a~"]))
    out = Shape()
    lo, hi = (0.24, 0.26), (0.3, 0.36)
    rings = [
        [(-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z)]
        for (x, y), z in (
            (lo, 0.08),
            (hi, 0.98),
            ((0.32, 0.38), 1.0),
            ((0.32, 0.38), 1.04),
        )
    ]
    out.loft(rings, [colour] * 4)
    out.add(rings[0], [(3, 2, 1, 0)], colour)
    out.add(
        [
            (-0.28, -0.34, 0.97),
            (0.28, -0.34, 0.97),
            (0.28, 0.34, 0.97),
            (-0.28, 0.34, 0.97),
        ],
        [(0, 1, 2, 3)],
        "#101010",
    )
    lid = Shape()
    lid.box((0, -0.38, 0.03), (0.64, 0.78, 0.05), colour)
    out.extend(tilted(lid, -lid_deg, 0), (0, 0.38, 1.04))
    for x in (-0.24, 0.24):
        out.tube((x - 0.03, 0.3, 0.1), (x + 0.03, 0.3, 0.1), (0.1, 0.1), "#151515")
    return out


def _bin_overflow(rng: Rng, _variant: int) -> Shape:
    out = wheelie(rng, float(rng.uniform(55, 105)))
    out.extend(heap(rng, 0.24, 5), (0, -0.02, 0.98))
    for _ in range(4):
        colour = str(rng.choice(_BAG_COLOURS))
        at = (float(rng.uniform(-0.7, 0.7)), float(rng.uniform(-0.75, -0.4)), 0.0)
        out.extend(bag(rng, colour, float(rng.uniform(0.3, 0.5))), at)
    return out


def _bin_closed(rng: Rng, _variant: int) -> Shape:
    return wheelie(rng, 0.0)


def _construction_waste(rng: Rng, _variant: int) -> Shape:
    out, n = Shape(), 15
    radius, height = float(rng.uniform(0.9, 1.5)), float(rng.uniform(0.45, 0.8))
    colour = str(rng.choice(["#8d8478", "#9a8f80", "#7f7a73", "#a08a6c"]))
    bumps = rng.normal(0, 0.05, (n, n))
    verts = []
    for j in range(n):
        for i in range(n):
            x, y = (i / (n - 1) - 0.5) * 2, (j / (n - 1) - 0.5) * 2
            cone = max(0.0, 1 - float(np.hypot(x, y)))
            verts.append(
                (
                    x * radius,
                    y * radius * 0.8,
                    height * cone + (float(bumps[j, i]) if cone > 0 else -0.02),
                )
            )
    faces = [
        (j * n + i, j * n + i + 1, (j + 1) * n + i + 1, (j + 1) * n + i)
        for j in range(n - 1)
        for i in range(n - 1)
        if np.hypot(i - 7, j - 7) < 7.2
    ]
    out.add(verts, faces, f"rubble:{colour}")
    used = {i for f in out.faces for i in f}
    remap = {old: new for new, old in enumerate(sorted(used))}
    out.verts = [out.verts[i] for i in sorted(used)]
    out.faces = [tuple(remap[i] for i in f) for f in out.faces]
    for _ in range(70):
        a, r = rng.uniform(0, 6.283), radius * np.sqrt(rng.random()) * 1.05
        x, y = float(r * np.cos(a)), float(r * np.sin(a) * 0.8)
        z = max(0.0, height * (1 - float(np.hypot(x / radius, y / (radius * 0.8)))))
        chunk = Shape()
        size = rng.uniform(0.06, 0.28, 3)
        chunk.box(
            (0, 0, float(size[2]) / 2),
            (float(size[0]), float(size[1]), float(size[2] * 0.7)),
            str(
                rng.choice(
                    ["#a8583e", "#b06a4c", "#b8b2a8", "#cfc9be", "#8a8680", "#e4e0d8"]
                )
            ),
        )
        out.extend(
            tilted(chunk, float(rng.normal(0, 30)), float(rng.normal(0, 30))),
            (x, y, z),
            float(rng.uniform(0, 360)),
        )
    for _ in range(int(rng.integers(1, 4))):
        a = float(rng.uniform(0, 6.283))
        x, y = float(np.cos(a) * radius * 0.5), float(np.sin(a) * radius * 0.4)
        out.tube(
            (x, y, height * 0.4),
            (x + 0.7, y + 0.3, height * 0.6),
            (0.03, 0.03),
            "#8a6a44",
        )
    return out


BUILDERS = {
    "garbage_pile": _garbage_pile,
    "bin_overflow": _bin_overflow,
    "bin_closed": _bin_closed,
    "construction_waste": _construction_waste,
}
