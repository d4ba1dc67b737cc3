"""A layout put on the ground: what lies along rays from the camera, and what ends them.

Rays run over flat ground, from near to far. What is no ground hides the ground behind
it; where it begins, beyond the first ground that a ray sees, it has its foot. The
vehicle's own bonnet comes before any ground and has none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.camera import ground_to_pixel
from vision.scene.layout import Layout
from vision.scene.tactile import looks_tactile
from vision.types import Camera, FloatArray, Image

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

GROUND = ("road", "marking", "kerb", "pavement", "terrain", "tree_pit")
"""Classes that one can walk on; all else stands on the ground or floats over it."""

PAVEMENT = "pavement"
_HIT_M = 0.35
"""A thing shorter than this along a ray is a stray pixel or an edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What one picture shows of the ground.

    Attributes:
        ground: float64 `(N, 2)` metres forward and right of the camera's foot: ground
            that was seen, on the plane of the road.
        ground_class: intp `(N,)`, rows of the layout's names.
        feet: float64 `(F, 2)`, where something stands on the ground.
        feet_class: intp `(F,)`.
        tactile: bool `(N,)`, which of the ground has the colour of tactile paving; all
            False where no picture came with the layout.
    """

    ground: FloatArray
    ground_class: IntArray
    feet: FloatArray
    feet_class: IntArray
    tactile: BoolArray


class GroundRays:
    """The rays of one camera; made once, used for every picture of it.

    Args:
        camera: for frames of any size with its aspect.
        far_m: rays end here.
        step_m: between two samples of a ray.
        fan_deg: between two rays.
    """

    def __init__(
        self,
        camera: Camera,
        *,
        far_m: float = 22.0,
        step_m: float = 0.2,
        fan_deg: float = 1.5,
    ) -> None:
        ranges_m = np.arange(step_m, far_m + 1e-9, step_m, dtype=np.float64)
        angle = np.radians(np.arange(-90.0, 90.0 + 1e-9, fan_deg, dtype=np.float64))
        angle = angle + math.radians(camera.yaw_deg)
        unit = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        points = unit[:, None, :] * ranges_m[None, :, None]
        uv = ground_to_pixel(camera, points.reshape(-1, 2)).reshape(points.shape)
        uv = uv / (camera.width_px, camera.height_px)
        with np.errstate(invalid="ignore"):
            inside = np.all((uv >= 0) & (uv < 1), axis=2)
        kept = inside.any(axis=1)
        self._points: FloatArray = points[kept]
        self._inside: BoolArray = inside[kept]
        self._uv: FloatArray = np.where(inside[kept][..., None], uv[kept], 0.0)
        self._hits = max(1, round(_HIT_M / step_m))

    def scan(self, layout: Layout, image: Image | None = None) -> Scan:
        """Return what a picture's layout shows of the ground.

        Args:
            layout: of the picture.
            image: uint8 `(H, W, 3)` BGR; None tells no tactile paving.
        """
        h, w = layout.classes.shape
        column = (self._uv[..., 0] * w).astype(np.intp)
        row = (self._uv[..., 1] * h).astype(np.intp)
        seen = layout.classes[row, column].astype(np.intp)
        walkable = np.isin(seen, [layout.names.index(n) for n in self._known(layout)])
        visible = self._inside & walkable
        beyond = np.maximum.accumulate(visible, axis=1)
        first = _first_run(self._inside & ~walkable & beyond, self._hits)
        rays = np.flatnonzero(first < visible.shape[1])
        ground_class = seen[visible]
        tactile: BoolArray = np.zeros(len(ground_class), np.bool_)
        if image is not None and PAVEMENT in layout.names:
            on_pavement = ground_class == layout.names.index(PAVEMENT)
            tactile = looks_tactile(image, self._uv[visible], on_pavement)
        return Scan(
            ground=self._points[visible],
            ground_class=ground_class,
            feet=self._points[rays, first[rays]],
            feet_class=seen[rays, first[rays]],
            tactile=tactile,
        )

    @staticmethod
    def _known(layout: Layout) -> list[str]:
        return [name for name in GROUND if name in layout.names]


def _first_run(mask: BoolArray, length: int) -> IntArray:
    """Return `(A,)`: where in each row the first run of so many True begins.

    Rows without one give the number of columns.
    """
    rows, columns = mask.shape
    total = np.concatenate(
        [np.zeros((rows, 1), np.intp), np.cumsum(mask, axis=1)], axis=1
    )
    full = total[:, length:] - total[:, :-length] == length
    first: IntArray = np.where(full.any(axis=1), full.argmax(axis=1), columns)
    return first
