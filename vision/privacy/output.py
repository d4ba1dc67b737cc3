"""Write a masked file whole or not at all, and never over its original."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vision.errors import Failure, NotFoundError, OutputError


@dataclass(frozen=True, slots=True)
class Masked:
    """What became of one file.

    Attributes:
        frames: written; 1 for a photo.
        regions: found private, over all frames.
        failure: where the original broke off; what came before was written. None if it
            was whole.
    """

    frames: int
    regions: int
    failure: Failure | None


def check_output(path: Path, out: Path, *, suffixes: tuple[str, ...]) -> None:
    """Refuse what cannot be read or may not be written, before any work is done.

    Raises:
        NotFoundError: there is no file `path`.
        OutputError: `out` is the original or a folder, has no known suffix, or its
            folder is not there.
    """
    if not path.is_file():
        msg = f"there is no file {path}; check the name"
        raise NotFoundError(msg)
    try:
        same = out.exists() and out.samefile(path)
    except OSError as error:
        msg = f"{out} cannot be written: {error.strerror}"
        raise OutputError(msg) from error
    if same:
        msg = f"{out} is the original and is not written over; choose another name"
        raise OutputError(msg)
    if out.suffix.lower() not in suffixes:
        msg = f"{out} cannot be written; its name must end in {', '.join(suffixes)}"
        raise OutputError(msg)
    if out.is_dir():
        msg = f"{out} cannot be written; it is a folder, name a file"
        raise OutputError(msg)
    if not out.parent.is_dir():
        msg = f"{out} cannot be written; its folder does not exist, make it first"
        raise OutputError(msg)


@contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """Give a name beside `out` to write to; it becomes `out` if all went well.

    Raises:
        OutputError: the folder refuses the file.
    """
    part = out.with_name(f".{out.stem}.part{out.suffix}")
    try:
        part.touch()
    except OSError as error:
        msg = f"{out} cannot be written: {error.strerror}"
        raise OutputError(msg) from error
    try:
        yield part
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
