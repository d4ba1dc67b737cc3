"""The process that looks at files: one question a line in, one answer a line out.

It has little memory and little time; a file that takes more ends it, and the service
goes on.
"""

from __future__ import annotations

import io
import json
import os
import resource
import select
import sys
from pathlib import Path
from typing import Any, BinaryIO

from service.intake.look import look_at
from service.intake.sealed import SealError, UnsealedFile
from service.upload_records import Seen

MEMORY = 3 << 30
WRITES = 64 << 20
"""Bytes it may write anywhere: what it reads in memory counts as written."""
IDLE_S = 60.0
_MOST_FILES = 500
"""After so many it ends: what libraries leave behind goes with it."""
_TRACKS = "vision.telemetry"
"""Takes as much memory again as what looks at films: who loaded it ends at once."""


def main() -> int:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITES, WRITES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for _ in range(_MOST_FILES):
        if not select.select([0], [], [], IDLE_S)[0]:
            return 0
        line = sys.stdin.buffer.readline()
        if not line:
            return 0
        asked = json.loads(line)
        _limit_time(float(asked["cpu_s"]))
        seen = _seen(asked)
        answers.write(json.dumps({"kind": seen.kind, "reason": seen.reason}) + "\n")
        answers.flush()
        if _TRACKS in sys.modules:
            return 0
    return 0


def _limit_time(cpu_s: float) -> None:
    """Let the next file take so much of a processor's time, and no more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime + cpu_s) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def _seen(asked: dict[str, Any]) -> Seen:
    try:
        with Path(asked["path"]).open("rb") as kept:
            file: BinaryIO = kept
            if asked["sealed"]:
                raw: Any = UnsealedFile(kept, asked["secret"] or "")
                file = io.BufferedReader(raw, 1 << 20)
            return look_at(file, asked["name"], Path(asked["room"]))
    except (OSError, SealError):
        # Of the quarantine and not of the file: whoever needs it says what is wrong.
        return Seen()


if __name__ == "__main__":
    sys.exit(main())
