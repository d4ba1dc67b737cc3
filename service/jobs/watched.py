"""A folder that is watched: what is put there and stopped growing is taken in.

Each sub-folder is one drive; a footage file that lies in the folder itself is one too,
with the files of its stem beside it. What was taken in is deleted here: raw footage
lies in the quarantine alone. What was refused is moved to `refused/`, with a line that
says why.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from service.intake.submit import Sender, take_in
from service.settings import Settings
from service.store import Store
from vision.errors import AuditError, OutputError, StoreError
from vision.suffixes import FOOTAGE_SUFFIXES

logger = logging.getLogger(__name__)

REFUSED = "refused"
_LOCK = ".liujing.lock"
STILL_S = 10.0
"""Files that did not change for so long are whole."""

Seen = tuple[tuple[str, int, int], ...]


class WatchedFolder:
    """Looks into the folder that the settings name, if they name one.

    Args:
        settings: of the service.
        store: the city's memory.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._folder = settings.jobs.watch
        self._seen: dict[Path, tuple[Seen, float]] = {}

    def look(self) -> None:
        """Take in what has been there, unchanged, for long enough."""
        if self._folder is None or not self._folder.is_dir():
            return
        with (self._folder / _LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # another worker looks
            self._look(self._folder)

    def _look(self, folder: Path) -> None:
        now_s = time.monotonic()
        there = dict(_drives(folder))
        self._seen = {key: at for key, at in self._seen.items() if key in there}
        for key, files in there.items():
            looks = _looks(files)
            before = self._seen.get(key)
            if before is None or before[0] != looks:
                self._seen[key] = looks, now_s
            elif now_s - before[1] >= STILL_S:
                self._take(key, files)

    def _take(self, key: Path, files: list[Path]) -> None:
        try:
            job, _ = take_in(self._settings, self._store, files, Sender())
        except (OutputError, StoreError):
            raise  # no room, or no store: it stays and is tried again
        except AuditError as error:
            logger.warning("watched drive refused", extra={"reason": str(error)})
            self._set_aside(key, files, str(error))
        else:
            logger.info("watched drive taken in", extra={"job": job.id})
            self._delete(key, files)

    def _delete(self, key: Path, files: list[Path]) -> None:
        """Leave no second copy of raw footage outside the quarantine."""
        for file in files:
            file.unlink(missing_ok=True)
        if key.is_dir() and not any(key.iterdir()):
            key.rmdir()
        self._seen.pop(key, None)

    def _set_aside(self, key: Path, files: list[Path], why: str) -> None:
        target = key.parent / REFUSED / f"{key.name}-{int(time.time())}"
        target.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.move(file, target / file.name)
        (target / "why.txt").write_text(why + "\n", "utf-8")
        if key.is_dir() and not any(key.iterdir()):
            key.rmdir()
        self._seen.pop(key, None)


def _drives(folder: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Yield each drive with its files; links are not followed."""
    plain = [p for p in sorted(folder.iterdir()) if not p.name.startswith(".")]
    files = [p for p in plain if p.is_file() and not p.is_symlink()]
    for file in files:
        if file.suffix.lower() in FOOTAGE_SUFFIXES:
            yield file, [p for p in files if p.stem == file.stem]
    for sub in plain:
        if sub.is_dir() and not sub.is_symlink() and sub.name != REFUSED:
            inside = [p for p in sub.iterdir() if not p.name.startswith(".")]
            of_drive = [p for p in inside if p.is_file() and not p.is_symlink()]
            if of_drive:
                yield sub, sorted(of_drive)


def _looks(files: list[Path]) -> Seen:
    found = []
    for path in files:
        try:
            facts = path.stat()
        except FileNotFoundError:
            continue
        found.append((path.name, facts.st_size, facts.st_mtime_ns))
    return tuple(found)
