"""`liujing review` without a desk: verdicts, the queue, measures, gold, objections."""

from __future__ import annotations

import argparse
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import get_args

from service.cli.configured import add_config, settings_of, store_there
from service.cli.parts import Verbs, add_verb, print_json, print_table
from service.records import WordKind
from service.review.apply import Applied, apply_review
from service.review.base import ReviewIn, ReviewVerdict
from service.review.measures import Measures, Share, keep_measures, measures
from service.review.operating import operating_toml
from service.review.queue import worth
from vision.errors import OutputError

_STATE = {
    "raw": "待复核",
    "confirmed": "属实",
    "rejected": "误报",
    "permitted": "合法许可",
    "duplicate": "重复",
    "cleared": "已整改",
    "recurred": "复发",
    None: "并入另一问题",
}


def add_acts(acts: Verbs) -> None:
    """Add the acts to the verb's parser."""
    verdict = add_verb(
        acts,
        "verdict",
        summary="Say what a finding is; its score moves at once.",
        example="liujing review verdict 5f1c02ab31cd-3 real --reviewer 李",
    )
    _add_word(verdict, "verdict")
    verdict.set_defaults(run=_verdict)
    gold = add_verb(
        acts,
        "gold",
        summary="Give a finding an answer that is known, to measure reviewers by.",
        example="liujing review gold 5f1c02ab31cd-3 real --reviewer 专家组",
    )
    _add_word(gold, "gold")
    gold.set_defaults(run=_gold)
    appeal = add_verb(
        acts,
        "appeal",
        summary="The responsible unit objects: reviewers are asked again.",
        example="liujing review appeal 5f1c02ab31cd-3 --unit 环卫一所 --reason 有许可",
    )
    appeal.add_argument("finding", metavar="FINDING", help="its id")
    appeal.add_argument("--unit", required=True, metavar="NAME", help="who objects")
    appeal.add_argument("--reason", required=True, metavar="TEXT", help="why")
    appeal.set_defaults(run=_appeal)
    queue = add_verb(
        acts,
        "queue",
        summary="What is worth a review, the first to be asked first.",
        example="liujing review queue --limit 20",
    )
    queue.add_argument("--limit", type=int, default=20, metavar="N")
    queue.add_argument("--json", action="store_true", help="as JSON")
    queue.set_defaults(run=_queue)
    measured = add_verb(
        acts,
        "measures",
        summary="Precision, recall, agreement and reviewers' accuracy, by reviews.",
        example="liujing review measures --keep",
    )
    measured.add_argument(
        "--keep", action="store_true", help="let scores use them from now on"
    )
    measured.add_argument(
        "--operating", type=Path, metavar="FILE", help="write operating points (TOML)"
    )
    measured.add_argument("--json", action="store_true", help="as JSON")
    measured.set_defaults(run=_measures)
    for act in (verdict, gold, appeal, queue, measured):
        add_config(act)


def _add_word(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("finding", metavar="FINDING", help="its id")
    parser.add_argument("verdict", choices=get_args(ReviewVerdict), help=what)
    parser.add_argument("--reviewer", required=True, metavar="NAME", help="who says so")
    parser.add_argument("--reason", metavar="TEXT", help="needed unless real")
    parser.add_argument("--category", metavar="ID", help="what it really is")
    parser.add_argument("--zone", metavar="ID", help="where it really lies")
    parser.add_argument("--severity", metavar="LEVEL", help="a level of its rule")


def _verdict(options: argparse.Namespace) -> int:
    return _say(options, "review")


def _gold(options: argparse.Namespace) -> int:
    return _say(options, "gold")


def _say(options: argparse.Namespace, kind: WordKind) -> int:
    at_s = time.time()
    annotation = f"cli:{kind}:{options.reviewer}:{options.finding}"
    review = ReviewIn(
        source=f"cli:{uuid.uuid4().hex}",
        finding_id=options.finding,
        reviewer=options.reviewer,
        verdict=options.verdict,
        reason=options.reason,
        category=options.category,
        zone=options.zone,
        severity=options.severity,
        added=(),
        at_s=at_s,
        annotation=annotation,
    )
    return _apply(options, review, kind)


def _appeal(options: argparse.Namespace) -> int:
    review = ReviewIn(
        source=f"cli:{uuid.uuid4().hex}",
        finding_id=options.finding,
        reviewer=options.unit,
        verdict="unclear",
        reason=options.reason,
        category=None,
        zone=None,
        severity=None,
        added=(),
        at_s=time.time(),
    )
    return _apply(options, review, "appeal")


def _apply(options: argparse.Namespace, review: ReviewIn, kind: WordKind) -> int:
    settings = settings_of(options)
    done = apply_review(store_there(settings), settings, review, kind=kind)
    for line in _told(done):
        print(line)
    return 0


def _told(done: Applied) -> Iterator[str]:
    yield f"问题 finding: {done.finding_id or '-'} {_STATE[done.state]}"
    if done.contradicted:
        yield "审核员意见相反，等待第三人 reviewers contradict: one more must look"
    for moved in done.scores:
        before = "-" if moved.before is None else f"{moved.before:.2f}"
        after = "-" if moved.after is None else f"{moved.after:.2f}"
        yield f"路段 street {done.segment_id}: {before} → {after} ({moved.standard})"


def _queue(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    tasks = worth(store_there(settings), settings, time.time())
    some = tasks[: max(0, options.limit)]
    if options.json:
        print_json([asdict(task) for task in some])
        return 0
    why = {
        "value": "价值",
        "audit": "抽查",
        "gold": "已知答案",
        "second": "复审",
        "appeal": "申诉",
    }
    rows = [
        (n + 1, task.finding_id, f"{task.value:.2f}", why[task.why], task.turn)
        for n, task in enumerate(some)
    ]
    print_table(("序", "问题", "价值", "缘由", "次"), rows)
    print(f"共 in all: {len(tasks)}")
    return 0


def _measures(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    store = store_there(settings)
    found = measures(store, settings)
    if options.keep:
        keep_measures(store, found, known_s=time.time())
    if options.operating is not None:
        text = operating_toml(found, settings.jobs.models)
        try:
            options.operating.write_text(text, encoding="utf-8")
        except OSError as error:
            msg = f"cannot write {options.operating} ({error.strerror}); choose another"
            raise OutputError(msg) from error
    if options.json:
        print_json(asdict(found))
        return 0
    _print(found)
    if options.keep:
        print("已采用，下次评分起生效 kept: scores use them from the next rescore on")
    return 0


def _print(found: Measures) -> None:
    head = ("模型", "类别", "车辆", "光线", "查准率", "查全率", "采用", "更正")
    rows = [
        (
            *one.key[:2],
            one.key[2] or "全部",
            one.key[3] or "全部",
            _share(one.precision),
            _share(one.recall),
            "-" if one.used_recall is None else f"{one.used_recall:.3f}",
            "-" if one.shift is None else f"{one.shift:+.2f}±{one.shift_sigma:.2f}",
        )
        for one in found.classes
    ]
    print_table(head, rows)
    agreed = [
        (
            one.category,
            one.pairs,
            "-" if one.agreed is None else f"{one.agreed:.2f}",
            "-" if one.kappa is None else f"{one.kappa:.2f}",
        )
        for one in found.agreement
    ]
    print_table(("类别", "两人都审", "一致", "kappa"), agreed)
    people = [(one.reviewer, one.answers, _share(one.gold)) for one in found.reviewers]
    print_table(("审核员", "审核数", "已知答案正确率"), people)


def _share(one: Share) -> str:
    if one.value is None:
        return "-"
    return f"{one.value:.3f} [{one.low:.2f}-{one.high:.2f}] {one.hits}/{one.count}"
