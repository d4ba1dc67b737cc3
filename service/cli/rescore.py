"""`liujing rescore`: every street of a store, from all passes of a window."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict

from service.cli import every_day
from service.cli.parts import Verbs, add_verb, print_json, print_table
from service.cli.stored import (
    USUAL,
    add_common,
    as_of_s,
    day_of,
    open_store,
    scored,
    terms_of,
    window_of,
)
from service.memory.rescore import rescore, street_json
from service.memory.street import StreetScore
from service.scoring import (
    Checked,
    Standard,
    list_checklists,
    load_checklist,
    load_standard,
    shown,
)
from service.store import Store
from vision.errors import NotFoundError

_STATUS = {
    "insufficient": "数据不足",
    "stale": "已过期",
    "not_passed": "未经过",
}


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "rescore",
        summary="Score every street of a store from all passes of a window of time.",
        example="liujing rescore city/ --date 2026-03-31 --days 31",
    )
    add_common(parser)
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    every_day.add_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print and keep the score of every street."""
    store = open_store(options)
    if options.standard in {checklist.id for checklist in list_checklists()}:
        return _run_checklist(options, store)
    standard = load_standard(options.standard)
    if options.every_day:
        return every_day.run(options, store, standard)
    window = window_of(options, store)
    terms = terms_of(options, store, standard)
    streets = rescore(
        store, terms, window, known_s=time.time(), as_of_s=as_of_s(options)
    )
    if not streets:
        msg = f"the store {store.name} knows no street; add a drive: audit ... --into"
        raise NotFoundError(msg)
    if options.json:
        print_json([street_json(street) for street in streets])
        return 0
    print(f"{day_of(window.from_s, options)} 至 {day_of(window.to_s - 1, options)}")
    head = ("路段", "名称", "得分", "区间", "等级", "经过", "问题", "已整改", "复发")
    print_table(head, [_table_row(street, standard) for street in streets])
    return 0


def _table_row(street: StreetScore, standard: Standard) -> tuple[str, ...]:
    score = None if street.working is None else street.working.score
    value = interval = "-"
    if score is not None and score.value is not None:
        value = shown(score.value, standard)
        if score.low is not None and score.high is not None:
            interval = f"{shown(score.low, standard)}-{shown(score.high, standard)}"
    grade = None if score is None else score.grade
    status = _STATUS.get(street.status)
    states = [known.finding.state for known in street.findings]
    return (
        street.segment.id,
        street.segment.name or "-",
        value,
        interval,
        " ".join(part for part in (grade, status) if part) or "-",
        str(street.looks),
        str(sum(s in {"raw", "confirmed", "recurred"} for s in states)),
        str(states.count("cleared")),
        str(states.count("recurred")),
    )


def _run_checklist(options: argparse.Namespace, store: Store) -> int:
    """Print the answers to a yes-or-no standard; blank is blank, not yes."""
    checklist = load_checklist(options.standard)
    window = window_of(options, store)
    found = [
        street.checked(checklist)
        for street in scored(options, store, window, load_standard(USUAL))
    ]
    if options.json:
        print_json([asdict(one) for one in found])
        return 0
    print(f"{checklist.title_zh}，{day_of(window.to_s - 1, options)}")
    head = ("路段", *(item.zh for item in checklist.items), "已答", "结论")
    print_table(head, [_answers(one, len(checklist.items)) for one in found])
    return 0


def _answers(one: Checked, of: int) -> tuple[str, ...]:
    marks = {True: "是", False: "否", None: "空"}
    result = {True: "通过", False: "不通过", None: "数据不足"}
    return (
        one.segment_id,
        *(marks[answer.yes] for answer in one.answers),
        f"{one.answered}/{of}",
        result[one.passed],
    )
