"""How the uploader does: one line for people, one JSON file for programs."""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

from service.vehicle.clock import Clock
from service.vehicle.contact import Contact, Waiting
from service.vehicle.remembered import write_whole
from service.vehicle.told import Told
from vision.errors import OutputError

State = Literal["looking", "hashing", "sending", "holding", "resting", "idle", "ended"]
_WORDS: dict[State, Told] = {
    "looking": Told("查看文件", "looking"),
    "hashing": Told("计算校验", "hashing"),
    "sending": Told("发送中", "sending"),
    "holding": Told("等待", "holding"),
    "resting": Told("未到时段", "resting"),
    "idle": Told("已全部送达", "all is received"),
    "ended": Told("已结束", "ended"),
}
_FILE_EVERY_S, _LINE_EVERY_S, _LOG_EVERY_S = 1.0, 0.2, 60.0
_SPEED_OVER_S = 20.0
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Current:
    """The file at hand."""

    drive: str
    path: str
    offset: int
    size: int


@dataclass(slots=True)
class Totals:
    """What happened since the start.

    Attributes:
        received: files that the service acknowledged.
        aside: of these, such as it could not read, with its reasons.
        problems: paths that are not sent for now, with the reasons.
        not_inspected: drives that the eyes on board could not look at, or not yet.
        deleted: files that were deleted here.
        sent_bytes: that the service confirmed.
    """

    received: int = 0
    deleted: int = 0
    sent_bytes: int = 0
    aside: dict[str, str] = field(default_factory=dict)
    problems: dict[str, Told] = field(default_factory=dict)
    not_inspected: dict[str, Told] = field(default_factory=dict)


class Board:
    """Shows the state wherever it changes; a full disk does not stop it.

    Args:
        path: of the JSON file.
        stream: gets the line; a terminal has it written over.
        clock: for how often.
        server: address of the service.
    """

    def __init__(self, path: Path, stream: TextIO, clock: Clock, server: str) -> None:
        self.totals = Totals()
        self.waiting = Waiting()
        self.contact = Contact()
        self._path = path
        self._stream = stream
        self._clock = clock
        self._server = server
        self._state: State = "looking"
        self._why: Told | None = None
        self._until_s: float | None = None
        self._current: Current | None = None
        self._speed: list[tuple[float, int]] = []
        self._filed_s = self._lined_s = float("-inf")
        self._contact_s: float | None = None
        self._last_line = ""
        self._mute = False

    def show(
        self, state: State, why: Told | None = None, until_s: float | None = None
    ) -> None:
        """Show a state.

        Args:
            state: what is being done.
            why: a sentence beside it.
            until_s: Unix seconds of the next try, if it waits for one.
        """
        new = (state, why) != (self._state, self._why)
        self._state, self._why, self._until_s = state, why, until_s
        if state not in ("sending", "hashing"):
            self._current = None
        self._write(at_once=new)

    def at(self, state: State, current: Current) -> None:
        """Show how far the file at hand is."""
        before = self._current
        if state == "sending":
            if before is not None and before.path == current.path:
                self.totals.sent_bytes += max(0, current.offset - before.offset)
            self._speed.append((self._clock.steady_s(), self.totals.sent_bytes))
        new = state != self._state or before is None or before.path != current.path
        self._state, self._why, self._until_s = state, None, None
        self._current = current
        self._write(at_once=new)

    def heard(self, contact: Contact) -> None:
        """Take note of a word with the service."""
        clock_told = contact.clock_told
        if clock_told is not None and clock_told != self.contact.clock_told:
            self.say(clock_told)
        if contact.remark and contact.remark != self.contact.remark:
            self.say(Told("服务器提示", contact.remark))
        for name, why in contact.refused.items():
            if name not in self.contact.refused:
                self.say(Told(f"服务器未采用识别包 {name}", f"package refused: {why}"))
        self.contact = contact
        self._contact_s = self._clock.wall_s()

    def say(self, told: Told) -> None:
        """Print a sentence that stays."""
        self._end_line()
        print(told, file=self._stream, flush=True)

    def close(self) -> None:
        """End the line."""
        self._end_line()

    def _write(self, *, at_once: bool) -> None:
        now_s = self._clock.steady_s()
        if at_once or now_s - self._filed_s >= _FILE_EVERY_S:
            self._filed_s = now_s
            self._file()
        on_terminal = self._stream.isatty()
        every_s = _LINE_EVERY_S if on_terminal else _LOG_EVERY_S
        if at_once or now_s - self._lined_s >= every_s:
            self._lined_s = now_s
            self._print(self.line(), on_terminal=on_terminal)

    def _file(self) -> None:
        form = json.dumps(self._form(), ensure_ascii=False, indent=1) + "\n"
        try:
            # A name in an encoding of its own must not stop the state from being told.
            text = form.encode("utf-8", "replace").decode()
            write_whole(self._path, text, sync=False)
        except OutputError as error:
            if not self._mute:
                self.say(Told("状态文件无法写入,继续发送", str(error)))
            self._mute = True
        else:
            self._mute = False

    def _print(self, line: str, *, on_terminal: bool) -> None:
        if line == self._last_line:
            return
        if on_terminal:
            columns = shutil.get_terminal_size().columns - 1
            self._stream.write("\r\x1b[2K" + _cut(line, columns))
        else:
            self._stream.write(line + "\n")
        self._stream.flush()
        self._last_line = line

    def _end_line(self) -> None:
        if self._last_line and self._stream.isatty():
            self._stream.write("\n")
        self._last_line = ""

    def line(self) -> str:
        """Return the state in one line, Chinese first."""
        parts = [str(_WORDS[self._state])]
        if self._current is not None:
            parts[0] += f" {self._current.path}{_done(self._current)}"
            speed = self._bytes_per_s()
            if self._state == "sending" and speed is not None:
                parts[0] += f" {speed / _MB:.1f} MB/s"
        if self._why is not None:
            parts[0] += f": {self._why}"
        totals, waiting = self.totals, self.waiting
        parts.append(f"待送 waiting {waiting.files} ({waiting.size / _MB:.1f} MB)")
        parts.append(f"已收妥 received {totals.received}")
        if totals.deleted:
            parts.append(f"已删 deleted {totals.deleted}")
        troubled = len(totals.problems) + len(totals.aside)
        troubled += len(totals.not_inspected) + len(self.contact.refused)
        if troubled:
            parts.append(f"有问题 troubled {troubled}")
        return " | ".join(parts)

    def _bytes_per_s(self) -> float | None:
        """Return the speed of the last seconds."""
        now_s = self._clock.steady_s()
        self._speed = [s for s in self._speed if s[0] > now_s - _SPEED_OVER_S]
        if len(self._speed) < 2:
            return None
        (from_s, before), (to_s, after) = self._speed[0], self._speed[-1]
        return (after - before) / (to_s - from_s) if to_s > from_s else None

    def _form(self) -> dict[str, Any]:
        why = self._why or _WORDS[self._state]
        totals = self.totals
        return {
            "at": _utc(self._clock.wall_s()),
            "pid": os.getpid(),
            "state": self._state,
            "zh": why.zh,
            "en": why.en,
            "next_try": None if self._until_s is None else _utc(self._until_s),
            "server": self._server,
            "device": self.contact.device,
            "name": self.contact.name,
            "current": None if self._current is None else asdict(self._current),
            "waiting_files": self.waiting.files,
            "waiting_bytes": self.waiting.size,
            "received_files": totals.received,
            "deleted_files": totals.deleted,
            "sent_bytes": totals.sent_bytes,
            "bytes_per_s": self._bytes_per_s(),
            "aside": [
                {"path": path, "reason": why} for path, why in totals.aside.items()
            ],
            "problems": [
                {"path": path, "zh": told.zh, "en": told.en}
                for path, told in totals.problems.items()
            ],
            "not_inspected": [
                {"drive": name, "zh": told.zh, "en": told.en}
                for name, told in totals.not_inspected.items()
            ],
            "refused_packages": [
                {"name": name, "reason": why}
                for name, why in self.contact.refused.items()
            ],
            "remark": self.contact.remark,
            "clock_offset_s": self.contact.clock_offset_s,
            "last_contact": None if self._contact_s is None else _utc(self._contact_s),
        }


def _done(current: Current) -> str:
    share = current.offset / current.size if current.size else 1.0
    return f" {share:.0%}"


def _utc(epoch_s: float) -> str:
    at = datetime.fromtimestamp(epoch_s, UTC)
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _cut(text: str, columns: int) -> str:
    """Return what fits on a line; Chinese characters take two cells."""
    width = 0
    for index, char in enumerate(text):
        width += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if width > columns:
            return text[:index]
    return text
