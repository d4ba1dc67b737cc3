"""`liujing review`: findings go to the review desk, answers come back."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

from service.cli import review_acts, review_export
from service.cli.configured import add_config, settings_of, store_there
from service.cli.parts import Verbs, add_verb, print_failures, print_json
from service.logs import set_up_logs
from service.review.desks import desk_name, open_desk
from service.review.push import push
from service.review.queue import wants_another, worth
from service.review.rounds import apply_all, go_round
from service.settings import Settings
from service.store import Store
from vision.errors import AuditError

_SHOWN = 20
_TASKS = {
    "sending": "正在发出 being sent",
    "open": "在审核台 at the desk",
    "withdrawn": "已撤回 taken back",
    "lost": "在审核台被删 deleted there",
}
_ANSWERS = {
    "waiting": "待生效 to be applied",
    "applied": "已生效 applied",
    "failed": "无法使用 of no use",
    "overtaken": "被新的代替 overtaken",
}


def add_parser(verbs: Verbs) -> None:
    """Add the verb with its acts."""
    parser = add_verb(
        verbs,
        "review",
        summary="The review desk in Label Studio: tasks go out, answers come back.",
        example="liujing review setup && liujing review push",
    )
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    setup = add_verb(
        acts,
        "setup",
        summary="Make the project at the desk, or put it right.",
        example="liujing review setup --config liujing.toml",
    )
    setup.add_argument(
        "--check", action="store_true", help="only say what is wrong (then exit 1)"
    )
    setup.set_defaults(run=_setup)
    pushing = add_verb(
        acts,
        "push",
        summary="Put before reviewers what is worth asking; take back what is moot.",
        example="liujing review push",
    )
    pushing.set_defaults(run=_push)
    sync = add_verb(
        acts,
        "sync",
        summary="Look at every task at the desk, let answers count, push.",
        example="liujing review sync",
    )
    sync.set_defaults(run=_sync)
    status = add_verb(
        acts,
        "status",
        summary="How far tasks and answers are, and what is wrong.",
        example="liujing review status --json",
    )
    status.add_argument("--json", action="store_true", help="as JSON")
    status.set_defaults(run=_status)
    serve = add_verb(
        acts,
        "serve-ml",
        summary="Give any project of Label Studio our boxes: a backend for it.",
        example="liujing review serve-ml --port 9090",
    )
    serve.add_argument("--host", metavar="ADDRESS", default="127.0.0.1")
    serve.add_argument("--port", type=int, metavar="N", default=9090)
    serve.add_argument("--model", metavar="NAME@V", default="street@2")
    serve.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    serve.set_defaults(run=_serve_ml)
    for act in (setup, pushing, sync, status, serve):
        add_config(act)
    review_acts.add_acts(acts)
    review_export.add_acts(acts)


def _opened(options: argparse.Namespace) -> tuple[Settings, Store]:
    settings = settings_of(options)
    return settings, store_there(settings)


def _setup(options: argparse.Namespace) -> int:
    """Say what is wrong, put it right, and look again."""
    settings, store = _opened(options)
    desk = open_desk(settings, store)
    wrong = desk.problems()
    if options.check:
        for one in wrong:
            print(f"liujing review: {one}", file=sys.stderr)
        print("审核台正常 the desk is all right" if not wrong else "有问题 see above")
        return 1 if wrong else 0
    for one in desk.repair():
        print(one)
    left = desk.problems()
    for one in left:
        print(f"liujing review: {one}", file=sys.stderr)
    if left:
        return 1
    print(f"审核台就绪 the desk is ready: {settings.review.project}")
    return 0


def _push(options: argparse.Namespace) -> int:
    settings, store = _opened(options)
    desk, now_s = open_desk(settings, store), time.time()
    done = push(store, settings, desk, worth(store, settings, now_s), now_s=now_s)
    print_failures("review", done.failures)
    print(
        f"新任务 new: {done.added}，撤回 taken back: {done.withdrawn}，"
        f"待审核 open: {done.open}，无法展示 cannot be shown: {len(done.failures)}"
    )
    return 0


def _sync(options: argparse.Namespace) -> int:
    settings, store = _opened(options)
    apply_all(store, settings)
    done = go_round(store, settings, open_desk(settings, store), whole=True)
    print(
        f"任务 tasks: {done.polled.tasks}，新答复 new answers: {done.polled.received}，"
        f"生效 applied: {done.applied}，新任务 new tasks: {done.pushed.added}，"
        f"待审核 open: {done.pushed.open}"
    )
    wrong = done.polled.unusable + done.failed
    if wrong:
        print(
            f"liujing review: {wrong} answers are of no use; see liujing review status",
            file=sys.stderr,
        )
    return 1 if wrong else 0


def _status(options: argparse.Namespace) -> int:
    """Print counts, the newest failures, and what is wrong with the desk."""
    settings, store = _opened(options)
    counts = store.review_counts()
    state = store.desk_state(desk_name(settings))
    failed = store.answers(state="failed")[-_SHOWN:]
    again = wants_another(store, settings, time.time())
    try:
        wrong = list(open_desk(settings, store).problems())
    except AuditError as error:
        wrong = [str(error)]
    if options.json:
        print_json(
            {
                **counts,
                "polled": _time(state.polled_s),
                "failed": [{"task": r.key, "said": r.error} for r in failed],
                "wants_another": again,
                "wrong": wrong,
            }
        )
        return 1 if wrong else 0
    for name, table in (("tasks", _TASKS), ("answers", _ANSWERS)):
        for key, said in table.items():
            print(f"{said}: {counts[name].get(key, 0)}")
    print(f"上次对账 last polled: {_time(state.polled_s) or '-'}")
    if again:
        print(f"等待另一位审核员 want another reviewer: {len(again)}")
        print("  " + " ".join(again[:_SHOWN]))
    for row in failed:
        print(f"liujing review: {row.error}", file=sys.stderr)
    for one in wrong:
        print(f"liujing review: {one}", file=sys.stderr)
    return 1 if wrong else 0


def _serve_ml(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    settings, store = _opened(options)
    set_up_logs(settings.log)
    # Only this act needs the networks.
    from service.cli.serving_ml import serve_ml  # noqa: PLC0415

    serve_ml(
        settings,
        store,
        at=(options.host, options.port),
        model=options.model,
        device=options.device,
    )
    return 0


def _time(at_s: float) -> str | None:
    return None if at_s == 0 else datetime.fromtimestamp(at_s, UTC).isoformat()
