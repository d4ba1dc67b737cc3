"""Drives are inspected on board before any of their footage is sent.

The inspection is a process of its own that yields to everybody else: its memory is
given back when it ends, its death is not the uploader's, and files go on being sent
while it works. If it dies, the next one goes on where it was.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from service.vehicle.clock import Clock
from service.vehicle.drives import Outing
from service.vehicle.eyes import REFUSED_CODE, DriveSaid, EdgeOptions, command_of
from service.vehicle.lying import OURS, OUTBOX, ROADS, Lying
from service.vehicle.remembered import Looks, write_whole
from service.vehicle.roads import road_file
from service.vehicle.shown import Board
from service.vehicle.told import Told
from vision.errors import OutputError

TRIES = 6
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 3600.0
_FORM = 1
_KNOWN = "inspected.json"
_LOG = "edge.log"
_MOST_KNOWN = 20_000


@dataclass(frozen=True, slots=True)
class _Drive:
    """Footage that is inspected together."""

    footage: tuple[Lying, ...]
    name: str

    @property
    def key(self) -> str:
        return self.footage[0].path


@dataclass(slots=True)
class _Tried:
    """A drive whose inspection failed for a reason that may pass.

    Attributes:
        times: so often.
        again_s: on the steady clock, when it is tried again.
    """

    times: int
    again_s: float


class Aboard:
    """Has drives inspected, one at a time.

    What was looked at is known by its files: footage that comes late is inspected by
    itself, and what was deleted of a drive makes no other drive of the rest. Footage
    that cannot be inspected is settled. What failed for another reason, a full disk or
    a process that died, is tried again, later each time; after `TRIES` its footage
    goes as if there were no eyes on board, until the uploader is started anew.

    Args:
        folder: the watched one.
        options: how to look.
        board: told of drives that cannot be inspected.
        clock: for the next try.
        name_of: returns under which name a drive's footage is announced.
    """

    def __init__(
        self,
        folder: Path,
        options: EdgeOptions,
        board: Board,
        clock: Clock,
        name_of: Callable[[Outing], str | None],
    ) -> None:
        self._folder = folder
        self._options = options
        self._board = board
        self._clock = clock
        self._name_of = name_of
        self._known = _read(folder / OURS / _KNOWN)
        self._given_up: dict[str, Looks] = {}
        self._tried: dict[str, _Tried] = {}
        self._running: tuple[_Drive, subprocess.Popen[bytes]] | None = None
        self._mute = False

    @property
    def is_busy(self) -> bool:
        """Whether a drive is being looked at."""
        return self._running is not None

    @property
    def wants_roads(self) -> bool:
        """Whether nobody gave a road file, so that the service's is needed."""
        return self._options.roads is None

    @property
    def is_waiting(self) -> bool:
        """Whether a drive waits for the next try."""
        return bool(self._tried)

    def go_on(self, outings: Iterable[Outing]) -> None:
        """See how far the work is, and begin with the next drive that is over."""
        if self._running is not None:
            drive, process = self._running
            code = process.poll()
            if code is None:
                return
            self._running = None
            self._end(drive, code)
        for outing in outings:
            if outing.kind != "drive" or not outing.quiet or self.is_done(outing):
                continue
            if self._begin(outing):
                return

    def is_done(self, outing: Outing) -> bool:
        """Say if all footage of a drive that is ready was looked at, or cannot be."""
        return not self._new(outing)

    def _new(self, outing: Outing) -> list[Lying]:
        return [
            file
            for file in outing.ready
            if file.role == "footage"
            and file.looks
            not in (self._known.get(file.path), self._given_up.get(file.path))
        ]

    def _begin(self, outing: Outing) -> bool:
        """Begin to look at a drive; False if it has to wait."""
        footage = self._new(outing)
        name = outing.place or PurePosixPath(footage[0].path).stem
        drive = _Drive(tuple(footage), name)
        tried = self._tried.get(drive.key)
        if tried is not None and self._clock.steady_s() < tried.again_s:
            return False
        beside = [file for file in outing.ready if file.role != "footage"]
        files = [self._folder / file.path for file in (*footage, *beside)]
        outbox = self._folder / OURS / OUTBOX
        said = DriveSaid(
            name,
            self._name_of(outing),
            clock_ahead_s=self._board.contact.clock_offset_s,
            began_s=outing.span_s[0],
        )
        try:
            with (self._folder / OURS / _LOG).open("wb") as log:
                process = subprocess.Popen(  # noqa: S603 - our own program
                    command_of(files, outbox, self._options_for(beside), said),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                )
        except OSError as error:
            self._failed(drive, f"it could not be begun ({error.strerror})")
            return False
        self._running = drive, process
        return True

    def _options_for(self, beside: Sequence[Lying]) -> EdgeOptions:
        """Return how to look: with the service's roads unless there are others."""
        given = any(PurePosixPath(file.path).name == ROADS for file in beside)
        if given or not self.wants_roads:
            return self._options
        return replace(self._options, roads=road_file(self._folder))

    def _end(self, drive: _Drive, code: int) -> None:
        """Note what was looked at, or what is to be tried again."""
        if code not in (0, REFUSED_CODE):
            why = self._last_words() if code > 0 else f"killed by signal {-code}"
            self._failed(drive, why)
            return
        if code == REFUSED_CODE:
            self._say_not(drive, self._last_words())
        else:
            self._board.totals.not_inspected.pop(drive.name, None)
        self._tried.pop(drive.key, None)
        for file in drive.footage:
            self._known[file.path] = file.looks
        for path in list(self._known)[:-_MOST_KNOWN]:
            del self._known[path]
        self._save()

    def _failed(self, drive: _Drive, why: str) -> None:
        """Let a drive be tried again later, or give it up."""
        before = self._tried.get(drive.key)
        times = 1 if before is None else before.times + 1
        if times >= TRIES:
            self._say_not(drive, why)
            self._tried.pop(drive.key, None)
            self._given_up |= {file.path: file.looks for file in drive.footage}
            return
        wait_s = min(FIRST_WAIT_S * 2.0 ** (times - 1), LONGEST_WAIT_S)
        self._tried[drive.key] = _Tried(times, self._clock.steady_s() + wait_s)
        told = Told(
            f"{drive.name} 车上识别失败,{wait_s:.0f} 秒后再试",
            f"not inspected yet, again in {wait_s:.0f} s: {why}",
        )
        self._board.say(told)
        self._board.totals.not_inspected[drive.name] = told

    def _say_not(self, drive: _Drive, why: str) -> None:
        told = Told(f"{drive.name} 未能在车上识别", f"not inspected: {why}")
        self._board.say(told)
        self._board.totals.not_inspected[drive.name] = told

    def _save(self) -> None:
        """Write down what was looked at; without it drives are looked at once more.

        A disk that is full is no reason to stop: what is sent can be deleted.
        """
        text = json.dumps({"form": _FORM, "footage": self._known})
        try:
            write_whole(self._folder / OURS / _KNOWN, text)
        except OutputError as error:
            if not self._mute:
                self._board.say(Told("识别进度无法保存,继续发送", str(error)))
            self._mute = True
        else:
            self._mute = False

    def _last_words(self) -> str:
        try:
            said = (self._folder / OURS / _LOG).read_text("utf-8", "replace")
        except OSError as error:
            return f"its log cannot be read ({error.strerror})"
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
