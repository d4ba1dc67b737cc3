"""How far the inspection of one drive has come, in a folder, for whoever goes on."""

from __future__ import annotations

import io
import logging
from importlib import metadata
from pathlib import Path

from service.audit.inputs import Opened
from service.intake.sealed import sealed, unsealed
from service.store import digest
from vision.errors import AuditError, InputError
from vision.evidence import EvidenceSink
from vision.inspect import DriveInspection

logger = logging.getLogger(__name__)


class States:
    """States of one inspection, each in a file of its own.

    They hold a small unmasked picture, so the folder is as private as the footage.

    Args:
        folder: where they lie.
        opened: the drive; a state of other eyes or of another version is not used.
        secret: what they are sealed with; None for nothing.
        writer: name of the process; two may write at once.
    """

    def __init__(
        self, folder: Path, opened: Opened, *, secret: str | None, writer: str
    ) -> None:
        self._folder = folder
        self._opened = opened
        self._secret = secret
        self._writer = writer

    def taken_up(self, sink: EvidenceSink, until: int) -> DriveInspection:
        """Go on from the newest state that can be used, else from the beginning.

        Args:
            sink: takes the masked pictures; those of before are in it.
            until: a state that is further than so many frames is not used.
        """
        for path in sorted(self._folder.glob("state-*"), reverse=True):
            if int(path.name.split("-")[1]) > until:
                continue
            try:
                return self._inspection(sink, self._read(path))
            except (AuditError, OSError) as error:
                logger.warning(
                    "state not used", extra={"state": path.name, "reason": str(error)}
                )
        return self._inspection(sink, None)

    def write(self, inspection: DriveInspection) -> None:
        """Write a state in one step, then drop older ones."""
        target = self._folder / f"state-{inspection.done:09d}"
        data = _mark(self._opened) + inspection.state()
        if self._secret is not None:
            file = io.BytesIO()
            sealed(data, self._secret, file)
            data = file.getvalue()
        part = self._folder / f".{target.name}.{self._writer}"
        part.write_bytes(data)
        part.replace(target)
        for older in self._folder.glob("state-*"):
            if older.name < target.name:
                older.unlink(missing_ok=True)

    def _inspection(self, sink: EvidenceSink, state: bytes | None) -> DriveInspection:
        opened = self._opened
        return DriveInspection(
            opened.sources,
            opened.checked.outing.track,
            eyes=opened.eyes,
            sink=sink,
            options=opened.request.inspect,
            state=state,
        )

    def _read(self, path: Path) -> bytes:
        data = path.read_bytes()
        if self._secret is not None:
            data = b"".join(unsealed(io.BytesIO(data), self._secret))
        mark = _mark(self._opened)
        if not data.startswith(mark):
            msg = f"{path.name} was written by other eyes or another version"
            raise InputError(msg)
        return data[len(mark) :]


def _mark(opened: Opened) -> bytes:
    """Return what a state must begin with to be gone on from."""
    outing = opened.checked.outing
    return digest(
        metadata.version("liujing"),
        outing.card.sha256,
        outing.layout_id,
        opened.request.inspect,
        outing.camera,
        outing.track.start_s,
        outing.track.end_s,
    ).encode()
