"""`liujing verify`: every kept picture is the one that was taken."""

from __future__ import annotations

import argparse
import math
import re
import time
from pathlib import Path

from service.cli.parts import Verbs, add_verb, print_failures
from service.cli.stored import open_store
from service.evidence import verify
from service.types import DAY_S
from vision.errors import InputError


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "verify",
        summary="Check that no kept picture was changed, added or taken out.",
        example="liujing verify city/ --head 5f1c...",
    )
    parser.add_argument("store", metavar="STORE", help="a folder, or postgresql://...")
    parser.add_argument(
        "--head",
        metavar="HASH",
        help="head of the chain as it was printed before and noted elsewhere",
    )
    parser.add_argument(
        "--kept-days",
        type=float,
        metavar="DAYS",
        help="pictures older than this may be gone, and no others (default: those that "
        "the service deleted, as their rows say)",
    )
    parser.add_argument(
        "--blobs", type=Path, metavar="DIR", help="pictures beside a database"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check a store; 1 if anything is wrong."""
    if options.head is not None and not re.fullmatch("[0-9a-f]{64}", options.head):
        msg = f"--head must be 64 hexadecimal digits, got {options.head}"
        raise InputError(msg)
    since_s = _since_s(options.kept_days)
    if "://" in options.store and options.blobs is None:
        msg = "the pictures lie beside a database: name their folder with --blobs DIR"
        raise InputError(msg)
    found = verify(open_store(options), noted=options.head, kept_since_s=since_s)
    print_failures("verify", found.failures)
    good = "证据链有误 not intact" if found.failures else "证据链完整 intact"
    gone = f", {found.gone} 已过保存期 past their days" if found.gone else ""
    print(
        f"{good}: {found.rows} 行 rows, {found.pictures} 张图片 pictures{gone}\n"
        f"链头 head: {found.head}"
    )
    return 1 if found.failures else 0


def _since_s(days: float | None) -> float | None:
    if days is None:
        return None
    if not math.isfinite(days) or days < 0:
        msg = f"--kept-days must be days of 0 or more, got {days}"
        raise InputError(msg)
    return time.time() - days * DAY_S
