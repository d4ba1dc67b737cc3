"""Which ground a picture shows well enough for a find to have been made there."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vision.camera import ground_to_pixel, pixel_to_ground, scale_camera
from vision.errors import CameraError, InputError
from vision.types import Camera

FloatArray = npt.NDArray[np.float64]

_LEAST_OBJECT_M = 0.25
_LEAST_PX = 10.0
_FAN_RAYS = 17
_RANGE_STEP_M = 0.1
_COARSE = 4


def observable_range_m(camera: Camera, frame_height_px: int) -> tuple[float, float]:
    """Return (near, far): the ground ranges between which a small thing can be found.

    Near is the ground at the middle of the picture's lower edge; far is where a thing
    of 0.25 m is 10 px wide (coarse litter; evidence.md: 10 cm are 17 px at 8 m in
    1080p), never less than near.

    Raises:
        CameraError: the lower edge of the picture does not look at the ground.
    """
    if frame_height_px <= 0:
        msg = f"frame_height_px must be > 0, got {frame_height_px}"
        raise InputError(msg)
    width_px = round(camera.width_px * frame_height_px / camera.height_px)
    scaled = scale_camera(camera, width_px, frame_height_px)
    foot = pixel_to_ground(scaled, [[scaled.cx_px, frame_height_px]])[0]
    near_m = float(np.hypot(*foot))
    if not math.isfinite(near_m):
        msg = (
            f"the camera's lower picture edge looks above the horizon "
            f"(pitch_deg {camera.pitch_deg}); check the camera file"
        )
        raise CameraError(msg)
    return near_m, max(near_m, scaled.fx_px * _LEAST_OBJECT_M / _LEAST_PX)


def footprint(camera: Camera, *, far_m: float = 15.0) -> FloatArray:
    """Return the `(M, 2)` ring, metres forward and right, of the ground in the picture.

    A fan of rays from the point below the lens: on each, from the first to the last
    range up to `far_m` whose pixel lies inside the picture. Not closed; far side from
    left to right, then the near side back. Empty `(0, 2)` when no ground is seen.

    Raises:
        InputError: `far_m` is not positive.
    """
    if not far_m > 0:
        msg = f"far_m must be > 0, got {far_m}"
        raise InputError(msg)
    ranges_m = np.arange(_RANGE_STEP_M, far_m + 1e-9, _RANGE_STEP_M, dtype=np.float64)
    whole_deg = np.arange(-180.0, 180.0, 2.0, dtype=np.float64)
    seen = _seen(camera, whole_deg, ranges_m[::_COARSE]).any(axis=1)
    if not seen.any():
        return np.empty((0, 2))
    fan_deg = np.linspace(whole_deg[seen].min(), whole_deg[seen].max(), _FAN_RAYS)
    inside = _seen(camera, fan_deg, ranges_m)
    fan_deg, inside = fan_deg[inside.any(axis=1)], inside[inside.any(axis=1)]
    near_m = ranges_m[inside.argmax(axis=1)]
    last_m = ranges_m[inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)]
    angle = np.radians(fan_deg + camera.yaw_deg)
    unit = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.concatenate([unit * last_m[:, None], (unit * near_m[:, None])[::-1]])


def _seen(
    camera: Camera, azimuth_deg: FloatArray, ranges_m: FloatArray
) -> npt.NDArray[np.bool_]:
    """Return `(A, R)`: is the ground there in the picture (azimuth from the view)."""
    angle = np.radians(azimuth_deg + camera.yaw_deg)
    unit = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    points = (unit[:, None, :] * ranges_m[None, :, None]).reshape(-1, 2)
    uv = ground_to_pixel(camera, points)
    with np.errstate(invalid="ignore"):
        inside = np.all((uv >= 0) & (uv <= (camera.width_px, camera.height_px)), axis=1)
    grid: npt.NDArray[np.bool_] = inside.reshape(len(angle), len(ranges_m))
    return grid
