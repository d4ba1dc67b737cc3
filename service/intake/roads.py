"""The city's roads as vehicles need them to look by themselves.

Lines and widths tell how far off walls usually stand. Names, units and districts are
none of a vehicle's business.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.settings import Settings
from service.store import digest
from service.types import Segment
from vision.errors import NotFoundError, RoadsError

_FORM = 1


@dataclass(frozen=True, slots=True)
class RoadSheet:
    """The roads for vehicles.

    Attributes:
        tag: another one for every road file.
        path: of the GeoJSON.
    """

    tag: str
    path: Path


def road_tag(settings: Settings) -> str | None:
    """Return what tells the city's road file from others; None without one."""
    roads = settings.jobs.roads
    try:
        facts = None if roads is None else roads.stat()
    except OSError:
        return None
    return None if facts is None else digest(_FORM, facts.st_size, facts.st_mtime_ns)


def road_sheet(settings: Settings) -> RoadSheet:
    """Return the roads for vehicles; they are written once for every road file.

    Raises:
        NotFoundError: the city has no road file that can be read.
    """
    roads, tag = settings.jobs.roads, road_tag(settings)
    if roads is None or tag is None:
        msg = "this service has no road file (its setting jobs.roads), so it gives none"
        raise NotFoundError(msg)
    folder = settings.data / "roads"
    sheet = RoadSheet(tag, folder / f"{tag}.geojson")
    if sheet.path.is_file():
        return sheet
    from service.roads import load_roads  # noqa: PLC0415 - loads the graph's libraries

    try:
        segments = load_roads(roads).segments
    except RoadsError as error:
        msg = "this service's road file cannot be used; its operator has to mend it"
        raise NotFoundError(msg) from error
    text = json.dumps(
        {"type": "FeatureCollection", "features": [_feature(s) for s in segments]}
    )
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f".{tag}.{os.getpid()}.{uuid.uuid4().hex[:8]}"
    new.write_text(text, "utf-8")
    new.replace(sheet.path)
    for old in folder.glob("*.geojson"):
        if old != sheet.path:
            old.unlink(missing_ok=True)
    return sheet


def _feature(segment: Segment) -> dict[str, Any]:
    """Return a street with all its digits: both sides reckon with the same numbers."""
    return {
        "type": "Feature",
        "properties": {
            "id": segment.id,
            "class": segment.road_class,
            "width_m": segment.width_m,
        },
        "geometry": {"type": "LineString", "coordinates": segment.lonlat.tolist()},
    }
