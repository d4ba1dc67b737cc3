"""Roads out of an OpenStreetMap extract (`.osm.pbf`), with the extra `osm`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from service.roads.classes import CLASS_OF_HIGHWAY, DRIVABLE
from service.types import Segment
from vision.errors import RoadsError

_NO_ENTRY = frozenset({"no", "private"})


@dataclass(frozen=True, slots=True)
class _Way:
    id: int
    tags: dict[str, str]
    nodes: tuple[int, ...]
    lonlat: tuple[tuple[float, float], ...]


def read_ways(path: Path) -> list[Segment]:
    """Return the drivable ways of an extract, cut at junctions.

    Ids are `way/<osm id>/<n>`, n from 1 in drawing order. Ways with `oneway=-1` are
    turned round first.

    Raises:
        RoadsError: the extra `osm` is not installed, the file cannot be read, or it
            holds no drivable way.
    """
    ways = _ways(path)
    shared = Counter(node for way in ways for node in way.nodes)
    segments = [segment for way in ways for segment in _cut(way, shared)]
    if not segments:
        msg = f"{path.name} holds no drivable highway; give an extract with roads"
        raise RoadsError(msg)
    return segments


def _ways(path: Path) -> list[_Way]:
    try:
        import osmium  # noqa: PLC0415 - optional extra
    except ImportError as error:
        msg = (
            f"reading {path.name} needs the extra osm; "
            "install liujing[osm] or give GeoJSON"
        )
        raise RoadsError(msg) from error
    processor = osmium.FileProcessor(str(path)).with_locations()
    found = []
    try:
        for way in processor.with_filter(osmium.filter.KeyFilter("highway")):
            if not way.is_way():
                continue
            tags = {tag.k: tag.v for tag in way.tags}
            if not _drivable(tags):
                continue
            nodes = [node for node in way.nodes if node.location.valid()]
            if tags.get("oneway") == "-1":
                nodes.reverse()
            found.append(
                _Way(
                    id=way.id,
                    tags=tags,
                    nodes=tuple(node.ref for node in nodes),
                    lonlat=tuple((node.lon, node.lat) for node in nodes),
                )
            )
    except RuntimeError as error:
        msg = f"{path.name} cannot be read as OpenStreetMap data ({error}); check it"
        raise RoadsError(msg) from error
    return found


def _drivable(tags: dict[str, str]) -> bool:
    return (
        tags["highway"] in DRIVABLE
        and tags.get("area") != "yes"
        and tags.get("motor_vehicle", tags.get("access")) not in _NO_ENTRY
    )


def _cut(way: _Way, shared: Counter[int]) -> Iterator[Segment]:
    last = len(way.nodes) - 1
    cuts = [k for k in range(1, last) if shared[way.nodes[k]] > 1]
    bounds = [0, *cuts, last]
    number = 0
    for start, stop in pairwise(bounds):
        lonlat = np.array(way.lonlat[start : stop + 1], dtype=np.float64)
        if len(lonlat) < 2 or not np.any(lonlat != lonlat[0]):
            continue
        number += 1
        yield Segment(
            id=f"way/{way.id}/{number}",
            name=way.tags.get("name"),
            road_class=CLASS_OF_HIGHWAY[way.tags["highway"]],
            lonlat=lonlat,
            length_m=0.0,
            width_m=_width_m(way.tags.get("width")),
            oneway=way.tags.get("oneway") in {"yes", "true", "1", "-1"}
            or way.tags.get("junction") == "roundabout",
        )


def _width_m(text: str | None) -> float | None:
    try:
        width_m = float((text or "").removesuffix("m").strip())
    except ValueError:
        return None
    return width_m if 0 < width_m < 200 else None
