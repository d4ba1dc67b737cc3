"""Flat things on the ground: covers, potholes, patches, markings, soil."""

from __future__ import annotations

import math

import numpy as np

from training.synth.artwork import painted
from training.synth.shapes import Shape

Rng = np.random.Generator


def decal(width_m: float, length_m: float, mat: str, z_m: float = 0.006) -> Shape:
    """Build one picture lying on the ground, its top edge towards +y."""
    x, y = width_m / 2, length_m / 2
    out = Shape()
    out.quad([(-x, -y, z_m), (x, -y, z_m), (x, y, z_m), (-x, y, z_m)], mat)
    return out


def _cut(
    mat: str, radii: list[float], size_m: tuple[float, float], z_m: float
) -> Shape:
    """Cut a star-shaped piece, `radii` in fractions of the side, out of a picture."""
    out = Shape()
    n = len(radii)
    ring = [
        (r * math.cos(2 * math.pi * k / n), r * math.sin(2 * math.pi * k / n))
        for k, r in enumerate(radii)
    ]
    out.add(
        [(x * size_m[0], y * size_m[1], z_m) for x, y in ring], [tuple(range(n))], mat
    )
    out.uvs[-1] = tuple((0.5 + x, 0.5 + y) for x, y in ring)
    return out


def _alpha_radii(picture: str, directions: int) -> list[float]:
    """Return how far a picture reaches from its middle, in fractions of its side."""
    alpha = painted(picture)[::-1, :, 3]
    side = alpha.shape[0]
    radii = []
    for k in range(directions):
        a = 2 * math.pi * k / directions
        reach = [
            r
            for r in range(4, side // 2)
            if alpha[int(side / 2 + r * math.sin(a)), int(side / 2 + r * math.cos(a))]
            > 127
        ]
        radii.append((max(reach, default=4) + 2) / side)
    return radii


def _pothole(rng: Rng, variant: int) -> Shape:
    size = float(rng.uniform(0.65, 1.3))
    picture = f"pothole:{variant % 8}"
    out = _cut(
        f"bump:{picture}",
        _alpha_radii(picture, 40),
        (size, size * float(rng.uniform(0.8, 1.3))),
        0.007,
    )
    for _ in range(14):
        a, r = float(rng.uniform(0, 6.283)), float(size * rng.uniform(0.28, 0.36))
        s = float(rng.uniform(0.015, 0.05))
        out.box(
            (float(np.cos(a)) * r, float(np.sin(a)) * r, s / 2),
            (s, s * 1.2, s),
            str(rng.choice(["#5c5a57", "#807c76", "#45433f"])),
        )
    return out


def _stain(rng: Rng, variant: int) -> Shape:
    return decal(
        float(rng.uniform(0.9, 2.6)),
        float(rng.uniform(0.9, 3.2)),
        f"img:stain:{variant % 6}",
        0.004,
    )


BUILDERS = {
    "pothole": _pothole,
    "stain": _stain,
}
