"""Asks the process that looks at files, and starts it when it is not there."""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

from service.upload_records import Seen

logger = logging.getLogger(__name__)

_PATIENCE = 10
"""So many times longer than a file may take a processor for, it may take by the clock:
the machine may be busy."""
_START_S = 60.0
"""So long may it take to begin."""
_LIMITS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Looking:
    """One looker; files are looked at one after the other.

    Args:
        cpu_s: seconds of a processor that one file may take.
    """

    def __init__(self, cpu_s: float) -> None:
        self._cpu_s = cpu_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def look(self, path: Path, name: str, secret: str | None, *, room: Path) -> Seen:
        """Return what a file is; a file that breaks its reader cannot be read.

        Args:
            path: where it lies.
            name: as its sender calls it.
            secret: that it was sealed with; None if it is not sealed.
            room: a folder of the quarantine for names, see `look_at`.
        """
        question = {
            "path": str(path.absolute()),
            "name": name,
            "room": str(room.absolute()),
            "sealed": secret is not None,
            "secret": secret,
            "cpu_s": self._cpu_s,
        }
        line = json.dumps(question).encode() + b"\n"
        with self._lock:
            # The first one may just have gone because nobody had asked for a while.
            for _ in range(2):
                answer, code = self._ask(line)
                if answer is not None:
                    return Seen(**json.loads(answer))
                if code is None:
                    logger.warning("look took too long", extra={"file": path.name})
                    return Seen()
                if code != 0:
                    logger.warning(
                        "look ended its reader", extra={"file": path.name, "code": code}
                    )
                    msg = f"{name} takes too much time or memory to be opened"
                    return Seen(reason=f"{msg}; copy it from the camera again")
        return Seen()

    def close(self) -> None:
        """End the looker."""
        with self._lock:
            self._end()

    def _ask(self, line: bytes) -> tuple[bytes | None, int | None]:
        """Return an answer, or None and how the looker ended; None if it did not."""
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - pipes were asked for
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except BrokenPipeError:
            return None, self._end()
        answer = _line(process.stdout.fileno(), _START_S + _PATIENCE * self._cpu_s)
        if answer is None:
            self._end()
            return None, None
        if not answer.endswith(b"\n"):
            return None, self._end()
        return answer, None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service.intake.looker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_LIMITS},
            )
        return self._process

    def _end(self) -> int:
        """End what is left of the looker; return how it ended."""
        process, self._process = self._process, None
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close(pipe)
        try:
            return process.wait(1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _close(pipe: object) -> None:
    try:
        pipe.close()  # type: ignore[attr-defined]
    except BrokenPipeError:
        return


def _line(handle: int, patience_s: float) -> bytes | None:
    """Return what comes up to the end of a line or of all; None if nothing comes."""
    until_s = time.monotonic() + patience_s
    got = b""
    while not got.endswith(b"\n"):
        left_s = until_s - time.monotonic()
        if left_s <= 0 or not select.select([handle], [], [], left_s)[0]:
            return None
        data = os.read(handle, 65536)
        if not data:
            return got
        got += data
    return got
