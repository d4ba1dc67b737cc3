"""Exact boxes by geometry: project a thing's points, clip, judge what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.synth.camera import NEAR_M, Lens, Pose, project
from training.synth.classes import CLASS_ID
from training.synth.shapes import FloatArray, Shape

MIN_LABEL_PX = 8.0
MIN_LABEL_VISIBLE = 0.35
MIN_INSIDE_FRACTION = 0.25


@dataclass(frozen=True, slots=True)
class Box:
    """One thing in one frame.

    Attributes:
        owner_id: the item it belongs to.
        category: a name of `classes.CLASS_NAMES`.
        xyxy: pixels of the frame, clipped to it, origin at the top-left corner.
        inside_fraction: clipped area over whole area, `[0, 1]`.
        visible_fraction: share of its sampled surface inside the frame that no other
            thing hides, `[0, 1]`.
        range_m: from the camera to its middle.
    """

    owner_id: str
    category: str
    xyxy: tuple[float, float, float, float]
    inside_fraction: float
    visible_fraction: float
    range_m: float = 0.0

    @property
    def longer_px(self) -> float:
        """Longer side in pixels."""
        return max(self.xyxy[2] - self.xyxy[0], self.xyxy[3] - self.xyxy[1])


def clipped_box(
    points: FloatArray, lens: Lens, pose: Pose
) -> tuple[tuple[float, float, float, float], float] | None:
    """Return the box of `(N, 3)` plan points inside the frame, and its inside fraction.

    Returns:
        None when nothing of it is in front of the camera and in the frame.
    """
    pixels, depth = project(points, lens, pose)
    pixels = pixels[depth > NEAR_M]
    if len(pixels) == 0:
        return None
    x1, y1 = pixels.min(axis=0)
    x2, y2 = pixels.max(axis=0)
    cx1, cx2 = np.clip((x1, x2), 0, lens.width_px)
    cy1, cy2 = np.clip((y1, y2), 0, lens.height_px)
    if cx2 - cx1 < 1 or cy2 - cy1 < 1:
        return None
    inside = (cx2 - cx1) * (cy2 - cy1) / max((x2 - x1) * (y2 - y1), 1e-6)
    return (float(cx1), float(cy1), float(cx2), float(cy2)), float(inside)


def surface_points(shape: Shape, count: int, seed: int) -> FloatArray:
    """Draw points on a shape's faces, area-weighted, `(count, 3)` metres."""
    rng = np.random.default_rng(seed)
    verts = shape.points()
    triangles = np.array(
        [(f[0], f[i], f[i + 1]) for f in shape.faces for i in range(1, len(f) - 1)]
    )
    a, b, c = (verts[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    rows = rng.choice(len(triangles), count, p=area / area.sum())
    u, v = rng.random((2, count, 1))
    flip = u + v > 1
    u, v = np.where(flip, 1 - u, u), np.where(flip, 1 - v, v)
    out: FloatArray = a[rows] + u * (b - a)[rows] + v * (c - a)[rows]
    return out


def keep_label(box: Box) -> bool:
    """Tell whether a box is large, whole and visible enough to be a label."""
    return (
        box.longer_px >= MIN_LABEL_PX
        and box.visible_fraction >= MIN_LABEL_VISIBLE
        and box.inside_fraction >= MIN_INSIDE_FRACTION
    )


def is_plain(box: Box, lens: Lens) -> bool:
    """Tell whether a label is large enough for a picture of this width to teach.

    At least 1 % of the width long and 0.45 % thin (6.4 and 3 px at 640), and 4 px.
    """
    x1, y1, x2, y2 = box.xyxy
    shorter_px = min(x2 - x1, y2 - y1)
    return (
        keep_label(box)
        and box.longer_px >= 0.01 * lens.width_px
        and shorter_px >= max(4.0, 0.0045 * lens.width_px)
    )


def yolo_lines(boxes: Sequence[Box], lens: Lens) -> str:
    """Write boxes as YOLO text: class row, centre x, y, width, height in `[0, 1]`."""
    lines = []
    for box in boxes:
        x1, y1, x2, y2 = box.xyxy
        w, h = lens.width_px, lens.height_px
        numbers = ((x1 + x2) / 2 / w, (y1 + y2) / 2 / h, (x2 - x1) / w, (y2 - y1) / h)
        lines.append(
            f"{CLASS_ID[box.category]} " + " ".join(f"{v:.6f}" for v in numbers)
        )
    return "".join(line + "\n" for line in lines)
