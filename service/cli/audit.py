"""`liujing audit`: footage and GPS in, scores with pictures out."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from service.audit.drive import audit_drive
from service.audit.inputs import DEFAULT_LAYOUT, AuditRequest
from service.audit.keep import keep, refuse_unkeepable
from service.audit.publish import Audited, run_facts, summary_rows
from service.city import CONTEXT_KINDS, ContextKind, city_of_store
from service.cli.parts import (
    Verbs,
    add_device,
    add_utc_offset,
    add_verb,
    print_failures,
    print_json,
    print_table,
    utc_offset_h,
)
from service.cli.progress import ProgressLine
from service.cli.stored import add_into, kept_in, open_into
from service.scoring import Area, Calendar, score_rows
from service.store import Store
from vision.errors import InputError
from vision.inspect import InspectOptions

_HEAD = ("路段", "名称", "米", "得分", "区间", "等级", "看清", "问题")


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "audit",
        summary="Score the streets of one drive from its footage and GPS.",
        example="liujing audit night-patrol/ --roads roads.geojson --out report/",
    )
    parser.add_argument("footage", nargs="+", type=Path, metavar="FOOTAGE")
    parser.add_argument(
        "--track",
        type=Path,
        metavar="FILE",
        help="telemetry file (default: inside or beside the footage)",
    )
    parser.add_argument(
        "--roads",
        type=Path,
        metavar="FILE",
        help="GeoJSON lines or .osm.pbf (default: roads.geojson beside the footage, "
        "else 100 m segments along the path)",
    )
    parser.add_argument(
        "--camera",
        type=Path,
        metavar="FILE",
        help="camera TOML (default: camera.toml beside the footage, else assumed)",
    )
    parser.add_argument(
        "--standard",
        default="xuchang@1",
        metavar="NAME@V",
        help="scoring standard, see `liujing standards` (default xuchang@1)",
    )
    parser.add_argument(
        "--datum",
        choices=("wgs84", "gcj02"),
        default="wgs84",
        help="what the telemetry's coordinates are (default wgs84)",
    )
    parser.add_argument(
        "--clock-offset",
        type=float,
        metavar="S",
        help="seconds to add to the footage's own clock (default: estimated)",
    )
    parser.add_argument(
        "--spacing",
        type=float,
        default=3.0,
        metavar="M",
        help="metres driven between two looked-at frames (default 3)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("liujing-out"),
        metavar="DIR",
        help="folder of the report (default liujing-out)",
    )
    add_into(parser, "the drive")
    parser.add_argument(
        "--layer",
        action="append",
        default=[],
        metavar="KIND=FILE",
        help="a layer of context for this report, besides those of an --into store; "
        "e.g. school=schools.geojson; may be given several times",
    )
    add_utc_offset(parser)
    parser.add_argument(
        "--vehicle", metavar="NAME", help="which vehicle drove, for the store"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument(
        "--layout-model",
        metavar="NAME@V",
        default=DEFAULT_LAYOUT,
        help=f"reads the street's layout; none leaves zones to geometry "
        f"(default {DEFAULT_LAYOUT})",
    )
    add_device(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Audit one drive; exit 1 when some of it failed and the rest was written."""
    if not 0 < options.spacing < math.inf:
        msg = f"--spacing must be more than 0 metres, got {options.spacing}"
        raise InputError(msg)
    if options.clock_offset is not None and not math.isfinite(options.clock_offset):
        msg = f"--clock-offset must be a number of seconds, got {options.clock_offset}"
        raise InputError(msg)
    layers = tuple(_layer(given) for given in options.layer)
    offset_h = utc_offset_h(options)
    store = open_into(options)
    areas, calendar = _city(store, offset_h)
    request = AuditRequest(
        footage=tuple(options.footage),
        out=options.out,
        track=options.track,
        roads=options.roads,
        camera=options.camera,
        standard=options.standard,
        model=options.model,
        layout=None if options.layout_model == "none" else options.layout_model,
        models=options.models,
        device=options.device,
        datum=options.datum,
        clock_offset_s=options.clock_offset,
        inspect=InspectOptions(spacing_m=options.spacing),
        areas=areas,
        calendar=calendar,
        layers=layers,
    )
    audited = audit_drive(
        request,
        progress=ProgressLine("looking"),
        refuse=None if store is None else refuse_unkeepable,
    )
    said = _keep(audited, store, options)
    if options.json:
        print_json(
            {
                "out": str(options.out),
                "scores": score_rows(audited.scores),
                "run": run_facts(audited),
                "kept": said,
            }
        )
    else:
        print_table(_HEAD, summary_rows(audited))
        print(f"报告 report: {options.out / 'report.html'}")
        if said is not None:
            print(said)
    print_failures("audit", audited.failures)
    return 1 if audited.failures else 0


def _city(store: Store | None, offset_h: float) -> tuple[tuple[Area, ...], Calendar]:
    """Return what the store knows of the city; without one only its clock."""
    if store is None:
        return (), Calendar(offset_h)
    return city_of_store(store, utc_offset_h=offset_h)


def _layer(given: str) -> tuple[ContextKind, Path]:
    """Return kind and file of `--layer`.

    Raises:
        InputError: it is not KIND=FILE, or there is no such kind.
    """
    kind, found, file = given.partition("=")
    if not found or not file:
        msg = f"--layer is written KIND=FILE, like school=schools.geojson, not {given}"
        raise InputError(msg)
    known = next((name for name in CONTEXT_KINDS if name == kind), None)
    if known is None:
        msg = f"--layer knows no kind {kind!r}; it is one of {', '.join(CONTEXT_KINDS)}"
        raise InputError(msg)
    return known, Path(file)


def _keep(
    audited: Audited, store: Store | None, options: argparse.Namespace
) -> str | None:
    """Keep the drive and return a sentence for people."""
    if store is None:
        return None
    return kept_in(
        store,
        new=keep(audited, store, options.out, options.vehicle),
        streets=[segment.id for segment in audited.segments],
        offset_h=utc_offset_h(options),
    )
