"""Street furniture: trees, poles, boxes, barriers, and the stalls' look-alikes."""

from __future__ import annotations

import numpy as np

from training.synth.props_lookalikes import CABINS
from training.synth.props_walls import hanging, pole_ad
from training.synth.shapes import Shape

Rng = np.random.Generator


def _tree(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    height, lean = float(rng.uniform(2.4, 3.0)), rng.normal(0, 0.12, 2)
    top = (float(lean[0]), float(lean[1]), height)
    out.tube((0, 0, 0), top, (0.15, 0.1), "bark")
    out.tube((0, 0, 0), (top[0] * 0.42, top[1] * 0.42, 1.0), (0.158, 0.14), "#dcdcd4")
    centres = []
    for _ in range(7):
        a, r = rng.uniform(0, 6.283), rng.uniform(0.5, 1.5)
        c = np.array(
            [
                top[0] + r * np.cos(a),
                top[1] + r * np.sin(a),
                height + rng.uniform(0.4, 2.2),
            ]
        )
        centres.append(c)
        out.tube(top, (float(c[0]), float(c[1]), float(c[2])), (0.07, 0.03), "bark")
    leaf = str(
        rng.choice(["leaf:#4a6338", "leaf:#56703f", "leaf:#66743f", "leaf:#415a38"])
    )
    for c in centres:
        for _ in range(300):
            d = rng.normal(0, 1, 3)
            p = c + d / np.linalg.norm(d) * 1.15 * rng.random() ** 0.45 * (1, 1, 0.8)
            u = rng.normal(0, 1, 3)
            u *= rng.uniform(0.07, 0.15) / np.linalg.norm(u)
            v = np.cross(u, rng.normal(0, 1, 3))
            v *= 0.1 / max(float(np.linalg.norm(v)), 1e-6)
            quad = [p - u - v, p + u - v, p + u + v, p - u + v]
            out.add(
                [(float(q[0]), float(q[1]), float(q[2])) for q in quad],
                [(0, 1, 2, 3)],
                leaf,
            )
    return out


def _shrub(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    for _ in range(240):
        p = rng.uniform((-0.9, -0.3, 0.05), (0.9, 0.3, 0.7))
        u = rng.normal(0, 0.08, 3)
        v = rng.normal(0, 0.08, 3)
        out.add(
            [
                (float(q[0]), float(q[1]), float(q[2]))
                for q in (p - u - v, p + u - v, p + u + v, p - u + v)
            ],
            [(0, 1, 2, 3)],
            "leaf:#3d6a2c",
        )
    out.box((0, 0, 0.08), (2.0, 0.7, 0.16), "#a8a49a")
    return out


def _lamp(_rng: Rng, _variant: int) -> Shape:
    out = Shape()
    out.tube((0, 0, 0), (0, 0, 0.9), (0.13, 0.12), "#8c9296~")
    out.tube((0, 0, 0.9), (0, 0, 7.6), (0.09, 0.06), "#9aa0a4~")
    out.tube((0, 0, 7.4), (0, -1.7, 7.9), (0.05, 0.04), "#9aa0a4~")
    out.box((0, -1.9, 7.9), (0.28, 0.7, 0.12), "#d8dcde~")
    return out


def _pole(_rng: Rng, _variant: int) -> Shape:
    out = Shape()
    out.tube((0, 0, 0), (0, 0, 8.5), (0.17, 0.13), "#b4b0a6")
    out.box((0, 0, 8.0), (1.6, 0.08, 0.08), "#6d6a66")
    return out


def _pole_poster(rng: Rng, variant: int) -> Shape:
    return pole_ad(rng, variant, 0.172)


def _utility_box(rng: Rng, variant: int) -> Shape:
    """Build a cabinet of power, telephone or traffic lights; its front is at y = 0.02.

    The front is at least 1.0 m wide and 1.25 m high: small ads are stuck to it.
    """
    colour = str(
        rng.choice(["#8f9a94~", "#aab0ae~", "#6f8078~", "#3f6a50~", "#c8ccca~"])
    )
    w, h = float(rng.uniform(1.05, 1.3)), float(rng.uniform(1.28, 1.5))
    out = Shape()
    out.box((0, 0.25, 0.06), (w + 0.1, 0.55, 0.12), "#9b978e")
    out.box((0, 0.25, 0.11 + h / 2), (w, 0.46, h), colour)
    out.box((0, 0.25, 0.14 + h), (w + 0.09, 0.54, 0.06), colour)
    doors = 2 if variant % 4 < 2 else 3
    for k in range(1, doors):
        x = w * (k / doors - 0.5)
        out.box((x, 0.017, 0.11 + h / 2), (0.012, 0.012, h * 0.94), "#3a3f3d")
        out.box((x + 0.1, 0.01, 0.78), (0.03, 0.03, 0.16), "#30302f")
    if rng.random() < 0.5:
        for k in range(5):
            out.box((0, 0.017, 0.22 + 0.04 * k), (w * 0.7, 0.01, 0.014), "#3a3f3d")
    return out


def _street_bin(rng: Rng, _variant: int) -> Shape:
    out = Shape()
    for x, colour in (
        (-0.27, "#2a63b0~"),
        (0.27, str(rng.choice(["#5a5f62~", "#c0392b~"]))),
    ):
        out.box((x, 0, 0.5), (0.44, 0.36, 0.72), colour)
        out.box((x, -0.182, 0.72), (0.28, 0.01, 0.14), "#121212")
        out.box((x, -0.183, 0.45), (0.18, 0.01, 0.18), "#f2f2f2")
    out.box((0, 0, 0.93), (1.12, 0.46, 0.06), "#3b4043~")
    for x in (-0.52, 0.52):
        out.tube((x, 0, 0), (x, 0, 0.95), (0.03, 0.03), "#3b4043~")
    return out


def _bollard(_rng: Rng, _variant: int) -> Shape:
    out = Shape()
    out.tube((0, 0, 0), (0, 0, 0.72), (0.1, 0.1), "#a7a29a")
    out.ellipsoid((0, 0, 0.72), (0.1, 0.1, 0.07), "#a7a29a")
    return out


def _barrier(_rng: Rng, _variant: int) -> Shape:
    out = Shape()
    for k in range(6):
        out.box(
            (-0.5 + 0.2 * k, 0, 0.85),
            (0.2, 0.05, 0.18),
            ("#e04a1a~", "#f4f4f0~")[k % 2],
        )
        out.box(
            (-0.5 + 0.2 * k, 0, 0.5), (0.2, 0.05, 0.18), ("#f4f4f0~", "#e04a1a~")[k % 2]
        )
    for x in (-0.55, 0.55):
        out.box((x, 0, 0.5), (0.06, 0.06, 1.0), "#e0b020~")
        out.box((x, 0, 0.03), (0.08, 0.6, 0.06), "#e0b020~")
    return out


def _cone(_rng: Rng, _variant: int) -> Shape:
    out = Shape()
    out.box((0, 0, 0.02), (0.38, 0.38, 0.04), "#202020")
    for z0, z1, r0, r1, c in (
        (0.04, 0.3, 0.15, 0.1, "#e8531a~"),
        (0.3, 0.45, 0.1, 0.072, "#f4f4f4~"),
        (0.45, 0.7, 0.072, 0.025, "#e8531a~"),
    ):
        out.tube((0, 0, z0), (0, 0, z1), (r0, r1), c)
    return out


def _signal(_rng: Rng, _variant: int) -> Shape:
    out = Shape()
    out.tube((0, 0, 0), (0, 0, 6.0), (0.11, 0.08), "#8c9296~")
    out.tube((0, 0, 5.8), (0, -4.0, 6.1), (0.07, 0.05), "#8c9296~")
    out.box((0, -3.4, 6.0), (0.36, 1.1, 0.36), "#16181a~")
    for k, c in enumerate(("#3a0d0d", "#3a300d", "glow:#27ff70")):
        out.ellipsoid((-0.19, -3.05 - 0.34 * k, 6.0), (0.03, 0.12, 0.12), c)
    return out


def _traffic_sign(rng: Rng, variant: int) -> Shape:
    out = Shape()
    out.tube((0, 0, 0), (0, 0, 2.9), (0.04, 0.04), "#9aa0a4~")
    for k in range(1 + (variant // 2 % 3 == 2)):
        bottom, w = 2.2 - 0.62 * k, float(rng.uniform(0.55, 0.7))
        mat = f"img:roadsign:{(variant + 2 * k) % 48}"
        out.extend(hanging((w, w), bottom, mat, 0.06))
        out.box((0, -0.02, bottom + w / 2), (w * 0.5, 0.04, w * 0.4), "#9aa0a4~")
    return out


def _bus_shelter(rng: Rng, variant: int) -> Shape:
    out, steel = (
        Shape(),
        str(rng.choice(["#70767a~", "#2a5a8a~", "#8a2a2a~", "#3a3e42~"])),
    )
    roof = str(rng.choice(["#c9ced2~", "#2f6f58~", "#2a5a8a~", "#8a3a2a~"]))
    out.box((0, 0.0, 2.5), (5.0, 1.5, 0.1), roof)
    for x in (-2.3, 0.0, 2.3):
        out.tube((x, 0.6, 0), (x, 0.6, 2.5), (0.05, 0.05), steel)
    for k in range(1 + variant // 2 % 2):
        mat = f"img:bill:{(variant + 2 * k) % 24}"
        out.extend(hanging((1.5, 1.9), 0.4, mat, 0.05), (-1.2 + 2.4 * k, 0.6, 0))
        out.box((-1.2 + 2.4 * k, 0.62, 1.35), (1.62, 0.1, 2.0), "#50565a~")
    out.box((0, 0.3, 0.45), (2.6, 0.35, 0.06), "#9a7a52")
    out.extend(hanging((4.6, 0.4), 2.56, f"img:sign:{variant % 18}", 0.76))
    return out


def _kiosk(rng: Rng, variant: int) -> Shape:
    """Build a lawful cabin: news stand, parcel lockers, charging roof or booth."""
    return CABINS[variant // 2 % len(CABINS)](rng, variant)


def _bench(_rng: Rng, _variant: int) -> Shape:
    out = Shape()
    out.box((0, 0, 0.44), (1.6, 0.42, 0.06), "#8a6a44")
    for x in (-0.6, 0.6):
        out.box((x, 0, 0.21), (0.1, 0.36, 0.42), "#6a6a68")
    return out


BUILDERS = {
    "tree": _tree,
    "shrub": _shrub,
    "lamp": _lamp,
    "pole": _pole,
    "pole_poster": _pole_poster,
    "utility_box": _utility_box,
    "street_bin": _street_bin,
    "bollard": _bollard,
    "barrier": _barrier,
    "cone": _cone,
    "signal": _signal,
    "traffic_sign": _traffic_sign,
    "bus_shelter": _bus_shelter,
    "kiosk": _kiosk,
    "bench": _bench,
}
