"""The nouns of files that are sent piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

UploadState = Literal["open", "whole", "aside", "refused", "expired", "ended"]
"""Coming; here and checked; here but unreadable; not what was promised; given up by
time; given up by its sender. All but the first are for good."""


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """One file on its way in, and what became of it; times are Unix seconds.

    Attributes:
        id: its name.
        key_id: of the key that sends it.
        district: of that key; None for the whole city.
        name: as the sender calls it.
        size: bytes of the whole file.
        sha256: that the sender promised; None if it did not.
        drive: the manifest that it belongs to, as the sender says; None for none.
        given: `Upload-Metadata` as it came.
        state: how it stands.
        offset: bytes that are safely on the disk.
        stored: bytes of the part file that hold them; more where it is sealed.
        sealed: the part file is encrypted.
        begun_s: since when.
        expires_s: when it is given up if no more comes.
        digest: SHA-256 of what came; None before the end.
        kind: what the file is; None before the end.
        reason: why it was refused or put aside; None otherwise.
        ended_s: when it ended; None while it is open.
    """

    id: str
    key_id: str
    district: str | None
    name: str
    size: int
    sha256: str | None
    drive: str | None
    given: str
    state: UploadState
    offset: int
    stored: int
    sealed: bool
    begun_s: float
    expires_s: float
    digest: str | None = None
    kind: str | None = None
    reason: str | None = None
    ended_s: float | None = None

    @property
    def is_here(self) -> bool:
        """Whether all of it was received and checked."""
        return self.state in ("whole", "aside")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file is.

    Attributes:
        kind: `video`, `photo`, `track`, `camera`, `roads` or `edge`; None if it is
            none of them, or was not looked at.
        reason: why it cannot be read, one sentence; None if it can.
    """

    kind: str | None = None
    reason: str | None = None
