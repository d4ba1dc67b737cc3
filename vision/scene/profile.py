"""The street along the driven path, metre by metre, as many pictures show it.

Pictures see ground that the vehicle has yet to drive past, so each one waits until the
path beside what it saw is known. Then only counts are kept, about 3 kB for each metre
driven.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vision.errors import InputError
from vision.geo import LocalFrame, heading_vectors
from vision.scene.rays import GROUND, Scan
from vision.types import FloatArray, Pose

CELL_M = 0.25
REACH_M = 15.0
"""To each side of the path."""
_CELLS = int(2 * REACH_M / CELL_M)
_WAIT_M = 24.0
"""A picture is laid down when the vehicle is so far beyond where it was taken."""
_LEAST_STEP_M = 0.3
_FOOT_CLASSES = (
    "building",
    "fence",
    "tree_trunk",
    "vegetation",
    "pole",
    "other",
    "vehicle",
)

Counts = npt.NDArray[np.uint16]


@dataclass(slots=True)
class Metre:
    """What was seen beside one metre of the path.

    Attributes:
        lon, lat: of the path.
        heading_deg: of travel.
        ground: uint16 `(G, C)`: sightings of each ground class (`GROUND`) in cells of
            `CELL_M` from `REACH_M` left to `REACH_M` right.
        feet: uint16 `(F, C)`: feet of building, fence, trunk, vegetation, pole, other,
            vehicle.
        tactile: uint16 `(1, C)`: sightings of ground in the colour of tactile paving.
    """

    lon: float
    lat: float
    heading_deg: float
    ground: Counts = field(
        default_factory=lambda: np.zeros((len(GROUND), _CELLS), np.uint16)
    )
    feet: Counts = field(
        default_factory=lambda: np.zeros((len(_FOOT_CLASSES), _CELLS), np.uint16)
    )
    tactile: Counts = field(default_factory=lambda: np.zeros((1, _CELLS), np.uint16))

    def foot(self, name: str) -> Counts:
        """Return `(C,)`: feet of one class."""
        out: Counts = self.feet[_FOOT_CLASSES.index(name)]
        return out


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """One picture: ground, feet and yellow ground in the local frame, with classes."""

    arc_m: float
    ground: FloatArray
    ground_row: npt.NDArray[np.intp]
    feet: FloatArray
    feet_row: npt.NDArray[np.intp]
    tactile: FloatArray


class StreetProfile:
    """Collects scans along one drive.

    Args:
        names: classes of the layout that the scans come from.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._ground_row = _rows(names, GROUND)
        self._feet_row = _rows(names, _FOOT_CLASSES)
        self._frame: LocalFrame | None = None
        self._arc: list[float] = []
        self._xy: list[FloatArray] = []
        self._waiting: deque[_Waiting] = deque()
        self._metres: dict[int, Metre] = {}

    def add(self, pose: Pose, scan: Scan | None) -> None:
        """Take the pose of the next picture, and what it shows of the ground."""
        if self._frame is None:
            self._frame = LocalFrame(pose.lon, pose.lat)
        here = np.asarray(self._frame.to_xy([pose.lon, pose.lat]), np.float64)
        arc_m = self._arc[-1] if self._arc else 0.0
        step_m = float(np.hypot(*(here - self._xy[-1]))) if self._xy else 0.0
        if not self._xy or step_m >= _LEAST_STEP_M:
            arc_m += step_m
            self._arc.append(arc_m)
            self._xy.append(here)
        if scan is not None:
            self._wait(pose, here, arc_m, scan)
        while self._waiting and arc_m - self._waiting[0].arc_m > _WAIT_M:
            self._lay(self._waiting.popleft())

    def finish(self) -> Mapping[int, Metre]:
        """Lay down what still waits and hand over all metres; the path is kept."""
        while self._waiting:
            self._lay(self._waiting.popleft())
        metres, self._metres = self._metres, {}
        return metres

    def beside(self, lon: float, lat: float) -> tuple[float, float] | None:
        """Return (metres along the path, metres right of it) of a place.

        None with no path, or where the path does not pass the place.
        """
        if self._frame is None or len(self._xy) < 2:
            return None
        xy = np.asarray(self._frame.to_xy([[lon, lat]]), np.float64).reshape(1, 2)
        along, right, fits = self._project(xy, 0, len(self._xy))
        return (float(along[0]), float(right[0])) if fits[0] else None

    def _wait(self, pose: Pose, here: FloatArray, arc_m: float, scan: Scan) -> None:
        forward, right = heading_vectors(pose.heading_deg)

        def on_earth(points: FloatArray) -> FloatArray:
            world: FloatArray = here + points[:, :1] * forward + points[:, 1:] * right
            return world

        feet_row = self._feet_row[scan.feet_class]
        known = feet_row >= 0
        self._waiting.append(
            _Waiting(
                arc_m,
                on_earth(scan.ground),
                self._ground_row[scan.ground_class],
                on_earth(scan.feet[known]),
                feet_row[known],
                on_earth(scan.ground[scan.tactile]),
            )
        )

    def _lay(self, one: _Waiting) -> None:
        low = int(np.searchsorted(self._arc, one.arc_m - 2.0))
        high = int(np.searchsorted(self._arc, one.arc_m + _WAIT_M)) + 1
        low = max(0, min(low, len(self._arc) - 2))
        self._count(one.ground, one.ground_row, (low, high), "ground")
        self._count(one.feet, one.feet_row, (low, high), "feet")
        rows = np.zeros(len(one.tactile), np.intp)
        self._count(one.tactile, rows, (low, high), "tactile")

    def _count(
        self,
        xy: FloatArray,
        rows: npt.NDArray[np.intp],
        span: tuple[int, int],
        into: str,
    ) -> None:
        if not len(xy) or len(self._xy) < 2:
            return
        along, right, fits = self._project(xy, *span)
        cell = np.floor((right + REACH_M) / CELL_M).astype(np.intp)
        fits &= (cell >= 0) & (cell < _CELLS)
        metre = np.floor(along).astype(np.intp)
        for number in np.unique(metre[fits]):
            mine = fits & (metre == number)
            counts = getattr(self._metre(int(number)), into)
            np.add.at(counts, (rows[mine], cell[mine]), 1)

    def _metre(self, number: int) -> Metre:
        found = self._metres.get(number)
        if found is None:
            found = self._metres[number] = self._new_metre(number + 0.5)
        return found

    def _new_metre(self, arc_m: float) -> Metre:
        if self._frame is None:
            msg = "no pose was added yet"
            raise InputError(msg)
        k = int(np.clip(np.searchsorted(self._arc, arc_m), 1, len(self._arc) - 1))
        step = self._xy[k] - self._xy[k - 1]
        unit = step / (self._arc[k] - self._arc[k - 1])
        at = self._xy[k - 1] + (arc_m - self._arc[k - 1]) * unit
        lon, lat = np.asarray(self._frame.to_lonlat(at)).ravel()
        heading_deg = float(np.degrees(np.arctan2(step[0], step[1]))) % 360
        return Metre(float(lon), float(lat), heading_deg)

    def _project(
        self, xy: FloatArray, low: int, high: int
    ) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
        """Return metres along and right of the nearest piece, and whether it fits.

        The path goes on straight for `_WAIT_M` beyond its last point.
        """
        points = np.array(self._xy[low:high])
        if len(points) < 2:
            points = np.array(self._xy[-2:])
            low = len(self._xy) - 2
        arc = np.array(self._arc[low : low + len(points)])
        start, step = points[:-1], np.diff(points, axis=0)
        length = np.hypot(step[:, 0], step[:, 1])
        unit = step / length[:, None]
        last = low + len(points) >= len(self._xy)
        reach = length.copy()
        reach[-1] += _WAIT_M if last else 0.0
        offset = xy[:, None] - start[None]
        along = (offset * unit).sum(axis=2)
        inside = np.clip(along, 0.0, reach)
        away = offset - inside[..., None] * unit
        distance = np.hypot(away[..., 0], away[..., 1])
        piece = distance.argmin(axis=1)
        row = np.arange(len(xy))
        normal = np.column_stack([unit[:, 1], -unit[:, 0]])
        right = (offset[row, piece] * normal[piece]).sum(axis=1)
        fits = np.abs(along[row, piece] - inside[row, piece]) < 1.0
        return arc[piece] + inside[row, piece], right, fits


def _rows(names: tuple[str, ...], wanted: tuple[str, ...]) -> npt.NDArray[np.intp]:
    """Return `(C,)`: row of each class in `wanted`, -1 where it is not there."""
    return np.array(
        [wanted.index(n) if n in wanted else -1 for n in names], dtype=np.intp
    )
