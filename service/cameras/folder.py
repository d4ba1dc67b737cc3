"""The folder into which a camera drops its snapshots, by FTP or SFTP.

Pictures stay there until a watch takes them into the quarantine; what no watch wanted
is deleted when its days are over: raw pictures lie nowhere for ever.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from service.camera_records import CameraRecord
from service.cameras.address import folder_of
from service.settings import Settings
from service.store import Store
from service.types import DAY_S
from vision.errors import OutputError
from vision.footage import photo_time
from vision.suffixes import PHOTO_SUFFIXES

logger = logging.getLogger(__name__)

STILL_S = 5.0
"""A file that did not change for so long is whole."""
_AHEAD_S = 300.0
"""A picture cannot be newer than its file; a little, where clocks differ."""
_IN_NAME = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)[-_.T ]?"
    r"([0-2]\d)[-_.:]?([0-5]\d)[-_.:]?([0-5]\d)"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One picture that lies in a camera's folder.

    Attributes:
        path: the file.
        taken_s: Unix seconds, by its EXIF, else its name, else when it was written.
        size: bytes.
        changed_ns: when it was written; with the size it tells a file from a later one
            of the same name.
    """

    path: Path
    taken_s: float
    size: int
    changed_ns: int

    def is_still_there(self) -> bool:
        """Say if the file is the one that was looked at."""
        try:
            facts = self.path.stat()
        except FileNotFoundError:
            return False
        return (facts.st_size, facts.st_mtime_ns) == (self.size, self.changed_ns)


class SnapshotFolder:
    """Looks into the folders of cameras; times of files are read once.

    Args:
        settings: where the folders lie, and the city's clock.
        store: its access log says what was deleted.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._taken: dict[tuple[Path, int, int], float] = {}

    def pictures(self, camera: CameraRecord, *, now_s: float) -> list[Snapshot]:
        """Return the pictures that lie there and stopped growing, in time order."""
        folder = folder_of(camera, self._settings)
        found = []
        for path in _photos(folder):
            try:
                facts = path.stat()
            except FileNotFoundError:
                continue  # it was renamed or taken just now
            if facts.st_mtime > now_s - STILL_S or not facts.st_size:
                continue
            key = (path, facts.st_size, facts.st_mtime_ns)
            if key not in self._taken:
                self._taken[key] = taken_s(
                    path, facts.st_mtime, offset_h=self._settings.score.utc_offset_h
                )
            found.append(Snapshot(path, self._taken[key], *key[1:]))
        known = {(one.path, one.size, one.changed_ns) for one in found}
        for key in [k for k in self._taken if k[0].is_relative_to(folder)]:
            if key not in known:
                del self._taken[key]
        return sorted(found, key=lambda one: (one.taken_s, one.path))

    def drop_old(self, camera: CameraRecord, *, now_s: float) -> int:
        """Delete what has lain there for the days of raw footage; return how much."""
        folder = folder_of(camera, self._settings)
        before_s = now_s - self._settings.raw.raw_days * DAY_S
        due = [p for p in _files(folder) if p.lstat().st_mtime < before_s]
        for path in due:
            path.unlink(missing_ok=True)
        if due:
            log_deleted(self._store, camera, len(due), "raw_days")
        return len(due)


def log_deleted(store: Store, camera: CameraRecord, count: int, why: str) -> None:
    """Write into the access log that raw pictures of a camera were deleted."""
    row = {
        "at_s": time.time(),
        "key_id": None,
        "role": "service",
        "method": "DELETE",
        "route": "camera_snapshots",
        "target": f"{camera.id}: {count} pictures",
        "status": 200,
        "request_id": why,
    }
    store.log_access([row])


def taken_s(path: Path, written_s: float, *, offset_h: float) -> float:
    """Return when a picture was taken, Unix seconds.

    Args:
        path: the picture.
        written_s: when its file was written: the answer where nothing else says so.
        offset_h: of the city's clock from UTC, for times without a zone.
    """
    found = _of_exif(path, offset_h)
    if found is None:
        found = _of_name(path.name, offset_h)
    if found is None or found > written_s + _AHEAD_S:
        return written_s
    return found


def _of_exif(path: Path, offset_h: float) -> float | None:
    said = photo_time(path)
    if said is None:
        return None
    offset_s = offset_h * 3600 if said.utc_offset_s is None else said.utc_offset_s
    return said.local.replace(tzinfo=UTC).timestamp() - offset_s


def _of_name(name: str, offset_h: float) -> float | None:
    found = _IN_NAME.search(name)
    if found is None:
        return None
    try:
        digits = "".join(found.groups())
        local = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return local.timestamp() - offset_h * 3600


def _photos(folder: Path) -> Iterator[Path]:
    for path in _files(folder):
        if path.suffix.lower() in PHOTO_SUFFIXES and not path.name.startswith("."):
            yield path


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and of those below; links are not followed.

    Raises:
        OutputError: the folder cannot be made or read.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path
    except OSError as error:
        msg = f"the snapshots in {folder} cannot be read ({error.strerror})"
        raise OutputError(msg) from error
