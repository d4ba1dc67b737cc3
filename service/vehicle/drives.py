"""Which files are one drive.

A sub-folder is one drive. Of the files that lie in the watched folder itself, those
whose recording times run on are one: no more than `gap_s` lies between the end of one
and the start of the next. A track belongs to the footage that has its stem, else to the
drive nearest to its last change; a camera or road file belongs to all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from service.vehicle.lying import Lying
from service.vehicle.remembered import KnownDrive

GAP_S = 120.0
GOOD_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SHOWN, _OF_HASH = 40, 16


@dataclass(frozen=True, slots=True)
class Outing:
    """The files of one drive that lie there now.

    Attributes:
        kind: `edge` for what was worked out on board.
        place: the folder they lie in; empty for the watched one.
        name: under which the drive was announced; None if it was not.
        files: all, in the order in which they are sent; some may still grow.
    """

    kind: Literal["drive", "edge"]
    place: str
    name: str | None
    files: tuple[Lying, ...]

    @property
    def ready(self) -> tuple[Lying, ...]:
        """Those that have stopped growing and hold something."""
        return tuple(f for f in self.files if f.ready and f.size)

    @property
    def quiet(self) -> bool:
        """Nothing changes any more: the drive is over."""
        return all(file.quiet for file in self.files)

    @property
    def span_s(self) -> tuple[float, float]:
        """When its recording began and ended; of its other files if it has none."""
        timed = [f for f in self.files if f.role == "footage"] or self.files
        return min(f.start_s for f in timed), max(f.end_s for f in timed)

    @property
    def giver(self) -> Lying | None:
        """The file that names the drive: its first footage."""
        return next((f for f in self.ready if f.role == "footage"), None)


def outings_of(
    files: Iterable[Lying], known: Mapping[str, KnownDrive], *, gap_s: float = GAP_S
) -> list[Outing]:
    """Return the drives that lie there, the oldest first.

    Args:
        files: of the watched folder.
        known: name -> drive that was announced before.
        gap_s: seconds that may lie between two files of one drive.
    """
    by_place: dict[str, list[Lying]] = {}
    for file in files:
        by_place.setdefault(file.place, []).append(file)
    found = _flat(by_place.pop("", []), known, gap_s)
    found += [
        Outing("drive", place, _known_at(place, lie, known), in_order(lie))
        for place, lie in by_place.items()
    ]
    with_footage = [o for o in found if any(f.role == "footage" for f in o.files)]
    late = [o for o in found if o not in with_footage and o.name is not None]
    return sorted(with_footage + late, key=lambda o: o.span_s)


def drive_name(place: str, giver_sha256: str) -> str:
    """Return a name that the same files get again after everything was forgotten."""
    shown = _UNSAFE.sub("-", place).strip("-.")[:_SHOWN]
    return f"{shown or 'drive'}-{giver_sha256[:_OF_HASH]}"


def in_order(files: Iterable[Lying]) -> tuple[Lying, ...]:
    """Return files as they are sent: what lies beside footage first, then by time."""
    return tuple(sorted(files, key=lambda f: (f.role == "footage", f.start_s, f.path)))


def _known_at(
    place: str, files: list[Lying], known: Mapping[str, KnownDrive]
) -> str | None:
    """Return the drive of a sub-folder.

    When all of a drive is gone from its folder, the next recording begins another;
    a track that comes alone is a late part.
    """
    here = {file.path for file in files}
    alone = not any(file.role == "footage" for file in files)
    for name, drive in reversed(list(known.items())):
        left = {path for path, part in drive.parts.items() if not part.gone}
        if drive.place == place and (alone or not drive.settled or here & left):
            return name
    return None


class _Run:
    """Footage of the flat folder that runs on."""

    def __init__(self, name: str | None, start_s: float, end_s: float) -> None:
        self.name = name
        self.start_s, self.end_s = start_s, end_s
        self.files: list[Lying] = []

    def add(self, file: Lying) -> None:
        self.files.append(file)
        self.start_s = min(self.start_s, file.start_s)
        self.end_s = max(self.end_s, file.end_s)

    def apart_s(self, start_s: float, end_s: float) -> float:
        """Return seconds between this run and a time; 0 where they overlap."""
        return max(0.0, start_s - self.end_s, self.start_s - end_s)


def _flat(
    files: list[Lying], known: Mapping[str, KnownDrive], gap_s: float
) -> list[Outing]:
    runs = [
        _Run(name, drive.start_s, drive.end_s)
        for name, drive in known.items()
        if drive.place == ""
    ]
    owner = {
        path: run
        for run in runs
        for path, part in known[run.name or ""].parts.items()
        if not part.gone
    }
    footage = [f for f in in_order(files) if f.role == "footage"]
    for file in footage:
        run = owner.get(file.path)
        if run is None or run.apart_s(file.start_s, file.end_s) > gap_s:
            run = _running_on(runs, file, gap_s)
        run.add(file)
        owner[file.path] = run
    stems = {PurePosixPath(f.path).stem: owner[f.path] for f in footage}
    for file in files:
        if file.role == "beside":
            run = owner.get(file.path) or stems.get(PurePosixPath(file.path).stem)
            run = run or _nearest(runs, file, gap_s)
            if run is not None:
                run.files.append(file)
    shared = [f for f in files if f.role == "shared"]
    return [
        Outing("drive", "", run.name, in_order([*run.files, *shared]))
        for run in runs
        if run.files
    ]


def _running_on(runs: list[_Run], file: Lying, gap_s: float) -> _Run:
    near = [r for r in runs if r.apart_s(file.start_s, file.end_s) <= gap_s]
    if near:
        return min(near, key=lambda r: r.apart_s(file.start_s, file.end_s))
    runs.append(_Run(None, file.start_s, file.end_s))
    return runs[-1]


def _nearest(runs: list[_Run], file: Lying, gap_s: float) -> _Run | None:
    """Return the run that a track of another stem was written with.

    Where no footage lies there any more, it may be a late part.
    """

    def apart_s(run: _Run) -> float:
        return run.apart_s(file.end_s, file.end_s)

    near = [r for r in runs if r.files] or [r for r in runs if apart_s(r) <= gap_s]
    return min(near, key=apart_s, default=None)
