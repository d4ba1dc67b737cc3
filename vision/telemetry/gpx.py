"""Read GPX 1.0 and 1.1 tracks (route points where there is no track)."""

from __future__ import annotations

from pathlib import Path

import gpxpy
import gpxpy.gpx

from vision.errors import TelemetryError
from vision.telemetry.base import Telemetry
from vision.telemetry.times import epoch_of
from vision.types import GnssFix

_SNIFF_BYTES = 4096


class GpxReader:
    """GPX, by gpxpy; speed and course also from the usual extensions."""

    name = "gpx"

    def accepts(self, path: Path) -> bool:
        """Say if a `<gpx` element opens near the start of the file."""
        with path.open("rb") as stream:
            return b"<gpx" in stream.read(_SNIFF_BYTES)

    def read(self, path: Path) -> Telemetry | None:
        """Return the track points in file order; times without a zone are UTC.

        Raises:
            TelemetryError: the XML is broken, or a point has no number for a place.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
            gpx = gpxpy.parse(text)
        except (gpxpy.gpx.GPXException, UnicodeDecodeError, ValueError) as error:
            msg = f"{path.name} is not readable as GPX ({error}); export it again."
            raise TelemetryError(msg) from error
        points: list[gpxpy.gpx.GPXTrackPoint | gpxpy.gpx.GPXRoutePoint] = [
            p for t in gpx.tracks for s in t.segments for p in s.points
        ]
        points = points or [p for route in gpx.routes for p in route.points]
        if not points:
            return None
        return Telemetry(
            fixes=tuple(_fix(point) for point in points),
            format=self.name,
            source=path.name,
        )


def _fix(
    point: gpxpy.gpx.GPXTrackPoint | gpxpy.gpx.GPXRoutePoint,
) -> GnssFix:
    extra = _extension_numbers(point)
    speed = getattr(point, "speed", None)
    course = getattr(point, "course", None)
    return GnssFix(
        epoch_s=None if point.time is None else epoch_of(point.time),
        lon=float(point.longitude),
        lat=float(point.latitude),
        alt_m=point.elevation,
        speed_mps=extra.get("speed") if speed is None else speed,
        course_deg=extra.get("course") if course is None else course,
        hdop=point.horizontal_dilution,
    )


def _extension_numbers(
    point: gpxpy.gpx.GPXTrackPoint | gpxpy.gpx.GPXRoutePoint,
) -> dict[str, float]:
    """Return the numbers of a point's extensions by their name without namespace."""
    numbers: dict[str, float] = {}
    for extension in point.extensions:
        for element in extension.iter():
            try:
                value = float(element.text or "")
            except ValueError:
                continue
            numbers[str(element.tag).rpartition("}")[2].lower()] = value
    return numbers
