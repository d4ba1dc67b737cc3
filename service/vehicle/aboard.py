"""Drives are inspected on board before any of their footage is sent.

The inspection is a process of its own that yields to everybody else: its memory is
given back when it ends, its death is not the uploader's, and files go on being sent
while it works. If it dies, the next one goes on where it was.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from service.vehicle.drives import Outing
from service.vehicle.eyes import EdgeOptions, command_of
from service.vehicle.lying import OURS, OUTBOX, Lying
from service.vehicle.remembered import Looks, write_whole
from service.vehicle.shown import Board
from service.vehicle.told import Told, cannot_write

TRIES = 3
_FORM = 1
_KNOWN = "inspected.json"
_LOG = "edge.log"
_MOST_KNOWN = 20_000


@dataclass(slots=True)
class _Running:
    """One inspection at work."""

    footage: tuple[Lying, ...]
    name: str
    process: subprocess.Popen[bytes]


class Aboard:
    """Has drives inspected, one at a time.

    What was looked at is known by its files: footage that comes late is inspected by
    itself, and what was deleted of a drive makes no other drive of the rest.

    Args:
        folder: the watched one.
        options: how to look.
        board: told of drives that cannot be inspected.
    """

    def __init__(self, folder: Path, options: EdgeOptions, board: Board) -> None:
        self._folder = folder
        self._options = options
        self._board = board
        self._known = _read(folder / OURS / _KNOWN)
        self._tries: Counter[str] = Counter()
        self._running: _Running | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a drive is being looked at."""
        return self._running is not None

    def go_on(self, outings: Iterable[Outing]) -> None:
        """See how far the work is, and begin with the next drive that is over."""
        if self._running is not None:
            if self._running.process.poll() is None:
                return
            running, self._running = self._running, None
            self._end(running)
        for outing in outings:
            if outing.kind == "drive" and outing.quiet and not self.is_done(outing):
                self._begin(outing)
                return

    def is_done(self, outing: Outing) -> bool:
        """Say if all footage of a drive that is ready was looked at, or cannot be."""
        return not self._new(outing)

    def _new(self, outing: Outing) -> list[Lying]:
        return [
            file
            for file in outing.ready
            if file.role == "footage" and self._known.get(file.path) != file.looks
        ]

    def _begin(self, outing: Outing) -> None:
        footage = self._new(outing)
        beside = [file for file in outing.ready if file.role != "footage"]
        name = outing.place or PurePosixPath(footage[0].path).stem
        files = [self._folder / file.path for file in (*footage, *beside)]
        outbox = self._folder / OURS / OUTBOX
        log = self._folder / OURS / _LOG
        try:
            with log.open("wb") as said:
                process = subprocess.Popen(  # noqa: S603 - our own program
                    command_of(files, outbox, self._options, name),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                )
        except OSError as error:
            raise cannot_write(log, error) from error
        self._running = _Running(tuple(footage), name, process)

    def _end(self, running: _Running) -> None:
        """Note what was looked at; what was killed is begun again, a few times."""
        code = running.process.returncode
        self._tries[running.name] += 1
        killed = code < 0 and self._tries[running.name] < TRIES
        if killed:
            return
        if code != 0:
            why = self._last_words() if code > 0 else f"killed by signal {-code}"
            told = Told(f"{running.name} 未能在车上识别", f"not inspected: {why}")
            self._board.say(told)
        for file in running.footage:
            self._known[file.path] = file.looks
        for path in list(self._known)[:-_MOST_KNOWN]:
            del self._known[path]
        text = json.dumps({"form": _FORM, "footage": self._known})
        write_whole(self._folder / OURS / _KNOWN, text)

    def _last_words(self) -> str:
        said = (self._folder / OURS / _LOG).read_text("utf-8", "replace")
        lines = said.strip().splitlines() or ["it said nothing"]
        return lines[-1].removeprefix("liujing edge: ")


def _read(path: Path) -> dict[str, Looks]:
    try:
        read: Any = json.loads(path.read_text("utf-8"))
        if read["form"] != _FORM:
            return {}
        return {
            str(name): (int(looks[0]), int(looks[1]), int(looks[2]))
            for name, looks in read["footage"].items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}  # lost: drives are inspected once more, which gives the same bytes
