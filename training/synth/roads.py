"""The sample drive's road file: segments in the plan frame, and who is on which."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from training.synth.geodesy import GeoFrame

START_Y_M = -142.0
SPLIT_Y_M = -85.0
SPLIT_X_M = 95.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One road between two junctions, drawn from `start` to `end`, plan metres."""

    segment_id: str
    name: str
    road_class: str
    start: tuple[float, float]
    end: tuple[float, float]
    width_m: float
    unit_grid: str
    responsible_unit: str

    @property
    def length_m(self) -> float:
        """Length in metres."""
        return math.dist(self.start, self.end)

    def locate(self, x: float, y: float) -> tuple[str, float]:
        """Return the side (`left`/`right` of the drawing direction) and the offset.

        The offset is metres along the segment from its first vertex.
        """
        ux, uy = (
            (e - s) / self.length_m for s, e in zip(self.start, self.end, strict=True)
        )
        dx, dy = x - self.start[0], y - self.start[1]
        offset = min(max(dx * ux + dy * uy, 0.0), self.length_m)
        return ("left" if ux * dy - uy * dx > 0 else "right"), offset


_ONE, _TWO = "魏都区环卫一中队", "魏都区环卫二中队"
SEGMENTS: tuple[Segment, ...] = (
    Segment(
        "xc-ja-00",
        "建安大道",
        "2",
        (0, -230),
        (0, START_Y_M),
        13.0,
        "411002001001",
        _ONE,
    ),
    Segment(
        "xc-ja-01",
        "建安大道",
        "2",
        (0, START_Y_M),
        (0, SPLIT_Y_M),
        13.0,
        "411002001001",
        _ONE,
    ),
    Segment(
        "xc-ja-02", "建安大道", "2", (0, 0), (0, SPLIT_Y_M), 13.0, "411002001001", _ONE
    ),
    Segment("xc-ja-03", "建安大道", "2", (0, 0), (0, 90), 13.0, "411002001002", _ONE),
    Segment(
        "xc-wf-01", "文峰路", "2", (0, 0), (SPLIT_X_M, 0), 13.0, "411002002001", _TWO
    ),
    Segment(
        "xc-wf-02", "文峰路", "2", (SPLIT_X_M, 0), (170, 0), 13.0, "411002002001", _TWO
    ),
    Segment("xc-wf-03", "文峰路", "2", (-90, 0), (0, 0), 13.0, "411002002002", _TWO),
    Segment(
        "xc-xf-01",
        "学府巷",
        "alley",
        (0, SPLIT_Y_M),
        (-60, SPLIT_Y_M),
        5.0,
        "411002001001",
        _ONE,
    ),
    Segment(
        "xc-qq-01",
        "清泉巷",
        "alley",
        (SPLIT_X_M, 0),
        (SPLIT_X_M, 70),
        5.0,
        "411002002001",
        _TWO,
    ),
)


def _south(y: float) -> str:
    if y < START_Y_M:
        return "xc-ja-00"
    return "xc-ja-01" if y < SPLIT_Y_M else "xc-ja-02"


def segment_of(leg_id: str, x: float, y: float) -> Segment:
    """Return the segment that a leg's place belongs to.

    Raises:
        KeyError: no such leg in the sample drive.
    """
    by_id = {s.segment_id: s for s in SEGMENTS}
    name = {
        "south": _south(y),
        "north": "xc-ja-03",
        "east": "xc-wf-01" if x < SPLIT_X_M else "xc-wf-02",
        "west": "xc-wf-03",
    }[leg_id]
    return by_id[name]


def geojson(frame: GeoFrame) -> dict[str, Any]:
    """Return the road file: WGS-84 LineStrings with Liujing's road properties."""
    features = []
    for s in SEGMENTS:
        line = [[round(v, 9) for v in frame.lonlat(*p)] for p in (s.start, s.end)]
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "id": s.segment_id,
                    "name": s.name,
                    "class": s.road_class,
                    "width_m": s.width_m,
                    "oneway": False,
                    "district": "魏都区",
                    "unit_grid": s.unit_grid,
                    "responsible_unit": s.responsible_unit,
                },
                "geometry": {"type": "LineString", "coordinates": line},
            }
        )
    return {
        "type": "FeatureCollection",
        "name": "sample-drive roads",
        "features": features,
    }
