"""`liujing review export`: what reviewers said, as a folder that training reads."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from service.cli.configured import add_config, settings_of, store_there
from service.cli.parts import Verbs, add_verb, print_failures, print_json
from service.review.export import export_reviews


def add_acts(acts: Verbs) -> None:
    """Add the act to those of `liujing review`."""
    parser = add_verb(
        acts,
        "export",
        summary="Write masked frames and what reviewers said of them, for training.",
        example="liujing review export --into reviews-2026-03/",
    )
    parser.add_argument(
        "--into",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="new, or of an earlier export, which is renewed",
    )
    parser.add_argument(
        "--complete",
        action="append",
        default=[],
        metavar="CATEGORY",
        help="reviewers boxed every thing of it in each frame that they judged; repeat",
    )
    parser.add_argument("--json", action="store_true", help="print counts as JSON")
    add_config(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Export; exit 1 when a picture could not be read."""
    settings = settings_of(options)
    done = export_reviews(
        store_there(settings),
        options.into,
        utc_offset_h=settings.score.utc_offset_h,
        now_s=time.time(),
        complete=options.complete,
    )
    if options.json:
        print_json({"pictures": done.pictures, "boxes": dict(done.boxes)})
    else:
        counts = ", ".join(f"{name} {count}" for name, count in done.boxes.items())
        print(f"已导出 exported: {options.into}, 图片 pictures {done.pictures}")
        print(f"框 boxes: {counts}")
    print_failures("review export", done.failures)
    return 1 if done.failures else 0
