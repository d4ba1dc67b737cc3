"""Masked pictures by what is in them: the same picture is kept once."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Protocol

from vision.errors import NotFoundError, StoreError


class BlobStore(Protocol):
    """Keeps bytes under the name that their content gives them."""

    def put(self, content: bytes, suffix: str) -> str:
        """Keep bytes for good and return their name, `sha256` and suffix."""

    def get(self, name: str) -> bytes:
        """Return the bytes of a name; NotFoundError if nothing has it."""

    def drop(self, name: str, *, before_s: float) -> bool:
        """Delete the bytes of a name for good; False if they were put since a time."""


class NoBlobs:
    """Stands in where a database was opened without a place for pictures."""

    def put(self, content: bytes, suffix: str) -> str:
        """Refuse.

        Raises:
            StoreError: always.
        """
        msg = (
            f"there is no place for {len(content)} bytes of {suffix}: name --blobs DIR"
        )
        raise StoreError(msg)

    def get(self, name: str) -> bytes:
        """Refuse.

        Raises:
            NotFoundError: always.
        """
        msg = f"the picture {name} lies beside the database: name --blobs DIR"
        raise NotFoundError(msg)

    def drop(self, name: str, *, before_s: float) -> bool:
        """Refuse.

        Raises:
            StoreError: always.
        """
        msg = f"the picture {name} of before {before_s:.0f} is not here: name --blobs"
        raise StoreError(msg)


class FolderBlobs:
    """A folder of blobs, spread over 256 folders.

    Args:
        folder: is made when something is put.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes, suffix: str) -> str:
        """Write bytes in one step, on the disk before this returns.

        Raises:
            StoreError: there is no room, or the folder is not ours.
        """
        name = hashlib.sha256(content).hexdigest() + suffix
        target = self._path(name)
        if target.is_file() and self._is_wanted_again(target):
            return name
        part = target.with_name(f".{name}.{os.getpid()}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except OSError as error:
            part.unlink(missing_ok=True)
            reason = error.strerror or "unknown reason"
            msg = f"cannot keep a picture in {self._folder} ({reason}); make room there"
            raise StoreError(msg) from error
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes of a name.

        Raises:
            NotFoundError: nothing has this name.
        """
        path = self._path(name)
        if Path(name).name != name or not path.is_file():
            msg = f"the store has no picture called {name}"
            raise NotFoundError(msg)
        return path.read_bytes()

    def drop(self, name: str, *, before_s: float) -> bool:
        """Delete the bytes of a name; False if they were put since a time.

        What was put just now is about to be named by a drive that is being kept. A name
        that nothing has is as good as deleted.

        Raises:
            StoreError: the folder is not ours.
        """
        path = self._path(name)
        try:
            if path.stat().st_mtime >= before_s:
                return False
            path.unlink()
        except FileNotFoundError:
            return True
        except OSError as error:
            reason = error.strerror or "unknown reason"
            msg = f"cannot delete a picture in {self._folder} ({reason}); let us write"
            raise StoreError(msg) from error
        return True

    @staticmethod
    def _is_wanted_again(file: Path) -> bool:
        """Let a file that is put again count as new; False if it went meanwhile."""
        try:
            os.utime(file)
        except FileNotFoundError:
            return False
        except PermissionError:
            return file.is_file()
        return True

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name
