"""`liujing serve`: the API and one worker, as two processes."""

from __future__ import annotations

import argparse
import logging
import signal
import subprocess
import sys
import threading
from pathlib import Path

import uvicorn

from service.app import build_app
from service.cli.parts import Verbs, add_verb
from service.cli.serving import add_settings, addresses, settings_of, store_of
from service.logs import set_up_logs

logger = logging.getLogger(__name__)

_PATIENCE_S = 90.0
_GRACE_S = 10
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "serve",
        summary="Serve scores over HTTP and work on drives, on this machine.",
        example="liujing serve --data city-data/ --port 8600",
    )
    add_settings(parser)
    parser.add_argument("--host", metavar="ADDRESS", help="default: of the settings")
    parser.add_argument(
        "--port", type=int, metavar="N", help="default: of the settings (8600)"
    )
    parser.add_argument(
        "--no-worker", action="store_true", help="workers run elsewhere"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; then let both processes end what they do."""
    settings = settings_of(options)
    set_up_logs(settings.log)
    store = store_of(settings)
    host = options.host or settings.server.host
    port = options.port or settings.server.port
    server = uvicorn.Server(
        uvicorn.Config(
            build_app(settings, store),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    worker = None if options.no_worker else KeptWorker(_command(options))
    shown = f"[{host}]" if ":" in host else host
    for number in (signal.SIGTERM, signal.SIGINT):
        # The server raises what it caught once more when it has ended.
        signal.signal(number, lambda *_: None)
    base = settings.server.public_url or f"http://{shown}:{port}"
    for line in addresses(base):
        print(line, flush=True)
    try:
        if worker is not None:
            worker.start()
        server.run()
    finally:
        if worker is not None:
            worker.stop()
        store.close()
    return 0 if server.started else 2


class KeptWorker:
    """A worker in a process of its own, started again whenever it dies.

    Args:
        command: that starts it.
    """

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stopped = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="worker")

    def start(self) -> None:
        """Start it and keep it running."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to stop, and wait until it has written down how far it is."""
        self._stopped.set()
        with self._lock:
            process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()

    def _keep(self) -> None:
        wait_s = _FIRST_WAIT_S
        while not self._stopped.is_set():
            with self._lock:
                if self._stopped.is_set():
                    return
                self._process = subprocess.Popen(self._command)  # noqa: S603 - ours
            code = self._process.wait()
            if not self._stopped.is_set():
                logger.error("worker ended, it is started again", extra={"code": code})
                self._stopped.wait(wait_s)
                wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


def _command(options: argparse.Namespace) -> list[str]:
    """Return the command of a worker with the same settings."""
    command = [sys.executable, "-m", "service.cli", "worker", "--with-parent"]
    for flag in ("config", "data"):
        value: Path | None = getattr(options, flag)
        if value is not None:
            command += [f"--{flag}", str(value)]
    return command
