"""Litter of 12-45 cm, heaps of rubbish bags, overflowing bins, rubble."""

from __future__ import annotations

import numpy as np

from training.synth.shapes import Shape, grounded, lathe, tilted

Rng = np.random.Generator

_BAG_COLOURS = ("#15161a", "#1a1c22", "#e8e8e4", "#c42a30", "#2554a8", "#202020", "#dfd9c8", "#3d8c4a")


def bag(rng: Rng, colour: str, size_m: float) -> Shape:
    """Build one tied, dented rubbish bag."""
    out = Shape()
    dents = 1 + rng.normal(0, 0.12, (9, 12))
    flat = rng.uniform(0.55, 0.8)
    out.ellipsoid((0, 0, size_m * flat * 0.48), (size_m / 2, size_m * 0.45, size_m * flat / 2), colour + "~", dents)
    out.tube((0, 0, size_m * flat * 0.85), (0.02, 0.01, size_m * flat * 1.12), (0.03 * size_m, 0.11 * size_m), colour + "~")
    return out


def sheet(rng: Rng, size_m: float, mat: str) -> Shape:
    """Build one crumpled sheet lying on the ground."""
    n = 5
    height = np.abs(rng.normal(0, 0.10 * size_m, (n, n))) + 0.004
    verts = [
        ((i / (n - 1) - 0.5) * size_m, (j / (n - 1) - 0.5) * size_m * 0.75, float(height[j, i]))
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
    profile = [(0, 0), (0.036, 0), (0.036, 0.09), (0.037, 0.17), (0.034, 0.2), (0.014, 0.245), (0.014, 0.27), (0, 0.27)]
    shape = lathe([(r * k * 1.15, z * k) for r, z in profile], [body, body, label, body, body, cap, cap])
    return grounded(tilted(shape, 90 if rng.random() < 0.85 else 0, 0))


def _cup(rng: Rng, _variant: int) -> Shape:
    body = str(rng.choice(["#f4f2ec~", "#e9d7b8~", "#d9433a~", "#7fb8d8~"]))
    k = rng.uniform(1.1, 1.5)
    profile = [(0, 0), (0.032, 0), (0.045, 0.13), (0.048, 0.135), (0.048, 0.15), (0.0, 0.155)]
    shape = lathe([(r * k, z * k) for r, z in profile], [body, body, "#ffffff~", "#ffffff~", "#fdfdfd~"])
    shape.tube((0.01, 0, 0.15 * k), (0.03, 0, 0.22 * k), (0.005, 0.005), "#e03030~")
    return grounded(tilted(shape, 92 if rng.random() < 0.75 else 0, 0))


def _can(rng: Rng, _variant: int) -> Shape:
    body = str(rng.choice(["#d01c24!", "#2458c0!", "#20a050!", "#c8ccd0!"]))
    profile = [(0, 0), (0.033, 0.0), (0.036, 0.01), (0.036, 0.13), (0.03, 0.14), (0, 0.14)]
    return grounded(tilted(lathe(profile, ["#c8ccd0!", body, body, body, "#c8ccd0!"]), 90, 0))


def _carton(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    w, d, h = rng.uniform(0.22, 0.42), rng.uniform(0.18, 0.32), rng.uniform(0.1, 0.26)
    colour = str(rng.choice(["#a97f4f", "#b98e5c", "#946c42", "#c9a57a"]))
    out.box((0, 0, h / 2), (w, d, h), colour)
    out.add([(-w / 2, d / 2, h), (w / 2, d / 2, h), (w / 2, d / 2 + 0.12, h + 0.09), (-w / 2, d / 2 + 0.12, h + 0.09)], [(0, 1, 2, 3)], colour)
    out.add([(-w / 2, -d / 2, h), (-w / 2 - 0.1, -d / 2, h + 0.05), (-w / 2 - 0.1, d / 2, h + 0.05), (-w / 2, d / 2, h)], [(0, 1, 2, 3)], colour)
    out.quad([(-w * 0.2, -d / 2 - 0.002, h * 0.2), (w * 0.25, -d / 2 - 0.002, h * 0.2), (w * 0.25, -d / 2 - 0.002, h * 0.7), (-w * 0.2, -d / 2 - 0.002, h * 0.7)], "#d9c9a8")
    return out


def _litter_bag(rng: Rng, _variant: int) -> Shape:
    return bag(rng, str(rng.choice(["#f2f2f0", "#e23a3a", "#f0f0ee", "#2c2c30", "#6cb8e0", "#f0c030"])), float(rng.uniform(0.24, 0.42)))


def _paper(rng: Rng, variant: int) -> Shape:
    return sheet(rng, float(rng.uniform(0.26, 0.45)), f"img:paper:{variant % 8}")


def _wrapper(rng: Rng, _variant: int) -> Shape:
    return sheet(rng, float(rng.uniform(0.16, 0.28)), str(rng.choice(["#d02830!", "#f0b020!", "#e8e8ec!", "#3070c8!"])))


def _tray(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    s = float(rng.uniform(0.2, 0.28))
    out.loft(
        [
            [(-s / 2, -s / 3, 0), (s / 2, -s / 3, 0), (s / 2, s / 3, 0), (-s / 2, s / 3, 0)],
            [(-s * 0.6, -s * 0.42, 0.06), (s * 0.6, -s * 0.42, 0.06), (s * 0.6, s * 0.42, 0.06), (-s * 0.6, s * 0.42, 0.06)],
        ],
        ["#f6f6f4~"] * 4,
    )
    out.add([(-s / 2, -s / 3, 0.01), (s / 2, -s / 3, 0.01), (s / 2, s / 3, 0.01), (-s / 2, s / 3, 0.01)], [(0, 1, 2, 3)], "#b8742c")
    return out


_SCATTER = (_bottle, _cup, _carton, _paper, _litter_bag, _tray, _wrapper)


def heap(rng: Rng, radius_m: float, bags: int) -> Shape:
    """Build a heap of bags with loose rubbish at its foot."""
    out = Shape()
    for k in range(bags):
        layer = k / max(bags, 1)
        reach = radius_m * (1 - 0.75 * layer)
        a, r = rng.uniform(0, 6.283), reach * np.sqrt(rng.random())
        size = float(rng.uniform(0.38, 0.72))
        at = (float(r * np.cos(a)), float(r * np.sin(a) * 0.75), float(max(0, layer * radius_m * 0.75 - 0.08)))
        piece = bag(rng, str(rng.choice(_BAG_COLOURS)), size) if rng.random() < 0.78 else _carton(rng, 0)
        out.extend(tilted(piece, float(rng.normal(0, 14)), float(rng.normal(0, 14))), at, float(rng.uniform(0, 360)))
    for _ in range(int(bags * 0.8)):
        a, r = rng.uniform(0, 6.283), radius_m * rng.uniform(0.7, 1.25)
        piece = _SCATTER[int(rng.integers(len(_SCATTER)))](rng, int(rng.integers(8)))
        out.extend(piece, (float(r * np.cos(a)), float(r * np.sin(a) * 0.75), 0.01), float(rng.uniform(0, 360)))
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
        for (x, y), z in ((lo, 0.08), (hi, 0.98), ((0.32, 0.38), 1.0), ((0.32, 0.38), 1.04))
    ]
    out.loft(rings, [colour] * 4)
    out.add(rings[0], [(3, 2, 1, 0)], colour)
    out.add([(-0.28, -0.34, 0.97), (0.28, -0.34, 0.97), (0.28, 0.34, 0.97), (-0.28, 0.34, 0.97)], [(0, 1, 2, 3)], "#101010")
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
            verts.append((x * radius, y * radius * 0.8, height * cone + (float(bumps[j, i]) if cone > 0 else -0.02)))
    faces = [(j * n + i, j * n + i + 1, (j + 1) * n + i + 1, (j + 1) * n + i) for j in range(n - 1) for i in range(n - 1)
             if np.hypot(i - 7, j - 7) < 7.2]  # noqa: PLR2004
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
        chunk.box((0, 0, float(size[2]) / 2), (float(size[0]), float(size[1]), float(size[2] * 0.7)),
                  str(rng.choice(["#a8583e", "#b06a4c", "#b8b2a8", "#cfc9be", "#8a8680", "#e4e0d8"])))
        out.extend(tilted(chunk, float(rng.normal(0, 30)), float(rng.normal(0, 30))), (x, y, z), float(rng.uniform(0, 360)))
    for _ in range(int(rng.integers(1, 4))):
        a = float(rng.uniform(0, 6.283))
        x, y = float(np.cos(a) * radius * 0.5), float(np.sin(a) * radius * 0.4)
        out.tube((x, y, height * 0.4), (x + 0.7, y + 0.3, height * 0.6), (0.03, 0.03), "#8a6a44")
    return out


BUILDERS = {
    "litter_bottle": _bottle,
    "litter_cup": _cup,
    "litter_can": _can,
    "litter_box": _carton,
    "litter_bag": _litter_bag,
    "litter_paper": _paper,
    "litter_wrapper": _wrapper,
    "litter_tray": _tray,
    "garbage_pile": _garbage_pile,
    "bin_overflow": _bin_overflow,
    "bin_closed": _bin_closed,
    "construction_waste": _construction_waste,
}
