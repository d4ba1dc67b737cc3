"""`liujing worker`: works on the drives of the queue until it is stopped."""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
import uuid

from service.cli.parts import Verbs, add_verb
from service.cli.serving import add_settings, settings_of, store_of
from service.jobs import Worker
from service.logs import set_up_logs

_LOOK_S = 0.5


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "worker",
        summary="Work on the drives of the queue; others may do so elsewhere.",
        example="liujing worker --config liujing.toml",
    )
    add_settings(parser)
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the starter ends"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT; the drive at hand goes on elsewhere or later."""
    settings = settings_of(options)
    worker_id = uuid.uuid4().hex[:12]
    set_up_logs(settings.log, worker=worker_id)
    worker = Worker(settings, store_of(settings), worker_id)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    if options.with_parent:
        parent = os.getppid()
        threading.Thread(
            target=_follow, args=(parent, worker), daemon=True, name="parent"
        ).start()
    worker.run()


def _follow(parent: int, worker: Worker) -> None:
    """Stop the worker when the process that started it is gone."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    worker.stop()
