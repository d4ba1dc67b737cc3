"""The camera a photo was probably taken with, and flat patches seen by it.

Camera frame: X right, Y down, Z ahead, metres; no roll, the pitch is put into the row
of the horizon, which holds for the small pitches of street photos.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.paste.layout import Layout
from training.types import LabelledImage

Quad = npt.NDArray[np.float32]
"""Corners in pixels, `(4, 2)`: far left, far right, near right, near left; of a wall
patch top left, top right, bottom right, bottom left."""


@dataclass(frozen=True, slots=True)
class View:
    """A guessed camera.

    Attributes:
        focal_px: focal length.
        centre_px: column of the optical axis.
        horizon_px: row of the horizon; may lie above the picture (negative).
        height_m: height above the ground.
        lowest_px: below this row is the own car.
        wall_yaw_deg: how far walls turn away from the picture plane, from and to.
    """

    focal_px: float
    centre_px: float
    horizon_px: float
    height_m: float
    lowest_px: float
    wall_yaw_deg: tuple[float, float]

    def row_of_ground(self, ahead_m: float) -> float:
        """Return the picture row of the ground so far ahead."""
        return self.horizon_px + self.focal_px * self.height_m / ahead_m

    def ahead_of_row(self, row_px: float) -> float:
        """Return how far ahead the ground in a row below the horizon is."""
        return self.focal_px * self.height_m / (row_px - self.horizon_px)

    def ground_quad(self, x_m: float, ahead_m: float, side_m: float) -> Quad:
        """Return a square on the ground, its sides along X and Z, centre given."""
        half = side_m / 2
        corners = [(-half, half), (half, half), (half, -half), (-half, -half)]
        return np.asarray(
            [
                self._project(x_m + dx, self.height_m, ahead_m + dz)
                for dx, dz in corners
            ],
            np.float32,
        )

    def wall_quad(
        self,
        centre_m: tuple[float, float, float],
        size_m: tuple[float, float],
        yaw_deg: float,
        tilt_deg: float,
    ) -> Quad:
        """Return an upright rectangle on a wall.

        Args:
            centre_m: X, height above the ground, Z.
            size_m: width along the wall, height.
            yaw_deg: turn of the wall about the vertical; 0 faces the camera.
            tilt_deg: how askew it was put up, turning in the wall's plane.
        """
        x, up, z = centre_m
        yaw, tilt = np.radians((yaw_deg, tilt_deg))
        w, h = size_m[0] / 2, size_m[1] / 2
        corners: list[tuple[float, float]] = []
        for a, b in ((-w, -h), (w, -h), (w, h), (-w, h)):
            along = a * np.cos(tilt) - b * np.sin(tilt)
            down = a * np.sin(tilt) + b * np.cos(tilt)
            corners.append(
                self._project(
                    x + along * np.cos(yaw),
                    self.height_m - up + down,
                    z + along * np.sin(yaw),
                )
            )
        return np.asarray(corners, np.float32)

    def _project(self, x: float, y: float, z: float) -> tuple[float, float]:
        z = max(z, 0.1)
        return (
            float(self.centre_px + self.focal_px * x / z),
            float(self.horizon_px + self.focal_px * y / z),
        )


def guess_view(image: LabelledImage, layout: Layout) -> View | None:
    """Return the camera by the kind of set, or None where the ground shows no horizon.

    Of panoramas only the faces that look along the road are used: in those to the side
    garden walls were taken for ground.

    Source:
        panoramax: faces of a cube cut from a spherical picture, 90 degrees, roof mount.
        pothole_dnit: the lane is 3.5 m wide; its edges, judged by eye on one picture,
        meet 0.11 of the height above the picture and give 2.2 m of camera height.
    """
    h, w = layout.ground.shape
    if image.source.startswith("panoramax"):
        if re.search(r"front|back", image.path.stem) is None:
            return None
        return View(w / 2, w / 2, 0.48 * h, 2.1, 0.66 * h, (50.0, 72.0))
    if image.source == "pothole_dnit":
        return View(0.87 * w, w / 2, -0.11 * h, 2.2, h, (0.0, 0.0))
    rows = np.flatnonzero(layout.ground.mean(1) > 0.03)
    if not len(rows) or rows[0] < 0.12 * h:
        return None
    horizon = min(0.46 * h, float(rows[0]) - 0.04 * h)
    return View(0.87 * max(h, w), w / 2, horizon, 1.55, h, (0.0, 35.0))
