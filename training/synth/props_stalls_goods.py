"""What stalls are made of: heaps, crates, shelves, canopies, wheels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from training.synth.shapes import FloatArray, Shape, Vec

Rng = np.random.Generator
Parts = list[tuple[str, FloatArray]]

CLOTH = (
    "#c8202c", "#1f57b0", "#1e7d45", "#e8b21c", "#e8e4d8", "#d8602a", "#7a2a6a",
    "#2a9aa0", "#383c40",
)  # fmt: skip
_PICTURES = 24


@dataclass(slots=True)
class Pitch:
    """One stall being set up: customers stand at -y, the vendor at +y.

    Attributes:
        rng: the only source of chance.
        variant: of the stall; its parity is that of every picture in it.
        out: what stands there so far.
        parts: boxes of other categories inside it.
    """

    rng: Rng
    variant: int
    out: Shape = field(default_factory=Shape)
    parts: Parts = field(default_factory=list)

    def picture(self, kind: str) -> str:
        """Draw a material that shows one of the pool's pictures of this kind."""
        number = 2 * int(self.rng.integers(0, _PICTURES)) + self.variant % 2
        return f"img:{kind}:{number}"

    def one_of(self, *choices: str) -> str:
        """Draw one of the names."""
        return str(self.rng.choice(choices))

    def between(self, low: float, high: float) -> float:
        """Draw a number."""
        return float(self.rng.uniform(low, high))

    def chance(self, share: float) -> bool:
        """Tell whether something happens that happens in this share of cases."""
        return bool(self.rng.random() < share)


def top(out: Shape, at: Vec, size_m: tuple[float, float], mat: str) -> None:
    """Lay one picture flat, seen from above; `at` is its middle."""
    (x, y, z), w, d = at, size_m[0] / 2, size_m[1] / 2
    out.quad([(x - w, y - d, z), (x + w, y - d, z), (x + w, y + d, z),
              (x - w, y + d, z)], mat)  # fmt: skip


def face(
    out: Shape, at: Vec, size_m: tuple[float, float], mat: str, lean_m: float = 0.0
) -> None:
    """Stand one picture up, seen from -y; `at` is the middle of its lower edge."""
    (x, y, z), w, h = at, size_m[0] / 2, size_m[1]
    out.quad([(x - w, y, z), (x + w, y, z), (x + w, y + lean_m, z + h),
              (x - w, y + lean_m, z + h)], mat)  # fmt: skip


def board(out: Shape, at: Vec, size_m: tuple[float, float], mat: str) -> None:
    """Stand one picture up that reads right from both sides."""
    face(out, at, size_m, mat)
    (x, y, z), w, h = at, size_m[0] / 2, size_m[1]
    out.quad([(x + w, y + 0.03, z), (x - w, y + 0.03, z), (x - w, y + 0.03, z + h),
              (x + w, y + 0.03, z + h)], mat)  # fmt: skip


def heap(p: Pitch, at: Vec, size_m: tuple[float, float], high_m: float) -> None:
    """Pile up fruit or greens: a rough dome of 25 faces; `at` is its foot."""
    kind = "greens" if p.chance(0.2) else "fruit"
    mat, n = p.picture(kind), 5
    verts: list[Vec] = []
    for j in range(n + 1):
        for i in range(n + 1):
            u, v = 2 * i / n - 1, 2 * j / n - 1
            z = high_m * max(1 - max(abs(u), abs(v)) ** 2.2, 0)
            z *= float(p.rng.uniform(0.75, 1.15))
            verts.append(
                (at[0] + u * size_m[0] / 2, at[1] + v * size_m[1] / 2, at[2] + z)
            )
    scale = 1 / 0.7
    for j in range(n):
        for i in range(n):
            rows = [j * (n + 1) + i, j * (n + 1) + i + 1, (j + 1) * (n + 1) + i + 1,
                    (j + 1) * (n + 1) + i]  # fmt: skip
            corners = [verts[r] for r in rows]
            uv = [((c[0] - at[0]) * scale, (c[1] - at[1]) * scale) for c in corners]
            p.out.quad(corners, mat, uv)


def crate(p: Pitch, at: Vec, size_m: tuple[float, float, float]) -> None:
    """Set down an open box full of produce; `at` is the middle of its floor."""
    mat = p.one_of("#e8e4dc", "#3a70b8~", "#b08a5a", "#2f7a4a~", "#c83a34~", "#8a6a44")
    w, d, h = size_m
    p.out.box((at[0], at[1], at[2] + h / 2), size_m, mat)
    heap(p, (at[0], at[1], at[2] + h), (w * 0.94, d * 0.94), p.between(0.05, 0.13))


def sack(p: Pitch, at: Vec, radius_m: float, high_m: float) -> None:
    """Set down an open sack of grain or greens, its rim rolled down."""
    mat = p.one_of("#d8d0b8", "#e8e4dc", "#b8a888", "#c84a4a", "#4a70b0")
    r = radius_m
    p.out.tube(at, (at[0], at[1], at[2] + high_m), (r * 0.9, r), mat)
    heap(p, (at[0], at[1], at[2] + high_m), (r * 1.5, r * 1.5), 0.1)


def spread(p: Pitch, at: Vec, area_m: tuple[float, float], share: float = 0.65) -> None:
    """Cover a table or bed with crates, heaps, boxes and bags; `at` is its middle."""
    cols, rows = max(int(area_m[0] / 0.42), 1), max(int(area_m[1] / 0.4), 1)
    w, d = area_m[0] / cols, area_m[1] / rows
    for i in range(cols):
        for j in range(rows):
            x = at[0] + (i + 0.5 - cols / 2) * w
            y = at[1] + (j + 0.5 - rows / 2) * d
            if p.chance(share):
                crate(p, (x, y, at[2]), (w * 0.92, d * 0.9, p.between(0.06, 0.16)))
            elif p.chance(0.5):
                h = p.between(0.06, 0.24)
                tone = p.one_of("#e8e4dc", "#d8321e", "#e8b21c", "#3a70b8", "#f0f0ee~")
                p.out.box((x, y, at[2] + h / 2), (w * 0.7, d * 0.7, h), tone)
            else:
                heap(p, (x, y, at[2]), (w, d), p.between(0.1, 0.2))


def bunch(p: Pitch, at: Vec, radius_m: float) -> None:
    """Put a bunch of flowers into a bucket; `at` is the bucket's foot."""
    x, y, z = at
    r, h = radius_m, radius_m * 1.9
    pot = p.one_of("#2a2a2c~", "#4a6a4a~", "#d8d4c8~", "#3a70b8~", "#8a4a2a")
    p.out.tube(at, (x, y, z + h), (r * 0.75, r), pot)
    mat = p.picture("flowers")
    for a in (0.0, 1.05, 2.09):
        c, s, w = math.cos(a), math.sin(a), r * p.between(1.5, 2.1)
        low, tall = z + h * 0.8, z + h * 0.8 + 1.8 * w
        a0, a1 = (x - w * c, y - w * s), (x + w * c, y + w * s)
        p.out.quad([(*a0, low), (*a1, low), (*a1, tall), (*a0, tall)], mat)


def umbrella(p: Pitch, at: Vec, radius_m: float, high_m: float) -> None:
    """Put up a parasol, round or square; it is an `umbrella` of its own, too."""
    canopy = Shape()
    sides = 4 if p.chance(0.3) else 8
    turn = math.pi / 4 if sides == 4 else 0.0
    a = p.one_of(*CLOTH)
    b = a if p.chance(0.4) else p.one_of(*CLOTH)
    reach = radius_m * (1.2 if sides == 4 else 1.0)
    drop, hem = p.between(0.3, 0.5), p.between(0.08, 0.2)
    rim = high_m - drop
    for k in range(sides):
        a0 = 2 * math.pi * k / sides + turn
        a1 = 2 * math.pi * (k + 1) / sides + turn
        p0 = (reach * math.cos(a0), reach * math.sin(a0), rim)
        p1 = (reach * math.cos(a1), reach * math.sin(a1), rim)
        panel, edge = ((a, b), (b, a))[k % 2]
        canopy.add([p0, p1, (0, 0, high_m)], [(0, 1, 2)], panel)
        low0, low1 = (p0[0], p0[1], rim - hem), (p1[0], p1[1], rim - hem)
        canopy.add([p0, p1, low1, low0], [(3, 2, 1, 0)], edge)
    canopy.tube((0, 0, -at[2]), (0, 0, high_m), (0.025, 0.025), "#c8ccce~")
    moved = Shape()
    moved.extend(canopy, at)
    p.out.extend(moved)
    p.parts.append(("umbrella", moved.points()[moved.points()[:, 2] > at[2] + 0.5]))


def awning(p: Pitch, at: Vec, size_m: tuple[float, float], fall_m: float) -> None:
    """Roof a stall: cloth on four poles falling to -y; `at` is the middle, on top."""
    (x, y, z), w, d = at, size_m[0] / 2, size_m[1] / 2
    mat = p.picture("stripes") if p.chance(0.55) else p.one_of(*CLOTH)
    front, back = z - fall_m, z
    p.out.quad([(x - w, y - d, front), (x + w, y - d, front), (x + w, y + d, back),
                (x - w, y + d, back)], mat)  # fmt: skip
    p.out.quad([(x - w, y - d, front - 0.2), (x + w, y - d, front - 0.2),
                (x + w, y - d, front), (x - w, y - d, front)], mat)  # fmt: skip
    for sx in (-1, 1):
        for sy, height in ((-1, front), (1, back)):
            foot = (x + sx * w * 0.92, y + sy * d * 0.85, 0.0)
            p.out.tube(foot, (foot[0], foot[1], height), (0.018, 0.018), "#b0b4b6~")


def wheel(out: Shape, at: Vec, radius_m: float) -> None:
    """Add one wheel whose axle lies along x."""
    for half, r, mat in (
        (0.05, radius_m, "#161616"),
        (0.055, radius_m * 0.55, "#a8acae~"),
    ):
        out.tube(
            (at[0] - half, at[1], at[2]), (at[0] + half, at[1], at[2]), (r, r), mat
        )


def stool(p: Pitch, x: float, y: float) -> None:
    """Put down a plastic stool."""
    mat = p.one_of("#c8202c~", "#1f57b0~", "#e8e4d8~", "#2a7a4a~", "#e8b21c~")
    p.out.box((x, y, 0.44), (0.3, 0.3, 0.04), mat)
    for dx in (-0.12, 0.12):
        for dy in (-0.12, 0.12):
            p.out.box((x + dx, y + dy, 0.21), (0.035, 0.035, 0.42), mat)


def table(p: Pitch, size_m: tuple[float, float], high_m: float = 0.74) -> None:
    """Set up a folding table, often with a cloth hanging down before it."""
    w, d = size_m
    cloth = p.one_of("#b83038", "#e8e4d8", "#2f6fb0", "#d8a830", "#8a6a44", "#d0d4d6~")
    p.out.box((0, 0, high_m - 0.025), (w, d, 0.05), cloth)
    if p.chance(0.6):
        hang = p.between(0.2, high_m - 0.1)
        mat = p.picture("stripes") if p.chance(0.3) else cloth
        face(p.out, (0, -d / 2 - 0.005, high_m - hang), (w, hang), mat)
    for x in (-w / 2 + 0.08, w / 2 - 0.08):
        for y in (-d / 2 + 0.08, d / 2 - 0.08):
            p.out.tube((x, y, 0), (x, y, high_m - 0.05), (0.02, 0.02), "#707478~")
