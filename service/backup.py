"""back_up() and restore(): a service's memory in a folder, and back out of it.

A backup holds the store, the queue of jobs and the pictures. Raw footage is not in it:
that never leaves its quarantine. The order makes it hold together while others write:
the queue is copied before the store, so that work it calls done is in the store, and
the pictures after it, so that every picture that the store names is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from service.settings import Settings
from service.store import (
    BLOBS,
    FILE,
    FolderBlobs,
    Store,
    copy_sqlite,
    dump_postgresql,
    is_empty_postgresql,
    restore_postgresql,
)
from vision.errors import Failure, FormError, InputError, NotFoundError, OutputError

LIST = "backup.json"
_STORE = "store"
_JOBS = "jobs"
_SQLITE = "sqlite:///"
_FORM = 1
_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """What lies in a backup.

    Attributes:
        form: version of this form.
        liujing: version that wrote it.
        made_s: when it was begun, Unix seconds.
        files: name of each database's copy -> SHA-256.
    """

    form: int
    liujing: str
    made_s: float
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup or a restore came to.

    Attributes:
        databases: names of the copies.
        pictures: how many there are now.
        new: how many of them were copied this time.
        failures: pictures that are damaged.
    """

    databases: tuple[str, ...]
    pictures: int
    new: int
    failures: tuple[Failure, ...]


def back_up(settings: Settings, folder: Path) -> Copied:
    """Copy a service's memory into a folder, while it runs.

    Into a folder that holds an older backup, only new pictures are copied; the older
    copies of the databases go when the new ones are whole.

    Args:
        settings: of the service.
        folder: of the backup; made if it is not there.

    Raises:
        InputError: the folder holds something else.
        NotFoundError: there is no store.
        StoreError: a database is damaged or cannot be reached.
        OutputError: the folder cannot be written.
    """
    _check_place(settings, folder)
    made_s = time.time()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(_cannot(folder, error)) from error
    names = []
    jobs = _jobs_where(settings)
    if jobs is not None:
        names.append(_copy(jobs, folder, f"{_JOBS}.{made_s:.0f}"))
    names.append(_copy(_store_where(settings), folder, f"{_STORE}.{made_s:.0f}"))
    pictures = _copy_pictures(_pictures(settings), folder / BLOBS)
    _write_list(
        folder,
        Backup(
            form=_FORM,
            liujing=metadata.version("liujing"),
            made_s=made_s,
            files={name: _sha256(folder / name) for name in sorted(names)},
        ),
    )
    for older in _copies(folder):
        if older.name not in names:
            older.unlink()
    return Copied(tuple(names), *pictures)


def restore(settings: Settings, folder: Path) -> Copied:
    """Put a backup back, where the settings say; nothing may be there yet.

    The store comes last: a place where a restore was cut short has none, and takes
    another one.

    Raises:
        NotFoundError: there is no backup.
        FormError: the backup is damaged.
        InputError: something is there already, or it is another kind of database.
        StoreError: a database cannot be written.
        OutputError: a folder cannot be written.
    """
    backup = read_backup(folder)
    places = {_STORE: _store_place(settings), _JOBS: settings.jobs_url}
    for name in backup.files:
        _check_free(places[_of(name)], name)
    pictures = _copy_pictures(folder / BLOBS, _pictures(settings))
    for name in sorted(backup.files):  # jobs, then store
        _put_back(folder / name, places[_of(name)])
    blobs = FolderBlobs(_pictures(settings))
    Store(settings.store_where, blobs).close()
    return Copied(tuple(backup.files), *pictures)


def read_backup(folder: Path) -> Backup:
    """Return what lies in a backup, having looked whether it is whole.

    Raises:
        NotFoundError: there is no backup.
        FormError: the backup is damaged, or of a newer version.
    """
    file = folder / LIST
    if not file.is_file():
        msg = f"{folder} holds no backup that was finished; it has no {LIST}"
        raise NotFoundError(msg)
    try:
        backup = Backup(**json.loads(file.read_text("utf-8")))
        files = dict(backup.files)
    except (ValueError, TypeError) as error:
        msg = f"{file} is damaged; take another backup"
        raise FormError(msg) from error
    if backup.form != _FORM:
        msg = f"{file} was written by Liujing {backup.liujing}; install that version"
        raise FormError(msg)
    names = {copy.name for copy in _copies(folder)}
    for name, sha256 in files.items():
        there = folder / name
        if name not in names or _sha256(there) != sha256:
            msg = f"{there} is not as it was written; take another backup"
            raise FormError(msg)
    return backup


def _check_place(settings: Settings, folder: Path) -> None:
    where = _store_where(settings)
    if "://" not in where and not Path(where).is_file():
        msg = f"there is no store {settings.store_where}; see liujing settings"
        raise NotFoundError(msg)
    if folder.is_dir() and any(folder.iterdir()):
        ours = (folder / LIST).is_file() or any(_copies(folder))
        if not ours:
            msg = f"{folder} holds something else; name a new folder for the backup"
            raise InputError(msg)


def _store_where(settings: Settings) -> str:
    """Return the file of the store, or its address."""
    where = settings.store_where
    return where if "://" in where else str(Path(where) / FILE)


def _store_place(settings: Settings) -> str:
    where = _store_where(settings)
    return where if "://" in where else _SQLITE + where


def _jobs_where(settings: Settings) -> str | None:
    """Return the file of the queue, or its address; None if it has no place its own."""
    url = settings.jobs_url
    if not url.startswith(_SQLITE):
        return None if url == settings.store_where else url
    file = Path(url.removeprefix(_SQLITE))
    return str(file) if file.is_file() else None


def _pictures(settings: Settings) -> Path:
    return settings.store.blobs or Path(settings.store_where) / BLOBS


def _copy(where: str, folder: Path, stem: str) -> str:
    """Copy one database and return the name of the copy."""
    if "://" in where:
        name = stem + ".pgdump"
        dump_postgresql(where, folder / name)
    else:
        name = stem + ".sqlite"
        copy_sqlite(Path(where), folder / name)
    return name


def _copies(folder: Path) -> list[Path]:
    """Return the copies of databases in a backup, older ones too."""
    return [
        path
        for stem in (_STORE, _JOBS)
        for kind in ("sqlite", "pgdump")
        for path in sorted(folder.glob(f"{stem}.*.{kind}"))
    ]


def _of(name: str) -> str:
    """Return what a copy is of: store or jobs."""
    return name.partition(".")[0]


def _check_free(place: str, name: str) -> None:
    is_file = place.startswith(_SQLITE)
    if is_file != name.endswith(".sqlite"):
        kind = "SQLite file" if name.endswith(".sqlite") else "PostgreSQL database"
        msg = f"{name} goes back into a {kind} only; change the settings"
        raise InputError(msg)
    if is_file:
        there = Path(place.removeprefix(_SQLITE))
        taken, shown = there.exists(), str(there)
    else:
        taken, shown = not is_empty_postgresql(place), "the database of the settings"
    if taken:
        msg = f"{shown} is there already; a backup goes back into a new place"
        raise InputError(msg)


def _put_back(copy: Path, place: str) -> None:
    if not place.startswith(_SQLITE):
        restore_postgresql(place, copy)
        return
    target = Path(place.removeprefix(_SQLITE))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(_cannot(target.parent, error)) from error
    copy_sqlite(copy, target)


def _copy_pictures(source: Path, target: Path) -> tuple[int, int, tuple[Failure, ...]]:
    """Copy the pictures that are not there; return all, new and damaged ones."""
    count = new = 0
    failures = []
    for picture in _of_folder(source):
        there = target / picture.parent.name / picture.name
        if not there.is_file():
            try:
                whole = _copy_picture(picture, there)
            except FileNotFoundError:
                continue  # its time was over while we copied
            except OSError as error:
                raise OutputError(_cannot(target, error)) from error
            if not whole:
                said = f"the picture {picture} is damaged and was left out"
                failures.append(Failure(picture.name, FormError.code, said))
                continue
            new += 1
        count += 1
    return count, new, tuple(failures)


def _of_folder(folder: Path) -> Iterator[Path]:
    """Yield pictures in the order of their names, none that is being written."""
    for part in sorted(folder.glob("??/")):
        for picture in sorted(part.iterdir()):
            if not picture.name.startswith("."):
                yield picture


def _copy_picture(picture: Path, there: Path) -> bool:
    """Copy one picture in one step; False if it is not what its name says."""
    if not picture.name.startswith(_sha256(picture)):
        return False
    there.parent.mkdir(parents=True, exist_ok=True)
    part = there.with_name(f".{there.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(picture, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(there)
    finally:
        part.unlink(missing_ok=True)
    return True


def _write_list(folder: Path, backup: Backup) -> None:
    part = folder / f".{LIST}.part"
    text = json.dumps(asdict(backup), ensure_ascii=False, indent=1)
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / LIST)
    except OSError as error:
        raise OutputError(_cannot(folder, error)) from error


def _sha256(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(_READ):
            found.update(block)
    return found.hexdigest()


def _cannot(folder: Path, error: OSError) -> str:
    reason = error.strerror or "unknown reason"
    return f"cannot write into {folder} ({reason}); make room, or name another folder"
