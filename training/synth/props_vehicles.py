"""Cars, vans, trucks and buses, low-poly, towards +y."""

from __future__ import annotations

import math

import numpy as np

from training.synth.shapes import FloatArray, Shape

Rng = np.random.Generator
Parts = list[tuple[str, FloatArray]]

# Stations along a car: y, half width, z of sill, z of waist (fractions are of the
# length for y; heights in metres).
_BODY = {
    "sedan": (4.6, 0.89, 0.92, 1.45, (-0.36, -0.2, 0.08, 0.24)),
    "suv": (4.55, 0.92, 1.05, 1.7, (-0.47, -0.38, 0.12, 0.27)),
    "hatch": (3.9, 0.85, 0.95, 1.5, (-0.46, -0.36, 0.12, 0.3)),
    "van": (4.2, 0.82, 1.05, 1.88, (-0.49, -0.46, 0.3, 0.43)),
}


def _ring(
    half_w: float, y: float, z0: float, z1: float
) -> list[tuple[float, float, float]]:
    w2 = half_w * 0.94
    return [
        (-w2, y, z0),
        (w2, y, z0),
        (half_w, y, z0 + (z1 - z0) * 0.35),
        (half_w * 0.97, y, z1 - 0.06),
        (half_w * 0.86, y, z1),
        (-half_w * 0.86, y, z1),
        (-half_w * 0.97, y, z1 - 0.06),
        (-half_w, y, z0 + (z1 - z0) * 0.35),
    ]


def plate(out: Shape, y: float, z: float, variant: int) -> FloatArray:
    """Add a number plate facing along y's sign; return its corners, `(4, 3)` m."""
    x, h, side = 0.22, 0.07, math.copysign(1.0, y)
    corners = [
        (x * side, y, z - h),
        (-x * side, y, z - h),
        (-x * side, y, z + h),
        (x * side, y, z + h),
    ]
    out.quad(corners, f"img:plate:{variant % 12}")
    return np.array(corners)


def wheel(out: Shape, x: float, y: float, radius_m: float) -> None:
    """Add one road wheel, its outer side away from x = 0."""
    side = math.copysign(1.0, x)
    out.tube(
        (x - 0.12 * side, y, radius_m),
        (x + 0.03 * side, y, radius_m),
        (radius_m, radius_m),
        "#141415",
    )
    out.tube(
        (x, y, radius_m),
        (x + 0.036 * side, y, radius_m),
        (radius_m * 0.62, radius_m * 0.58),
        "#a4a8aa!",
    )
    out.tube(
        (x, y, radius_m),
        (x + 0.045 * side, y, radius_m),
        (radius_m * 0.2, radius_m * 0.18),
        "#50545a~",
    )


def _car(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    length, half_w, waist, top, glass = _BODY[
        str(rng.choice(["sedan", "sedan", "suv", "suv", "hatch", "van"]))
    ]
    out = Shape()
    y = [f * length for f in (-0.5, -0.47, -0.3, 0.0, 0.24, 0.44, 0.495)]
    hood = waist - (0.02 if glass[3] > 0.4 else 0.1)
    heights = [
        waist - 0.2,
        waist - 0.02,
        waist,
        waist,
        waist - 0.02,
        hood - 0.05,
        hood - 0.26,
    ]
    widths = [half_w * k for k in (0.86, 0.96, 1, 1, 1, 0.95, 0.82)]
    out.loft(
        [_ring(w, yy, 0.24, z) for w, yy, z in zip(widths, y, heights, strict=True)],
        ["tint"] * 8,
    )
    out.smooth = [True] * len(out.faces)
    n = len(out.verts)
    out.add([out.verts[i] for i in range(8)], [tuple(reversed(range(8)))], "tint")
    out.add([out.verts[i] for i in range(n - 8, n)], [tuple(range(8))], "tint")
    _greenhouse(out, half_w, waist, top, [g * length for g in glass])
    _trim(out, length, half_w, waist, hood)
    for yy in (-0.3 * length, 0.31 * length):
        for x in (-half_w, half_w):
            out.tube(
                (x * 0.985, yy, 0.37), (x * 1.003, yy, 0.37), (0.37, 0.37), "#0c0c0d"
            )
            wheel(out, x * 0.985, yy, 0.325)
    parts = [
        ("licence_plate", plate(out, -0.5 * length - 0.012, 0.62, variant)),
        ("licence_plate", plate(out, 0.495 * length + 0.03, 0.45, variant)),
    ]
    return out, parts


def _greenhouse(
    out: Shape, half_w: float, waist: float, top: float, y: list[float]
) -> None:
    lo, hi, z0 = half_w * 0.9, half_w * 0.7, waist - 0.03
    b = [(-lo, y[0], z0), (lo, y[0], z0), (lo, y[3], z0), (-lo, y[3], z0)]
    t = [
        (-hi, y[1], top - 0.03),
        (hi, y[1], top - 0.03),
        (hi, y[2], top - 0.03),
        (-hi, y[2], top - 0.03),
    ]
    sides = [(0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
    out.add(b + t, sides, "glass")
    r = [(x * 0.92, yy + (0.1 if yy < 0 else -0.1), top) for x, yy, _ in t]
    out.add(t + r, [*sides, (4, 5, 6, 7)], "tint")
    for bottom, upper in ((b[0], t[0]), (b[1], t[1]), (b[2], t[2]), (b[3], t[3])):
        out.tube(bottom, upper, (0.035, 0.035), "tint")
    for x in (-1, 1):
        mid = (y[1] + y[2]) / 2
        out.tube(
            (lo * x * 1.01, mid, z0),
            (hi * x * 1.01, mid, top - 0.03),
            (0.04, 0.04),
            "#101214~",
        )


def _trim(out: Shape, length: float, half_w: float, waist: float, hood: float) -> None:
    back, front = -0.5 * length, 0.495 * length
    for x in (-1, 1):
        out.box(
            (x * half_w * 0.66, back - 0.004, waist - 0.24),
            (half_w * 0.36, 0.03, 0.13),
            "#b01018!",
        )
        out.box(
            (x * half_w * 0.64, front - 0.015, hood - 0.36),
            (half_w * 0.34, 0.05, 0.12),
            "#e8eef2!",
        )
        out.box(
            (x * (half_w + 0.1), 0.17 * length, waist + 0.06), (0.2, 0.1, 0.13), "tint"
        )
        out.box(
            (x * half_w * 0.985, -0.02 * length, waist - 0.14),
            (0.03, 0.16, 0.025),
            "#303234~",
        )
    out.box((0, back - 0.02, 0.38), (half_w * 1.7, 0.08, 0.24), "#26282a~")
    out.box((0, front + 0.005, 0.36), (half_w * 1.6, 0.06, 0.22), "#26282a~")
    out.box((0, front - 0.004, hood - 0.38), (half_w * 0.7, 0.04, 0.14), "#101214~")


def _truck(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    out = Shape()
    out.box((0, 1.9, 1.2), (1.95, 1.5, 1.5), "tint")
    out.box((0, 2.56, 1.5), (1.7, 0.24, 0.7), "glass")
    for x in (-0.98, 0.98):
        out.box((x, 2.0, 1.55), (0.02, 0.8, 0.55), "glass")
    out.box((0, -0.9, 0.72), (1.9, 4.2, 0.14), "#34383a")
    bed = str(rng.choice(["#3a6fb0", "#b8bcbe", "#8a2a2a", "#e8e8e4"]))
    if rng.random() < 0.5:
        out.box((0, -0.9, 1.85), (2.1, 4.1, 2.1), bed)
    else:
        for x in (-1.0, 1.0):
            out.box((x, -0.9, 1.05), (0.06, 4.1, 0.5), bed)
        for y in (-2.95, 1.1):
            out.box((0, y, 1.05), (2.0, 0.06, 0.5), bed)
        out.box((0, -1.0, 1.1), (1.5, 2.4, 0.5), "#a97f4f")
    out.box((0, 2.66, 0.55), (1.9, 0.08, 0.3), "#26282a~")
    for yy in (-2.0, 1.75):
        for x in (-0.93, 0.93):
            wheel(out, x, yy, 0.42)
    for x in (-0.8, 0.8):
        out.box((x, -3.0, 0.75), (0.25, 0.05, 0.14), "#b01018!")
    return out, [
        ("licence_plate", plate(out, -3.06, 0.72, variant)),
        ("licence_plate", plate(out, 2.72, 0.55, variant)),
    ]


def _bus(_rng: Rng, variant: int) -> tuple[Shape, Parts]:
    out = Shape()
    out.box((0, 0, 1.65), (2.45, 10.2, 2.6), "tint")
    out.box((0, 0, 1.95), (2.48, 9.4, 1.05), "glass")
    out.box((0, 5.08, 1.85), (2.2, 0.1, 1.4), "glass")
    out.box((0, -5.08, 2.1), (2.0, 0.1, 0.9), "glass")
    out.box((0, 0, 0.5), (2.47, 10.22, 0.3), "#e8e8e4~")
    for yy in (-2.9, 3.0):
        for x in (-1.2, 1.2):
            wheel(out, x, yy, 0.48)
    for x in (-1.0, 1.0):
        out.box((x, -5.12, 0.95), (0.25, 0.04, 0.3), "#b01018!")
    return out, [
        ("licence_plate", plate(out, -5.16, 0.75, variant)),
        ("licence_plate", plate(out, 5.16, 0.6, variant)),
    ]


BUILDERS = {
    "car": _car,
    "truck": _truck,
    "bus": _bus,
}
