"""`liujing whatif`: a past window under another standard, street by street."""

from __future__ import annotations

import argparse
from pathlib import Path

from service.cli.parts import Verbs, add_verb, print_json, print_table
from service.cli.stored import (
    add_common,
    as_of_s,
    day_of,
    open_store,
    terms_of,
    window_of,
)
from service.memory.street import StreetScore
from service.memory.whatif import Moved, what_if
from service.scoring import Standard, load_standard, read_standard, shown


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "whatif",
        summary="Score a past window under another standard and show what moves.",
        example="liujing whatif city/ --against draft.toml --date 2026-03-31 --days 31",
    )
    add_common(parser)
    parser.add_argument(
        "--against",
        required=True,
        metavar="NAME@V|FILE",
        help="the other standard: one that is installed, or a draft (as --standard)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print both values of every street, those that move most first."""
    one, one_name = _standard(options.standard)
    other, other_name = _standard(options.against)
    store = open_store(options)
    window = window_of(options, store)
    moved = what_if(
        store,
        window=window,
        terms=terms_of(options, store, one),
        other=terms_of(options, store, other),
        as_of_s=as_of_s(options),
    )
    if options.json:
        print_json([_as_json(street, one_name, other_name) for street in moved])
        return 0
    print(
        f"{day_of(window.from_s, options)} 至 {day_of(window.to_s - 1, options)}："
        f"{one_name} → {other_name}"
    )
    head = ("路段", "名称", one_name, other_name, "变化", "等级")
    print_table(head, [_row(street, one, other) for street in moved])
    return 0


def _standard(named: str) -> tuple[Standard, str]:
    """Return a standard and what it is called here: a draft by its file too."""
    path = Path(named)
    if path.suffix == ".toml" or len(path.parts) > 1:
        draft = read_standard(path)
        return draft, f"{draft.id} ({path.name})"
    return load_standard(named), named


def _value(street: StreetScore) -> float | None:
    return None if street.working is None else street.working.score.value


def _grade(street: StreetScore) -> str:
    grade = None if street.working is None else street.working.score.grade
    return grade or "数据不足"


def _row(moved: Moved, one: Standard, other: Standard) -> tuple[str, ...]:
    before, after = _value(moved.before), _value(moved.after)
    points = moved.points
    segment = moved.before.segment
    return (
        segment.id,
        segment.name or "-",
        "-" if before is None else shown(before, one),
        "-" if after is None else shown(after, other),
        "-" if points is None else f"{points:+.1f}",
        f"{_grade(moved.before)} → {_grade(moved.after)}",
    )


def _as_json(moved: Moved, one: str, other: str) -> dict[str, object]:
    return {
        "segment_id": moved.before.segment.id,
        one: {"value": _value(moved.before), "grade": _grade(moved.before)},
        other: {"value": _value(moved.after), "grade": _grade(moved.after)},
        "move": moved.points,
    }
