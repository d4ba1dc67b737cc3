"""`liujing intake`: a drive into the queue of the service."""

from __future__ import annotations

import argparse
from pathlib import Path

from service.cli.parts import Verbs, add_verb, print_json
from service.cli.serving import add_settings, settings_of, store_of
from service.intake.submit import CAMERA, ROADS, USUAL_PRIORITY, Sender, take_in


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "intake",
        summary="Copy one drive into the quarantine and queue it.",
        example="liujing intake night-patrol/ --config liujing.toml --vehicle K-07",
    )
    parser.add_argument(
        "footage",
        nargs="+",
        type=Path,
        metavar="FOOTAGE",
        help="videos, photos, tracks, or folders of them; all are one drive",
    )
    add_settings(parser)
    for name in ("camera", "roads"):
        parser.add_argument(
            f"--{name}", type=Path, metavar="FILE", help=f"{name} file of this drive"
        )
    parser.add_argument("--vehicle", metavar="NAME", help="which vehicle drove")
    parser.add_argument("--model", metavar="NAME@V", help="default: of the settings")
    parser.add_argument(
        "--priority",
        type=int,
        default=USUAL_PRIORITY,
        metavar="N",
        help=f"1 comes first, 100 last (default {USUAL_PRIORITY})",
    )
    parser.add_argument("--json", action="store_true", help="print the job as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Take a drive in and print its job."""
    settings = settings_of(options)
    given = {CAMERA: options.camera, ROADS: options.roads}
    job, new = take_in(
        settings,
        store_of(settings),
        options.footage,
        Sender(vehicle=options.vehicle, priority=options.priority, model=options.model),
        named={name: path for name, path in given.items() if path is not None},
    )
    if options.json:
        print_json({"id": job.id, "state": job.state, "new": new})
        return 0
    said = "已排队 queued" if new else f"此前已收 was taken in before ({job.state})"
    print(f"{said}: {job.id}")
    return 0
