"""Both databases: SQLite in a folder, and a real PostgreSQL of the tests' own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

import service.app
from service.api.accesses import AccessLog
from service.store import FolderBlobs, Store


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is missing: run sh tests/e2e/install-postgresql.sh")
    return found[-1].parent


def _as_server(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return list(command)
    return ["runuser", "-u", "postgres", "--", *command]


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server that lives as long as the tests."""
    programs = _programs()
    # Its user must be able to reach the folder, which pytest keeps to itself.
    folder = Path("/tmp") / f"liujing-pg-{uuid.uuid4().hex[:8]}"  # noqa: S108
    folder.mkdir(mode=0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data, log = folder / "data", folder / "log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    initdb = _as_server(
        str(programs / "initdb"), "-D", str(data), "-U", "liujing", "-A", "trust",
        "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
    )  # fmt: skip
    start = _as_server(
        str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(log),
        "-o", f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off "
        "-c max_connections=500",
        "start",
    )  # fmt: skip
    try:
        for command in (initdb, start):
            subprocess.run(command, check=True, capture_output=True, cwd=folder)
        yield f"postgresql://liujing@127.0.0.1:{port}"
    finally:
        stop = _as_server(
            str(programs / "pg_ctl"), "-D", str(data), "-m", "fast", "stop"
        )
        subprocess.run(stop, check=False, capture_output=True, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an address at which no store is yet."""
    if request.param == "sqlite":
        return str(tmp_path / "city")
    server = request.getfixturevalue("postgresql")
    name = f"city_{uuid.uuid4().hex[:12]}"
    admin = create_engine(
        server.replace("postgresql:", "postgresql+psycopg:") + "/postgres",
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return f"{server}/{name}"


class AccessLogs(list[AccessLog]):
    """The access logs of the apps that a test built."""

    def close(self) -> None:
        """Write what they hold, as a server that ends does; their threads end."""
        for log in self:
            log.close()


@pytest.fixture(autouse=True)
def access_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccessLogs]:
    """End the access logs of apps that no server ran: they would write for ever."""
    made = AccessLogs()

    def make(*given: Any, **more: Any) -> AccessLog:
        made.append(AccessLog(*given, **more))
        return made[-1]

    monkeypatch.setattr(service.app, "AccessLog", make)
    yield made
    made.close()


@pytest.fixture
def store(address: str, tmp_path: Path, access_logs: AccessLogs) -> Iterator[Store]:
    """Return a new store."""
    made = Store(address, FolderBlobs(tmp_path / "pictures"))
    yield made
    access_logs.close()
    made.close()
