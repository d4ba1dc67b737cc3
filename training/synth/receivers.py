"""GNSS receivers: what a track looks like after noise, an outage and an outlier."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import numpy as np


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver's error: slow first-order Gauss-Markov drift plus white noise.

    Attributes:
        name: goes into the GPX file.
        rate_hz: fixes a second.
        sigma_m: of the drift, per axis.
        tau_s: correlation time of the drift.
        white_m: sigma of the white noise, per axis.
        outage_s: `(from, to)` without fixes, or None.
        outlier: `(time_s, metres)` of one wild fix, or None.
    """

    name: str
    rate_hz: float
    sigma_m: float
    tau_s: float
    white_m: float = 0.05
    outage_s: tuple[float, float] | None = None
    outlier: tuple[float, float] | None = None


GOOD = Receiver("good receiver", 5.0, 1.0, 60.0)
CHEAP = Receiver("cheap receiver", 1.0, 4.0, 30.0, 0.6, (9.0, 15.0), (24.0, 60.0))


@dataclass(frozen=True, slots=True)
class Fix:
    """One fix: seconds since the first frame, metres in the plan frame."""

    time_s: float
    x_m: float
    y_m: float


def observe(
    receiver: Receiver,
    path: Callable[[float], tuple[float, float]],
    *,
    span_s: tuple[float, float],
    seed: int,
) -> list[Fix]:
    """Return what a receiver reports along `path`, a function of seconds to metres."""
    rng = np.random.default_rng(seed)
    step_s = 1 / receiver.rate_hz
    keep = math.exp(-step_s / receiver.tau_s)
    drift = rng.normal(0, receiver.sigma_m, 2)
    fixes = []
    for k in range(round((span_s[1] - span_s[0]) / step_s) + 1):
        time_s = span_s[0] + k * step_s
        x, y = path(time_s)
        error = drift + rng.normal(0, receiver.white_m, 2)
        if receiver.outlier and abs(time_s - receiver.outlier[0]) < step_s / 2:
            error = error + np.array([0.6, 0.8]) * receiver.outlier[1]
        lost = (
            receiver.outage_s and receiver.outage_s[0] < time_s < receiver.outage_s[1]
        )
        if not lost:
            fixes.append(Fix(time_s, x + float(error[0]), y + float(error[1])))
        drift = keep * drift + math.sqrt(1 - keep**2) * rng.normal(
            0, receiver.sigma_m, 2
        )
    return fixes


def gpx(
    name: str,
    fixes: list[Fix],
    *,
    lonlat: Callable[[float, float], tuple[float, float]],
    start_utc: datetime,
    hdop: float,
) -> str:
    """Write fixes as GPX 1.1, times in UTC with milliseconds."""
    points = []
    for fix in fixes:
        lon, lat = lonlat(fix.x_m, fix.y_m)
        when = (start_utc + timedelta(seconds=fix.time_s)).astimezone(UTC)
        stamp = when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"
        points.append(
            f'<trkpt lat="{lat:.8f}" lon="{lon:.8f}"><ele>66.0</ele>'
            f"<time>{stamp}</time>"
            f"<sat>{14 if hdop < 1 else 6}</sat><hdop>{hdop}</hdop></trkpt>"
        )
    body = "\n".join(points)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="liujing training.synth" xmlns="http://www.topografix.com/GPX/1/1">\n'
        f"<trk><name>{escape(name)}</name><trkseg>\n{body}\n</trkseg></trk></gpx>\n"
    )
