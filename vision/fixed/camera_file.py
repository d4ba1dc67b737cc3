"""The file of a camera that stands: known points and zones. Form: docs/forms.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from vision.errors import CameraError, CatalogueError, NotFoundError
from vision.fixed.homography import GroundView, fit_ground
from vision.strict_toml import Table, read_table, table_of

HOURS = 24
USUAL_LIMIT_S = 240.0
"""A vehicle or stall that stays four minutes is not waiting."""
LEAST_PX_PER_M = 10.0
"""Ground farther off than where a metre is so wide counts as not seen."""
SURFACES = (
    "lane",
    "kerb_lane",
    "pavement",
    "crossing",
    "tactile_paving",
    "fire_lane",
    "parking_bay",
    "market",
)


@dataclass(frozen=True, slots=True)
class FixedZone:
    """A piece of ground with its own patience.

    Attributes:
        name: as people call it.
        surface: one of `SURFACES`.
        ring: lon/lat corners, at least three, not closed.
        limit_s: by hour of the day, 24 numbers: longer than this is no waiting.
    """

    name: str
    surface: str
    ring: tuple[tuple[float, float], ...]
    limit_s: tuple[float, ...]

    def holds(self, lon: float, lat: float) -> bool:
        """Return whether a place lies inside or on the border."""
        return bool(shapely.Polygon(self.ring).covers(shapely.Point(lon, lat)))


@dataclass(frozen=True, slots=True, eq=False)
class FixedCamera:
    """A camera that stands.

    Attributes:
        name: of the camera.
        width_px: of the pictures in which the points were measured.
        height_px: of the same.
        view: how it shows the ground.
        zones: the first that holds a place counts.
    """

    name: str
    width_px: int
    height_px: int
    view: GroundView
    zones: tuple[FixedZone, ...]

    def zone_at(self, lon: float, lat: float) -> FixedZone | None:
        """Return the zone that holds a place; None where there is none."""
        return next((zone for zone in self.zones if zone.holds(lon, lat)), None)

    def shows(self, lonlat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Return `(N,)`: whether each place `(N, 2)` is in the picture, and near."""
        uv = self.view.pixels(lonlat)
        ground = self.view.metres(uv)
        pixel_m = np.hypot(*(self.view.metres(uv + np.array([1.0, 0.0])) - ground).T)
        inside = ((uv >= 0) & (uv <= (self.width_px, self.height_px))).all(axis=1)
        near = np.nan_to_num(pixel_m, nan=np.inf) <= 1 / LEAST_PX_PER_M
        seen: npt.NDArray[np.bool_] = inside & near & np.isfinite(ground).all(axis=1)
        return seen


def load_fixed_camera(path: Path) -> FixedCamera:
    """Read a fixed camera's file.

    Raises:
        NotFoundError: there is no such file.
        CameraError: it is not of its form, or its points show no ground.
    """
    if not path.is_file():
        msg = f"camera file {path} does not exist; check the path given to --camera"
        raise NotFoundError(msg)
    return _told(path.name, lambda: read_table(path))


def parse_fixed_camera(text: str, name: str) -> FixedCamera:
    """Read the text of a fixed camera's file.

    Args:
        text: what the file holds.
        name: of the file, for messages.

    Raises:
        CameraError: it is not of its form, or its points show no ground.
    """
    return _told(name, lambda: table_of(text, name))


def _told(name: str, root: Callable[[], Table]) -> FixedCamera:
    """Read a camera; what is wrong is said of its file."""
    try:
        return _read(root())
    except CatalogueError as error:
        msg = f"camera file {error}; see docs/forms.md"
        raise CameraError(msg) from error
    except CameraError as error:
        msg = f"camera file {name}: {error}"
        raise CameraError(msg) from error


def _read(root: Table) -> FixedCamera:
    name = root.text("name")
    width_px = root.integer("width_px", low=16, high=20_000)
    height_px = root.integer("height_px", low=16, high=20_000)
    pixels, lonlat = [], []
    for row in root.tables("point"):
        pixels.append(
            (
                row.number("u_px", low=0, high=width_px),
                row.number("v_px", low=0, high=height_px),
            )
        )
        lonlat.append(_place(row, "lon", "lat"))
        row.close()
    zones = tuple(_zone(row) for row in root.tables("zone")) if "zone" in root else ()
    root.close()
    return FixedCamera(name, width_px, height_px, fit_ground(pixels, lonlat), zones)


def _place(row: Table, lon: str, lat: str) -> tuple[float, float]:
    return row.number(lon, low=-180, high=180), row.number(lat, low=-90, high=90)


def _zone(row: Table) -> FixedZone:
    name = row.text("name")
    surface = row.choice("surface", SURFACES)
    corners = tuple(_corner(one) for one in row.tables("corner"))
    if len(corners) < 3:
        msg = f"{row.where}: a zone needs three corners or more, got {len(corners)}"
        raise CatalogueError(msg)
    if not shapely.Polygon(corners).is_valid:
        msg = f"{row.where}: the zone's border crosses itself; name its corners in turn"
        raise CatalogueError(msg)
    limit_s = [USUAL_LIMIT_S] * HOURS
    if "limit_s" in row:
        limit_s = [row.number("limit_s", low=0, high=86_400)] * HOURS
    if "hours" in row:
        for one in row.tables("hours"):
            begin = one.integer("from", low=0, high=HOURS - 1)
            end = one.integer("to", low=1, high=HOURS)
            limit = one.number("limit_s", low=0, high=86_400)
            one.close()
            for hour in _hours(begin, end):
                limit_s[hour] = limit
    row.close()
    return FixedZone(name, surface, corners, tuple(limit_s))


def _hours(begin: int, end: int) -> list[int]:
    """Return the hours from `begin` to before `end`, over midnight if need be."""
    length = (end - begin) % HOURS or HOURS
    return [(begin + k) % HOURS for k in range(length)]


def _corner(one: Table) -> tuple[float, float]:
    place = _place(one, "lon", "lat")
    one.close()
    return place
