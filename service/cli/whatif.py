"""`liujing whatif`: a past window under another standard, street by street."""

from __future__ import annotations

import argparse

from service.cli.parts import Verbs, add_verb, print_json, print_table
from service.cli.stored import add_common, day_of, open_store, scored, window_of
from service.memory.street import StreetScore
from service.scoring import Standard, load_standard, shown


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "whatif",
        summary="Score a past window under another standard and show what moves.",
        example="liujing whatif city/ --against hetown@1 --date 2026-03-31 --days 31",
    )
    add_common(parser)
    parser.add_argument(
        "--against", required=True, metavar="NAME@V", help="the other standard"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print both values of every street, those that move most first."""
    store = open_store(options)
    one, other = load_standard(options.standard), load_standard(options.against)
    window = window_of(options, store)
    before = scored(options, store, window, one)
    after = scored(options, store, window, other)
    rows = [(a, b) for a, b in zip(before, after, strict=True)]
    rows.sort(key=lambda pair: (-abs(_move(pair) or 0.0), pair[0].segment.id))
    if options.json:
        print_json([_as_json(pair, one, other) for pair in rows])
        return 0
    print(
        f"{day_of(window.from_s, options)} 至 {day_of(window.to_s - 1, options)}："
        f"{one.id} → {other.id}"
    )
    head = ("路段", "名称", one.id, other.id, "变化", "等级")
    print_table(head, [_row(pair, one, other) for pair in rows])
    return 0


def _value(street: StreetScore) -> float | None:
    return None if street.working is None else street.working.score.value


def _grade(street: StreetScore) -> str:
    grade = None if street.working is None else street.working.score.grade
    return grade or "数据不足"


def _move(pair: tuple[StreetScore, StreetScore]) -> float | None:
    before, after = (_value(street) for street in pair)
    return None if before is None or after is None else after - before


def _row(
    pair: tuple[StreetScore, StreetScore], one: Standard, other: Standard
) -> tuple[str, ...]:
    before, after = (_value(street) for street in pair)
    move = _move(pair)
    return (
        pair[0].segment.id,
        pair[0].segment.name or "-",
        "-" if before is None else shown(before, one),
        "-" if after is None else shown(after, other),
        "-" if move is None else f"{move:+.1f}",
        f"{_grade(pair[0])} → {_grade(pair[1])}",
    )


def _as_json(
    pair: tuple[StreetScore, StreetScore], one: Standard, other: Standard
) -> dict[str, object]:
    return {
        "segment_id": pair[0].segment.id,
        one.id: {"value": _value(pair[0]), "grade": _grade(pair[0])},
        other.id: {"value": _value(pair[1]), "grade": _grade(pair[1])},
        "move": _move(pair),
    }
