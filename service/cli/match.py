"""`liujing match`: fixes -> road segments."""

from __future__ import annotations

import argparse
from pathlib import Path

from service.cli.parts import Verbs, add_verb, print_json
from service.roads import check_near, load_roads, match_geojson, match_rows
from vision.telemetry import read_telemetry


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
    """Match and print one row a fix."""
    network = load_roads(options.roads)
    fixes = read_telemetry(options.track).fixes
    check_near(network, [(f.lon, f.lat) for f in fixes])
    form = match_rows if options.format == "json" else match_geojson
    print_json(form(network, fixes))
    return 0
