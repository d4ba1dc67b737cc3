"""One frame's boxes -> places on the ground, with their doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.camera import ground_covariance, pixel_rays, pixel_to_ground
from vision.locate.kinds import Kind
from vision.locate.options import LocateOptions
from vision.locate.path import Viewpoint
from vision.types import Camera, FloatArray

_BOX_SIGMA_FRACTION = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """The boxes of one frame as the locator uses them, one row per box.

    Attributes:
        xyxy: `(N, 4)` pixels.
        cut: `(N,)` the box touches the picture's edge: foot and middle unknown.
        near: `(N,)` its foot is on the ground within the range of its kind.
        foot: `(N, 2)` its foot in the local frame, metres; NaN where there is none.
        xy: `(N, 2)` middle of the object in the local frame, metres; NaN unless `near`.
        cov: `(N, 2, 2)` covariance of `xy` without the receiver's error.
        gain: `(N, 2)` metres that `xy` moves per radian of wrong pitch.
        range_m: `(N,)` from the camera's ground point to `xy`.
        width_m: `(N,)` apparent width at the foot.
        centre_px: `(N, 2)` middle of the box.
        bearing: `(N, 2)` azimuth (right positive) and elevation of that middle in the
            vehicle frame, radians.
        pixel_sigma: `(N,)` 1-sigma of the box's middle and foot, pixels.
    """

    xyxy: FloatArray
    cut: npt.NDArray[np.bool_]
    near: npt.NDArray[np.bool_]
    foot: FloatArray
    xy: FloatArray
    cov: FloatArray
    gain: FloatArray
    range_m: FloatArray
    width_m: FloatArray
    centre_px: FloatArray
    bearing: FloatArray
    pixel_sigma: FloatArray


def place_boxes(
    xyxy: FloatArray,
    kinds: list[Kind],
    *,
    camera: Camera,
    viewpoint: Viewpoint,
    options: LocateOptions,
) -> Placed:
    """Place boxes `(N, 4)` of one frame on flat ground.

    The foot is the middle of the lower edge; the object's middle lies half its depth
    behind it on the same ray. A box that ends at the picture's edge is `cut`.
    """
    x1, y1, x2, y2 = xyxy.T
    edge = options.border_px
    cut = (x1 <= edge) | (x2 >= camera.width_px - edge)
    cut |= (y2 >= camera.height_px - edge) | (y1 <= edge) & _raised(kinds)
    size = np.hypot(x2 - x1, y2 - y1)
    pixel_sigma = np.maximum(options.pixel_sigma, _BOX_SIGMA_FRACTION * size / 2)
    foot = pixel_to_ground(camera, np.column_stack([(x1 + x2) / 2, y2]))
    foot_m = np.hypot(*foot.T)
    depth = np.array([k.half_depth_m for k in kinds])
    reach = np.array([k.max_range_m for k in kinds])
    with np.errstate(invalid="ignore"):
        near = ~cut & ~_raised(kinds) & (foot_m <= reach)
    unit = foot / np.maximum(foot_m, 1e-6)[:, None]
    middle = foot + unit * depth[:, None]
    range_m = foot_m + depth
    corners = pixel_to_ground(camera, np.concatenate([xyxy[:, [0, 3]], xyxy[:, 2:]]))
    width_m = np.hypot(*(corners[len(xyxy) :] - corners[: len(xyxy)]).T)
    cov = ground_covariance(
        camera,
        np.nan_to_num(foot),
        pitch_sigma_deg=options.pitch_sigma_of(camera),
        pixel_sigma=pixel_sigma,
    )
    extent = np.array([k.extent_sigma_m for k in kinds])
    cov = cov + (extent**2)[:, None, None] * np.eye(2)
    along = (foot_m**2 + camera.height_m**2) / camera.height_m
    centre = np.column_stack([(x1 + x2) / 2, (y1 + y2) / 2])
    rays = pixel_rays(camera, centre)
    turn = viewpoint.axes
    return Placed(
        xyxy=xyxy,
        cut=cut,
        near=near,
        foot=viewpoint.to_world(foot),
        xy=viewpoint.to_world(middle),
        cov=turn.T @ cov @ turn,
        gain=(unit * along[:, None]) @ turn,
        range_m=range_m,
        width_m=width_m,
        centre_px=centre,
        bearing=np.column_stack(
            [
                np.arctan2(rays[:, 1], rays[:, 0]),
                np.arcsin(np.clip(rays[:, 2], -1.0, 1.0)),
            ]
        ),
        pixel_sigma=pixel_sigma,
    )


def same_boxes(xyxy: FloatArray, *, min_overlap: float) -> FloatArray:
    """Return `(N, N)`: intersection over union where above `min_overlap`, else 0."""
    low = np.maximum(xyxy[:, None, :2], xyxy[None, :, :2])
    high = np.minimum(xyxy[:, None, 2:], xyxy[None, :, 2:])
    inter = np.prod(np.maximum(high - low, 0.0), axis=2)
    area = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    overlap = inter / (area[:, None] + area[None, :] - inter)
    kept: FloatArray = np.where(overlap > min_overlap, overlap, 0.0)
    return kept


def angle_sigma_rad(
    camera: Camera, pixel_sigma: float, pitch_sigma_deg: float
) -> float:
    """Return the 1-sigma of a bearing: the box's and the mount's angles together."""
    return math.hypot(pixel_sigma / camera.fx_px, math.radians(pitch_sigma_deg))


def _raised(kinds: list[Kind]) -> npt.NDArray[np.bool_]:
    return np.array([k.raised for k in kinds], dtype=np.bool_)
