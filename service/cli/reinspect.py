"""`liujing reinspect`: another model looks at all drives whose footage is kept."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from service.cli.parts import Verbs, add_verb, print_failures, print_json
from service.cli.serving import add_settings, settings_of, store_of
from service.intake.again import LATER_PRIORITY, inspect_all_again
from service.intake.submit import Sender
from vision.errors import InputError


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "reinspect",
        summary="Queue all drives whose raw footage is kept for another model.",
        example="liujing reinspect --model street@3 --since 2026-03-24",
    )
    add_settings(parser)
    parser.add_argument(
        "--model",
        metavar="NAME@V",
        default="street",
        help="installed model (default: the current street)",
    )
    parser.add_argument(
        "--since", metavar="YYYY-MM-DD", help="only drives that began that day or later"
    )
    parser.add_argument(
        "--priority",
        type=int,
        default=LATER_PRIORITY,
        metavar="N",
        help=f"1 comes first, 100 last (default {LATER_PRIORITY})",
    )
    parser.add_argument("--json", action="store_true", help="print drives as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Queue the drives; exit 1 when the footage of some is gone."""
    settings = settings_of(options)
    done = inspect_all_again(
        settings,
        store_of(settings),
        Sender(priority=options.priority, model=options.model),
        since_s=_since_s(options.since, settings.score.utc_offset_h),
    )
    if options.json:
        gone = {one.item: one.message for one in done.gone}
        print_json(
            {"queued": list(done.queued), "before": list(done.before), "gone": gone}
        )
    else:
        counts = (len(done.queued), len(done.before), len(done.gone))
        print(
            "已排队 queued {}, 此前已看 looked at before {}, 影像已删 gone {}".format(
                *counts
            )
        )
    print_failures("reinspect", done.gone)
    return 1 if done.gone else 0


def _since_s(day: str | None, utc_offset_h: float) -> float | None:
    if day is None:
        return None
    try:
        midnight = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        msg = f"--since must be a day like 2026-03-24, got {day}"
        raise InputError(msg) from error
    return midnight.timestamp() - utc_offset_h * 3600
