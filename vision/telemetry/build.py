"""Build a `Track` from cleaned fixes and a clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vision.errors import TelemetryError
from vision.geo import LocalFrame
from vision.telemetry.heading import steady_headings
from vision.telemetry.smooth import Observations, Smoothed, smooth
from vision.telemetry.stand import standing_mask
from vision.telemetry.track import Track, travelled_table
from vision.types import ClockOffset, FloatArray, GnssFix

DEFAULT_SIGMA_M = 3.0
GAP_S = 3.0

_ACCELERATION_PSD = 1.0
_STANDING_PSD = 1e-3
_HEADING_MPS = 0.8
_VELOCITY_SIGMA_MPS = 0.5
_STANDING_SIGMA_MPS = 0.05
_UNKNOWN_DRIFT_M = 1.5
_MIN_DRIFT_M = 1.0
_MIN_NOISE_M = 0.3
_NO_HEADING_SIGMA_M = 10.0
_MARGIN_S = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class _Received:
    """Fixes as columns; NaN where the receiver says nothing."""

    frame: LocalFrame
    t: FloatArray
    xy: FloatArray
    speed_mps: FloatArray
    course_deg: FloatArray
    hdop: FloatArray


def build_track(
    fixes: Sequence[GnssFix],
    clock: ClockOffset,
    *,
    sigma_m: float | None = None,
    duration_s: float | None = None,
) -> Track:
    """Return the driven path on the drive clock, smoothed and with honest doubt.

    Args:
        fixes: cleaned, in time order. With method `photo_time` their courses are where
            the photos look, and become the headings.
        clock: from `align_clock`.
        sigma_m: the receiver's 1-sigma per axis if it is known. None estimates the
            noise from the fixes and keeps at least 1 m of drift (1.5 m without HDOP),
            which no smoothing can see.
        duration_s: length of the footage; fixes further than 30 s from it are left out.

    Raises:
        TelemetryError: no fix can be placed on the drive clock.
    """
    seen = _received(fixes, clock, duration_s)
    photos = clock.method.startswith("photo_time")
    if len(seen.t) == 1:
        return _single(seen, sigma_m)
    noise_m = _noise_m(seen, sigma_m)
    standing = standing_mask(
        seen.t, seen.xy, seen.speed_mps, noise_m=float(np.median(noise_m))
    )
    motion = _motion(seen, noise_m, standing, photos=photos)
    travel_deg = _travel_headings(
        seen.t, motion, standing, None if photos else seen.course_deg
    )
    views = photos and bool(np.isfinite(seen.course_deg).all())
    stood = standing[:-1] & standing[1:]
    fine_t, fine_m = travelled_table(seen.t, motion.xy, motion.velocity, stood)
    starts = np.flatnonzero(np.diff(seen.t) > GAP_S)
    return Track(
        frame=seen.frame,
        t=seen.t,
        xy=motion.xy,
        velocity=np.where(standing[:, None], 0.0, motion.velocity),
        heading_deg=seen.course_deg if views else travel_deg,
        variance_m2=motion.variance_m2 + _drift_m(seen, noise_m, sigma_m) ** 2,
        velocity_variance=motion.velocity_variance,
        acceleration_psd=_ACCELERATION_PSD,
        standing=stood,
        gaps=tuple((float(seen.t[i]), float(seen.t[i + 1])) for i in starts),
        look_offset_deg=_look_offset(seen.course_deg, travel_deg) if views else None,
        fine_t=fine_t,
        fine_m=fine_m,
    )


def _received(
    fixes: Sequence[GnssFix], clock: ClockOffset, duration_s: float | None
) -> _Received:
    timed = [(time, fix) for fix in fixes if (time := _drive_s(fix, clock)) is not None]
    if len(fixes) == 1 and not timed:
        timed = [(0.0, fixes[0])]
    if duration_s is not None:
        near = [row for row in timed if -_MARGIN_S <= row[0] <= duration_s + _MARGIN_S]
        timed = near or timed
    timed.sort(key=lambda row: row[0])
    timed = [
        row for i, row in enumerate(timed) if not i or row[0] - timed[i - 1][0] > 1e-6
    ]
    if not timed:
        msg = "No usable GPS fix is left for this footage; give another --track FILE."
        raise TelemetryError(msg)
    lonlat = np.array([(fix.lon, fix.lat) for _, fix in timed], dtype=np.float64)
    middle = lonlat.mean(axis=0)
    frame = LocalFrame(float(middle[0]), float(middle[1]))
    return _Received(
        frame=frame,
        t=np.array([time for time, _ in timed], dtype=np.float64),
        xy=frame.to_xy(lonlat),
        speed_mps=_column([fix.speed_mps for _, fix in timed]),
        course_deg=_column([fix.course_deg for _, fix in timed]),
        hdop=_column([fix.hdop for _, fix in timed]),
    )


def _drive_s(fix: GnssFix, clock: ClockOffset) -> float | None:
    streamed = clock.method == "embedded" or clock.method.startswith("photo_time")
    if clock.epoch_at_zero_s is None or (streamed and fix.drive_s is not None):
        return fix.drive_s
    return None if fix.epoch_s is None else fix.epoch_s - clock.epoch_at_zero_s


def _column(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _single(seen: _Received, sigma_m: float | None) -> Track:
    """Return a track of one place: a single photo."""
    course = float(seen.course_deg[0])
    dop = float(np.nan_to_num(seen.hdop[0], nan=1.0))
    sigma = DEFAULT_SIGMA_M * max(1.0, dop) if sigma_m is None else sigma_m
    if np.isnan(course):
        sigma = max(sigma, _NO_HEADING_SIGMA_M)
    return Track(
        frame=seen.frame,
        t=seen.t,
        xy=seen.xy,
        velocity=np.zeros((1, 2)),
        heading_deg=np.array([0.0 if np.isnan(course) else course % 360.0]),
        variance_m2=np.array([sigma**2]),
        velocity_variance=np.zeros(1),
        acceleration_psd=0.0,
        standing=np.zeros(0, dtype=np.bool_),
        gaps=(),
        look_offset_deg=None,
        fine_t=seen.t,
        fine_m=np.zeros(1),
    )


def _noise_m(seen: _Received, sigma_m: float | None) -> FloatArray:
    """Return each fix's white noise: from how it jitters about its neighbours."""
    n = len(seen.t)
    guess_m = DEFAULT_SIGMA_M if sigma_m is None else sigma_m
    base_m = guess_m
    if n >= 8 and float(np.median(np.diff(seen.t))) <= 2.0:
        weight = ((seen.t[1:-1] - seen.t[:-2]) / (seen.t[2:] - seen.t[:-2]))[:, None]
        miss = seen.xy[1:-1] - (1 - weight) * seen.xy[:-2] - weight * seen.xy[2:]
        scale = np.sqrt(1 + weight**2 + (1 - weight) ** 2)
        base_m = 1.4826 * float(np.median(np.abs(miss / scale)))
    floor_m = min(_MIN_NOISE_M, guess_m)
    ceiling_m = 15.0 if sigma_m is None else sigma_m
    base = np.full(n, min(max(base_m, floor_m), ceiling_m), dtype=np.float64)
    if not np.isfinite(seen.hdop).any():
        return base
    usual = float(np.nanmedian(seen.hdop))
    ratio = np.nan_to_num(seen.hdop, nan=usual) / max(usual, 0.1)
    return np.asarray(base * np.clip(ratio, 0.5, 5.0), dtype=np.float64)


def _drift_m(seen: _Received, noise_m: FloatArray, sigma_m: float | None) -> FloatArray:
    """Return the slow error that smoothing cannot remove, per fix."""
    if sigma_m is not None:
        rest = np.maximum(sigma_m**2 - noise_m**2, (sigma_m / 4) ** 2)
        return np.asarray(np.sqrt(rest), dtype=np.float64)
    dop = np.nan_to_num(seen.hdop, nan=_UNKNOWN_DRIFT_M)
    return np.asarray(np.maximum(_MIN_DRIFT_M, dop), dtype=np.float64)


def _motion(
    seen: _Received,
    noise_m: FloatArray,
    standing: npt.NDArray[np.bool_],
    *,
    photos: bool,
) -> Smoothed:
    """Smooth twice: the first pass says which way a bare speed points."""
    psd = np.where(standing & np.roll(standing, 1), _STANDING_PSD, _ACCELERATION_PSD)
    course = np.full_like(seen.t, np.nan) if photos else seen.course_deg
    none = np.full_like(seen.xy, np.nan)
    still = np.where(standing[:, None], 0.0, none)
    sigma = np.where(standing, _STANDING_SIGMA_MPS, _VELOCITY_SIGMA_MPS)
    first = Observations(seen.t, seen.xy, noise_m, still, sigma, psd)
    motion = smooth(first)
    if not np.isfinite(seen.speed_mps).any():
        return motion
    speed = _trusted_speed(seen.speed_mps, motion)
    course = _trusted_course(course, motion)
    own = _course_deg(motion.velocity)
    clear = np.hypot(*motion.velocity.T) > 3 * np.sqrt(motion.velocity_variance)
    course = np.where(np.isnan(course) & clear, own, course)
    rad = np.radians(course)
    velocity = speed[:, None] * np.stack([np.sin(rad), np.cos(rad)], axis=1)
    velocity = np.where(standing[:, None], 0.0, velocity)
    return smooth(replace(first, velocity=velocity))


def _trusted_speed(speed_mps: FloatArray, motion: Smoothed) -> FloatArray:
    """Return the speeds, or NaN throughout when they are in another unit."""
    own = np.hypot(*motion.velocity.T)
    moving = np.isfinite(speed_mps) & (own > 1.5)
    if not moving.any():
        return speed_mps
    ratio = float(np.median(speed_mps[moving] / own[moving]))
    return speed_mps if 0.7 < ratio < 1.4 else np.full_like(speed_mps, np.nan)


def _trusted_course(course_deg: FloatArray, motion: Smoothed) -> FloatArray:
    """Return the courses, or NaN throughout when they are not the way travelled."""
    moving = np.isfinite(course_deg) & (np.hypot(*motion.velocity.T) > 1.5)
    if not moving.any():
        return np.full_like(course_deg, np.nan)
    off = _wrap(course_deg - _course_deg(motion.velocity))[moving]
    agrees = float(np.median(np.abs(off))) < 30.0
    return course_deg if agrees else np.full_like(course_deg, np.nan)


def _travel_headings(
    t: FloatArray,
    motion: Smoothed,
    standing: npt.NDArray[np.bool_],
    course_deg: FloatArray | None,
) -> FloatArray:
    """Return headings from motion, kept while standing; courses if never moving."""
    speed = np.hypot(*motion.velocity.T)
    doubt = 3 * np.sqrt(motion.velocity_variance)
    clear = ~standing & (speed > np.maximum(_HEADING_MPS, doubt))
    rows = np.flatnonzero(clear)
    if len(rows):
        known = np.searchsorted(rows, np.arange(len(speed)), side="right") - 1
        own = steady_headings(t, motion.xy, _course_deg(motion.velocity), clear)
        return np.asarray(own[rows[np.maximum(known, 0)]], dtype=np.float64)
    if course_deg is not None and np.isfinite(course_deg).any():
        first = course_deg[np.isfinite(course_deg)][0]
        return np.where(np.isfinite(course_deg), course_deg, first)
    return np.zeros_like(speed)


def _look_offset(view_deg: FloatArray, travel_deg: FloatArray) -> float:
    return float(np.median(_wrap(view_deg - travel_deg)))


def _course_deg(velocity: FloatArray) -> FloatArray:
    angle = np.degrees(np.arctan2(velocity[:, 0], velocity[:, 1])) % 360.0
    return np.asarray(angle, dtype=np.float64)


def _wrap(angle_deg: FloatArray) -> FloatArray:
    return np.asarray((angle_deg + 180.0) % 360.0 - 180.0, dtype=np.float64)
