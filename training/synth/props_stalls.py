"""Street stalls: table under an umbrella, ground sheet, cart, tricycle."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from training.synth.shapes import FloatArray, Shape

Rng = np.random.Generator
Parts = list[tuple[str, FloatArray]]

_FRUIT = ("#d8321e", "#e8a01c", "#5d9a2a", "#e8d23a", "#8a2a4a", "#f0ece0", "#e06a1a")


def umbrella(rng: Rng, radius_m: float, height_m: float) -> Shape:
    """Build a standing parasol of eight panels."""
    out = Shape()
    colours = [
        str(c)
        for c in rng.choice(
            ["#c8202c", "#1f57b0", "#1e7d45", "#e8b21c", "#e8e4d8", "#d8602a"],
            2,
            replace=False,
        )
    ]
    rim, top = height_m - 0.38, height_m
    for k in range(8):
        a0, a1 = math.pi * k / 4, math.pi * (k + 1) / 4
        p0 = (radius_m * math.cos(a0), radius_m * math.sin(a0), rim)
        p1 = (radius_m * math.cos(a1), radius_m * math.sin(a1), rim)
        out.add([p0, p1, (0, 0, top)], [(0, 1, 2)], colours[k % 2] + "~")
        out.add(
            [p0, p1, (p1[0], p1[1], rim - 0.16), (p0[0], p0[1], rim - 0.16)],
            [(3, 2, 1, 0)],
            colours[(k + 1) % 2] + "~",
        )
    out.tube((0, 0, 0), (0, 0, top), (0.025, 0.025), "#c8ccce~")
    return out


def _goods(
    rng: Rng,
    out: Shape,
    area_m: tuple[float, float],
    z_m: float,
    *,
    offset_m: tuple[float, float] = (0.0, 0.0),
) -> None:
    nx, ny = max(int(area_m[0] / 0.34), 1), max(int(area_m[1] / 0.34), 1)
    for i in range(nx):
        for j in range(ny):
            x = offset_m[0] + (i + 0.5 - nx / 2) * area_m[0] / nx
            y = offset_m[1] + (j + 0.5 - ny / 2) * area_m[1] / ny
            colour = str(rng.choice(_FRUIT))
            if rng.random() < 0.55:
                out.box(
                    (x, y, z_m + 0.05),
                    (0.3, 0.3, 0.1),
                    str(rng.choice(["#e8e4dc", "#3a70b8~", "#b08a5a"])),
                )
                out.ellipsoid((x, y, z_m + 0.1), (0.13, 0.13, 0.09), colour)
            else:
                h = float(rng.uniform(0.08, 0.24))
                out.box((x, y, z_m + h / 2), (0.26, 0.24, h), colour)


def _table(rng: Rng, w: float = 2.0, d: float = 0.9) -> Shape:
    out = Shape()
    cloth = str(rng.choice(["#b83038", "#e8e4d8", "#2f6fb0", "#d8a830"]))
    out.box((0, 0, 0.72), (w, d, 0.05), cloth)
    out.box((0, -d / 2, 0.5), (w, 0.02, 0.45), cloth)
    for x in (-w / 2 + 0.08, w / 2 - 0.08):
        for y in (-d / 2 + 0.08, d / 2 - 0.08):
            out.tube((x, y, 0), (x, y, 0.7), (0.025, 0.025), "#707478~")
    _goods(rng, out, (w * 0.92, d * 0.85), 0.745)
    return out


def _with_umbrella(
    rng: Rng, base: Shape, radius_m: float, at: tuple[float, float, float]
) -> tuple[Shape, Parts]:
    canopy = umbrella(rng, radius_m, float(rng.uniform(2.25, 2.5)))
    moved = Shape()
    moved.extend(canopy, at)
    base.extend(moved)
    return base, [("umbrella", moved.points())]


def _stall_table(rng: Rng, _variant: int) -> tuple[Shape, Parts]:
    base = _table(rng, float(rng.uniform(1.7, 2.4)))
    base.box((1.5, 0.4, 0.2), (0.6, 0.45, 0.4), "#b08a5a")
    return _with_umbrella(rng, base, float(rng.uniform(1.15, 1.5)), (0.2, 0.15, 0))


def _stall_ground(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    colour = str(rng.choice(["#2f5f9a", "#b83038", "#d8d2c4", "#4a6a4a"]))
    out.box((0, 0, 0.012), (2.2, 1.4, 0.02), colour)
    _goods(rng, out, (2.0, 1.25), 0.022)
    out.box((1.35, 0.5, 0.17), (0.36, 0.36, 0.34), "#c03030~")
    return out


def _wheel(out: Shape, at: tuple[float, float, float], radius_m: float) -> None:
    out.tube(
        (at[0] - 0.05, at[1], at[2]),
        (at[0] + 0.05, at[1], at[2]),
        (radius_m, radius_m),
        "#161616",
    )
    out.tube(
        (at[0] - 0.055, at[1], at[2]),
        (at[0] + 0.055, at[1], at[2]),
        (radius_m * 0.55, radius_m * 0.55),
        "#a8acae~",
    )


def _stall_tricycle(rng: Rng, _variant: int) -> tuple[Shape, Parts]:
    out = Shape()
    paint = str(rng.choice(["#1f57b0~", "#b8202a~", "#1e7d45~"]))
    out.box((0, -0.5, 0.62), (1.1, 1.6, 0.08), paint)
    for x in (-0.55, 0.55):
        out.box((x, -0.5, 0.78), (0.05, 1.6, 0.3), paint)
        _wheel(out, (x, -0.6, 0.3), 0.3)
    out.box((0, -1.3, 0.78), (1.1, 0.05, 0.3), paint)
    _goods(rng, out, (1.0, 1.5), 0.68, offset_m=(0.0, -0.5))
    out.tube((0, 0.3, 0.55), (0, 1.15, 0.6), (0.05, 0.05), paint)
    out.tube((0, 1.15, 0.3), (0, 1.0, 1.05), (0.04, 0.04), "#303234~")
    out.tube((-0.35, 1.0, 1.05), (0.35, 1.0, 1.05), (0.025, 0.025), "#303234~")
    out.box((0, 0.5, 0.85), (0.32, 0.4, 0.1), "#1a1a1a~")
    _wheel(out, (0, 1.2, 0.3), 0.3)
    if rng.random() < 0.6:
        return _with_umbrella(rng, out, 1.15, (0.0, -0.5, 0.35))
    return out, []


def _stall_cart(rng: Rng, _variant: int) -> tuple[Shape, Parts]:
    out = Shape()
    steel = "#c4c8ca!"
    out.box((0, 0, 0.7), (1.7, 0.8, 0.6), steel)
    out.box(
        (0, -0.41, 0.7),
        (1.5, 0.01, 0.4),
        str(rng.choice(["#c8202c", "#e8b21c", "#1f57b0"])),
    )
    for x in (-0.6, 0.6):
        _wheel(out, (x, 0, 0.22), 0.22)
    for x in (-0.8, 0.8):
        for y in (-0.36, 0.36):
            out.tube((x, y, 1.0), (x, y, 1.95), (0.018, 0.018), "#b0b4b6~")
    out.box(
        (0, 0, 2.0),
        (2.0, 1.15, 0.06),
        str(rng.choice(["#c8202c", "#1e7d45", "#e8e4d8"])),
    )
    out.box((0, -0.57, 1.86), (2.0, 0.02, 0.26), "#e8d23a")
    out.tube((0.3, 0, 1.0), (0.3, 0, 1.25), (0.22, 0.24), "#d8d4c8~")
    _goods(rng, out, (0.8, 0.6), 1.0, offset_m=(-0.4, 0.0))
    if rng.random() < 0.4:
        return _with_umbrella(rng, out, 1.3, (1.2, 0.2, 0))
    return out, []


BUILDERS: dict[str, Callable[[Rng, int], Shape | tuple[Shape, Parts]]] = {
    "stall_table": _stall_table,
    "stall_ground": _stall_ground,
    "stall_tricycle": _stall_tricycle,
    "stall_cart": _stall_cart,
}
