"""The folder an audit leaves behind: pictures while it runs, files at its end."""

from __future__ import annotations

import json
from pathlib import Path

from vision.errors import OutputError

EVIDENCE = "evidence"


class OutFolder:
    """One self-contained folder; every file appears whole or not at all.

    Args:
        path: made if it does not exist. Files of an earlier audit are replaced.

    Raises:
        OutputError: the folder cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            (path / EVIDENCE).mkdir(parents=True, exist_ok=True)
            probe = path / EVIDENCE / ".probe"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise _unwritable(path, error) from error

    def save(self, name: str, jpeg: bytes) -> str:
        """Store one masked picture; return its name relative to the folder."""
        relative = f"{EVIDENCE}/{name}"
        self._write(relative, jpeg)
        return relative

    def keep_only(self, names: set[str]) -> None:
        """Delete pictures that nothing refers to, those of earlier audits too."""
        for picture in (self.path / EVIDENCE).glob("*.jpg"):
            if f"{EVIDENCE}/{picture.name}" in names:
                continue
            try:
                picture.unlink()
            except OSError as error:
                raise _unwritable(picture, error) from error

    def write_text(self, name: str, text: str, *, encoding: str = "utf-8") -> None:
        """Write one text file with the line ends it came with."""
        self._write(name, text.encode(encoding))

    def write_json(self, name: str, value: object) -> None:
        """Write one JSON file."""
        self.write_text(name, json.dumps(value, ensure_ascii=False, indent=1) + "\n")

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write one binary file."""
        self._write(name, content)

    def _write(self, name: str, content: bytes) -> None:
        target = self.path / name
        part = target.with_name(f".{target.name}.part")
        try:
            part.write_bytes(content)
            part.replace(target)
        except OSError as error:
            raise _unwritable(target, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or "unknown reason"
    return OutputError(
        f"cannot write {path} ({reason}); give a folder you may write with --out"
    )
