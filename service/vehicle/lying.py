"""What lies in the watched folder, and which of it has stopped growing."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from service.vehicle import mp4
from service.vehicle.clock import Clock
from service.vehicle.remembered import Looks
from vision.errors import NotFoundError
from vision.suffixes import PHOTO_SUFFIXES, VIDEO_SUFFIXES

OURS = ".liujing"
"""Our own folder below the watched one: state, lock, status, outbox."""
OUTBOX = "outbox"
"""Below it: packages of what was worked out on board, always sent first."""
PACKAGE_SUFFIX = ".edge.zip"
ROADS = "roads.geojson"
SHARED = frozenset({"camera.toml", ROADS})
"""Files that say how a vehicle is built and where it drives: none is a recording."""
FOOTAGE = VIDEO_SUFFIXES | PHOTO_SUFFIXES
BESIDE = frozenset(
    {".gpx", ".nmea", ".gps", ".csv", ".txt", ".log", ".map", ".toml", ".geojson"}
)
_UNKNOWN_LENGTH_S = 600.0
"""A film that does not say how long it is may be as long as this."""

Role = Literal["footage", "beside", "shared"]


@dataclass(frozen=True, slots=True)
class Stillness:
    """Seconds without change after which files are taken for finished.

    Attributes:
        still_s: of footage and of what is no recording.
        quiet_s: of tracks, which pause while a car stands, and of whole drives.
        broken_s: of a film whose end is missing: its power was cut.
    """

    still_s: float = 10.0
    quiet_s: float = 60.0
    broken_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Lying:
    """One file below the watched folder.

    Attributes:
        path: below the folder, with `/`.
        looks: size, time of change and inode.
        role: what it is to a drive.
        ready: it has stopped growing.
        quiet: it has not changed for so long that its drive may be over.
        start_s: Unix seconds by the vehicle's clock at which it begins; a guess.
        end_s: likewise.
    """

    path: str
    looks: Looks
    role: Role
    ready: bool
    quiet: bool
    start_s: float
    end_s: float

    @property
    def size(self) -> int:
        """Bytes."""
        return self.looks[0]

    @property
    def name(self) -> str:
        """Its name without folders."""
        return PurePosixPath(self.path).name

    @property
    def place(self) -> str:
        """The folder it lies in; empty for the watched one."""
        parent = PurePosixPath(self.path).parent.as_posix()
        return "" if parent == "." else parent


class Watched:
    """Looks at a folder again and again.

    Args:
        folder: the watched one.
        stillness: when a file is finished.
        clock: tells how long a file has been as it is.
    """

    def __init__(self, folder: Path, stillness: Stillness, clock: Clock) -> None:
        self._folder = folder
        self._stillness = stillness
        self._clock = clock
        self._since: dict[str, tuple[Looks, float]] = {}
        self._recordings: dict[str, tuple[Looks, mp4.Recording]] = {}

    def look(self) -> tuple[Lying, ...]:
        """Return every file that a drive may need, in the order of their paths.

        Raises:
            NotFoundError: the folder is not there (any more).
        """
        if not self._folder.is_dir():
            msg = f"there is no folder {self._folder}; is the disk plugged in?"
            raise NotFoundError(msg)
        found = dict(_files(self._folder, ""))
        self._since = {p: at for p, at in self._since.items() if p in found}
        self._recordings = {p: r for p, r in self._recordings.items() if p in found}
        return tuple(self._seen(path, found[path]) for path in sorted(found))

    def packages(self) -> list[Lying]:
        """Return what was worked out on board and waits in the outbox, oldest first.

        A package is one file that was moved there when it was whole, so it is ready.
        """
        outbox = self._folder / OURS / OUTBOX
        found = [
            Lying(path, looks, "beside", True, True, looks[1] / 1e9, looks[1] / 1e9)
            for path, looks in _plain_files(outbox, f"{OURS}/{OUTBOX}")
            if path.endswith(PACKAGE_SUFFIX)
        ]
        return sorted(found, key=lambda file: (file.end_s, file.path))

    def _seen(self, path: str, looks: Looks) -> Lying:
        now_s = self._clock.steady_s()
        known = self._since.get(path)
        if known is None or known[0] != looks:
            known = self._since[path] = looks, now_s
        role = _role(PurePosixPath(path))
        recording = self._recording(path, looks) if role == "footage" else None
        still_s, quiet_s = self._needed(role, recording)
        unchanged_s = now_s - known[1]
        age_s = self._clock.wall_s() - looks[1] / 1e9
        still = unchanged_s >= self._stillness.still_s
        longest_s = max(unchanged_s, age_s)
        start_s, end_s = _times(PurePosixPath(path), looks, recording)
        return Lying(
            path=path,
            looks=looks,
            role=role,
            ready=still and longest_s >= still_s,
            quiet=still and longest_s >= quiet_s,
            start_s=start_s,
            end_s=end_s,
        )

    def _needed(
        self, role: Role, recording: mp4.Recording | None
    ) -> tuple[float, float]:
        """Return seconds without change until a file is ready, and quiet.

        The first look may find a file in a pause of its writer, and a clock that was
        set makes a new file look old: `still_s` is always watched, the rest may be
        told by the file's age.
        """
        waits = self._stillness
        if recording is not None and not recording.whole:
            return waits.broken_s, waits.broken_s
        if role == "beside":
            return waits.quiet_s, waits.quiet_s
        return waits.still_s, waits.quiet_s

    def _recording(self, path: str, looks: Looks) -> mp4.Recording | None:
        """Return what an MP4 says of itself; None for other films."""
        if PurePosixPath(path).suffix.lower() not in mp4.SUFFIXES:
            return None
        known = self._recordings.get(path)
        if known is not None and known[0] == looks:
            return known[1]
        try:
            read = mp4.read_recording(self._folder / path)
        except OSError:
            read = mp4.Recording(whole=False)
        self._recordings[path] = looks, read
        return read


def looks_of(path: Path) -> Looks | None:
    """Return how a file looks; None if it is gone or is no plain file."""
    try:
        facts = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    return facts.st_size, facts.st_mtime_ns, facts.st_ino


def _files(folder: Path, below: str) -> Iterator[tuple[str, Looks]]:
    """Yield path and looks of the files that drives are made of; follow no link."""
    for path, looks in _plain_files(folder, below):
        if PurePosixPath(path).suffix.lower() in FOOTAGE | BESIDE:
            yield path, looks
    for name in _names(folder):
        sub = folder / name
        if not name.startswith(".") and sub.is_dir() and not sub.is_symlink():
            yield from _files(sub, f"{below}/{name}" if below else name)


def _plain_files(folder: Path, below: str) -> Iterator[tuple[str, Looks]]:
    for name in _names(folder):
        looks = None if name.startswith(".") else looks_of(folder / name)
        if looks is not None:
            yield (f"{below}/{name}" if below else name), looks


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []  # taken away, or not ours to read: other folders go on


def _role(path: PurePosixPath) -> Role:
    if path.name in SHARED:
        return "shared"
    return "footage" if path.suffix.lower() in FOOTAGE else "beside"


def _times(
    path: PurePosixPath, looks: Looks, recording: mp4.Recording | None
) -> tuple[float, float]:
    """Return when a recording began and ended.

    The container's word counts before the file system's, because copies are younger
    than what they are copies of.
    """
    changed_s = looks[1] / 1e9
    suffix = path.suffix.lower()
    if suffix in PHOTO_SUFFIXES or suffix in BESIDE:
        return changed_s, changed_s
    length_s = recording.duration_s if recording else None
    if length_s is None:
        length_s = _UNKNOWN_LENGTH_S
    if recording is not None and recording.start_s is not None:
        return recording.start_s, recording.start_s + length_s
    return changed_s - length_s, changed_s
