"""Pedestrians: simple but person-shaped, with a face box at the front of the head."""

from __future__ import annotations

import numpy as np

from training.synth.shapes import FloatArray, Shape

Rng = np.random.Generator

_CLOTHES = (
    "#27313f",
    "#8a2a30",
    "#d8d4cc",
    "#3a5f8a",
    "#4a4a46",
    "#c8a040",
    "#5a7a5a",
    "#b85a70",
    "#1c1c20",
)


def figure(rng: Rng, stride_m: float) -> Shape:
    """Build one person of about 1.7 m, walking towards +y with this half stride."""
    out = Shape()
    k = float(rng.uniform(0.92, 1.06))
    skin = str(rng.choice(["#c99a78", "#b98563", "#d8ab8a"]))
    shirt, trousers = str(rng.choice(_CLOTHES)), str(rng.choice(_CLOTHES))
    hip, neck = 0.86 * k, 1.42 * k
    for side in (-1, 1):
        x, step = 0.1 * side, stride_m * side
        out.tube(
            (x, 0, hip), (x, step * 0.55 + 0.03, 0.46 * k), (0.095, 0.075), trousers
        )
        out.tube(
            (x, step * 0.55 + 0.03, 0.46 * k), (x, step, 0.07), (0.072, 0.05), trousers
        )
        out.box((x, step + 0.05, 0.045), (0.095, 0.26, 0.09), "#202022")
        elbow = (0.27 * side, -step * 0.35, 1.08 * k)
        out.tube((0.21 * side, 0, 1.36 * k), elbow, (0.062, 0.05), shirt)
        out.tube(
            elbow, (0.27 * side, -step * 0.8 + 0.08, 0.84 * k), (0.046, 0.036), skin
        )
    out.loft(
        [
            _oval(0.17, 0.115, hip - 0.05),
            _oval(0.155, 0.105, hip + 0.18),
            _oval(0.2, 0.12, neck - 0.16),
            _oval(0.2, 0.1, neck - 0.04),
            _oval(0.07, 0.06, neck + 0.02),
        ],
        [shirt] * 10,
    )
    out.smooth = [
        s or m == shirt for s, m in zip(out.smooth, out.materials, strict=True)
    ]
    out.tube((0, 0, neck), (0, 0.01, neck + 0.1), (0.055, 0.05), skin)
    out.ellipsoid((0, 0.015, neck + 0.2), (0.082, 0.1, 0.122), skin)
    out.ellipsoid(
        (0, -0.02, neck + 0.235),
        (0.092, 0.1, 0.11),
        str(rng.choice(["#17120f", "#201a16", "#4a4644"])),
    )
    for side in (-1, 1):
        out.ellipsoid(
            (0.032 * side, 0.103, neck + 0.215), (0.014, 0.012, 0.008), "#1c1410"
        )
    out.ellipsoid((0, 0.112, neck + 0.185), (0.014, 0.018, 0.024), skin)
    out.box((0, 0.108, neck + 0.14), (0.045, 0.006, 0.012), "#9a5448")
    return out


def face_points(shape: Shape) -> FloatArray:
    """Return corner points of the face: the front of the head, `(4, 3)` metres."""
    top = float(shape.points()[:, 2].max())
    x, lo, hi = 0.075, top - 0.265, top - 0.055
    return np.array([(-x, 0.13, lo), (x, 0.13, lo), (x, 0.13, hi), (-x, 0.13, hi)])


def _oval(rx: float, ry: float, z: float) -> list[tuple[float, float, float]]:
    return [
        (rx * float(np.cos(a)), ry * float(np.sin(a)), z)
        for a in np.linspace(0, 2 * np.pi, 10, endpoint=False)
    ]


def _person(rng: Rng, _variant: int) -> tuple[Shape, list[tuple[str, FloatArray]]]:
    shape = figure(rng, float(rng.uniform(0.12, 0.34)))
    parts = [("face", face_points(shape))]
    if rng.random() < 0.35:
        shape.box(
            (0.31, 0.06, 0.66),
            (0.1, 0.3, 0.34),
            str(rng.choice(["#c03a40~", "#e8e4dc~", "#3a5a9a~"])),
        )
    return shape, parts


BUILDERS = {"person": _person}
