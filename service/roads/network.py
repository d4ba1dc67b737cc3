"""A road network: segments, where they are, where they meet, what lies near.

Everything metric happens in the network's own `LocalFrame` (x east, y north, metres,
origin in its middle); `Segment.length_m` and every offset are measured in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from service.roads.graph import RoadGraph, build_graph
from service.roads.lines import (
    distances_m,
    feet,
    lengths_m,
    line_column,
    offsets_m,
    point_column,
)
from service.types import Segment
from vision.errors import NotFoundError, RoadsError
from vision.geo import LocalFrame

FloatArray = npt.NDArray[np.float64]

DRAWING_SIGMA_M = 2.0
"""1-sigma of a drawn centre line against the true one."""

USUAL_WIDTH_M: Mapping[str, float] = {
    "1": 15.0,
    "2": 10.0,
    "3": 7.0,
    "4": 6.0,
    "alley": 4.0,
}
"""Carriageway assumed where the file gives none, by road class."""

BESIDE_M = 6.0
"""Depth of pavement and frontage that belongs to a street beyond its kerb."""

NEIGHBOUR_WEIGHT = 0.5
STRANGER_WEIGHT = 0.02
"""How likely a thing seen from one street belongs to a street that meets it, or to
one that does not, before looking at distances."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point lies beside one segment.

    Attributes:
        segment_id: of the segment.
        offset_m: foot point, metres from the first vertex.
        lateral_m: distance from the line, right of the drawing direction positive.
        distance_m: to the nearest point of the segment, >= |lateral_m| past an end.
        probability: chance among the segments considered; 1 where none were weighed.
    """

    segment_id: str
    offset_m: float
    lateral_m: float
    distance_m: float
    probability: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class RoadNetwork:
    """Segments, their lines in metres, a spatial index and their topology.

    Attributes:
        segments: in file order.
        frame: metric frame of `lines`.
        lines: `(S,)` shapely LineStrings in `frame`, same order.
        length_m: float64 `(S,)`.
        tree: index over `lines`.
        graph: where they meet.
        rows: segment id -> row.
    """

    segments: tuple[Segment, ...]
    frame: LocalFrame
    lines: npt.NDArray[np.object_]
    length_m: FloatArray
    tree: shapely.STRtree
    graph: RoadGraph
    rows: Mapping[str, int]

    def __len__(self) -> int:
        """Return the number of segments."""
        return len(self.segments)

    def segment(self, segment_id: str) -> Segment:
        """Return one segment.

        Raises:
            NotFoundError: no segment has this id.
        """
        return self.segments[self._row(segment_id)]

    def width_m(self, segment_id: str) -> float:
        """Return the carriageway's width, the class's usual one if unknown."""
        segment = self.segment(segment_id)
        return segment.width_m or USUAL_WIDTH_M[segment.road_class]

    def project(self, lon: float, lat: float, segment_id: str) -> tuple[float, float]:
        """Return `(offset_m, lateral_m)` of a place on one segment.

        `lateral_m` is positive right of the drawing direction. Past an end it is
        measured from the end's direction prolonged, so it may be less than the
        distance.
        """
        place = self.beside(lon, lat, segment_id)
        return place.offset_m, place.lateral_m

    def beside(self, lon: float, lat: float, segment_id: str) -> Place:
        """Return where a place lies beside one segment."""
        rows = np.array([self._row(segment_id)])
        return self._places(self.frame.to_xy((lon, lat)), rows)[0]

    def direction_deg(self, segment_id: str, offset_m: float) -> float:
        """Return the drawing direction at an offset, clockwise from north."""
        row = self._row(segment_id)
        _, along = feet(self.lines[[row]], np.array([offset_m]), self.length_m[[row]])
        return math.degrees(math.atan2(along[0, 0], along[0, 1])) % 360.0

    def nearest(self, lon: float, lat: float, *, within_m: float) -> list[Place]:
        """Return the segments within `within_m`, nearest first."""
        xy = self.frame.to_xy((lon, lat))
        found = self._places(xy, self._near(xy, within_m))
        return sorted(found, key=lambda place: place.distance_m)

    def place_beside(
        self, lon: float, lat: float, *, sigma_m: float, driven: Sequence[str]
    ) -> list[Place]:
        """Return the segments a thing may belong to, likeliest first.

        A thing belongs to a street when it lies on its carriageway or on the strip
        of `BESIDE_M` along it. It was seen from the `driven` segments, so those go
        before the ones that meet them, and these before all others; where two claim
        it, the one it is nearer to wins.

        Args:
            lon: degrees east of the thing.
            lat: degrees north of the thing.
            sigma_m: 1-sigma of its position, per axis.
            driven: ids of the segments driven while it was in view.

        Returns:
            One `Place` per segment within reach; probabilities sum to 1. Empty if
            there is none.
        """
        xy = self.frame.to_xy((lon, lat))
        drawn_m = float(np.hypot(sigma_m, DRAWING_SIGMA_M))
        within_m = 3 * drawn_m + BESIDE_M + max(USUAL_WIDTH_M.values())
        driven_rows = {self._row(segment_id) for segment_id in driven}
        meeting = {n for row in driven_rows for n in self.graph.neighbours(row)}
        rows = self._near(xy, within_m)
        places = self._places(xy, rows)
        weight = np.array(
            [
                (
                    1.0
                    if row in driven_rows or not driven_rows
                    else NEIGHBOUR_WEIGHT
                    if row in meeting
                    else STRANGER_WEIGHT
                )
                for row in rows.tolist()
            ]
        )
        fit = np.array([self._fit(place, drawn_m) for place in places])
        belief = weight * np.exp(-fit)
        total = belief.sum()
        if total <= 0:
            return []
        order = np.argsort(-belief, kind="stable")
        return [
            replace(places[k], probability=float(belief[k] / total))
            for k in order.tolist()
        ]

    def _fit(self, place: Place, sigma_m: float) -> float:
        """Return minus log of how well a place suits its segment, 0 at the line."""
        reach_m = self.width_m(place.segment_id) / 2 + BESIDE_M
        lateral_m = abs(place.lateral_m)
        beyond_m = math.sqrt(max(0.0, place.distance_m**2 - lateral_m**2))
        outside_m = max(0.0, lateral_m - reach_m)
        far = 0.5 * (outside_m**2 + beyond_m**2) / sigma_m**2
        return far + 2.0 * (lateral_m / reach_m) ** 2

    def _row(self, segment_id: str) -> int:
        row = self.rows.get(segment_id)
        if row is None:
            msg = f"no segment {segment_id!r} in the road network; check the id"
            raise NotFoundError(msg)
        return row

    def _near(self, xy: FloatArray, within_m: float) -> npt.NDArray[np.intp]:
        _, found = self.tree.query(
            point_column(xy), predicate="dwithin", distance=within_m
        )
        return np.sort(found)

    def _places(self, xy: FloatArray, rows: npt.NDArray[np.intp]) -> list[Place]:
        point = point_column(xy)
        lines = self.lines[rows]
        offset_m = offsets_m(lines, point)
        distance_m = distances_m(lines, point)
        foot, along = feet(lines, offset_m, self.length_m[rows])
        away = np.asarray(xy) - foot
        lateral_m = away[:, 0] * along[:, 1] - away[:, 1] * along[:, 0]
        inside = (offset_m > 0) & (offset_m < self.length_m[rows])
        lateral_m = np.where(inside, np.copysign(distance_m, lateral_m), lateral_m)
        return [
            Place(self.segments[row].id, float(o), float(d), float(r))
            for row, o, d, r in zip(
                rows.tolist(), offset_m, lateral_m, distance_m, strict=True
            )
        ]


def build_network(segments: Sequence[Segment]) -> RoadNetwork:
    """Index segments and join them where they meet.

    `length_m` of the segments is measured anew, in the network's frame.

    Raises:
        RoadsError: there is no segment, or two have the same id.
    """
    if not segments:
        msg = "the road network has no segments; give a file with at least one line"
        raise RoadsError(msg)
    rows: dict[str, int] = {}
    for row, segment in enumerate(segments):
        if rows.setdefault(segment.id, row) != row:
            msg = (
                f"two road segments have the id {segment.id!r}; "
                "give every segment an id of its own"
            )
            raise RoadsError(msg)
    everything = np.concatenate([segment.lonlat for segment in segments])
    middle = (everything.min(axis=0) + everything.max(axis=0)) / 2
    frame = LocalFrame(float(middle[0]), float(middle[1]))
    xy = frame.to_xy(everything)
    of = np.repeat(np.arange(len(segments)), [len(s.lonlat) for s in segments])
    lines = line_column(xy, of)
    length_m = lengths_m(lines)
    tree = shapely.STRtree(list(lines))
    return RoadNetwork(
        segments=tuple(
            replace(segment, length_m=float(metres))
            for segment, metres in zip(segments, length_m, strict=True)
        ),
        frame=frame,
        lines=lines,
        length_m=length_m,
        tree=tree,
        graph=build_graph(lines, [s.oneway for s in segments], tree),
        rows=rows,
    )
