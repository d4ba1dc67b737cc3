"""Polygon shapes in metres, built without Blender.

Frame of a shape: +x right, +y forward, +z up, origin on the ground. Things that hang
on a wall show their face towards -y: +y points into the wall.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Vec = tuple[float, float, float]

UNIT_UV: tuple[tuple[float, float], ...] = ((0, 0), (1, 0), (1, 1), (0, 1))


@dataclass(slots=True)
class Shape:
    """Faces with a material name and texture coordinates each.

    Attributes:
        verts: `(x, y, z)` metres.
        faces: rows of `verts`, counter-clockwise seen from outside.
        materials: one name per face, resolved by `materials.material`.
        uvs: one tuple of `(u, v)` per face, as long as the face.
        smooth: one flag per face, true for rounded shading.
    """

    verts: list[Vec] = field(default_factory=list)
    faces: list[tuple[int, ...]] = field(default_factory=list)
    materials: list[str] = field(default_factory=list)
    uvs: list[tuple[tuple[float, float], ...]] = field(default_factory=list)
    smooth: list[bool] = field(default_factory=list)

    def points(self) -> FloatArray:
        """Return all vertices, `(N, 3)` metres."""
        return np.asarray(self.verts, dtype=np.float64).reshape(-1, 3)

    def add(
        self, verts: Sequence[Vec], faces: Sequence[tuple[int, ...]], mat: str
    ) -> None:
        """Append flat faces that share `mat` and have no texture coordinates."""
        base = len(self.verts)
        self.verts.extend((float(x), float(y), float(z)) for x, y, z in verts)
        for face in faces:
            self.faces.append(tuple(base + i for i in face))
            self.materials.append(mat)
            self.uvs.append(((0.0, 0.0),) * len(face))
            self.smooth.append(False)

    def add_smooth(
        self, verts: Sequence[Vec], faces: Sequence[tuple[int, ...]], mat: str
    ) -> None:
        """Append faces shaded as one rounded surface."""
        first = len(self.faces)
        self.add(verts, faces, mat)
        self.smooth[first:] = [True] * len(faces)

    def quad(
        self,
        corners: Sequence[Vec],
        mat: str,
        uv: Sequence[tuple[float, float]] = UNIT_UV,
    ) -> None:
        """Append one textured quad, from lower left counter-clockwise."""
        self.add(corners, [(0, 1, 2, 3)], mat)
        self.uvs[-1] = tuple(uv)

    def box(self, centre: Vec, size: Vec, mat: str) -> None:
        """Append an axis-parallel box."""
        cx, cy, cz = centre
        hx, hy, hz = size[0] / 2, size[1] / 2, size[2] / 2
        verts = [
            (cx + sx * hx, cy + sy * hy, cz + sz * hz)
            for sz in (-1, 1)
            for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        self.add(verts, _BOX_FACES, mat)

    def tube(
        self, start: Vec, end: Vec, radii_m: tuple[float, float], mat: str
    ) -> None:
        """Append a capped cone frustum of 10 sides between two points."""
        ring, faces = _frustum(start, end, radii_m, sides=10)
        self.add_smooth(ring, faces[:-2], mat)
        self.add(ring, faces[-2:], mat)

    def ellipsoid(
        self, centre: Vec, radii_m: Vec, mat: str, dents: FloatArray | None = None
    ) -> None:
        """Append an ellipsoid of 8 x 12 faces; `dents` scales its `(9, 12)` radii."""
        verts: list[Vec] = []
        for row in range(9):
            polar = math.pi * row / 8
            for col in range(12):
                azimuth = 2 * math.pi * col / 12
                k = (
                    1.0
                    if dents is None
                    else float(dents[row, 0 if row in (0, 8) else col])
                )
                verts.append(
                    (
                        centre[0]
                        + k * radii_m[0] * math.sin(polar) * math.cos(azimuth),
                        centre[1]
                        + k * radii_m[1] * math.sin(polar) * math.sin(azimuth),
                        centre[2] - k * radii_m[2] * math.cos(polar),
                    )
                )
        faces = [
            (
                r * 12 + c,
                r * 12 + (c + 1) % 12,
                (r + 1) * 12 + (c + 1) % 12,
                (r + 1) * 12 + c,
            )
            for r in range(8)
            for c in range(12)
        ]
        self.add_smooth(verts, faces, mat)

    def loft(self, rings: Sequence[Sequence[Vec]], mats: Sequence[str]) -> None:
        """Join closed rings of equal length; `mats[i]` covers side i all along."""
        n = len(rings[0])
        verts = [v for ring in rings for v in ring]
        for side in range(n):
            faces = [
                (
                    k * n + side,
                    k * n + (side + 1) % n,
                    (k + 1) * n + (side + 1) % n,
                    (k + 1) * n + side,
                )
                for k in range(len(rings) - 1)
            ]
            self.add(verts if side == 0 else [], [], mats[side])
            base = len(self.verts) - len(verts)
            for face in faces:
                self.faces.append(tuple(base + i for i in face))
                self.materials.append(mats[side])
                self.uvs.append(UNIT_UV)
                self.smooth.append(False)

    def extend(
        self, other: Shape, at: Vec = (0, 0, 0), heading_deg: float = 0.0
    ) -> None:
        """Append another shape, turned clockwise, then moved to `at`."""
        base = len(self.verts)
        moved = place(other.points(), at, heading_deg)
        self.verts.extend(map(tuple, moved.tolist()))
        self.faces.extend([tuple([base + i for i in face]) for face in other.faces])
        self.materials.extend(other.materials)
        self.uvs.extend(other.uvs)
        self.smooth.extend(other.smooth)


_BOX_FACES: list[tuple[int, ...]] = [
    (0, 3, 2, 1),
    (4, 5, 6, 7),
    (0, 1, 5, 4),
    (1, 2, 6, 5),
    (2, 3, 7, 6),
    (3, 0, 4, 7),
]


def place(points: FloatArray, at: Vec, heading_deg: float) -> FloatArray:
    """Turn `(N, 3)` points clockwise about z, then move them to `at`."""
    angle = math.radians(heading_deg)
    sin, cos = math.sin(angle), math.cos(angle)
    out = np.empty_like(points)
    out[:, 0] = points[:, 0] * cos + points[:, 1] * sin + at[0]
    out[:, 1] = -points[:, 0] * sin + points[:, 1] * cos + at[1]
    out[:, 2] = points[:, 2] + at[2]
    return out


def turned(shape: Shape, rotation: FloatArray) -> Shape:
    """Return `shape` with its vertices multiplied by a `(3, 3)` rotation."""
    out = Shape()
    out.extend(shape)
    out.verts = [
        (float(x), float(y), float(z)) for x, y, z in shape.points() @ rotation.T
    ]
    return out


def tilted(shape: Shape, pitch_deg: float, roll_deg: float) -> Shape:
    """Return `shape` turned about x by `pitch_deg`, then about y by `roll_deg`."""
    p, r = math.radians(pitch_deg), math.radians(roll_deg)
    about_x = np.array(
        [[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]]
    )
    about_y = np.array(
        [[math.cos(r), 0, math.sin(r)], [0, 1, 0], [-math.sin(r), 0, math.cos(r)]]
    )
    return turned(shape, about_y @ about_x)


def grounded(shape: Shape) -> Shape:
    """Return `shape` moved up or down so that its lowest vertex is at z = 0."""
    out = Shape()
    out.extend(shape, (0.0, 0.0, -float(shape.points()[:, 2].min())))
    return out


def lathe(profile: Sequence[tuple[float, float]], mats: Sequence[str]) -> Shape:
    """Turn a profile of `(radius_m, z_m)` about z; `mats[i]` covers band i."""
    out, sides = Shape(), 12
    for (r0, z0), (r1, z1), mat in zip(profile, profile[1:], mats, strict=False):
        ring, faces = _frustum((0, 0, z0), (0, 0, z1), (r0, r1), sides=sides)
        out.add_smooth(ring, faces[:-2], mat)
    return out


def _frustum(
    start: Vec, end: Vec, radii_m: tuple[float, float], *, sides: int
) -> tuple[list[Vec], list[tuple[int, ...]]]:
    a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    length = float(np.linalg.norm(b - a))
    axis = (b - a) / length if length > 0 else np.array([0.0, 0.0, 1.0])
    seed = np.array([1.0, 0, 0]) if abs(axis[0]) < 0.9 else np.array([0, 1.0, 0])
    u = np.cross(axis, seed)
    u /= np.linalg.norm(u)
    v = np.cross(axis, u)
    verts: list[Vec] = []
    for centre, radius in ((a, radii_m[0]), (b, radii_m[1])):
        for i in range(sides):
            angle = 2 * math.pi * i / sides
            p = centre + radius * (math.cos(angle) * u + math.sin(angle) * v)
            verts.append((float(p[0]), float(p[1]), float(p[2])))
    faces: list[tuple[int, ...]] = [
        (i, (i + 1) % sides, sides + (i + 1) % sides, sides + i) for i in range(sides)
    ]
    faces += [tuple(reversed(range(sides))), tuple(range(sides, 2 * sides))]
    return verts, faces
