"""Places on the earth: local metric frame, bearings, and GCJ-02 at the edge.

Inside Liujing every coordinate is WGS-84 lon/lat degrees (EPSG:4326; CGCS2000,
EPSG:4490, agrees to centimetres) or metres in a `LocalFrame`. GCJ-02 is converted once,
where it enters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6378137.0
_FLATTENING = 1 / 298.257223563
_E2 = _FLATTENING * (2 - _FLATTENING)


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """A flat metric frame around one place: x east, y north, metres.

    Uses the ellipsoid's two radii of curvature at the origin. The scale of x belongs to
    the origin's latitude: it is off by tan(lat) / 6370 per km north or south of it
    (1.3e-4 per km at 40 degrees), so metres are good to 1e-4 within about 1 km and to
    3e-3 within 20 km; the way to metres and back to degrees is exact.
    """

    origin_lon: float
    origin_lat: float

    def _scale_m_per_deg(self) -> tuple[float, float]:
        phi = math.radians(self.origin_lat)
        w = math.sqrt(1 - _E2 * math.sin(phi) ** 2)
        normal_m = EARTH_RADIUS_M / w
        meridian_m = EARTH_RADIUS_M * (1 - _E2) / w**3
        return math.radians(normal_m * math.cos(phi)), math.radians(meridian_m)

    def to_xy(self, lonlat: npt.ArrayLike) -> FloatArray:
        """Turn lon/lat degrees `(..., 2)` into metres `(..., 2)` east, north."""
        degrees = np.asarray(lonlat, dtype=np.float64)
        return (degrees - (self.origin_lon, self.origin_lat)) * self._scale_m_per_deg()

    def to_lonlat(self, xy: npt.ArrayLike) -> FloatArray:
        """Turn metres `(..., 2)` east, north into lon/lat degrees `(..., 2)`."""
        metres = np.asarray(xy, dtype=np.float64)
        return metres / self._scale_m_per_deg() + (self.origin_lon, self.origin_lat)


def distance_m(lonlat_a: tuple[float, float], lonlat_b: tuple[float, float]) -> float:
    """Return the distance between two near places (within about 20 km) in metres."""
    frame = LocalFrame(lonlat_a[0], (lonlat_a[1] + lonlat_b[1]) / 2)
    xy = frame.to_xy([lonlat_a, lonlat_b])
    return float(np.hypot(*(xy[1] - xy[0])))


def bearing_deg(from_xy: npt.ArrayLike, to_xy: npt.ArrayLike) -> float:
    """Return the direction between two points, clockwise from north, [0, 360)."""
    dx, dy = np.asarray(to_xy, dtype=np.float64) - np.asarray(from_xy, dtype=np.float64)
    return math.degrees(math.atan2(dx, dy)) % 360.0 % 360.0  # -1e-20 % 360 is 360


def angle_difference_deg(a_deg: float, b_deg: float) -> float:
    """Return `a - b` wrapped into [-180, 180)."""
    return (a_deg - b_deg + 180.0) % 360.0 - 180.0


def heading_vectors(heading_deg: float) -> tuple[FloatArray, FloatArray]:
    """Return unit vectors (east, north) pointing forward and to the right."""
    rad = math.radians(heading_deg)
    forward = np.array([math.sin(rad), math.cos(rad)])
    right = np.array([math.cos(rad), -math.sin(rad)])
    return forward, right


_GCJ_AXIS_M = 6378245.0
_GCJ_E2 = 0.00669342162296594323


def _gcj_shift(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    wave = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    d_lat += (
        (wave + 20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    )
    d_lat += (
        (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    )
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    d_lon += (
        (wave + 20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    )
    d_lon += (
        (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    )
    phi = math.radians(lat)
    magic = 1 - _GCJ_E2 * math.sin(phi) ** 2
    root = math.sqrt(magic)
    lat_shift = math.degrees(d_lat / (_GCJ_AXIS_M * (1 - _GCJ_E2) / (magic * root)))
    lon_shift = math.degrees(d_lon / (_GCJ_AXIS_M / root * math.cos(phi)))
    return lon_shift, lat_shift


def _outside_china(lon: float, lat: float) -> bool:
    return not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271)


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Return the GCJ-02 coordinates of a WGS-84 place; unchanged outside China.

    Source:
        The published approximation of the GCJ-02 offset (constants of the Krasovsky
        1940 ellipsoid); agrees with map vendors to about a metre.
    """
    if _outside_china(lon, lat):
        return lon, lat
    d_lon, d_lat = _gcj_shift(lon, lat)
    return lon + d_lon, lat + d_lat


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """Return the WGS-84 coordinates of a GCJ-02 place, inverse to within 1 cm."""
    if _outside_china(lon, lat):
        return lon, lat
    w_lon, w_lat = lon, lat
    for _ in range(4):
        g_lon, g_lat = wgs84_to_gcj02(w_lon, w_lat)
        w_lon, w_lat = w_lon + lon - g_lon, w_lat + lat - g_lat
    return w_lon, w_lat
