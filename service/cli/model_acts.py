"""`liujing models promote|rollback|history`: which model looks from now on."""

from __future__ import annotations

import argparse
import getpass
from datetime import UTC, datetime

from service.cli.parts import add_models, add_verb, print_json, print_table
from vision.catalogue import models_folder
from vision.promote import promote, roll_back
from vision.promotions import Promotion, read_promotions

_ACTS = {"promote": "启用 promoted", "rollback": "退回 rolled back"}


def add_acts(parser: argparse.ArgumentParser) -> None:
    """Add the three acts; the verb alone lists models as before."""
    acts = parser.add_subparsers(title="acts", metavar="ACT")
    up = add_verb(
        acts,
        "promote",
        summary="Make an installed model the current one of its name; it is noted.",
        example="liujing models promote street@3 --why 'better at stalls'",
    )
    up.add_argument("model", metavar="NAME@V", help="see liujing models")
    up.set_defaults(run=_promote)
    back = add_verb(
        acts,
        "rollback",
        summary="Make the model current again that was so before; it is noted.",
        example="liujing models rollback --why 'sees covers where there are none'",
    )
    back.add_argument(
        "name", metavar="NAME", nargs="?", default="street", help="default street"
    )
    back.set_defaults(run=_rollback)
    for act in (up, back):
        act.add_argument("--why", default="by hand", help="one sentence, is kept")
        act.add_argument("--by", help="who does it (default: the user's name)")
    listed = add_verb(
        acts,
        "history",
        summary="All promotions and rollbacks, the first first.",
        example="liujing models history",
    )
    listed.add_argument("--json", action="store_true", help="as JSON")
    listed.set_defaults(run=_history)
    for act in (up, back, listed):
        add_models(act)


def _promote(options: argparse.Namespace) -> int:
    act = promote(
        options.model,
        options.models,
        by=options.by or _user(),
        why=options.why,
        now=datetime.now(UTC),
    )
    return _told(act)


def _rollback(options: argparse.Namespace) -> int:
    act = roll_back(
        options.name,
        options.models,
        by=options.by or _user(),
        why=options.why,
        now=datetime.now(UTC),
    )
    return _told(act)


def _told(act: Promotion) -> int:
    print(f"{_ACTS[act.act]}: {act.model} (此前 before: {act.before or '-'})")
    return 0


def _history(options: argparse.Namespace) -> int:
    acts = read_promotions(models_folder(options.models))
    if options.json:
        print_json([{n: getattr(act, n) for n in act.__slots__} for act in acts])
        return 0
    head = ("时间", "动作", "当前模型", "此前", "何人", "原因")
    print_table(
        head,
        [(a.at, _ACTS[a.act], a.model, a.before or "-", a.by, a.why) for a in acts],
    )
    return 0


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
