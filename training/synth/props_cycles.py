"""Bicycles and electric scooters, low-poly, towards +y."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from training.synth.props_people import face_points, figure
from training.synth.shapes import FloatArray, Shape

Rng = np.random.Generator
Parts = list[tuple[str, FloatArray]]


def _spokes(out: Shape, y: float, radius_m: float, width_m: float) -> None:
    n = 16
    for k in range(n):
        a0, a1 = 2 * math.pi * k / n, 2 * math.pi * (k + 1) / n
        out.tube(
            (0, y + radius_m * math.cos(a0), radius_m * (1 + math.sin(a0)) + width_m),
            (0, y + radius_m * math.cos(a1), radius_m * (1 + math.sin(a1)) + width_m),
            (width_m, width_m),
            "#141415",
        )
    for k in range(4):
        a = math.pi * k / 4
        out.tube(
            (0, y - radius_m * math.cos(a), radius_m * (1 - math.sin(a)) + width_m),
            (0, y + radius_m * math.cos(a), radius_m * (1 + math.sin(a)) + width_m),
            (0.006, 0.006),
            "#a8acae~",
        )


def _bicycle(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    paint = str(
        rng.choice(["#f0c818~", "#2f80d8~", "#28282c~", "#c03030~", "#38b0a0~"])
    )
    for y in (-0.52, 0.52):
        _spokes(out, y, 0.31, 0.022)
    seat, head, crank = (0.0, -0.18, 0.82), (0.0, 0.36, 0.86), (0.0, -0.05, 0.3)
    for a, b in (
        (seat, head),
        (head, crank),
        (seat, crank),
        (crank, (0.0, -0.52, 0.33)),
        (seat, (0.0, -0.52, 0.33)),
        (head, (0.0, 0.52, 0.33)),
    ):
        out.tube(a, b, (0.022, 0.022), paint)
    out.tube((0, 0.36, 0.86), (0, 0.33, 1.02), (0.018, 0.018), "#303234~")
    out.tube((-0.27, 0.26, 1.03), (0.27, 0.26, 1.03), (0.015, 0.015), "#202020")
    out.ellipsoid((0, -0.2, 0.92), (0.075, 0.14, 0.04), "#151515")
    out.box((0, 0.55, 0.78), (0.3, 0.24, 0.2), "#505456~")
    return out


def ebike(rng: Rng) -> Shape:
    """Build one electric scooter without a rider."""
    out = Shape()
    paint = str(
        rng.choice(["#b01820!", "#e8e8e4!", "#24282c!", "#2f6fb8!", "#d87a98!"])
    )
    for y in (-0.58, 0.6):
        out.tube((-0.055, y, 0.23), (0.055, y, 0.23), (0.23, 0.23), "#141415")
        out.tube((-0.06, y, 0.23), (0.06, y, 0.23), (0.12, 0.12), "#a8acae~")
    out.box((0, -0.42, 0.52), (0.26, 0.68, 0.3), paint)
    out.box((0, 0.06, 0.3), (0.26, 0.5, 0.1), "#26282a~")
    out.ellipsoid((0, -0.36, 0.76), (0.15, 0.38, 0.08), "#17181a")
    out.loft(
        [
            [(-0.17, 0.3, 0.3), (0.17, 0.3, 0.3), (0.1, 0.4, 0.3), (-0.1, 0.4, 0.3)],
            [
                (-0.16, 0.36, 0.9),
                (0.16, 0.36, 0.9),
                (0.08, 0.5, 0.9),
                (-0.08, 0.5, 0.9),
            ],
        ],
        [paint] * 4,
    )
    out.tube((0, 0.6, 0.23), (0, 0.4, 0.95), (0.035, 0.03), "#303234~")
    out.box((0, 0.58, 0.5), (0.13, 0.4, 0.05), paint)
    out.tube((-0.34, 0.36, 1.05), (0.34, 0.36, 1.05), (0.02, 0.02), "#202020")
    out.ellipsoid((0, 0.44, 0.97), (0.12, 0.1, 0.12), paint)
    out.box((0, -0.8, 0.58), (0.14, 0.04, 0.08), "#c01018!")
    out.box(
        (0, -0.72, 0.86),
        (0.34, 0.3, 0.3),
        str(rng.choice(["#202226~", "#e0a018~", paint])),
    )
    return out


def _ebike(rng: Rng, _variant: int) -> Shape:
    return ebike(rng)


def ebike_rider(rng: Rng, _variant: int) -> tuple[Shape, Parts]:
    """Build one electric scooter with its rider, face and all."""
    out = ebike(rng)
    rider = Shape()
    rider.extend(figure(rng, 0.12), (0, -0.22, 0.0))
    rider.verts = [(x, y, 0.3 + 0.86 * z) for x, y, z in rider.verts]
    out.extend(rider)
    return out, [
        ("person", rider.points()),
        ("face", np.add(face_points(rider), [0, -0.22, 0.03])),
    ]


BUILDERS: dict[str, Callable[[Rng, int], Shape | tuple[Shape, Parts]]] = {
    "bicycle": _bicycle,
    "ebike": _ebike,
    "ebike_rider": ebike_rider,
}
