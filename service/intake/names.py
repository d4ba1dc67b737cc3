"""Names of files that come in: which are taken, and what they promise to be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from service.job_records import is_package
from vision.errors import InputError
from vision.suffixes import FOOTAGE_SUFFIXES, PHOTO_SUFFIXES, VIDEO_SUFFIXES

BESIDE_SUFFIXES = frozenset(
    {".gpx", ".nmea", ".gps", ".csv", ".txt", ".log", ".map", ".toml", ".geojson"}
)
_LONGEST_NAME = 200
_UNSAFE = re.compile(r"[/\\\x00-\x1f\x7f<>:\"|?*\u202a-\u202e\u2066-\u2069]")


def checked_name(name: str) -> str:
    """Return a name under which a file of a drive may be kept.

    Raises:
        InputError: it names a folder, hides, or is no footage and no file beside it.
    """
    _refuse_unsafe(name)
    known = Path(name).suffix.lower() in FOOTAGE_SUFFIXES | BESIDE_SUFFIXES
    if not known and not is_package(name):
        msg = (
            f"{name} is neither footage nor a track, camera or road file; "
            "send videos, photos and what lies beside them"
        )
        raise InputError(msg)
    return name


def _refuse_unsafe(name: str) -> None:
    """Refuse a name that is not plainly a file's.

    Raises:
        InputError: it names a folder or hides.
    """
    bad = (
        not name
        or len(name.encode()) > _LONGEST_NAME
        or name.startswith(".")
        or name != name.strip()
        or _UNSAFE.search(name)
    )
    if bad:
        msg = (
            f"the file name {name[:80]!r} cannot be used; give a plain name without "
            "folders, like drive.mp4"
        )
        raise InputError(msg)


def seen_name(name: str, kind: str | None) -> str:
    """Return a name that ends as what was seen in the file: readers go by the ending.

    A photo that is called `film.mp4` becomes `film.mp4.jpg`; whatever ends as it should
    keeps its name.

    Args:
        name: as the sender calls it.
        kind: that was seen; None if nobody looked.
    """
    suffix = Path(name).suffix.lower()
    if kind == "photo" and suffix not in PHOTO_SUFFIXES:
        return f"{name}.jpg"
    if kind == "video" and suffix not in VIDEO_SUFFIXES:
        return f"{name}.mp4"
    return name


def checked_drive(files: Iterable[str]) -> None:
    """Refuse files that are no drive: neither footage nor one package of a vehicle.

    Raises:
        InputError: there is no footage, or a package is not alone.
    """
    files = list(files)
    if any(is_package(name) for name in files):
        if len(files) > 1:
            msg = (
                "a package of what a vehicle saw is a drive by itself; send it alone, "
                "and the footage as another drive"
            )
            raise InputError(msg)
        return
    if not any(Path(name).suffix.lower() in FOOTAGE_SUFFIXES for name in files):
        msg = "there is no video and no photo among the files; send the footage as well"
        raise InputError(msg)
