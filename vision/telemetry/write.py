"""Write fixes as CSV, GPX or GeoJSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import TextIO
from xml.sax.saxutils import quoteattr

from vision.telemetry.times import iso_utc
from vision.types import GnssFix

CSV_HEADER = ("time", "lon", "lat", "alt_m", "speed_mps", "course_deg")


def write_csv(fixes: Iterable[GnssFix], stream: TextIO) -> None:
    """Write `time,lon,lat,alt_m,speed_mps,course_deg`, one row a fix.

    Times are UTC ISO 8601 ending in Z; what is unknown is left empty.
    """
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for fix in fixes:
        writer.writerow(
            (
                _time(fix),
                f"{fix.lon:.8f}",
                f"{fix.lat:.8f}",
                _rounded(fix.alt_m),
                _rounded(fix.speed_mps),
                _rounded(fix.course_deg),
            )
        )


def write_gpx(fixes: Iterable[GnssFix], stream: TextIO) -> None:
    """Write a GPX 1.1 track of one segment; speed and course go into extensions."""
    stream.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="liujing" '
        'xmlns="http://www.topografix.com/GPX/1/1">\n<trk><trkseg>\n'
    )
    for fix in fixes:
        place = f"lat={quoteattr(f'{fix.lat:.8f}')} lon={quoteattr(f'{fix.lon:.8f}')}"
        stream.write(f"<trkpt {place}>{_gpx_children(fix)}</trkpt>\n")
    stream.write("</trkseg></trk>\n</gpx>\n")


def write_geojson(fixes: Iterable[GnssFix], stream: TextIO) -> None:
    """Write a FeatureCollection of points, one a fix, unknown properties null."""
    stream.write('{"type": "FeatureCollection", "features": [')
    for number, fix in enumerate(fixes):
        stream.write(",\n" if number else "\n")
        json.dump(_feature(fix), stream)
    stream.write("\n]}\n")


def _time(fix: GnssFix) -> str:
    return "" if fix.epoch_s is None else iso_utc(fix.epoch_s)


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _gpx_children(fix: GnssFix) -> str:
    children = (
        ("ele", _rounded(fix.alt_m)),
        ("time", _time(fix)),
        ("hdop", _rounded(fix.hdop)),
    )
    motion = (("speed", _rounded(fix.speed_mps)), ("course", _rounded(fix.course_deg)))
    text = "".join(f"<{name}>{value}</{name}>" for name, value in children if value)
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in motion if value)
    return text + (f"<extensions>{inner}</extensions>" if inner else "")


def _feature(fix: GnssFix) -> dict[str, object]:
    place = [round(fix.lon, 8), round(fix.lat, 8)]
    return {
        "type": "Feature",
        "geometry": {
            "type": "Point",
            "coordinates": place
            if fix.alt_m is None
            else [*place, round(fix.alt_m, 3)],
        },
        "properties": {
            "time": _time(fix) or None,
            "speed_mps": fix.speed_mps,
            "course_deg": fix.course_deg,
            "hdop": fix.hdop,
        },
    }
