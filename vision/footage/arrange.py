"""Puts the sources of one drive in order, on one drive clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from vision.footage.base import FootageSource
from vision.footage.photos import PhotoSource
from vision.footage.video import VideoSource

_LONGEST_PAUSE_S = 12 * 3600.0
_LARGEST_OVERLAP_S = 2.5
_STAMP = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)"
    r"[-_.T ]*(\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)"
)


def arrange(
    sources: Sequence[VideoSource | PhotoSource],
) -> tuple[FootageSource, ...]:
    """Return the sources in drive order, each with its place on the drive clock.

    Where all have a wall clock and these clocks fit the lengths (no pause over 12 h, no
    overlap over 2.5 s: clocks of whole seconds), the order and the pauses are theirs.
    The wall clock is what the container or EXIF says, else a date and time in the file
    name (`..._20260131_120000_...`). Otherwise the sources follow one another without
    a pause in the order of their names, in which 2 comes before 10.
    """
    by_name = sorted(sources, key=lambda source: name_order(source.info.name))
    for clocks in (
        [source.info.epoch_at_start_s for source in by_name],
        [stamp_s(source.info.name) for source in by_name],
    ):
        known = [clock for clock in clocks if clock is not None]
        if len(known) != len(by_name):
            continue
        order = sorted(range(len(known)), key=known.__getitem__)
        ordered = [by_name[row] for row in order]
        starts = [known[row] - known[order[0]] for row in order]
        if _fit(ordered, starts):
            return _placed(ordered, starts)
    return _placed(by_name, [0.0] * len(by_name))


def name_order(name: str) -> tuple[tuple[int, int | str], ...]:
    """Return a sort key in which the numbers of a name count as numbers."""
    parts = re.findall(r"\d+|\D+", name.lower())
    return tuple((0, int(p)) if p.isdecimal() else (1, p) for p in parts)


def stamp_s(name: str) -> float | None:
    """Return the date and time in a file name as seconds of an unknown zone."""
    match = _STAMP.search(name)
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in match.groups())
        stamp = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return stamp.timestamp()


def _fit(ordered: Sequence[FootageSource], starts: Sequence[float]) -> bool:
    ends = [start + s.info.duration_s for s, start in zip(ordered, starts, strict=True)]
    gaps = [after - end for end, after in zip(ends[:-1], starts[1:], strict=True)]
    return all(-_LARGEST_OVERLAP_S <= gap <= _LONGEST_PAUSE_S for gap in gaps)


def _placed(
    ordered: Sequence[VideoSource | PhotoSource], starts: Sequence[float]
) -> tuple[FootageSource, ...]:
    """Start each source where its clock says, but not before the last one ended."""
    placed: list[FootageSource] = []
    end_s = 0.0
    for source, start_s in zip(ordered, starts, strict=True):
        here = source.starting_at(max(start_s, end_s))
        end_s = here.info.start_drive_s + here.info.duration_s
        placed.append(here)
    return tuple(placed)
