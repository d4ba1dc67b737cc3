"""The driven path on the drive clock: where, heading, how far, how sure."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.geo import LocalFrame, angle_difference_deg
from vision.types import FloatArray, Pose

EXTRAPOLATE_S = 3.0
"""How far beyond the first and the last fix the motion is continued."""

_PARTS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A vehicle's path, smoothed; built by `build_track`.

    Attributes:
        frame: local metres of `xy`.
        t: float64 `(N,)`, drive seconds of the fixes kept, ascending.
        xy: float64 `(N, 2)`, metres east, north.
        velocity: float64 `(N, 2)`, m/s.
        heading_deg: float64 `(N,)`, clockwise from north; kept while standing.
        variance_m2: float64 `(N,)`, of the position per axis, receiver's drift
            included.
        velocity_variance: float64 `(N,)`, m^2/s^2 per axis.
        acceleration_psd: m^2/s^3, how fast doubt grows between fixes.
        standing: bool `(N - 1,)`: the vehicle stood between two fixes.
        gaps: outages longer than 3 s, as (start, end) drive seconds.
        look_offset_deg: for photos that say where they look: median angle from the
            direction of travel to the view; the headings are then the views'. None
            otherwise.
        fine_t: float64 `(M,)`, the times at which `fine_m` is known.
        fine_m: float64 `(M,)`, metres travelled since drive second 0 (since the first
            fix, where that is later by more than 3 s).
    """

    frame: LocalFrame
    t: FloatArray
    xy: FloatArray
    velocity: FloatArray
    heading_deg: FloatArray
    variance_m2: FloatArray
    velocity_variance: FloatArray
    acceleration_psd: float
    standing: npt.NDArray[np.bool_]
    gaps: tuple[tuple[float, float], ...]
    look_offset_deg: float | None
    fine_t: FloatArray
    fine_m: FloatArray

    @property
    def start_s(self) -> float:
        """Drive second of the first fix."""
        return float(self.t[0])

    @property
    def end_s(self) -> float:
        """Drive second of the last fix."""
        return float(self.t[-1])

    @property
    def length_m(self) -> float:
        """Metres travelled between the first and the last fix."""
        return self.travelled_m(self.end_s) - self.travelled_m(self.start_s)

    def travelled_m(self, drive_s: float) -> float:
        """Return metres travelled since drive second 0; never decreases.

        Does not grow while the vehicle stands. Continues for 3 s beyond the last fix,
        then stays; before second 0 it may be negative.
        """
        return float(np.interp(drive_s, self.fine_t, self.fine_m))

    def poses(self, drive_s: Iterable[float]) -> list[Pose]:
        """Return the pose at each time."""
        return [self.pose_at(time) for time in drive_s]

    def pose_at(self, drive_s: float) -> Pose:
        """Return the pose at a time, with `sigma_m` growing away from the fixes.

        Between fixes the path is the cubic through both places and velocities. Beyond
        the first and the last fix the motion goes on for 3 s, then holds.
        """
        if not self.start_s <= drive_s <= self.end_s or len(self.t) == 1:
            return self._beyond(drive_s)
        times = self.t
        row = min(bisect.bisect_right(times, drive_s) - 1, len(times) - 2)
        span_s = float(times[row + 1] - times[row])
        u = (drive_s - float(times[row])) / span_s
        xy, velocity = self._between(row, u)
        variance = (1 - u) * self.variance_m2[row] + u * self.variance_m2[row + 1]
        if self.standing[row]:
            velocity = np.zeros(2)
        else:
            variance += self.acceleration_psd * (u * (1 - u) * span_s) ** 3 / 3
        turn = angle_difference_deg(
            float(self.heading_deg[row + 1]), float(self.heading_deg[row])
        )
        heading = (float(self.heading_deg[row]) + u * turn) % 360.0
        return self._pose(drive_s, xy, heading, velocity, float(variance))

    def _between(self, row: int, u: float) -> tuple[FloatArray, FloatArray]:
        """Return place and velocity at fraction `u` of the step after `row`."""
        span_s = float(self.t[row + 1] - self.t[row])
        a, b = self.xy[row], self.xy[row + 1]
        if self.standing[row]:
            return a + u * (b - a), (b - a) / span_s
        va, vb = self.velocity[row] * span_s, self.velocity[row + 1] * span_s
        xy = (
            (1 + 2 * u) * (1 - u) ** 2 * a
            + u * (1 - u) ** 2 * va
            + u * u * (3 - 2 * u) * b
            + u * u * (u - 1) * vb
        )
        slope = (
            6 * u * (u - 1) * (a - b)
            + (1 - u) * (1 - 3 * u) * va
            + u * (3 * u - 2) * vb
        )
        return xy, slope / span_s

    def _beyond(self, drive_s: float) -> Pose:
        row = 0 if drive_s < self.start_s else len(self.t) - 1
        away_s = drive_s - float(self.t[row])
        ahead_s = max(-EXTRAPOLATE_S, min(EXTRAPOLATE_S, away_s))
        held_s = abs(away_s) - abs(ahead_s)
        velocity = self.velocity[row]
        speed = float(np.hypot(*velocity))
        variance = (
            float(self.variance_m2[row])
            + float(self.velocity_variance[row]) * ahead_s**2
            + self.acceleration_psd * abs(ahead_s) ** 3 / 3
            + (max(speed, 1.0) * held_s) ** 2
        )
        if held_s > 0:
            velocity = np.zeros(2)
        xy = self.xy[row] + self.velocity[row] * ahead_s
        return self._pose(drive_s, xy, float(self.heading_deg[row]), velocity, variance)

    def _pose(
        self,
        drive_s: float,
        xy: FloatArray,
        heading_deg: float,
        velocity: FloatArray,
        variance_m2: float,
    ) -> Pose:
        lon, lat = self.frame.to_lonlat(xy)
        return Pose(
            drive_s=float(drive_s),
            lon=float(lon),
            lat=float(lat),
            heading_deg=float(heading_deg),
            speed_mps=float(np.hypot(*velocity)),
            sigma_m=math.sqrt(variance_m2),
        )


def travelled_table(
    t: FloatArray,
    xy: FloatArray,
    velocity: FloatArray,
    standing: npt.NDArray[np.bool_],
) -> tuple[FloatArray, FloatArray]:
    """Return times and metres travelled along the cubic path, for interpolation.

    Both arrays reach 3 s beyond the fixes; metres are 0 at drive second 0, or at the
    table's start where that is later.
    """
    span = np.diff(t)[:, None]
    u = np.linspace(0, 1, _PARTS + 1)[None, :]
    basis = np.stack(
        [
            (1 + 2 * u) * (1 - u) ** 2,
            u * (1 - u) ** 2,
            u * u * (3 - 2 * u),
            u * u * (u - 1),
        ]
    )
    ends = np.stack([xy[:-1], velocity[:-1] * span, xy[1:], velocity[1:] * span])
    path = np.einsum("kou,knd->nud", basis, ends)
    steps_m = np.hypot(*np.moveaxis(np.diff(path, axis=1), -1, 0))
    steps_m[standing] = 0.0
    times = (t[:-1, None] + span * u)[:, 1:].ravel()
    before_m, after_m = (
        EXTRAPOLATE_S * float(np.hypot(*velocity[row])) for row in (0, -1)
    )
    fine_t = np.concatenate([[t[0] - EXTRAPOLATE_S, t[0]], times])
    fine_m = np.concatenate([[-before_m, 0.0], np.cumsum(steps_m.ravel())])
    fine_t = np.append(fine_t, t[-1] + EXTRAPOLATE_S)
    fine_m = np.append(fine_m, fine_m[-1] + after_m)
    return fine_t, fine_m - np.interp(0.0, fine_t, fine_m)
