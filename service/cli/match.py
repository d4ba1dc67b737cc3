"""`liujing match`: fixes -> road segments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from service.cli.parts import Verbs, add_verb, print_json
from service.roads import FixIn, check_near, load_roads, match_geojson, match_rows
from vision.telemetry import read_telemetry
from vision.types import GnssFix


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "match",
        summary="Put every fix of a track on a segment of the road file.",
        example="liujing match track.gpx --roads roads.geojson --format geojson",
    )
    parser.add_argument("track", type=Path, metavar="TRACK")
    parser.add_argument("--roads", type=Path, required=True, metavar="FILE")
    parser.add_argument("--format", choices=("json", "geojson"), default="json")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Match and print one row a fix, in the order of the track."""
    network = load_roads(options.roads)
    fixes = read_telemetry(options.track).fixes
    check_near(network, [(f.lon, f.lat) for f in fixes])
    form = match_rows if options.format == "json" else match_geojson
    print_json(form(network, _fixes_in(fixes), times=[_time(f) for f in fixes]))
    return 0


def _fixes_in(fixes: Sequence[GnssFix]) -> list[FixIn]:
    """Give every fix a time: its own, else its place in the file, a second apart."""
    return [
        FixIn(
            time_s=_seconds(fix, number),
            lon=fix.lon,
            lat=fix.lat,
            heading_deg=fix.course_deg,
            speed_mps=fix.speed_mps,
        )
        for number, fix in enumerate(fixes)
    ]


def _seconds(fix: GnssFix, number: int) -> float:
    if fix.epoch_s is not None:
        return fix.epoch_s
    return float(number) if fix.drive_s is None else fix.drive_s


def _time(fix: GnssFix) -> str | None:
    """Return UTC, as all our forms have it; None where the track has no times."""
    if fix.epoch_s is None:
        return None
    moment = datetime.fromtimestamp(fix.epoch_s, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
