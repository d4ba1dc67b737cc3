"""What the uploader writes down for itself, so that a power cut costs it little.

It is a convenience: hashes need not be worked out again, and drives keep the names that
they were announced under. What has been received is asked of the service.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from service.vehicle.told import cannot_write

_FORM = 1
_MOST_OVER = 100
"""So many drives of which nothing is left are still known: parts may come late."""

Looks = tuple[int, int, int]
"""Size, time of change (ns) and inode: if they are as before, so is the file."""


@dataclass(slots=True)
class Part:
    """One file of a drive as it was announced.

    Attributes:
        sha256: of the whole file.
        looks: of the file when it was hashed.
        name: under which the manifest lists it.
        gone: the service has it and it was deleted here.
    """

    sha256: str
    looks: Looks
    name: str
    gone: bool = False


@dataclass(slots=True)
class KnownDrive:
    """One drive that was announced.

    Attributes:
        place: folder below the watched one; empty for the flat one.
        giver: path of the footage whose hash is in the drive's name; deleted last.
        start_s: of its recording by the vehicle's clock.
        end_s: likewise.
        parts: path below the watched folder -> what was announced.
        settled: the service has all of it and was told that no more comes.
    """

    place: str
    giver: str
    start_s: float
    end_s: float
    parts: dict[str, Part] = field(default_factory=dict)
    settled: bool = False

    @property
    def over(self) -> bool:
        """The service has all of it, and nothing of it is left here."""
        return self.settled and all(part.gone for part in self.parts.values())


class Remembered:
    """The drives that were announced, in a file.

    Args:
        path: of the file; what is damaged in it is forgotten.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.drives: dict[str, KnownDrive] = _read(path)

    def save(self) -> None:
        """Put it on the disk before this returns.

        Raises:
            OutputError: it cannot be written.
        """
        over = [name for name, drive in self.drives.items() if drive.over]
        for name in over:
            self.drives[name].parts.clear()
        for name in over[: max(0, len(over) - _MOST_OVER)]:
            del self.drives[name]
        drives = {name: asdict(drive) for name, drive in self.drives.items()}
        write_whole(self._path, json.dumps({"form": _FORM, "drives": drives}))


def write_whole(path: Path, text: str, *, sync: bool = True) -> None:
    """Write a file so that readers and power cuts find the old text or the new one.

    Raises:
        OutputError: it cannot be written.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        new.replace(path)
        if sync:
            sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> dict[str, KnownDrive]:
    try:
        read = json.loads(path.read_text("utf-8"))
        if read["form"] != _FORM:
            return {}
        return {str(name): _drive(given) for name, given in read["drives"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}  # lost or damaged: everything is asked and hashed again


def _drive(given: dict[str, Any]) -> KnownDrive:
    parts = {
        str(path): Part(
            sha256=str(part["sha256"]),
            looks=(int(part["looks"][0]), int(part["looks"][1]), int(part["looks"][2])),
            name=str(part["name"]),
            gone=bool(part["gone"]),
        )
        for path, part in given["parts"].items()
    }
    return KnownDrive(
        place=str(given["place"]),
        giver=str(given["giver"]),
        start_s=float(given["start_s"]),
        end_s=float(given["end_s"]),
        parts=parts,
        settled=bool(given["settled"]),
    )
