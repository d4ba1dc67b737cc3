"""One store: a folder with SQLite, or a PostgreSQL address; its schema brought up.

Writers begin with the lock that they need, so two programs that open a new store at
once, or write at once, wait for each other.
"""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from vision.errors import StoreError

FILE = "liujing.sqlite"
_MIGRATIONS = Path(__file__).with_name("migrations")
_VERSION = "alembic_version"
_DAMAGED = ("not a database", "malformed", "not decode")
_BUSY_S = 60
_RETRY_S = 0.05
_LOCK = 0x6C69756A
"""Of PostgreSQL's advisory locks, ours."""


def open_engine(where: str) -> tuple[Engine, str]:
    """Return an engine with today's schema, and how to name the store to people.

    Args:
        where: a folder (made if it does not exist) or `postgresql://...`.

    Raises:
        StoreError: damaged, newer than this program, unreachable, not writable.
    """
    if "://" in where:
        engine, name = _postgresql(where)
        with saying(name):
            _migrate(engine, name)
        return engine, name
    folder = Path(where)
    engine, name = _sqlite(folder)
    with _only_maker(engine, folder), saying(name):
        _refuse_foreign(engine, name)
        _migrate(engine, name)
    return engine, name


def refuse_unreachable(url: str) -> None:
    """Say in one sentence why a database of others cannot be used.

    Args:
        url: `sqlite:///FILE` or `postgresql://...`.

    Raises:
        StoreError: it cannot be reached or opened.
    """
    try:
        address = make_url(url)
        if address.get_backend_name() == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        engine = create_engine(address)
    except (ArgumentError, NoSuchModuleError) as error:
        msg = "jobs.where is no address; write postgresql://user@host/database"
        raise StoreError(msg) from error
    except ImportError as error:
        msg = 'PostgreSQL needs another package: pip install "liujing[postgresql]"'
        raise StoreError(msg) from error
    with saying(repr(address)), engine.connect():
        engine.dispose()


def _sqlite(folder: Path) -> tuple[Engine, str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        msg = f"cannot make the store {folder} ({reason}); name another folder"
        raise StoreError(msg) from error
    engine = create_engine(
        f"sqlite:///{folder / FILE}", connect_args={"timeout": _BUSY_S}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine, str(folder)


@contextmanager
def _only_maker(engine: Engine, folder: Path) -> Iterator[None]:
    """Let one program at a time make a store; others wait until it is whole.

    Raises:
        StoreError: its file is there and has nothing in it.
    """
    file = folder / FILE
    if file.exists() and file.stat().st_size > 0:
        yield
        return
    try:
        held = file_lock(engine, "making")
        with held:
            if file.exists() and file.stat().st_size == 0:
                msg = (
                    f"the store {folder} is damaged: {FILE} has nothing in it; put "
                    "back a copy of it, or delete it to begin a new store"
                )
                raise StoreError(msg)
            yield
    except OSError as error:
        reason = error.strerror or "unknown reason"
        msg = f"cannot make the store {folder} ({reason}); name another folder"
        raise StoreError(msg) from error


def _refuse_foreign(engine: Engine, name: str) -> None:
    """Refuse a database of another program.

    Raises:
        StoreError: it has tables and never was a store.
    """
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
    if tables and _VERSION not in tables:
        msg = (
            f"the store {name} cannot be used: its {FILE} is another program's (it has "
            f"the table {tables[0]}); name another folder"
        )
        raise StoreError(msg)


def _prepare(connection: Any, _record: Any) -> None:
    """Turn off the driver's own transactions, and choose safety and speed."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
    cursor = connection.cursor()
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Turn the log on; SQLite does not wait by itself where others do so as well."""
    until_s = time.monotonic() + _BUSY_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until_s:
                raise
            time.sleep(_RETRY_S)
        else:
            return


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(where: str) -> tuple[Engine, str]:
    try:
        url = make_url(where)
        if url.get_backend_name() != "postgresql":
            msg = f"a store is a folder or a postgresql:// address, not {url!r}"
            raise StoreError(msg)
        url = url.set(drivername="postgresql+psycopg")
        return create_engine(url, pool_pre_ping=True), repr(url)
    except (ArgumentError, NoSuchModuleError) as error:
        msg = "this is no address of a store; write postgresql://user@host/database"
        raise StoreError(msg) from error
    except ImportError as error:
        msg = 'PostgreSQL needs another package: pip install "liujing[postgresql]"'
        raise StoreError(msg) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that writes; all of it is kept or nothing."""
    with (
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def file_lock(engine: Engine, name: str) -> Iterator[None]:
    """Hold a lock beside a SQLite store; it goes when its process ends."""
    file = Path(engine.url.database or "").with_name(f".{name}.lock")
    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextmanager
def saying(name: str) -> Iterator[None]:
    """Turn what a database says into one sentence.

    Raises:
        StoreError: the database failed.
    """
    try:
        yield
    except DBAPIError as error:
        first = str(error.orig).strip().splitlines()[0] if error.orig else "no reason"
        if any(word in first for word in _DAMAGED):
            msg = (
                f"the store {name} is damaged ({first}); put back a copy of its file, "
                "or name a new folder"
            )
        else:
            msg = f"the store {name} cannot be used: {first}"
        raise StoreError(msg) from error


def _migrate(engine: Engine, name: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == script.get_current_head():
        return
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        msg = (
            f"the store {name} was written by a newer version of Liujing (schema "
            f"{current}); install that version"
        )
        raise StoreError(msg)
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock(:key)")
            connection.execute(lock, {"key": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
