"""The verbs of the loop: from reviews to a promoted model, and back."""

from __future__ import annotations

import argparse
import getpass
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from training.call import Call
from training.collect import collect_parts, load_maps
from training.evaluate.promotion import TrialMeasure, expected_error, read_policy
from training.fit import FitSettings
from training.reviews.frozen import freeze, spread
from training.reviews.judge import Taught
from training.reviews.loop import POLICY_FILE, SETTINGS, Wish, teach_from_reviews
from training.reviews.publish import publish_taught
from training.types import PARTS
from vision.errors import AuditError
from vision.promote import promote, roll_back

logger = logging.getLogger(__name__)

TINY_PER_PART = 40
TINY_SETTINGS = replace(
    SETTINGS,
    minutes=5.0,
    image_px=256,
    learning_rate=0.0006,
    batch=8,
    mosaic=0.0,
    calm_epochs=0,
    frame_px=None,
    max_epochs=6,
)


class NotPromotedError(AuditError):
    """A new model is not better than the current one."""

    code = "not_promoted"
    exit_code = 1


def _from_reviews(call: Call) -> str:
    args = call.args
    frozen = args.frozen or call.workspace.base / "reviews" / "frozen"
    policy = args.policy or call.workspace.datasets / POLICY_FILE
    wish = Wish(frozen, read_policy(policy), args.name, _settings(args))
    taught = teach_from_reviews(call.workspace, args.exports, wish)
    for line in _table(taught):
        logger.info("%s", line)
    if taught.against:
        raise NotPromotedError(_refusal(taught))
    if args.dont_promote:
        return f"{taught.onnx} may be promoted; it was not asked for"
    act = publish_taught(
        call.workspace, taught, code_version=call.code_version, by=_by(args)
    )
    return f"{act.model} is the current model now, before it {act.before}"


def _settings(args: argparse.Namespace) -> FitSettings:
    settings = TINY_SETTINGS if args.tiny else SETTINGS
    if args.minutes is not None:
        settings = replace(settings, minutes=args.minutes)
    if args.epochs is not None:
        settings = replace(settings, max_epochs=args.epochs)
    return settings


def _refusal(taught: Taught) -> str:
    count = len(taught.against)
    head = f"not promoted, {count} reason{'s' if count > 1 else ''}:"
    return "\n".join([head, *(f"- {reason}" for reason in taught.against)])


def _table(taught: Taught) -> list[str]:
    """Return both networks side by side, for people."""
    data = taught.data
    lines = [
        f"data {data.id} ({data.images} pictures, {data.sha256[:12]}), on from "
        + taught.current.id
    ]
    for was, would in zip(taught.before, taught.after, strict=True):
        lines.append(
            f"{was.trial}: {was.pictures} pictures, score error "
            f"{was.score_error:.3f} to {would.score_error:.3f}"
        )
        lines += _class_lines(was, would)
    errors = expected_error(taught.before), expected_error(taught.after)
    return [*lines, f"expected score error {errors[0]:.3f} to {errors[1]:.3f}"]


def _class_lines(was: TrialMeasure, would: TrialMeasure) -> list[str]:
    return [
        f"  {name} AP50 {one.ap50:.3f} to {would.classes[name].ap50:.3f} "
        f"({one.instances})"
        for name, one in was.classes.items()
        if one.ap50 is not None
    ]


def _freeze(call: Call) -> str:
    _, maps = load_maps(call.workspace)
    parts = collect_parts(call.workspace, maps)
    if call.args.tiny:
        parts = {part: spread(parts[part], TINY_PER_PART) for part in PARTS}
    digest = freeze(parts, call.args.folder)
    return f"{call.args.folder} holds the frozen set {digest[:12]}"


def _promote(call: Call) -> str:
    args = call.args
    act = promote(
        args.promoted,
        call.workspace.models,
        by=_by(args),
        why=args.why,
        now=datetime.now(UTC),
    )
    return f"{act.model} is the current model now, before it {act.before or 'none'}"


def _rollback(call: Call) -> str:
    args = call.args
    act = roll_back(
        args.name,
        call.workspace.models,
        by=_by(args),
        why=args.why,
        now=datetime.now(UTC),
    )
    return f"{act.model} is the current model again, instead of {act.before}"


LOOP: dict[str, tuple[Callable[[Call], str], str]] = {
    "from-reviews": (_from_reviews, "teach on with reviews; promote, or say why not"),
    "freeze": (_freeze, "freeze the old pictures that from-reviews rehearses"),
    "promote": (_promote, "make a model of models/ the current one; it is noted"),
    "rollback": (_rollback, "go back to the model before; it is noted"),
}
"""Beside the recipe: what comes back from the street."""


def add_loop(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add the verbs to the program's subparsers."""
    parsers = {
        name: verbs.add_parser(name, help=text, description=text, parents=[common])
        for name, (_, text) in LOOP.items()
    }
    parser = parsers["from-reviews"]
    parser.add_argument(
        "exports",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="of `liujing review export`; a later one counts before an earlier",
    )
    parser.add_argument(
        "--frozen",
        type=Path,
        metavar="FOLDER",
        help="old pictures that rehearse and measure (default: build/reviews/frozen, "
        "made from the old sets once)",
    )
    parser.add_argument("--epochs", type=int, help="stop after so many")
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="when a class counts as fallen (default: datasets/promotion.toml)",
    )
    parser.add_argument(
        "--dont-promote", action="store_true", help="only say if it may be promoted"
    )
    parsers["freeze"].add_argument("folder", type=Path, metavar="FOLDER")
    parsers["promote"].add_argument("promoted", metavar="NAME@V")
    for name in ("from-reviews", "rollback"):
        parsers[name].add_argument(
            "--name", default="street", help="of the model (default street)"
        )
    for name in ("promote", "rollback"):
        parsers[name].add_argument("--why", default="by hand", help="one sentence")
    for name in ("from-reviews", "promote", "rollback"):
        parsers[name].add_argument(
            "--by", help="who does it (default: the user's name)"
        )


def _by(args: argparse.Namespace) -> str:
    if args.by:
        return str(args.by)
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
