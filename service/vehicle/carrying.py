"""Brings one drive to the service: name, hash, announce, send, ask, delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from service.vehicle.announced import Announcer
from service.vehicle.clock import Clock
from service.vehicle.deleting import Doomed, Outcome, delete_received, drop_folder
from service.vehicle.drives import Outing, drive_name
from service.vehicle.lying import OURS, Lying
from service.vehicle.pace import Pace
from service.vehicle.received import Received, ask_received
from service.vehicle.remembered import KnownDrive, Looks, Part, Remembered
from service.vehicle.sending import Sender, Wanted, sha256_of
from service.vehicle.shown import Board, Current
from service.vehicle.talk import Talk
from service.vehicle.terms import Terms
from service.vehicle.told import ChangedError, HoldError, RefusedError, Told
from vision.errors import OutputError

STATE = "state.json"
_REFUSED_S, _LONGEST_REFUSED_S = 60.0, 3600.0
_FINAL = 3
"""Tries after which a refusal is believed: the first may be of a damaged request."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A file that is left out for a while.

    Attributes:
        looks: of the file; another one is another file.
        again_s: on the steady clock, when it is tried again.
        times: so often it was refused.
    """

    looks: Looks
    again_s: float
    times: int


class Carrier:
    """Does the next thing that a drive needs.

    Args:
        terms: how it works.
        talk: to the service.
        board: shows what is done.
        clock: for speeds and for refused files.
        may_go: says, between two requests, if a drive may go on.
        went: told whenever the service confirmed bytes or files.
    """

    def __init__(
        self,
        terms: Terms,
        talk: Talk,
        board: Board,
        clock: Clock,
        *,
        may_go: Callable[[Outing], bool],
        went: Callable[[], None],
    ) -> None:
        self._terms, self._talk, self._board, self._clock = terms, talk, board, clock
        self._may_go, self._went = may_go, went
        self.memory = Remembered(terms.folder / OURS / STATE)
        self._announcer = Announcer(talk, terms.who)
        self._received: dict[str, Received] = {}
        self._hashes: dict[str, tuple[Looks, str]] = {}
        self._refused: dict[str, _Refusal] = {}
        self._at: Current | None = None
        self._going: Outing | None = None
        pace = Pace(terms.bytes_per_s, clock)
        self._sender = Sender(talk, pace, clock, self._told_offset, self._may_go_on)

    def work_on(self, outing: Outing) -> bool:
        """Do the next thing that a drive needs; False if it needs nothing now.

        Raises:
            HoldError: nothing can be sent now.
        """
        self._at, self._going = None, outing
        try:
            return self._next_of(outing)
        except ChangedError:
            self._board.show("looking", Told("文件有变化", "a file changed"))
            return False  # it is looked at anew, and waited for
        except RefusedError as refused:
            # Without a file at hand it was the manifest: its drive rests.
            for file in outing.files:
                if self._at is None or file.path == self._at.path:
                    self._refused_now(outing, file, refused.told)
            return True

    def name_of(self, outing: Outing) -> str | None:
        """Return under which name a drive is announced, or will be.

        None where its first footage cannot be read now.
        """
        giver = outing.giver
        if outing.name is not None or giver is None:
            return outing.name
        try:
            sha256 = self._hash(giver, "")
        except (ChangedError, RefusedError):
            return None
        self._hashes[giver.path] = giver.looks, sha256
        return drive_name(outing.place, sha256)

    def is_over(self, outing: Outing) -> bool:
        """Say if nothing of a drive is to be done, to its last deletion."""
        wanted = self._wanted(outing)
        refused = [self._refused[f.path] for f in outing.files if f not in wanted]
        if any(refusal.times < _FINAL for refusal in refused):
            return False
        return self._is_settled(outing) and all(self._stays(outing, f) for f in wanted)

    def _is_settled(self, outing: Outing) -> bool:
        """Say if all of a drive is received or refused, and was announced so."""
        wanted = self._wanted(outing)
        drive = self.memory.drives.get(outing.name or "")
        if not wanted:
            return True
        return drive is not None and drive.settled and self._all_known(outing, wanted)

    def is_safe(self, outing: Outing, file: Lying) -> bool:
        """Say if the service has acknowledged a file."""
        part = self._part(outing, file)
        if part is None:
            return False
        known = self._received.get(part.sha256)
        settled = self.memory.drives[outing.name or ""].settled
        return settled or (known is not None and known.safe)

    def refuse(self, file: Lying, told: Told, *, times: int = _FINAL) -> None:
        """Leave a file out for a while, longer each time, and show why.

        Args:
            file: that cannot be sent.
            told: why.
            times: so often it was refused; the usual is that no try will help.
        """
        if self._is_refused(file):
            return
        if self._board.totals.problems.get(file.path) != told:
            self._board.say(Told(f"{file.path} {told.zh}", told.en))
        first_s = min(_REFUSED_S, self._terms.longest_wait_s)
        wait_s = min(first_s * 2.0 ** (times - 1), _LONGEST_REFUSED_S)
        again_s = self._clock.steady_s() + wait_s
        self._refused[file.path] = _Refusal(file.looks, again_s, times)
        self._board.totals.problems[file.path] = told

    def _refused_now(self, outing: Outing, file: Lying, told: Told) -> None:
        before = self._refused.get(file.path)
        again = before is not None and before.looks == file.looks
        times = before.times + 1 if before is not None and again else 1
        self.refuse(file, told, times=times)
        drive = self.memory.drives.get(outing.name or "")
        if drive is not None:
            drive.parts.pop(file.path, None)

    def forget_vanished(self, paths: set[str]) -> None:
        """Drop what is said of files that somebody took away."""
        for path in [p for p in self._refused if p not in paths and OURS not in p]:
            self._forgive(path)
        for path in [p for p in self._hashes if p not in paths]:
            del self._hashes[path]

    def _wanted(self, outing: Outing) -> list[Lying]:
        return [file for file in outing.files if not self._is_refused(file)]

    def _is_refused(self, file: Lying) -> bool:
        refusal = self._refused.get(file.path)
        if refusal is None or refusal.looks != file.looks:
            return False
        return self._clock.steady_s() < refusal.again_s

    def _forgive(self, path: str) -> None:
        self._refused.pop(path, None)
        self._board.totals.problems.pop(path, None)

    def _part(self, outing: Outing, file: Lying) -> Part | None:
        """Return what was announced of a file, if it is still that file."""
        drive = self.memory.drives.get(outing.name or "")
        part = None if drive is None else drive.parts.get(file.path)
        if drive is None or part is None or part.gone:
            return None
        if part.looks == file.looks or (file.role == "shared" and drive.settled):
            return part
        return None

    def _all_known(self, outing: Outing, files: list[Lying]) -> bool:
        return all(self._part(outing, file) is not None for file in files)

    # What a drive needs ------------------------------------------------------------

    def _next_of(self, outing: Outing) -> bool:
        named = self._named(outing)
        if named is None:
            return False
        name, drive = named
        outing = Outing(outing.kind, outing.place, name, outing.files)
        if self._is_settled(outing):
            return self._delete(outing, name, drive)
        self._meet(name, drive)
        for file in outing.ready:
            if self._is_refused(file):
                continue
            part = self._part(outing, file) or self._hashed(name, drive, file)
            if not self._state(part).safe:
                self._tell(outing, name, drive)
                self._send(name, file, part)
                return True
        if any(f.ready for f in self._wanted(outing)):
            self._tell(outing, name, drive)
        if self._complete(outing) and not drive.settled:
            drive.settled = True
            for file in self._wanted(outing):
                self._forgive(file.path)
            self._save()
        return self._delete(outing, name, drive)

    def _named(self, outing: Outing) -> tuple[str, KnownDrive] | None:
        """Return a drive's name and what is known of it, from its first footage on."""
        name, drives = outing.name, self.memory.drives
        if name is not None and name in drives:
            self._note_new(outing, drives[name])
            return name, drives[name]
        giver = outing.files[0] if outing.kind == "edge" else outing.giver
        if giver is None or self._is_refused(giver):
            return None
        sha256 = None
        if name is None:
            sha256 = self._hash(giver, "")
            name = drive_name(outing.place, sha256)
        self._announcer.meet(name)
        if name not in drives:
            drives[name] = KnownDrive(outing.place, giver.path, *outing.span_s)
        drive = drives[name]
        if sha256 is not None:
            listed = self._announcer.free_name(name, giver.path, sha256, drive.parts)
            drive.parts[giver.path] = Part(sha256, giver.looks, listed)
            drive.settled = False
        self._save()
        return name, drive

    def _meet(self, name: str, drive: KnownDrive) -> None:
        """Hear what the service knows of a drive, and take names that are free."""
        if self._announcer.meet(name):
            free_name = self._announcer.free_name
            for path, part in drive.parts.items():
                part.name = free_name(name, path, part.sha256, drive.parts)

    def _note_new(self, outing: Outing, drive: KnownDrive) -> None:
        """A file that is new makes a drive of before an open one again."""
        timed = [f for f in outing.ready if f.role == "footage"]
        drive.start_s = min([drive.start_s, *(f.start_s for f in timed)])
        drive.end_s = max([drive.end_s, *(f.end_s for f in timed)])
        ready = [f for f in self._wanted(outing) if f.ready]
        if drive.settled and not self._all_known(outing, ready):
            drive.settled = False

    def _complete(self, outing: Outing) -> bool:
        """Say if no more files of a drive will come."""
        return outing.quiet and self._all_known(outing, self._wanted(outing))

    def _tell(self, outing: Outing, name: str, drive: KnownDrive) -> None:
        before, self._at = self._at, None
        self._announcer.tell(name, drive, outing, complete=self._complete(outing))
        self._at = before

    # One file ----------------------------------------------------------------------

    def _hashed(self, name: str, drive: KnownDrive, file: Lying) -> Part:
        """Hash a file and give it its name among those of its drive."""
        sha256 = self._hash(file, name)
        before = drive.parts.get(file.path)
        if before is not None and not before.gone and before.sha256 != sha256:
            begun = ask_received(self._talk, [before.sha256])[before.sha256]
            if begun.upload is not None and not begun.safe:
                self._sender.end(begun.upload)
        listed = self._announcer.free_name(name, file.path, sha256, drive.parts)
        part = drive.parts[file.path] = Part(sha256, file.looks, listed)
        self._save()
        return part

    def _hash(self, file: Lying, drive: str) -> str:
        known = self._hashes.pop(file.path, None)
        if known is not None and known[0] == file.looks:
            return known[1]  # once: a file that is refused is read anew

        def tell(done: int) -> None:
            self._at = Current(drive, file.path, done, file.size)
            self._board.at("hashing", self._at)

        tell(0)
        return sha256_of(self._terms.folder / file.path, file.looks, tell)

    def _state(self, part: Part) -> Received:
        """Return what the service has of a file; what is safe is asked once."""
        known = self._received.get(part.sha256)
        if known is not None and known.safe:
            return known
        known = ask_received(self._talk, [part.sha256])[part.sha256]
        self._received[part.sha256] = known
        if known.safe:
            self._board.totals.received += 1
            self._went()
        if known.state == "aside":
            why = known.reason or "no reason was given"
            self._board.totals.aside[part.name] = why
            self._board.say(Told(f"服务器读不了 {part.name},已另存", f"aside: {why}"))
        return known

    def _send(self, name: str, file: Lying, part: Part) -> None:
        wanted = Wanted(
            path=self._terms.folder / file.path,
            looks=part.looks,
            sha256=part.sha256,
            name=part.name,
            drive=name,
        )
        self._at = Current(name, file.path, 0, file.size)
        self._board.at("sending", self._at)
        all_went = self._sender.send(wanted, self._received[part.sha256].upload)
        if all_went and not self._state(part).safe:
            told = Told("等待服务器核对", "the service has not acknowledged it yet")
            raise HoldError(told)
        if all_went:
            self._forgive(file.path)

    def _told_offset(self, offset: int) -> None:
        if self._at is None:
            return
        if offset > self._at.offset:
            self._went()
        self._at = Current(self._at.drive, self._at.path, offset, self._at.size)
        self._board.at("sending", self._at)

    def _may_go_on(self) -> bool:
        return self._going is not None and self._may_go(self._going)

    def _save(self) -> None:
        """Write down what was announced; without it more is asked and hashed again.

        A disk that is full is no reason to stop: what is sent can be deleted.
        """
        try:
            self.memory.save()
        except OutputError as error:
            self._board.say(Told("进度无法保存,继续发送", str(error)))

    # Deleting ----------------------------------------------------------------------

    def _delete(self, outing: Outing, name: str, drive: KnownDrive) -> bool:
        """Delete what the service has, if that is wanted; the giver of the name last.

        While it lies there, a memory that was lost finds the same name again.
        """
        doomed = [d for f in outing.ready if (d := self._doomed(outing, name, f))]
        giver_path = self._terms.folder / drive.giver
        others = [d for d in doomed if d.path != giver_path]
        outcome = Outcome()
        delete_received(self._talk, others, outcome)
        if drive.settled and len(outcome.gone) == len(others):
            last = [d for d in doomed if d.path == giver_path]
            delete_received(self._talk, last, outcome)
        return self._deleted(outing, drive, outcome)

    def _deleted(self, outing: Outing, drive: KnownDrive, outcome: Outcome) -> bool:
        for one in outcome.gone:
            one.part.gone = True
        for one in outcome.lost:
            self._received.pop(one.part.sha256, None)
            drive.settled = False
        for one, why in outcome.stuck:
            self.refuse(one.file, Told("删不掉", f"cannot be deleted ({why})"))
        if outcome.gone or outcome.lost:
            self._board.totals.deleted += len(outcome.gone)
            self._save()
        if drive.over and outing.place and outing.kind == "drive":
            drop_folder(self._terms.folder / outing.place)
        return bool(outcome.gone or outcome.lost)

    def _stays(self, outing: Outing, file: Lying) -> bool:
        """Say if a file is kept though the service has it."""
        if outing.kind == "edge":
            return False
        return not self._terms.delete or (file.role == "shared" and not outing.place)

    def _doomed(self, outing: Outing, name: str, file: Lying) -> Doomed | None:
        """Return a file that may be deleted if the service says so once more."""
        part = self._part(outing, file)
        settled = self.memory.drives[name].settled
        if part is None or not self.is_safe(outing, file):
            return None
        if self._stays(outing, file) or self._is_refused(file):
            return None
        if file.role == "shared" and not settled:
            return None
        if not settled and not self._announcer.lists(name, part):
            return None
        return Doomed(file, self._terms.folder / file.path, part)
