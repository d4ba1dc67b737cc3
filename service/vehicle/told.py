"""Sentences for the person beside the box: Chinese first, English beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vision.errors import AuditError, OutputError


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


class HoldError(AuditError):
    """Nothing can be sent now; later it may.

    Attributes:
        told: why.
        wait_s: seconds until it is worth another try; None for the usual back-off.
        asked: the service itself asked for that wait.
    """

    code = "hold"

    def __init__(
        self, told: Told, wait_s: float | None = None, *, asked: bool = False
    ) -> None:
        super().__init__(str(told))
        self.told = told
        self.wait_s = wait_s
        self.asked = asked


class ChangedError(AuditError):
    """A file is not what it was when it was hashed; it is looked at anew."""

    code = "changed"


class RefusedError(AuditError):
    """The service will not have this file; others go on.

    Attributes:
        told: what it said.
    """

    code = "refused"

    def __init__(self, told: Told) -> None:
        super().__init__(str(told))
        self.told = told


def cannot_write(path: Path, error: OSError) -> OutputError:
    """Return the error that says that nothing can be written at `path`."""
    msg = f"{path} cannot be written ({error.strerror}); check its rights and the disk"
    return OutputError(msg)
