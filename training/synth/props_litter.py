"""Litter of 12-45 cm, and the bags that heaps are made of."""

from __future__ import annotations

import numpy as np

from training.synth.shapes import Shape, grounded, lathe, tilted

Rng = np.random.Generator


def bag(rng: Rng, colour: str, size_m: float) -> Shape:
    """Build one tied, dented rubbish bag."""
    out = Shape()
    dents = 1 + rng.normal(0, 0.12, (9, 12))
    flat = rng.uniform(0.55, 0.8)
    out.ellipsoid(
        (0, 0, size_m * flat * 0.48),
        (size_m / 2, size_m * 0.45, size_m * flat / 2),
        colour + "~",
        dents,
    )
    out.tube(
        (0, 0, size_m * flat * 0.85),
        (0.02, 0.01, size_m * flat * 1.12),
        (0.03 * size_m, 0.11 * size_m),
        colour + "~",
    )
    return out


def sheet(rng: Rng, size_m: float, mat: str) -> Shape:
    """Build one crumpled sheet lying on the ground."""
    n = 5
    height = np.abs(rng.normal(0, 0.10 * size_m, (n, n))) + 0.004
    verts = [
        (
            (i / (n - 1) - 0.5) * size_m,
            (j / (n - 1) - 0.5) * size_m * 0.75,
            float(height[j, i]),
        )
        for j in range(n)
        for i in range(n)
    ]
    out = Shape()
    for j in range(n - 1):
        for i in range(n - 1):
            ids = (j * n + i, j * n + i + 1, (j + 1) * n + i + 1, (j + 1) * n + i)
            uv = tuple((k % n / (n - 1), k // n / (n - 1)) for k in ids)
            out.quad([verts[k] for k in ids], mat, uv)
    return out


def _bottle(rng: Rng, _variant: int) -> Shape:
    body = str(rng.choice(["#bcd9e6!", "#3f8f52!", "#d8e8ee!", "#c9742a!"]))
    cap = str(rng.choice(["#e03030~", "#2458c0~", "#f0f0f0~"]))
    label = str(rng.choice(["#d02020~", "#2060c0~", "#f0f0f0~", "#20a050~"]))
    k = rng.uniform(1.0, 1.25)
    profile = [
        (0, 0),
        (0.036, 0),
        (0.036, 0.09),
        (0.037, 0.17),
        (0.034, 0.2),
        (0.014, 0.245),
        (0.014, 0.27),
        (0, 0.27),
    ]
    shape = lathe(
        [(r * k * 1.15, z * k) for r, z in profile],
        [body, body, label, body, body, cap, cap],
    )
    return grounded(tilted(shape, 90 if rng.random() < 0.85 else 0, 0))


def _cup(rng: Rng, _variant: int) -> Shape:
    body = str(rng.choice(["#f4f2ec~", "#e9d7b8~", "#d9433a~", "#7fb8d8~"]))
    k = rng.uniform(1.1, 1.5)
    profile = [
        (0, 0),
        (0.032, 0),
        (0.045, 0.13),
        (0.048, 0.135),
        (0.048, 0.15),
        (0.0, 0.155),
    ]
    shape = lathe(
        [(r * k, z * k) for r, z in profile],
        [body, body, "#ffffff~", "#ffffff~", "#fdfdfd~"],
    )
    shape.tube((0.01, 0, 0.15 * k), (0.03, 0, 0.22 * k), (0.005, 0.005), "#e03030~")
    return grounded(tilted(shape, 92 if rng.random() < 0.75 else 0, 0))


def _can(rng: Rng, _variant: int) -> Shape:
    body = str(rng.choice(["#d01c24!", "#2458c0!", "#20a050!", "#c8ccd0!"]))
    profile = [
        (0, 0),
        (0.033, 0.0),
        (0.036, 0.01),
        (0.036, 0.13),
        (0.03, 0.14),
        (0, 0.14),
    ]
    return grounded(
        tilted(lathe(profile, ["#c8ccd0!", body, body, body, "#c8ccd0!"]), 90, 0)
    )


def carton(rng: Rng, _variant: int) -> Shape:
    """Build one open cardboard box."""
    out = Shape()
    w, d, h = rng.uniform(0.22, 0.42), rng.uniform(0.18, 0.32), rng.uniform(0.1, 0.26)
    colour = str(rng.choice(["#a97f4f", "#b98e5c", "#946c42", "#c9a57a"]))
    out.box((0, 0, h / 2), (w, d, h), colour)
    out.add(
        [
            (-w / 2, d / 2, h),
            (w / 2, d / 2, h),
            (w / 2, d / 2 + 0.12, h + 0.09),
            (-w / 2, d / 2 + 0.12, h + 0.09),
        ],
        [(0, 1, 2, 3)],
        colour,
    )
    out.add(
        [
            (-w / 2, -d / 2, h),
            (-w / 2 - 0.1, -d / 2, h + 0.05),
            (-w / 2 - 0.1, d / 2, h + 0.05),
            (-w / 2, d / 2, h),
        ],
        [(0, 1, 2, 3)],
        colour,
    )
    out.quad(
        [
            (-w * 0.2, -d / 2 - 0.002, h * 0.2),
            (w * 0.25, -d / 2 - 0.002, h * 0.2),
            (w * 0.25, -d / 2 - 0.002, h * 0.7),
            (-w * 0.2, -d / 2 - 0.002, h * 0.7),
        ],
        "#d9c9a8",
    )
    return out


def _litter_bag(rng: Rng, _variant: int) -> Shape:
    return bag(
        rng,
        str(
            rng.choice(
                ["#f2f2f0", "#e23a3a", "#f0f0ee", "#2c2c30", "#6cb8e0", "#f0c030"]
            )
        ),
        float(rng.uniform(0.24, 0.42)),
    )


def _paper(rng: Rng, variant: int) -> Shape:
    return sheet(rng, float(rng.uniform(0.26, 0.45)), f"img:paper:{variant % 8}")


def _wrapper(rng: Rng, _variant: int) -> Shape:
    return sheet(
        rng,
        float(rng.uniform(0.16, 0.28)),
        str(rng.choice(["#d02830!", "#f0b020!", "#e8e8ec!", "#3070c8!"])),
    )


def _tray(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    s = float(rng.uniform(0.2, 0.28))
    out.loft(
        [
            [
                (-s / 2, -s / 3, 0),
                (s / 2, -s / 3, 0),
                (s / 2, s / 3, 0),
                (-s / 2, s / 3, 0),
            ],
            [
                (-s * 0.6, -s * 0.42, 0.06),
                (s * 0.6, -s * 0.42, 0.06),
                (s * 0.6, s * 0.42, 0.06),
                (-s * 0.6, s * 0.42, 0.06),
            ],
        ],
        ["#f6f6f4~"] * 4,
    )
    out.add(
        [
            (-s / 2, -s / 3, 0.01),
            (s / 2, -s / 3, 0.01),
            (s / 2, s / 3, 0.01),
            (-s / 2, s / 3, 0.01),
        ],
        [(0, 1, 2, 3)],
        "#b8742c",
    )
    return out


SCATTER = (_bottle, _cup, carton, _paper, _litter_bag, _tray, _wrapper)


BUILDERS = {
    "litter_bottle": _bottle,
    "litter_cup": _cup,
    "litter_can": _can,
    "litter_box": carton,
    "litter_bag": _litter_bag,
    "litter_paper": _paper,
    "litter_wrapper": _wrapper,
    "litter_tray": _tray,
}
