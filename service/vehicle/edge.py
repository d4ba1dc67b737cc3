"""The vehicle inspects by itself: footage -> a package of what it saw.

What is known between two pieces is written down, so a process that is killed, or a box
that loses its power, goes on where it was. The package appears whole or not at all.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from service.audit.inputs import AuditRequest, Opened, check
from service.audit.keep import refuse_undated
from service.audit.states import States
from service.device_clock import DeviceClock
from service.edge import write_package
from service.findings import PARKING, may_be_parked
from service.reports import OutFolder
from service.vehicle.eyes import (
    NICE,
    DriveSaid,
    EdgeOptions,
    Pictures,
    package_name,
)
from service.vehicle.lying import PACKAGE_SUFFIX
from service.vehicle.remembered import write_whole
from vision.catalogue import load_layout_card
from vision.errors import OutputError
from vision.evidence import PictureOptions
from vision.inspect import Inspection, InspectOptions, Progress
from vision.types import Sighting

PICTURES: Mapping[Pictures, PictureOptions] = {
    "light": PictureOptions(jpeg_quality=50, whole=False, max_crop_px=320),
    "scene": PictureOptions(jpeg_quality=50, max_width_px=640),
    "full": PictureOptions(),
}
"""How evidence is sent: small enough for a bad line, or as a server would keep it."""
_WORK = ".work"
_FOOTAGE = ".footage"
_CLOCK = "clock.json"
_ABANDONED_S = 7 * 86400.0


def inspect_into(
    files: Sequence[Path],
    outbox: Path,
    options: EdgeOptions,
    *,
    progress: Progress,
    said: DriveSaid | None = None,
) -> Path:
    """Inspect one drive and return its package, named by what was inspected.

    A package that is there is returned at once. One drive is inspected at a time: a
    process that is at work in this outbox is waited for.

    Args:
        files: the drive's footage and what lies beside it, or folders of them.
        outbox: folder of packages; `.work` in it is as private as the footage.
        options: how to look.
        progress: told after every frame.
        said: how the drive is called; None for a drive of its own, called as its
            first file.

    Raises:
        AuditError: the drive cannot be inspected, or nothing can be written.
    """
    name = None if said is None else said.name
    target = outbox / package_name(files, options, name)
    work = outbox / _WORK / target.name.removesuffix(PACKAGE_SUFFIX)
    with _alone(work):
        if not target.is_file():
            with _together(files, work) as footage:
                clock = _clock_begun_with(work, said)
                opened = _opened(footage, work, options, clock)
                seen = _seen(opened, work, options, progress)
                _write(target, opened, seen, None if said is None else said.drive)
        shutil.rmtree(work, ignore_errors=True)
    return target


def yield_to_others(nice: int = NICE) -> None:
    """Lower this process's priority: driving and recording come first."""
    os.nice(nice)


def _opened(
    files: Sequence[Path], work: Path, options: EdgeOptions, clock: DeviceClock | None
) -> Opened:
    opened = check(
        AuditRequest(
            footage=tuple(files),
            out=work,
            track=options.track,
            roads=options.roads,
            camera=options.camera,
            model=options.model,
            layout=options.layout,
            models=options.models,
            device=options.device,
            datum=options.datum,
            device_clock=clock,
            inspect=InspectOptions(
                spacing_m=options.spacing_m, pictures=PICTURES[options.pictures]
            ),
        )
    )
    refuse_undated(opened.checked)
    return opened


def _clock_begun_with(work: Path, said: DriveSaid | None) -> DeviceClock | None:
    """Return what was measured of this machine's clock when the work began.

    It is measured anew all the time, a little different each time; work that was cut
    short can only be gone on with by the clock that it was begun with.
    """
    note = work / _CLOCK
    try:
        ahead_s, began_s = json.loads(note.read_text("ascii"))
    except (OSError, ValueError, TypeError):
        ahead_s = None if said is None else said.clock_ahead_s
        began_s = None if said is None else said.began_s
        write_whole(note, json.dumps([ahead_s, began_s]))
    if ahead_s is None:
        return None
    return DeviceClock(-ahead_s, None if began_s is None else began_s - ahead_s)


def _seen(
    opened: Opened, work: Path, options: EdgeOptions, progress: Progress
) -> Inspection:
    """Look at a drive, from where the last process was cut off."""
    states = States(work, opened, secret=None, writer=str(os.getpid()))
    inspection = states.taken_up(OutFolder(work), 1 << 62)
    for end in inspection.pieces(options.piece_m):
        if inspection.done < end:
            inspection.go_on(end, progress)
            states.write(inspection)
    return _slim(opened, inspection.result(), options.pictures)


def _write(target: Path, opened: Opened, seen: Inspection, drive: str | None) -> None:
    outing, request = opened.checked.outing, opened.request
    layout = outing.layout_id
    write_package(
        target,
        outing,
        seen,
        layout=None if layout is None else load_layout_card(layout, request.models),
        pictures=request.out,
        drive=drive,
    )


def _slim(opened: Opened, seen: Inspection, pictures: Pictures) -> Inspection:
    """Leave out pictures that no report would show.

    A report shows finds. What can become none, on whatever street it lies, needs no
    picture: cars that drive by, covers in good order.
    """
    roles = {c.id: c.role for c in opened.checked.taxonomy}
    most = None if pictures == "full" else 1

    def shown(one: Sighting) -> Sighting:
        parked = one.category in PARKING and may_be_parked(one)
        if roles.get(one.category) != "problem" and not parked:
            return replace(one, evidence=())
        return replace(one, evidence=one.evidence[:most])

    return replace(seen, sightings=tuple(shown(one) for one in seen.sightings))


@contextmanager
def _together(files: Sequence[Path], work: Path) -> Iterator[Sequence[Path]]:
    """Put single files into a folder of their own, as a server has them.

    A track of another drive that lies beside them would be taken for theirs. What a
    process left that was killed goes here.
    """
    for left in work.parent.glob(f"*{_FOOTAGE}"):
        shutil.rmtree(left, ignore_errors=True)
    if any(path.is_dir() for path in files):
        yield files
        return
    folder = work.with_name(work.name + _FOOTAGE)
    folder.mkdir(mode=0o700)
    try:
        for path in files:
            (folder / path.name).symlink_to(path.resolve())
        yield (folder,)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(work: Path) -> Iterator[None]:
    """Hold the only right to inspect into an outbox; waits for whoever has it."""
    try:
        work.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (work.parent / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _tidy(work.parent)
            work.mkdir(exist_ok=True, mode=0o700)
            yield
    except OSError as error:
        msg = f"nothing can be written at {work} ({error.strerror}); check the disk"
        raise OutputError(msg) from error


def _tidy(folder: Path) -> None:
    """Take away work that nobody went on with: its footage or its roads changed."""
    for work in folder.iterdir():
        if work.is_dir() and work.stat().st_mtime < time.time() - _ABANDONED_S:
            shutil.rmtree(work, ignore_errors=True)
