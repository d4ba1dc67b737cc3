"""`liujing edge`: a drive is inspected on the vehicle, and a package made of it."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from service.audit.inputs import DEFAULT_LAYOUT
from service.cli.parts import Verbs, add_device, add_verb, print_json
from service.cli.progress import ProgressLine
from service.vehicle.drives import GOOD_NAME
from service.vehicle.edge import inspect_into, yield_to_others
from service.vehicle.eyes import LATER_CODE, NICE, PICTURE_SIZES, DriveSaid, EdgeOptions
from vision.catalogue import load_card
from vision.errors import AuditError, InputError


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "edge",
        summary="Inspect one drive here and make a package for the server of it.",
        example="liujing edge night-patrol/ --out outbox/ --camera camera.toml",
    )
    parser.add_argument(
        "footage",
        nargs="+",
        type=Path,
        metavar="FOOTAGE",
        help="videos, photos, tracks, or folders of them; all are one drive",
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of packages; work that was cut short goes on there",
    )
    parser.add_argument(
        "--name", help="the package's name begins with it (default: as the first file)"
    )
    parser.add_argument(
        "--drive",
        metavar="NAME",
        help="under which the drive's footage is announced to the server: packages and "
        "footage of one name are one outing",
    )
    parser.add_argument(
        "--clock-ahead",
        type=float,
        metavar="S",
        help="seconds by which the clock that dated the footage is ahead of the "
        "server's, as measured; counts where the track has no better clock",
    )
    parser.add_argument(
        "--began",
        type=float,
        metavar="UNIX",
        help="when the recording began, by that clock",
    )
    for name, told in (
        ("camera", "camera file; default camera.toml beside the footage"),
        ("track", "telemetry; default inside or beside the footage"),
        ("roads", "road file, for the usual width of streets; not needed"),
    ):
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=told)
    parser.add_argument(
        "--datum", choices=("wgs84", "gcj02"), default="wgs84", help="of the track"
    )
    parser.add_argument(
        "--spacing", type=float, default=3.0, metavar="M", help="default 3"
    )
    parser.add_argument(
        "--piece",
        type=float,
        default=200.0,
        metavar="M",
        help="metres after which it is written down how far the work is (default 200)",
    )
    parser.add_argument(
        "--pictures",
        choices=PICTURE_SIZES,
        default="light",
        help="light: of each find what is around it (default); scene: a small picture "
        "of the street as well; full: all that a server keeps",
    )
    parser.add_argument(
        "--layout-model",
        metavar="NAME@V",
        default=DEFAULT_LAYOUT,
        help=f"none leaves zones to geometry (default {DEFAULT_LAYOUT})",
    )
    parser.add_argument(
        "--nice",
        type=int,
        default=NICE,
        metavar="N",
        help=f"how much the work yields to others, 0 to 19 (default {NICE})",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    add_device(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Inspect one drive and say where its package lies.

    It ends with 75 where another try may do better.
    """
    for name in ("spacing", "piece"):
        value = getattr(options, name)
        if not 0 < value < math.inf:
            msg = f"--{name} must be more than 0 metres, got {value}"
            raise InputError(msg)
    if not 0 <= options.nice <= 19:
        msg = f"--nice must be from 0 to 19, got {options.nice}"
        raise InputError(msg)
    yield_to_others(options.nice)
    said = _said(options)
    try:
        package = inspect_into(
            options.footage,
            options.out,
            edge_options(options),
            progress=ProgressLine("looking"),
            said=said,
        )
    except InputError:
        raise
    except AuditError as error:
        print(f"liujing edge: {error}", file=sys.stderr)
        return LATER_CODE
    size = package.stat().st_size
    if options.json:
        print_json({"package": str(package), "bytes": size})
        return 0
    print(f"包 package: {package} ({size / 1e6:.2f} MB)")
    return 0


def _said(options: argparse.Namespace) -> DriveSaid:
    drive = options.drive
    if drive is not None and not GOOD_NAME.fullmatch(drive):
        msg = (
            f"--drive must be 1 to 80 letters, digits, dots, dashes and underscores, "
            f"got {drive[:80]!r}"
        )
        raise InputError(msg)
    for name in ("clock_ahead", "began"):
        value = getattr(options, name)
        if value is not None and not math.isfinite(value):
            msg = f"--{name.replace('_', '-')} must be a number of seconds, got {value}"
            raise InputError(msg)
    return DriveSaid(
        options.name or options.footage[0].stem,
        drive,
        clock_ahead_s=options.clock_ahead,
        began_s=options.began,
    )


def edge_options(options: argparse.Namespace) -> EdgeOptions:
    """Return how a vehicle looks, as the command line says."""
    return EdgeOptions(
        model=load_card(options.model, options.models).id,
        layout=None if options.layout_model == "none" else options.layout_model,
        models=options.models,
        device=options.device,
        spacing_m=options.spacing,
        camera=options.camera,
        track=options.track,
        roads=options.roads,
        datum=options.datum,
        pictures=options.pictures,
        piece_m=options.piece,
    )
