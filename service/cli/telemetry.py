"""`liujing telemetry`: the fixes found in a file, whatever the box."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from service.cli.parts import Verbs, add_verb, print_failures
from vision.errors import AuditError, Failure, TelemetryError
from vision.telemetry import read_telemetry, write_csv, write_geojson, write_gpx
from vision.types import GnssFix

_WRITERS = {"csv": write_csv, "gpx": write_gpx, "geojson": write_geojson}


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "telemetry",
        summary="Print the fixes found in videos, photos or track files.",
        example="liujing telemetry GX010042.MP4 --format gpx > track.gpx",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--format", choices=tuple(_WRITERS), default="csv")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read every file, write all fixes as one document."""
    fixes: list[GnssFix] = []
    failures: list[Failure] = []
    for path in options.files:
        try:
            fixes.extend(read_telemetry(path).fixes)
        except AuditError as error:
            failures.append(Failure.of(str(path), error))
    if not fixes:
        raise TelemetryError("; ".join(f.message for f in failures))
    _WRITERS[options.format](in_time_order(fixes), sys.stdout)
    print_failures("telemetry", failures)
    return 1 if failures else 0


def in_time_order(fixes: list[GnssFix]) -> list[GnssFix]:
    """Return the fixes by time, those without a clock as they came, at the end."""
    timed = [fix for fix in fixes if fix.epoch_s is not None]
    return sorted(timed, key=lambda fix: fix.epoch_s or 0.0) + [
        fix for fix in fixes if fix.epoch_s is None
    ]
