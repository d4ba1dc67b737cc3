"""Pixel <-> ground: where a picture's points lie on flat road before the vehicle.

Vehicle frame: x forward along the heading, y to the right, z up; origin on the ground
below the lens.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vision.errors import CameraError, NotFoundError
from vision.types import Camera

FloatArray = npt.NDArray[np.float64]

ASSUMED_HFOV_DEG = 70.0
ASSUMED_HEIGHT_M = 1.5
ASSUMED_PITCH_DEG = -2.0


def load_camera(path: Path) -> Camera:
    """Read a camera file (TOML, the fields of `Camera`).

    Raises:
        NotFoundError: there is no such file.
        CameraError: it is not TOML, a field is missing, unknown or out of range.
    """
    if not path.is_file():
        msg = f"camera file {path} does not exist; check the path given to --camera"
        raise NotFoundError(msg)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"camera file {path} is not valid TOML ({error}); see docs/forms.md"
        raise CameraError(msg) from error
    allowed = {f.name for f in fields(Camera)}
    unknown = sorted(set(data) - allowed)
    if unknown:
        msg = f"camera file {path} has unknown field {unknown[0]!r}; see docs/forms.md"
        raise CameraError(msg)
    _check_numbers(path, data)
    if "distortion" in data:
        data["distortion"] = tuple(float(k) for k in data["distortion"])
    try:
        return Camera(**data)
    except TypeError as error:
        msg = f"camera file {path} is incomplete or mistyped ({error})"
        raise CameraError(msg) from error
    except CameraError as error:
        msg = f"camera file {path}: {error}"
        raise CameraError(msg) from error


def _check_numbers(path: Path, data: dict[str, object]) -> None:
    for name, value in data.items():
        if name == "origin":
            continue
        items = value if isinstance(value, list) else [value]
        good = isinstance(value, list) == (name == "distortion") and all(
            isinstance(item, (int, float))
            and not isinstance(item, bool)
            and math.isfinite(item)
            for item in items
        )
        if not good:
            msg = f"camera file {path}: {name} must be finite numbers, got {value!r}"
            raise CameraError(msg)
        if name == "distortion" and len(items) not in (0, 4, 5):
            msg = (
                f"camera file {path}: distortion needs k1, k2, p1, p2[, k3], "
                f"got {len(items)} numbers"
            )
            raise CameraError(msg)


def assume_camera(width_px: int, height_px: int) -> Camera:
    """Return stated defaults for an unknown dash-cam: 70 deg wide, 1.5 m high."""
    focal_px = width_px / 2 / math.tan(math.radians(ASSUMED_HFOV_DEG / 2))
    return Camera(
        width_px=width_px,
        height_px=height_px,
        fx_px=focal_px,
        fy_px=focal_px,
        cx_px=width_px / 2,
        cy_px=height_px / 2,
        height_m=ASSUMED_HEIGHT_M,
        pitch_deg=ASSUMED_PITCH_DEG,
        origin="assumed",
    )


def scale_camera(camera: Camera, width_px: int, height_px: int) -> Camera:
    """Return the same camera for pictures of another size (same field of view)."""
    if (width_px, height_px) == (camera.width_px, camera.height_px):
        return camera
    sx, sy = width_px / camera.width_px, height_px / camera.height_px
    return replace(
        camera,
        width_px=width_px,
        height_px=height_px,
        fx_px=camera.fx_px * sx,
        fy_px=camera.fy_px * sy,
        cx_px=camera.cx_px * sx,
        cy_px=camera.cy_px * sy,
    )


def rotation(camera: Camera) -> FloatArray:
    """Return `(3, 3)` R with `vehicle = R @ optical`.

    Optical axes: x right, y down, z along the view. The vehicle frame is left-handed,
    so det R = -1.
    """
    pitch, yaw, roll = (
        math.radians(a) for a in (camera.pitch_deg, camera.yaw_deg, camera.roll_deg)
    )
    # A level camera looking ahead: right -> +y, down -> -z, along the view -> +x.
    level = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    cr, sr = math.cos(roll), math.sin(roll)
    roll_m = np.array([[cr, -sr, 0.0], [sr, cr, 0.0], [0.0, 0.0, 1.0]])
    cp, sp = math.cos(pitch), math.sin(pitch)
    pitch_m = np.array([[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]])
    cw, sw = math.cos(yaw), math.sin(yaw)
    yaw_m = np.array([[cw, -sw, 0.0], [sw, cw, 0.0], [0.0, 0.0, 1.0]])
    turned: FloatArray = yaw_m @ level @ pitch_m @ roll_m
    return turned


def pixel_rays(camera: Camera, uv: npt.ArrayLike) -> FloatArray:
    """Return unit rays `(N, 3)` in the vehicle frame through pixels `(N, 2)`.

    A pixel that no ray reaches through the lens's distortion is NaN.
    """
    points = np.asarray(uv, dtype=np.float64).reshape(-1, 2)
    xn = (points[:, 0] - camera.cx_px) / camera.fx_px
    yn = (points[:, 1] - camera.cy_px) / camera.fy_px
    if any(camera.distortion):
        xn, yn = _undistort(xn, yn, camera.distortion)
    optical = np.stack([xn, yn, np.ones_like(xn)], axis=1)
    rays = optical @ rotation(camera).T
    unit: FloatArray = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    return unit


def pixel_to_ground(camera: Camera, uv: npt.ArrayLike) -> FloatArray:
    """Return `(N, 2)` metres forward and right for pixels `(N, 2)` on flat ground.

    Rows whose ray does not meet the ground (at or above the horizon) are NaN. Forward
    is negative for ground behind the lens: a camera that looks aside or back sees it.

    Source:
        Z = h / tan(pitch + atan((v - cy) / f)), evidence.md.
    """
    rays = pixel_rays(camera, uv)
    down = -rays[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(down > 1e-4, camera.height_m / down, np.nan)
    ground: FloatArray = rays[:, :2] * scale[:, None]
    return ground


def ground_to_pixel(camera: Camera, points: npt.ArrayLike) -> FloatArray:
    """Return pixels `(N, 2)` of points `(N, 2)` on the ground or `(N, 3)` with height.

    Points behind the camera, or outside the field in which the lens's distortion can
    be inverted, are NaN; pixels may lie outside the picture.
    """
    xyz = np.atleast_2d(np.asarray(points, dtype=np.float64))
    if xyz.shape[1] == 2:
        xyz = np.column_stack([xyz, np.zeros(len(xyz))])
    optical = (xyz - (0.0, 0.0, camera.height_m)) @ rotation(camera)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = np.where(optical[:, 2] > 1e-6, optical[:, 2], np.nan)
        xn, yn = optical[:, 0] / depth, optical[:, 1] / depth
    if any(camera.distortion):
        xn, yn = _distort(xn, yn, camera.distortion)
    return np.stack(
        [xn * camera.fx_px + camera.cx_px, yn * camera.fy_px + camera.cy_px], axis=1
    )


def ground_covariance(
    camera: Camera,
    ground: npt.ArrayLike,
    *,
    pitch_sigma_deg: float,
    pixel_sigma: npt.ArrayLike,
) -> FloatArray:
    """Return `(N, 2, 2)` covariance in m^2 (forward, right) of ground points `(N, 2)`.

    Along the ray the error of pitch dominates: dZ/dpitch = (Z^2 + h^2) / h; a pixel
    counts as its angle 1/f. Across it the same angles count as Z times the angle.
    `pixel_sigma` is one number or one per point.
    """
    points = np.atleast_2d(np.asarray(ground, dtype=np.float64))
    radius = np.linalg.norm(points, axis=1)
    pixel_angle = np.asarray(pixel_sigma, dtype=np.float64) / camera.fy_px
    angle = np.hypot(math.radians(pitch_sigma_deg), pixel_angle)
    sigma_along = (radius**2 + camera.height_m**2) / camera.height_m * angle
    sigma_across = np.hypot(0.05, radius * angle)
    unit = points / np.maximum(radius, 1e-9)[:, None]
    across = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
    along_part = unit[:, :, None] * unit[:, None, :] * (sigma_along**2)[:, None, None]
    across_part = (
        across[:, :, None] * across[:, None, :] * (sigma_across**2)[:, None, None]
    )
    total: FloatArray = along_part + across_part
    return total


def horizon_row_px(camera: Camera) -> float:
    """Return the image row of the horizon where the camera points, in pixels."""
    yaw = math.radians(camera.yaw_deg)
    x, y, z = rotation(camera).T @ np.array([math.cos(yaw), math.sin(yaw), 0.0])
    yn = np.array([y / z])
    if any(camera.distortion):
        _, yn = _distort(np.array([x / z]), yn, camera.distortion)
    return float(camera.cy_px + camera.fy_px * yn[0])


def _coefficients(
    given: tuple[float, ...],
) -> tuple[float, float, float, float, float]:
    k1, k2, p1, p2, k3 = (*given, 0.0, 0.0, 0.0, 0.0, 0.0)[:5]
    return k1, k2, p1, p2, k3


def _fold_r2(coefficients: tuple[float, ...]) -> float:
    """Return the squared radius at which the radial polynomial turns back."""
    k1, k2, _, _, k3 = _coefficients(coefficients)
    roots = np.roots(np.array([7 * k3, 5 * k2, 3 * k1, 1.0]))
    real = roots[np.abs(roots.imag) < 1e-9].real
    return float(np.min(real[real > 0], initial=np.inf))


def _distort(
    xn: FloatArray, yn: FloatArray, coefficients: tuple[float, ...]
) -> tuple[FloatArray, FloatArray]:
    k1, k2, p1, p2, k3 = _coefficients(coefficients)
    r2 = xn * xn + yn * yn
    r2 = np.where(r2 < _fold_r2(coefficients), r2, np.nan)
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    xd = xn * radial + 2 * p1 * xn * yn + p2 * (r2 + 2 * xn * xn)
    yd = yn * radial + p1 * (r2 + 2 * yn * yn) + 2 * p2 * xn * yn
    return xd, yd


def _undistort(
    xd: FloatArray, yd: FloatArray, coefficients: tuple[float, ...]
) -> tuple[FloatArray, FloatArray]:
    """Invert `_distort`: Newton on the radius, then fixed point for the tangential.

    Each of the outer rounds takes the tangential part from the last estimate and
    solves `r * radial(r) = rd` by Newton, kept inside the fold. Rows that do not come
    back to the given point are NaN.
    """
    k1, k2, p1, p2, k3 = _coefficients(coefficients)
    fold = math.sqrt(_fold_r2(coefficients))
    xn, yn = xd.copy(), yd.copy()
    for _ in range(12):
        r2 = xn * xn + yn * yn
        tx = xd - (2 * p1 * xn * yn + p2 * (r2 + 2 * xn * xn))
        ty = yd - (p1 * (r2 + 2 * yn * yn) + 2 * p2 * xn * yn)
        target = np.hypot(tx, ty)
        r = np.minimum(np.hypot(xn, yn), 0.999 * fold)
        for _ in range(4):
            s = r * r
            value = r * (1 + s * (k1 + s * (k2 + s * k3))) - target
            slope = 1 + s * (3 * k1 + s * (5 * k2 + s * 7 * k3))
            r = np.clip(r - value / np.maximum(slope, 1e-3), 0.0, 0.9999 * fold)
        scale = r / np.maximum(target, 1e-12)
        xn, yn = tx * scale, ty * scale
    xe, ye = _distort(xn, yn, coefficients)
    wrong = ~(np.hypot(xe - xd, ye - yd) < 1e-6)
    xn[wrong] = np.nan
    yn[wrong] = np.nan
    return xn, yn
