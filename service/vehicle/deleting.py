"""Files are deleted here only when the service has said, just now, that it has them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from service.vehicle.lying import Lying, looks_of
from service.vehicle.received import ask_received
from service.vehicle.remembered import Part, sync_folder
from service.vehicle.talk import Talk


@dataclass(frozen=True, slots=True)
class Doomed:
    """A file that may be deleted if the service still says so."""

    file: Lying
    path: Path
    part: Part


@dataclass(slots=True)
class Outcome:
    """What became of files that were to be deleted.

    Attributes:
        gone: deleted.
        lost: the service has them no more: they must be sent again.
        stuck: they cannot be deleted, with the reason.
    """

    gone: list[Doomed] = field(default_factory=list)
    lost: list[Doomed] = field(default_factory=list)
    stuck: list[tuple[Doomed, str]] = field(default_factory=list)


def delete_received(talk: Talk, doomed: Iterable[Doomed], outcome: Outcome) -> None:
    """Delete files that the service has and that are what was hashed.

    The service is asked again, now: what was heard an hour ago may hold no more.

    Raises:
        HoldError: the service does not answer; nothing was deleted.
    """
    wanted = list(doomed)
    said = ask_received(talk, (one.part.sha256 for one in wanted)) if wanted else {}
    for one in wanted:
        if not said[one.part.sha256].safe:
            outcome.lost.append(one)
        elif looks_of(one.path) == one.part.looks:
            try:
                one.path.unlink()
                sync_folder(one.path.parent)
            except OSError as error:
                outcome.stuck.append((one, error.strerror or "no reason"))
            else:
                outcome.gone.append(one)


def drop_folder(folder: Path) -> None:
    """Take away a drive's folder if nothing is in it any more."""
    with suppress(OSError):
        folder.rmdir()
        sync_folder(folder.parent)
