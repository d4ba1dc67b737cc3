"""Find the fixes of footage: given, inside it, or beside it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from vision.errors import NotFoundError, TelemetryError
from vision.telemetry.base import Telemetry
from vision.telemetry.clean import is_usable
from vision.telemetry.exif import PHOTO_SUFFIXES
from vision.telemetry.mp4 import movie_duration_s
from vision.telemetry.readers import photos_in, read_photos, read_telemetry

logger = logging.getLogger(__name__)

TRACK_SUFFIXES = (".gpx", ".nmea", ".gps", ".csv", ".txt", ".log", ".map")
"""Suffixes of files beside the footage that may be its track, best first."""

Origin = Literal["given", "embedded", "beside", "photos"]


@dataclass(frozen=True, slots=True)
class FoundTelemetry:
    """The fixes of one outing and where they were found.

    Attributes:
        telemetry: fixes of all its footage, as received; embedded ones carry `drive_s`
            on the drive clock.
        origin: `given` by the user, `embedded` in the footage, `beside` it, or `photos`
            (EXIF).
        pictures: file name of the photo each fix belongs to; empty unless `photos`.
    """

    telemetry: Telemetry
    origin: Origin
    pictures: tuple[str, ...] = ()


def find_telemetry(
    footage: Sequence[Path],
    *,
    track: Path | None,
    start_drive_s: Sequence[float] | None = None,
) -> FoundTelemetry:
    """Return the fixes of the footage.

    The track that was given is read and nothing else. Otherwise each footage file is
    searched, then the files beside it: those of the same stem, then one called
    `track.*`, then the only one in the folder that is a track.

    Args:
        footage: files, or folders of photos, in the order of the drive.
        track: telemetry file given by the user, or None.
        start_drive_s: where each footage file begins on the drive clock, for embedded
            telemetry; None lays the files end to end by their movie headers.

    Raises:
        NotFoundError: a file does not exist.
        TelemetryError: nothing was found, or the given track holds no fixes.
    """
    if track is not None:
        return FoundTelemetry(read_telemetry(track), "given")
    for path in footage:
        if not path.exists():
            msg = f"There is no footage {path}; check the name."
            raise NotFoundError(msg)
    photos = [photo for path in footage for photo in _photos(path)]
    if photos:
        return _from_photos(footage, photos)
    videos = [path for path in footage if path.is_file()]
    inside = _embedded(videos, start_drive_s)
    if inside is not None:
        return FoundTelemetry(inside, "embedded")
    beside = _beside(videos)
    if beside is not None:
        return FoundTelemetry(beside, "beside")
    raise TelemetryError(_missing(footage))


def tie_to_pictures(
    found: FoundTelemetry, picture_drive_s: Mapping[str, float]
) -> FoundTelemetry:
    """Return the photos' fixes with the drive time of the photo each belongs to.

    So a fix stays with its photo even where the camera's clock and the receiver's
    differ.

    Args:
        found: with origin `photos`; anything else is returned as it is.
        picture_drive_s: photo file name -> drive seconds. Fixes of photos that it does
            not name are left out.
    """
    if found.origin != "photos":
        return found
    rows = [
        (name, replace(fix, drive_s=picture_drive_s[name]))
        for name, fix in zip(found.pictures, found.telemetry.fixes, strict=True)
        if name in picture_drive_s
    ]
    telemetry = replace(found.telemetry, fixes=tuple(fix for _, fix in rows))
    return FoundTelemetry(telemetry, "photos", tuple(name for name, _ in rows))


def _missing(footage: Sequence[Path]) -> str:
    names = ", ".join(path.name for path in footage[:3]) or "The footage"
    more = f" and {len(footage) - 3} more" if len(footage) > 3 else ""
    verb = "holds" if len(footage) == 1 else "hold"
    beside = "it" if len(footage) == 1 else "them"
    return (
        f"{names}{more} {verb} no GPS and no track lies beside {beside}; "
        "give one with --track FILE."
    )


def _photos(path: Path) -> list[Path]:
    if path.is_dir():
        return photos_in(path)
    return [path] if path.suffix.lower() in PHOTO_SUFFIXES else []


def _from_photos(footage: Sequence[Path], photos: list[Path]) -> FoundTelemetry:
    try:
        telemetry, names = read_photos(photos, name=footage[0].name)
    except TelemetryError as error:
        beside = _beside(photos[:1])
        if beside is None:
            raise TelemetryError(_missing(footage)) from error
        return FoundTelemetry(beside, "beside")
    return FoundTelemetry(telemetry, "photos", names)


def _usable(path: Path) -> Telemetry | None:
    """Return the fixes in a file if at least one has a place and a lock."""
    try:
        telemetry = read_telemetry(path)
    except TelemetryError as error:
        logger.debug("no telemetry", extra={"file": path.name, "why": str(error)})
        return None
    return telemetry if any(is_usable(fix) for fix in telemetry.fixes) else None


def _embedded(
    videos: Sequence[Path], start_drive_s: Sequence[float] | None
) -> Telemetry | None:
    """Return the fixes inside the files, moved onto the drive clock."""
    found: list[Telemetry] = []
    start_s = 0.0
    for number, video in enumerate(videos):
        if start_drive_s is not None and number < len(start_drive_s):
            start_s = start_drive_s[number]
        telemetry = _usable(video)
        if telemetry is not None:
            found.append(_shift(telemetry, start_s))
        start_s += _length_s(video, telemetry)
    return _concatenate(found)


def _length_s(video: Path, telemetry: Telemetry | None) -> float:
    length_s = movie_duration_s(video)
    if length_s is not None:
        return length_s
    fixes = () if telemetry is None else telemetry.fixes
    return max((fix.drive_s or 0.0 for fix in fixes), default=0.0)


def _shift(telemetry: Telemetry, by_s: float) -> Telemetry:
    fixes = tuple(
        fix if fix.drive_s is None else replace(fix, drive_s=fix.drive_s + by_s)
        for fix in telemetry.fixes
    )
    return replace(telemetry, fixes=fixes)


def _concatenate(found: Sequence[Telemetry]) -> Telemetry | None:
    if not found:
        return None
    return Telemetry(
        fixes=tuple(fix for telemetry in found for fix in telemetry.fixes),
        format=found[0].format,
        source=", ".join(telemetry.source for telemetry in found),
    )


def _beside(videos: Sequence[Path]) -> Telemetry | None:
    """Return the sidecars of each file joined, else the folder's one track."""
    sidecars = [telemetry for v in videos if (telemetry := _sidecar(v)) is not None]
    if sidecars:
        return _concatenate(sidecars)
    for folder in dict.fromkeys(video.parent for video in videos):
        telemetry = _folder_track(folder)
        if telemetry is not None:
            return telemetry
    return None


def _candidates(folder: Path) -> list[Path]:
    """Return files that may be tracks, best suffix first."""
    files = [
        path
        for path in folder.iterdir()
        if path.is_file() and path.suffix.lower() in TRACK_SUFFIXES
    ]
    return sorted(files, key=lambda p: (TRACK_SUFFIXES.index(p.suffix.lower()), p.name))


def _sidecar(video: Path) -> Telemetry | None:
    same = [
        p for p in _candidates(video.parent) if p.stem.lower() == video.stem.lower()
    ]
    return next((t for p in same if (t := _usable(p)) is not None), None)


def _folder_track(folder: Path) -> Telemetry | None:
    """Return `track.*`, else the only track of the folder.

    Raises:
        TelemetryError: several tracks lie there and none is called `track`.
    """
    candidates = _candidates(folder)
    for path in candidates:
        if path.stem.lower() == "track" and (named := _usable(path)) is not None:
            return named
    found = [t for path in candidates if (t := _usable(path)) is not None]
    if len(found) > 1:
        names = ", ".join(telemetry.source for telemetry in found[:4])
        msg = (
            f"{len(found)} tracks lie beside the footage ({names}); "
            "say which with --track FILE."
        )
        raise TelemetryError(msg)
    return found[0] if found else None
