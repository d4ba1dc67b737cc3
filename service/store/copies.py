"""Copies of a database while others write to it, and databases out of copies.

SQLite is copied page by page within one reading transaction (its online backup), so a
copy is the state at one moment and nobody who writes has to wait. PostgreSQL's own
programs do the same for it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from service.store.engine import saying
from vision.errors import InputError, OutputError, StoreError

_BUSY_S = 60


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that others may be writing to; whole and on the disk at the end.

    Args:
        source: file of the database.
        target: file to write, in one step; one that is there is replaced.

    Raises:
        StoreError: the source is damaged or cannot be read.
        OutputError: the target cannot be written.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(_opened(source)) as here, closing(sqlite3.connect(part)) as there:
            here.backup(there)
            there.execute("PRAGMA journal_mode=DELETE")
            _check(there, source)
        _settle(part)
        part.replace(target)
    except (sqlite3.OperationalError, OSError) as error:
        msg = f"cannot copy {source} to {target} ({error}); make room there"
        raise OutputError(msg) from error
    except sqlite3.DatabaseError as error:
        msg = f"the database {source} is damaged ({error}); put back a copy of it"
        raise StoreError(msg) from error
    finally:
        part.unlink(missing_ok=True)


def dump_postgresql(where: str, target: Path) -> None:
    """Write a PostgreSQL database into a file that `restore_postgresql` reads.

    Raises:
        InputError: its programs are not installed.
        StoreError: the database cannot be read, or is newer than the programs.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    command = ["--format=custom", "--no-owner", "--no-privileges", f"--file={part}"]
    try:
        _run("pg_dump", where, command)
        _settle(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def restore_postgresql(where: str, source: Path) -> None:
    """Read a dump into an empty database; all of it or nothing.

    Raises:
        InputError: its programs are not installed.
        StoreError: the dump is damaged, or the database cannot be written.
    """
    command = ["--no-owner", "--no-privileges", "--single-transaction"]
    _run("pg_restore", where, [*command, "--exit-on-error", str(source)])


def is_empty_postgresql(where: str) -> bool:
    """Say if a PostgreSQL database has no table.

    Raises:
        StoreError: it cannot be reached.
    """
    url = _url(where)
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    try:
        with saying(repr(url)), engine.connect() as connection:
            return not inspect(connection).get_table_names()
    finally:
        engine.dispose()


def _opened(source: Path) -> sqlite3.Connection:
    if not source.is_file():
        msg = f"there is no database {source}"
        raise StoreError(msg)
    return sqlite3.connect(source, timeout=_BUSY_S)


def _check(copy: sqlite3.Connection, source: Path) -> None:
    said = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        msg = f"the database {source} is damaged ({said}); put back a copy of it"
        raise StoreError(msg)


def _settle(file: Path) -> None:
    """Wait until a file is on the disk."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _run(program: str, where: str, arguments: list[str]) -> None:
    """Run one of PostgreSQL's programs; the password is not among its arguments."""
    found = shutil.which(program)
    if found is None:
        msg = (
            f"{program} is not installed; install PostgreSQL's client programs, of the "
            "server's version"
        )
        raise InputError(msg)
    url = _url(where).set(drivername="postgresql")
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    plain = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    address = plain.render_as_string(hide_password=False)
    done = subprocess.run(  # noqa: S603
        [found, f"--dbname={address}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason"])[0]
        msg = f"{program} failed at {plain!r}: {said}"
        raise StoreError(msg)


def _url(where: str) -> URL:
    try:
        return make_url(where)
    except ArgumentError as error:
        msg = "this is no address of a database; write postgresql://user@host/database"
        raise StoreError(msg) from error
