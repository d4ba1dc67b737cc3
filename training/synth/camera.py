"""The camera: lens, pose, and projection of points to pixels. No Blender needed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from training.synth.shapes import FloatArray

NEAR_M = 0.3


@dataclass(frozen=True, slots=True)
class Lens:
    """A pinhole camera without distortion, square pixels, centre in the middle."""

    width_px: int
    height_px: int
    fx_px: float

    @classmethod
    def of_hfov(
        cls, hfov_deg: float, width_px: int = 1280, height_px: int = 720
    ) -> Lens:
        """Make the lens with this horizontal field of view."""
        return cls(
            width_px, height_px, width_px / 2 / math.tan(math.radians(hfov_deg) / 2)
        )


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera is and looks: metres in the plan frame, degrees.

    Attributes:
        xyz: optical centre.
        heading_deg: clockwise from the plan's +y.
        pitch_deg: negative looks down.
        roll_deg: positive dips the right side.
    """

    xyz: tuple[float, float, float]
    heading_deg: float
    pitch_deg: float
    roll_deg: float = 0.0

    def axes(self) -> FloatArray:
        """Return the rows right, up, forward in the plan frame, `(3, 3)`."""
        h, p, r = (
            math.radians(v) for v in (self.heading_deg, self.pitch_deg, self.roll_deg)
        )
        forward = np.array(
            [math.sin(h) * math.cos(p), math.cos(h) * math.cos(p), math.sin(p)]
        )
        right = np.array([math.cos(h), -math.sin(h), 0.0])
        up = np.cross(right, forward)
        return np.array(
            [
                math.cos(r) * right - math.sin(r) * up,
                math.sin(r) * right + math.cos(r) * up,
                forward,
            ]
        )


def project(
    points: FloatArray, lens: Lens, pose: Pose
) -> tuple[FloatArray, FloatArray]:
    """Project `(N, 3)` plan points.

    Returns:
        Pixels `(N, 2)`, `(x, y)`, origin at the top-left corner, not clipped; and the
        depth along the optical axis `(N,)`, metres. Pixels of points nearer than
        `NEAR_M` mean nothing.
    """
    local = (points - np.asarray(pose.xyz)) @ pose.axes().T
    depth = local[:, 2]
    safe = np.maximum(depth, NEAR_M)
    x = lens.width_px / 2 + lens.fx_px * local[:, 0] / safe
    y = lens.height_px / 2 - lens.fx_px * local[:, 1] / safe
    return np.stack([x, y], axis=1), depth
