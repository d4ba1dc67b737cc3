"""Read a road file: GeoJSON lines become a `RoadNetwork`, or one clear sentence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from service.roads.classes import road_class
from service.roads.lines import line_column, point_column
from service.roads.network import RoadNetwork, build_network
from service.types import Segment
from vision.errors import NotFoundError, RoadsError
from vision.geo import LocalFrame
from vision.types import ZONES

FloatArray = npt.NDArray[np.float64]

NEAR_M = 5000.0
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0", "", "none"})
_REVERSE = frozenset({"-1", "reverse"})


def load_roads(path: Path) -> RoadNetwork:
    """Read a road network from a file.

    `.geojson`/`.json`: a FeatureCollection of LineStrings (a MultiLineString gives
    one segment a part, ids suffixed `/1`, `/2`, ...), lon/lat degrees, WGS-84 or
    CGCS2000. `.osm.pbf`/`.pbf`: OpenStreetMap ways (needs the extra `osm`).

    Properties, all optional: `id` (else the feature's `id`, else a stable one made
    of its coordinates), `name`, `class` (1-4, alley; else from `highway`, else 3),
    `width_m`, `oneway`, `district`, `unit_grid`, `responsible_unit`, `absent_zones`.
    A line with `oneway: -1` is turned round.

    Raises:
        NotFoundError: there is no such file.
        RoadsError: it holds no usable lines; the message says which feature and why.
    """
    if not path.is_file():
        msg = f"road file {path} does not exist; check the path"
        raise NotFoundError(msg)
    if path.suffix.lower() == ".pbf":
        from service.roads.pbf import read_ways  # noqa: PLC0415 - optional extra

        return build_network(read_ways(path))
    try:
        return build_network(list(_segments(_features(path))))
    except RoadsError as error:
        msg = f"road file {path.name}: {error}"
        raise RoadsError(msg) from error


def check_near(network: RoadNetwork, lonlat: npt.ArrayLike) -> None:
    """Refuse a network that has nothing to do with a track.

    Args:
        network: the roads.
        lonlat: `(N, 2)` places of the track, degrees.

    Raises:
        RoadsError: no segment lies within 5 km of any place of the track.
    """
    track = np.atleast_2d(np.asarray(lonlat, dtype=np.float64))
    if _any_near(network, track):
        return
    where = f"no segment lies within {NEAR_M / 1000:.0f} km of the track"
    swapped = [_moved(s, s.lonlat[:, ::-1]) for s in network.segments]
    if _any_near_lines(swapped, track):
        msg = (
            f"{where}; the coordinates of the road file look swapped, "
            "write longitude before latitude"
        )
        raise RoadsError(msg)
    if _any_near(network, track[:, ::-1]):
        msg = (
            f"{where}; the coordinates of the track look swapped, "
            "write longitude before latitude"
        )
        raise RoadsError(msg)
    lon, lat = np.median(track, axis=0)
    msg = (
        f"{where} (around lon {lon:.2f}, lat {lat:.2f}); "
        "give the road file of the place that was driven"
    )
    raise RoadsError(msg)


def _moved(segment: Segment, lonlat: FloatArray) -> Segment:
    """Return the segment with another line (its length is left as it was)."""
    return Segment(segment.id, segment.name, segment.road_class, lonlat, 0.0)


def _any_near(network: RoadNetwork, track: FloatArray) -> bool:
    return _any_near_lines(network.segments, track)


def _any_near_lines(
    segments: tuple[Segment, ...] | list[Segment], track: FloatArray
) -> bool:
    """Compare in a frame at the track, where metres are true."""
    lon, lat = np.median(track, axis=0)
    if abs(lat) > 89:
        return False
    frame = LocalFrame(float(lon), float(lat))
    everything = np.concatenate([s.lonlat for s in segments])
    of = np.repeat(np.arange(len(segments)), [len(s.lonlat) for s in segments])
    tree = shapely.STRtree(list(line_column(frame.to_xy(everything), of)))
    few = track[:: max(1, len(track) // 200)]
    found = tree.query(
        point_column(frame.to_xy(few)), predicate="dwithin", distance=NEAR_M
    )
    return bool(found.size)


def _features(path: Path) -> list[Any]:
    try:
        parsed = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        msg = "it is not UTF-8 text; give GeoJSON in UTF-8"
        raise RoadsError(msg) from error
    except json.JSONDecodeError as error:
        msg = f"it is not JSON (line {error.lineno}: {error.msg}); give GeoJSON"
        raise RoadsError(msg) from error
    except RecursionError as error:
        msg = "it is nested too deeply for GeoJSON; give a FeatureCollection of lines"
        raise RoadsError(msg) from error
    kind = parsed.get("type") if isinstance(parsed, dict) else type(parsed).__name__
    if kind != "FeatureCollection":
        msg = f"it is a {kind}, not a FeatureCollection; give GeoJSON lines"
        raise RoadsError(msg)
    features = parsed.get("features")
    if not isinstance(features, list) or not features:
        msg = "it has no features; give at least one LineString"
        raise RoadsError(msg)
    return features


def _segments(features: list[Any]) -> Iterator[Segment]:
    made: dict[str, int] = {}
    for number, feature in enumerate(features, start=1):
        where = f"feature {number}"
        if not isinstance(feature, dict):
            msg = f"{where} is not a GeoJSON feature; give features with LineStrings"
            raise RoadsError(msg)
        properties = feature.get("properties")
        if not isinstance(properties, dict):
            properties = {}
        parts = _parts(feature.get("geometry"), where)
        given = properties.get("id", feature.get("id"))
        for k, lonlat in enumerate(parts, start=1):
            if given is None:
                segment_id = _made_id(lonlat, made)
            else:
                segment_id = f"{given}/{k}" if len(parts) > 1 else str(given)
            try:
                yield _segment(segment_id, properties, lonlat)
            except RoadsError as error:
                msg = f"{where}: {error}"
                raise RoadsError(msg) from error


def _made_id(lonlat: FloatArray, made: dict[str, int]) -> str:
    """Return an id made of the coordinates, the same in every run."""
    digest = hashlib.sha256(np.round(lonlat, 6).tobytes()).hexdigest()[:10]
    made[digest] = made.get(digest, 0) + 1
    again = f"-{made[digest]}" if made[digest] > 1 else ""
    return f"road-{digest}{again}"


def _parts(geometry: object, where: str) -> list[FloatArray]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind is None:
        msg = f"{where} has no geometry; every feature must be a LineString"
        raise RoadsError(msg)
    if kind == "LineString":
        return [_line(geometry.get("coordinates"), where)]
    if kind == "MultiLineString":
        parts = geometry.get("coordinates")
        if isinstance(parts, list) and parts:
            return [_line(part, where) for part in parts]
        msg = f"{where} is a MultiLineString without parts; give it coordinates"
        raise RoadsError(msg)
    msg = f"{where} is a {kind}, not a LineString; roads must be lines"
    raise RoadsError(msg)


def _line(coordinates: object, where: str) -> FloatArray:
    try:
        lonlat = np.array(
            [(float(x), float(y)) for x, y, *_ in coordinates],  # type: ignore[attr-defined]
            dtype=np.float64,
        )
    except (TypeError, ValueError) as error:
        msg = f"{where} has coordinates that are not pairs of numbers; correct them"
        raise RoadsError(msg) from error
    if len(lonlat) == 0 or not np.isfinite(lonlat).all():
        msg = f"{where} has empty or unfinished coordinates; correct them"
        raise RoadsError(msg)
    _check_degrees(lonlat, where)
    moved = np.r_[True, np.any(np.diff(lonlat, axis=0) != 0, axis=1)]
    lonlat = lonlat[moved]
    if len(lonlat) < 2:
        msg = f"{where} is a line of one place only; give it at least two vertices"
        raise RoadsError(msg)
    return lonlat


def _check_degrees(lonlat: FloatArray, where: str) -> None:
    lon, lat = np.abs(lonlat).max(axis=0)
    at = f"({lonlat[0, 0]:g}, {lonlat[0, 1]:g})"
    if lon > 180 or lat > 180:
        msg = (
            f"{where} has coordinates like {at}, which look projected; "
            "convert the file to longitude and latitude (EPSG:4326)"
        )
        raise RoadsError(msg)
    if lat > 90:
        msg = (
            f"{where} has a latitude beyond 90 in {at}; the coordinates look "
            "swapped, write longitude before latitude"
        )
        raise RoadsError(msg)


def _segment(
    segment_id: str, properties: dict[str, Any], lonlat: FloatArray
) -> Segment:
    oneway, backwards = _oneway(properties.get("oneway"))
    return Segment(
        id=segment_id,
        name=_text(properties.get("name")),
        road_class=road_class(properties.get("class"), properties.get("highway")),
        lonlat=lonlat[::-1].copy() if backwards else lonlat,
        length_m=0.0,
        width_m=_width_m(properties.get("width_m", properties.get("width"))),
        oneway=oneway,
        district=_text(properties.get("district")),
        unit_grid=_text(properties.get("unit_grid")),
        responsible_unit=_text(properties.get("responsible_unit")),
        absent_zones=_zones(properties.get("absent_zones")),
    )


def _text(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None


def _oneway(value: object) -> tuple[bool, bool]:
    """Return whether it is one-way, and whether against the drawing direction."""
    word = str(value).strip().lower()
    if word in _REVERSE:
        return True, True
    if word not in _YES | _NO:
        msg = f"oneway must be true or false, got {value!r}"
        raise RoadsError(msg)
    return word in _YES, False


def _width_m(value: object) -> float | None:
    if value is None or value == "":
        return None
    try:
        width_m = float(str(value).removesuffix("m").strip())
    except ValueError:
        width_m = -1.0
    if not 0 < width_m < 200:
        msg = f"width_m must be metres between 0 and 200, got {value!r}"
        raise RoadsError(msg)
    return width_m


def _zones(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    zones = value if isinstance(value, list) else [value]
    unknown = [zone for zone in zones if zone not in ZONES]
    if unknown:
        msg = f"absent_zones must be of {', '.join(ZONES)}, got {unknown[0]!r}"
        raise RoadsError(msg)
    return frozenset(str(zone) for zone in zones)
