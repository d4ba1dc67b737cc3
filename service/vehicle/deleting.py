"""Files are deleted here only when the service has said, just now, that it has them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from service.vehicle.lying import looks_of
from service.vehicle.outbox import ABOUT
from service.vehicle.received import ask_received
from service.vehicle.remembered import Part, sync_folder
from service.vehicle.talk import Talk


@dataclass(frozen=True, slots=True)
class Doomed:
    """A file that may be deleted if the service still says so."""

    path: Path
    part: Part


def delete_received(talk: Talk, doomed: Iterable[Doomed]) -> list[Doomed]:
    """Delete files that the service has and that are what was hashed; return them.

    The service is asked again, now: what was heard an hour ago may hold no more.

    Raises:
        HoldError: the service does not answer; nothing was deleted.
    """
    wanted = list(doomed)
    said = ask_received(talk, (one.part.sha256 for one in wanted)) if wanted else {}
    gone = []
    for one in wanted:
        if not said[one.part.sha256].safe or looks_of(one.path) != one.part.looks:
            continue
        with suppress(OSError):  # a read-only disk: it stays and is no loss
            one.path.unlink()
            sync_folder(one.path.parent)
            gone.append(one)
    return gone


def drop_folder(folder: Path, *, package: bool) -> None:
    """Take away a drive's folder if nothing is in it any more.

    Args:
        folder: of the drive.
        package: it is of the outbox, and what describes it goes with it.
    """
    with suppress(OSError):
        if package:
            (folder / ABOUT).unlink(missing_ok=True)
        folder.rmdir()
        sync_folder(folder.parent)
