"""`liujing explain`: the arithmetic of one street's score."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from service.cli.parts import Verbs, add_verb
from service.cli.stored import add_common, day_of, open_store, scored, window_of
from service.memory.street import StreetScore, Window
from service.scoring import Standard, explain_lines, load_standard
from vision.errors import NotFoundError
from vision.taxonomy import load_taxonomy


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "explain",
        summary="Print the arithmetic of one street's score, line by line.",
        example="liujing explain city/ xc-ja-02 --date 2026-03-31",
    )
    add_common(parser, segment=True)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the working of one street's score."""
    store = open_store(options)
    standard = load_standard(options.standard)
    window = window_of(options, store)
    found = list(scored(options, store, window, standard, [options.segment]))
    if not found:
        msg = f"the store {store.name} knows no street called {options.segment}"
        raise NotFoundError(msg)
    for line in _explained(found[0], window, standard, options):
        print(line)
    return 0


def _explained(
    street: StreetScore,
    window: Window,
    standard: Standard,
    options: argparse.Namespace,
) -> Iterable[str]:
    segment = street.segment
    yield (
        f"路段 {segment.id}　{segment.name or '未命名'}　{segment.length_m:.0f} 米"
        f"　道路等级 {segment.road_class}"
    )
    days = f"{day_of(window.from_s, options)} 至 {day_of(window.to_s - 1, options)}"
    if street.working is None or street.last_s is None:
        yield f"{days}：从未经过，不给分。"
        return
    last = day_of(street.last_s, options)
    yield f"{days}：{street.looks} 次经过，最近一次 {last}"
    if street.status == "stale":
        yield f"期内没有经过：以下是 {last} 的结果，不计入平均。"
    names = {c.id: c.zh for c in load_taxonomy().categories}
    yield from explain_lines(
        segment, street.working, standard=standard, category_name=lambda c: names[c]
    )
    for known in street.findings:
        if known.cleared_s is not None and known.cleared_s >= window.from_s:
            yield f"已整改：{known.finding.id}　{day_of(known.cleared_s, options)} 看清"
