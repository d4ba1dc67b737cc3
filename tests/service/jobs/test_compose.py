"""A worker starts in a database that is as compose.yaml's PostgreSQL makes it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from service.store import FolderBlobs, Store
from tests.service.jobs.short_drive import ROOT

SECRETS = Path("docs/compose/make-secrets.sh")
PATIENCE_S = 120.0


def made(folder: Path, name: str) -> dict[str, str]:
    """Return what the script writes into one file."""
    (folder / SECRETS).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / SECRETS, folder / SECRETS)
    subprocess.run(["sh", folder / SECRETS], check=True, capture_output=True)
    lines = (folder / "secrets" / f"{name}.env").read_text("ascii").splitlines()
    return dict([line.split("=", 1) for line in lines])


def test_a_worker_starts_with_what_the_secrets_say_and_logs_json_alone(
    postgresql: str, tmp_path: Path
) -> None:
    database = made(tmp_path, "postgresql")["POSTGRES_DB"]
    admin = create_engine(
        postgresql.replace("postgresql:", "postgresql+psycopg:") + "/postgres",
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{database}"'))
    here = postgresql.rpartition("@")[2]
    ours = {
        name: value.replace("postgresql:5432", here)
        for name, value in made(tmp_path, "liujing").items()
    }
    # Of these compose.yaml says itself where they lie.
    blobs = tmp_path / "blobs"
    ours |= {"LIUJING_DATA": str(tmp_path), "LIUJING_STORE__BLOBS": str(blobs)}
    store = Store(ours["LIUJING_STORE__WHERE"], FolderBlobs(blobs))
    log = (tmp_path / "log").open("w+")
    worker = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "worker"],
        env={**os.environ, **ours},
        cwd=ROOT,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        until_s = time.monotonic() + PATIENCE_S
        while worker.poll() is None and time.monotonic() < until_s:
            log.seek(0)
            if "worker begins" in log.read():
                break
            time.sleep(0.1)
        log.seek(0)
        said = log.read()
        assert worker.poll() is None, said
        (begun,) = store.workers()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
        assert store.workers() == []
        log.seek(0)
        lines = [json.loads(line) for line in log.read().splitlines()]
        events = [line["event"] for line in lines]
        assert (events.count("worker begins"), events[-1]) == (1, "worker ends")
        assert {line["worker"] for line in lines} == {begun.id}
    finally:
        worker.kill()
        worker.wait()
        log.close()
        store.close()
        with admin.connect() as connection:
            drop = text(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            connection.execute(drop)
        admin.dispose()
