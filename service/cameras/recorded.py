"""The pictures of films and snapshots, as if they came from a camera just now."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from vision.errors import AuditError, Failure
from vision.footage import FootageSource, LiveGap, LivePicture, load_photo


def zero_s(sources: Iterable[FootageSource]) -> float | None:
    """Return epoch seconds at the start of the footage's clock, if any file says it."""
    return next(
        (
            s.info.epoch_at_start_s - s.info.start_drive_s
            for s in sources
            if s.info.epoch_at_start_s is not None
        ),
        None,
    )


def recorded(
    sources: Iterable[FootageSource],
    begin_s: float,
    every_s: float,
    failures: list[Failure],
) -> Iterator[LivePicture | LiveGap]:
    """Yield the pictures of films and snapshots on their own clock.

    Args:
        sources: in the order of their times.
        begin_s: epoch seconds at the start of their clock.
        every_s: between two pictures of a film; snapshots are all taken.
        failures: gets what cannot be read.
    """
    for source in sources:
        info = source.info
        at_s = list(info.picture_drive_s)
        if info.kind != "photos":
            steps = math.floor(info.duration_s / every_s)
            at_s = [info.start_drive_s + k * every_s for k in range(steps + 1)]
            at_s = [t for t in at_s if t < info.start_drive_s + info.duration_s]
        try:
            for frame in source.frames(at_s, 0):
                yield LivePicture(begin_s + frame.drive_s, frame.image)
        except AuditError as error:
            failures.append(Failure.of(info.name, error))


def snapshots(
    pictures: Iterable[tuple[Path, float]], every_s: float, failures: list[Failure]
) -> Iterator[LivePicture]:
    """Yield snapshots whose times are known, no two nearer than `every_s`.

    Args:
        pictures: file and epoch seconds, in the order of the times.
        every_s: between two pictures that are looked at.
        failures: gets what cannot be read.
    """
    last_s = -math.inf
    for path, taken_s in pictures:
        if taken_s - last_s < every_s:
            continue
        try:
            yield LivePicture(taken_s, load_photo(path))
        except AuditError as error:
            failures.append(Failure.of(path.name, error))
            continue
        last_s = taken_s
