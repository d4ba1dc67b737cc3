"""Arguments and printing that several verbs share."""

from __future__ import annotations

import argparse
import json
import math
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from vision.errors import Failure, InputError

Verbs = Any
"""What `add_subparsers` returns; its type is private to argparse."""


def add_verb(
    verbs: Verbs, name: str, *, summary: str, example: str
) -> argparse.ArgumentParser:
    """Add one verb with its help and an example."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add `--device`, `--model` and `--models`."""
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="where the model runs; auto takes a GPU if there is one (default auto)",
    )
    parser.add_argument(
        "--model",
        metavar="NAME@V",
        default="street",
        help="installed model, see `liujing models` (default: the current street)",
    )
    add_models(parser)


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add `--models`."""
    parser.add_argument(
        "--models",
        type=Path,
        metavar="DIR",
        help="folder of model cards (default: the installed ones)",
    )


def add_utc_offset(parser: argparse.ArgumentParser) -> None:
    """Add `--utc-offset`."""
    parser.add_argument(
        "--utc-offset",
        type=float,
        default=8.0,
        metavar="H",
        help="hours from UTC to the city's days (default 8)",
    )


def utc_offset_h(options: argparse.Namespace) -> float:
    """Return `--utc-offset`.

    Raises:
        InputError: no clock is so far from UTC.
    """
    offset_h: float = options.utc_offset
    if not math.isfinite(offset_h) or abs(offset_h) > 14:
        msg = f"--utc-offset must be hours from -14 to 14, got {offset_h}"
        raise InputError(msg)
    return offset_h


def print_json(value: object) -> None:
    """Print one JSON document."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print columns; Chinese characters count two cells."""
    cells = [[str(c) for c in row] for row in [head, *rows]]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        line = "  ".join(
            cell + " " * (width - _width(cell))
            for cell, width in zip(row, widths, strict=True)
        )
        print(line.rstrip())


def print_failures(verb: str, failures: Iterable[Failure]) -> None:
    """Say on standard error which items failed; the messages name them."""
    for failure in failures:
        print(f"liujing {verb}: {failure.message}", file=sys.stderr)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
