"""Write a file whole or not at all; a full disk is named with what to do."""

from __future__ import annotations

from pathlib import Path

from vision.errors import OutputError


def write_whole(target: Path, content: bytes) -> None:
    """Write `content` beside `target`, then give it that name.

    Raises:
        OutputError: there is no room, or the folder cannot be written; what stood at
            `target` before still stands there.
    """
    part = target.with_name(target.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(target)
    except OSError as error:
        _drop(part)
        raise _refused(target.parent, error) from error


def make_folder(folder: Path) -> None:
    """Make a folder and those above it.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(folder, error) from error


def _drop(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return


def _refused(folder: Path, error: OSError) -> OutputError:
    msg = (
        f"{folder} cannot be written ({error.strerror}); make room there or make it "
        "writable, and run again: what is whole stays and is not made again"
    )
    return OutputError(msg)
