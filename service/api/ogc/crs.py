"""Coordinate reference systems: what positions are written in and boxes are read in.

Kept are WGS-84 degrees, longitude first; CGCS2000 (EPSG:4490) agrees with them to
centimetres. The EPSG register puts latitude first. GCJ-02 is no system of any register:
Chinese web maps are drawn in it, so it is offered under a name of our own, and is never
what somebody gets who did not ask for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from service.store import Box
from vision.errors import InputError
from vision.geo import wgs84_to_gcj02

Position = Sequence[float]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG_4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"
EPSG_4490 = "http://www.opengis.net/def/crs/EPSG/0/4490"
GCJ_02 = "urn:x-liujing:def:crs:GCJ-02"

_DIGITS = 7
_FARTHEST_SHIFT_DEG = 0.02
"""GCJ-02 moves no place of China as far."""


@dataclass(frozen=True, slots=True)
class Crs:
    """One reference system.

    Attributes:
        uri: its name.
        title: for people.
        lat_first: the order of its axes.
        shifted: it is GCJ-02.
    """

    uri: str
    title: str
    lat_first: bool = False
    shifted: bool = False

    def write(self, lonlat: Position) -> list[float]:
        """Return a WGS-84 place as this system writes it."""
        lon, lat = self._lonlat(lonlat)
        lon, lat = round(lon, _DIGITS), round(lat, _DIGITS)
        return [lat, lon] if self.lat_first else [lon, lat]

    def shape(self, line: Sequence[Position]) -> shapely.Geometry:
        """Return WGS-84 places as a shape of this system, longitude first."""
        places = [self._lonlat(one) for one in line]
        if len(places) == 1:
            return shapely.points(places[0])
        return shapely.linestrings(places)

    def _lonlat(self, lonlat: Position) -> tuple[float, float]:
        lon, lat = lonlat
        return wgs84_to_gcj02(lon, lat) if self.shifted else (lon, lat)


ALL: dict[str, Crs] = {
    one.uri: one
    for one in (
        Crs(CRS84, "WGS 84，经度在前 longitude, latitude"),
        Crs(EPSG_4490, "CGCS2000，纬度在前 latitude, longitude", lat_first=True),
        Crs(EPSG_4326, "WGS 84，纬度在前 latitude, longitude", lat_first=True),
        Crs(
            GCJ_02,
            "GCJ-02（火星坐标），经度在前，供国内网络地图叠加 "
            "longitude, latitude, for Chinese web maps",
            shifted=True,
        ),
    )
}
"""All that are offered, the default first."""


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """Where features are asked for.

    Attributes:
        crs: what the boxes are given in.
        boxes: longitude first; two where the area crosses the antimeridian.
    """

    crs: Crs
    boxes: tuple[Box, ...]

    @property
    def outer(self) -> tuple[Box, ...]:
        """Boxes of WGS-84 that hold all that is asked for, and little more."""
        more = _FARTHEST_SHIFT_DEG if self.crs.shifted else 0.0
        return tuple(
            (w - more, s - more, e + more, n + more) for w, s, e, n in self.boxes
        )

    def meets(self, line: Sequence[Position]) -> bool:
        """Say if a point or a line of WGS-84 places meets the area."""
        shape = self.crs.shape(line)
        return any(shapely.box(*box).intersects(shape) for box in self.boxes)


def crs_of(uri: str, *, parameter: str) -> Crs:
    """Return the system of a name.

    Raises:
        InputError: it is not offered.
    """
    if uri not in ALL:
        msg = f"{parameter}: {uri[:100]!r} is not offered; take one of {', '.join(ALL)}"
        raise InputError(msg)
    return ALL[uri]


def area_of(text: str, crs: Crs) -> Area:
    """Return the area of a `bbox`: four numbers, or six with heights, unread.

    Raises:
        InputError: it is no box of this system.
    """
    numbers = _numbers(text)
    half = len(numbers) // 2
    low, high = numbers[:2], numbers[half : half + 2]
    if crs.lat_first:
        low, high = low[::-1], high[::-1]
    (west, south), (east, north) = low, high
    order = "latitude, longitude" if crs.lat_first else "longitude, latitude"
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
        msg = (
            f"bbox: {text[:100]!r} is no box of degrees, low corner and high corner in "
            f"the order {order}; correct it"
        )
        raise InputError(msg)
    if west <= east:
        return Area(crs, ((west, south, east, north),))
    return Area(crs, ((west, south, 180.0, north), (-180.0, south, east, north)))


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in {4, 6} or not all(map(math.isfinite, numbers)):
        msg = f"bbox: {text[:100]!r} is not four or six numbers with commas; correct it"
        raise InputError(msg)
    return numbers
