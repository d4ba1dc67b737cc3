"""The collections there are, and how a row of the store becomes a feature of one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service.api.ogc.crs import Crs
from service.store import PlaceKind

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """One feature before it is written.

    Attributes:
        id: unique in its collection.
        line: WGS-84 places, longitude first; a single one is a point.
        properties: as JSON has them.
    """

    id: str
    line: Sequence[Sequence[float]]
    properties: Mapping[str, Any]

    def written(self, crs: Crs) -> dict[str, Any]:
        """Return the feature as GeoJSON, its places in a reference system."""
        places = [crs.write(place) for place in self.line]
        geometry = (
            {"type": "Point", "coordinates": places[0]}
            if len(places) == 1
            else {"type": "LineString", "coordinates": places}
        )
        return {
            "type": "Feature",
            "id": self.id,
            "geometry": geometry,
            "properties": dict(self.properties),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One collection.

    Attributes:
        id: its name.
        title: for people.
        description: for people.
        queryables: property -> what it is; features can be asked for by it.
        feature: makes a feature of a row.
        dated: its features have a time.
    """

    id: PlaceKind
    title: str
    description: str
    queryables: Mapping[str, str]
    feature: Callable[[Row], Feature]
    dated: bool = True


def rfc3339(at_s: float | None) -> str | None:
    """Return a time as answers have it, to the millisecond."""
    if at_s is None:
        return None
    at = datetime.fromtimestamp(at_s, tz=UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


_SEGMENT = (
    "name", "road_class", "length_m", "width_m", "oneway", "district", "unit_grid",
    "responsible_unit", "assumed",
)  # fmt: skip
_FINDING = (
    "category", "state", "segment_id", "district", "side", "offset_m", "zone",
    "severity", "size_m", "candidate", "sigma_m", "recurrences",
)  # fmt: skip
_TIMES = {"from_s": "window_begin", "to_s": "window_end", "known_s": "known"}


def _segment(row: Row) -> Feature:
    properties = {name: row[name] for name in _SEGMENT}
    properties["known"] = rfc3339(row["known_s"])
    return Feature(row["id"], row["lonlat"], properties)


def _score(row: Row) -> Feature:
    shown = json.loads(row["feature"])
    properties = {
        _TIMES.get(name, name): rfc3339(value) if name in _TIMES else value
        for name, value in shown["properties"].items()
    }
    return Feature(row["segment_id"], shown["geometry"]["coordinates"], properties)


def _finding(row: Row) -> Feature:
    properties = {
        **{name: row[name] for name in _FINDING},
        "probability": round(row["real_probability"] * row["present_probability"], 6),
        "first_seen": rfc3339(row["first_s"]),
        "last_seen": rfc3339(row["last_s"]),
        "cleared": rfc3339(row["cleared_s"]),
        "known": rfc3339(row["known_s"]),
    }
    return Feature(row["id"], [(row["lon"], row["lat"])], properties)


_DISTRICT = "区 district"
KINDS: dict[str, Kind] = {
    one.id: one
    for one in (
        Kind(
            "segments",
            "路段 Segments",
            "得分所属的路段，无时间属性 pieces of road that scores belong to; no time",
            {
                "district": _DISTRICT,
                "name": "街道名 name of the street",
                "road_class": "道路等级 road class: 1-4, alley",
                "unit_grid": "单元网格 unit grid",
                "responsible_unit": "责任单位 responsible unit",
            },
            _segment,
            dated=False,
        ),
        Kind(
            "scores",
            "最新得分 Newest scores",
            "每条路段最新的六净得分；datetime 按评分窗口的结束时间 "
            "the newest score of each segment; datetime goes by the window's end",
            {
                "district": _DISTRICT,
                "standard_id": "评分标准，默认按设置 standard; else the setting's",
                "grade": "等级 grade",
                "status": "状态 status: scored, insufficient, stale, not_passed",
            },
            _score,
        ),
        Kind(
            "findings",
            "问题 Findings",
            "路段上的问题；datetime 取首见至末见的时段 "
            "what was found on streets; datetime goes by first seen to last seen",
            {
                "district": _DISTRICT,
                "category": "类别 category",
                "state": "状态 state: raw, confirmed, rejected, permitted, duplicate, "
                "cleared, recurred",
                "segment_id": "路段编号 id of the segment",
            },
            _finding,
        ),
    )
}
