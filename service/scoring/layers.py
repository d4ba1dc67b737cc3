"""Layers of context: what the city knows of places, and what follows from it.

A layer is GeoJSON of one kind. Schools, markets, stations, hospitals and commercial
streets make finds weigh more near them; permits make a stall lawful in its hours;
marked bays make parking lawful; works excuse rubble; no-parking zones, tactile paving
and fire lanes make a vehicle that stands there improper.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from service.scoring.assign import DEGREES_A_METRE
from service.scoring.calendar import Calendar
from service.scoring.parts import PLACES
from service.types import Segment
from vision.errors import FormError, NotFoundError
from vision.geo import LocalFrame

LayerKind = Literal[
    "school", "market", "station", "hospital", "commercial", "stall_permit",
    "parking_bay", "no_parking", "fire_lane", "tactile_paving", "works",
]  # fmt: skip
KINDS: tuple[LayerKind, ...] = get_args(LayerKind)
AREAS = frozenset(KINDS) - PLACES
"""Kinds that say something of what lies inside: a point would hold nothing."""
NEAR_STREETS_DEG = 0.5
"""A layer of which nothing lies nearer to the streets is of another city."""
OF_ONE_CITY_DEG = 2.0
"""A feature that lies farther than this from the streets is in wrong coordinates: a
prefecture is 1.2 degrees wide, and its streets may be known in one place only."""
_NAMED = 5
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True)
class Area:
    """One feature of a layer.

    Attributes:
        kind: of its layer.
        name: for people; None if it has none.
        geometry: GeoJSON geometry, WGS-84 degrees.
        hours: `HH:MM-HH:MM`, the city's clock; empty = always.
        valid_from_s: Unix seconds; None = ever since.
        valid_to_s: Unix seconds, excluded; None = for ever.
    """

    kind: LayerKind
    name: str | None
    geometry: Mapping[str, Any]
    hours: tuple[str, ...] = ()
    valid_from_s: float | None = None
    valid_to_s: float | None = None

    @cached_property
    def outline(self) -> BaseGeometry:
        """Its shape, in degrees."""
        return shape(dict(self.geometry))

    def distance_m(self, lon: float, lat: float) -> float:
        """Return how far a place lies from it; 0 inside."""
        frame = LocalFrame(lon, lat)
        flat = shapely.transform(
            self.outline, lambda degrees: np.asarray(frame.to_xy(degrees))
        )
        return float(flat.distance(shapely.Point(0, 0)))

    def holds(self, lon: float, lat: float, within_m: float = 0.0) -> bool:
        """Say if a place lies inside, or so near."""
        west, south, east, north = self.box(within_m)
        if not (west <= lon <= east and south <= lat <= north):
            return False
        return self.distance_m(lon, lat) <= within_m

    def box(self, within_m: float = 0.0) -> tuple[float, float, float, float]:
        """Return west, south, east and north of all that it may hold, in degrees."""
        west, south, east, north = self.outline.bounds
        edge = DEGREES_A_METRE * (1 + within_m)
        return west - edge, south - edge, east + edge, north + edge

    @property
    def is_timeless(self) -> bool:
        """Say if it holds at any time."""
        return (self.valid_from_s, self.valid_to_s, self.hours) == (None, None, ())

    def valid_at(self, at_s: float | None) -> bool:
        """Say if a time lies in its validity; one that is not known lies in none."""
        from_s, to_s = self.valid_from_s, self.valid_to_s
        if at_s is None:
            return from_s is None and to_s is None
        return (from_s is None or from_s <= at_s) and (to_s is None or at_s < to_s)

    def open_at(self, at_s: float | None, calendar: Calendar) -> bool:
        """Say if a time lies in its validity and its hours; see `valid_at`."""
        if not self.valid_at(at_s):
            return False
        if at_s is None or not self.hours:
            return not self.hours
        now = calendar.local(at_s)
        minute = now.hour * 60 + now.minute
        return any(low <= minute < high for low, high in map(_span, self.hours))


def areas_near(
    areas: Iterable[Area], lonlat: Sequence[tuple[float, float]], within_m: float
) -> tuple[Area, ...]:
    """Return the areas that may lie so near to a path; a city has very many.

    Args:
        areas: of a city.
        lonlat: places of the path, degrees.
        within_m: from the path's bounding box.
    """
    places = np.array(lonlat)
    low, high = places.min(axis=0), places.max(axis=0)
    frame = LocalFrame(*(float(v) for v in (low + high) / 2))
    edges = frame.to_xy(np.stack([low, high])) + np.array([[-within_m], [within_m]])
    box = shapely.box(*np.asarray(frame.to_lonlat(edges)).ravel())
    return tuple(area for area in areas if box.intersects(area.outline))


def _span(hours: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(hours)
    if found is None:
        return 0, 0
    a, b, c, d = (int(part) for part in found.groups())
    return 60 * a + b, 60 * c + d


def read_layer(
    path: Path, kind: LayerKind, streets: Sequence[Segment] = ()
) -> tuple[Area, ...]:
    """Read a layer.

    Args:
        path: GeoJSON; of each feature `name` and, of permits, `hours` are read.
        kind: what its features are.
        streets: of the city; a layer that is near none of them is of elsewhere, and
            so is each of its features that lies far from all.

    Raises:
        NotFoundError: there is no such file.
        FormError: no GeoJSON, nothing in it, coordinates that are no degrees, swapped
            or of elsewhere, a point where an area is needed, a permit without hours.
    """
    if not path.is_file():
        msg = f"{path} is missing; name a GeoJSON file of {kind}"
        raise NotFoundError(msg)
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))
        features = raw["features"]
        rows = [(f.get("geometry"), f.get("properties") or {}) for f in features]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{path.name} is no GeoJSON FeatureCollection"
        raise FormError(msg) from error
    if not rows:
        msg = f"{path.name} has no feature; a layer needs at least one"
        raise FormError(msg)
    areas = tuple(
        _area(geometry, properties, kind, f"{path.name}, feature {number}")
        for number, (geometry, properties) in enumerate(rows, start=1)
    )
    _refuse_elsewhere(areas, streets, path.name)
    return areas


def _area(
    geometry: Any, properties: Mapping[str, Any], kind: LayerKind, where: str
) -> Area:
    try:
        outline = shape(geometry)
    except (ShapelyError, AttributeError, TypeError, ValueError, KeyError) as error:
        msg = f"{where}: it has no geometry that can be read"
        raise FormError(msg) from error
    if outline.is_empty or not outline.is_valid:
        msg = f"{where}: its outline is empty or crosses itself; draw it again"
        raise FormError(msg)
    _refuse_no_degrees(outline, where)
    if kind in AREAS and outline.area == 0:
        msg = f"{where}: {kind} needs an area (a polygon), not a {outline.geom_type}"
        raise FormError(msg)
    name = properties.get("name")
    return Area(
        kind,
        str(name) if name is not None else None,
        json.loads(shapely.to_geojson(outline)),
        _hours(properties.get("hours"), kind, where),
    )


def _hours(given: Any, kind: LayerKind, where: str) -> tuple[str, ...]:
    if given is None:
        if kind == "stall_permit":
            msg = f"{where}: a permit needs hours, like 06:00-09:00"
            raise FormError(msg)
        return ()
    spans = [given] if isinstance(given, str) else given
    if not isinstance(spans, list) or not spans:
        msg = f"{where}: hours are written like 06:00-09:00, not {given!r}"
        raise FormError(msg)
    for span in spans:
        if not isinstance(span, str) or _HOURS.fullmatch(span) is None:
            msg = f"{where}: hours are written like 06:00-09:00, not {span!r}"
            raise FormError(msg)
        low, high = _span(span)
        if low >= high:
            msg = f"{where}: {span} ends before it begins; write two spans at midnight"
            raise FormError(msg)
    return tuple(spans)


def _refuse_no_degrees(outline: BaseGeometry, where: str) -> None:
    west, south, east, north = outline.bounds
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 180:
        msg = (
            f"{where}: {west:.0f}, {south:.0f} are no degrees; save the layer in "
            "WGS-84 (EPSG:4326)"
        )
        raise FormError(msg)
    if max(abs(south), abs(north)) > 90:
        msg = f"{where}: latitude {north:.1f}; longitude and latitude are swapped"
        raise FormError(msg)


def _refuse_elsewhere(
    areas: Sequence[Area], streets: Sequence[Segment], name: str
) -> None:
    if not streets:
        return
    lonlat = np.concatenate([street.lonlat for street in streets])
    city = shapely.box(*lonlat.min(axis=0), *lonlat.max(axis=0))
    away_deg = [float(city.distance(area.outline)) for area in areas]
    if min(away_deg) > NEAR_STREETS_DEG:
        x, y = areas[0].outline.centroid.coords[0]
        msg = (
            f"{name} lies at {x:.3f}, {y:.3f}, far from every street known here; "
            "is it another city's, or in other coordinates?"
        )
        raise FormError(msg)
    far = [
        _where(area, number)
        for number, (area, deg) in enumerate(zip(areas, away_deg, strict=True), start=1)
        if deg > OF_ONE_CITY_DEG
    ]
    if far:
        more = f" and {len(far) - _NAMED} more" if len(far) > _NAMED else ""
        msg = (
            f"{name}: {len(far)} of {len(areas)} features lie far from every street "
            f"known here: {', '.join(far[:_NAMED])}{more}; correct their coordinates "
            "or take them out"
        )
        raise FormError(msg)


def _where(area: Area, number: int) -> str:
    x, y = area.outline.centroid.coords[0]
    named = "" if area.name is None else f" ({area.name})"
    return f"feature {number}{named} at {x:.3f}, {y:.3f}"
