"""Photos given to a verb as files and folders, and where pictures of them go."""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path

from service.reports import OutFolder
from vision.errors import AuditError, Failure, FootageError, InputError, NotFoundError

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


def find_photos(given: list[Path]) -> tuple[list[Path], list[Failure]]:
    """Return the files given and, of folders, the photos in them by name.

    A folder's sub-folders are not looked into. What is not there, or holds no photo,
    is a failure.
    """
    paths: list[Path] = []
    failures: list[Failure] = []
    for path in given:
        try:
            paths += _photos_at(path)
        except AuditError as error:
            failures.append(Failure.of(str(path), error))
    return paths, failures


def _photos_at(path: Path) -> list[Path]:
    if not path.exists():
        msg = f"{path} does not exist; check the name"
        raise NotFoundError(msg)
    if not path.is_dir():
        return [path]
    found = sorted(
        p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file()
    )
    if not found:
        msg = f"folder {path} holds no photo (.jpg, .jpeg, .png); give another"
        raise FootageError(msg)
    return found


def out_folder(out: Path, paths: list[Path]) -> OutFolder:
    """Return where pictures go: never among the photos, which they would replace.

    Raises:
        InputError: `out` is a folder of the photos.
    """
    if out.resolve() in {path.resolve().parent for path in paths}:
        msg = f"--out {out} is the folder of the photos; choose another folder"
        raise InputError(msg)
    return OutFolder(out)


def picture_names(paths: list[Path], suffix: str) -> list[str]:
    """Return a file name for each picture; photos of one name get a number."""
    taken: set[str] = set()
    names: list[str] = []
    for path in paths:
        stems = chain([path.stem], (f"{path.stem}-{n}" for n in count(2)))
        stem = next(s for s in stems if s.lower() not in taken)
        taken.add(stem.lower())
        names.append(f"{stem}{suffix}")
    return names
