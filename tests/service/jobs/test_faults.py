"""Work goes on whatever happens to the worker, and comes to the same."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.intake.sealed import MAGIC
from service.intake.submit import Sender, inspect_again
from service.jobs.worker import LOST_CODE
from tests.service.jobs.kills import kill_at_random
from tests.service.jobs.short_drive import cut_drive
from tests.service.jobs.workers import (
    Alone,
    Lab,
    all_kept,
    settings_at,
    undisturbed,
    what_is_known,
)

KILLS = 3
"""Of the two that are left; the third one stays dead."""


@pytest.fixture(scope="module")
def drives(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("drives")
    return [
        cut_drive(folder / "a", seconds=10.0),
        cut_drive(folder / "b", seconds=4.0),
    ]


@pytest.fixture(scope="module")
def audited(
    drives: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> list[Alone]:
    return undisturbed(tmp_path_factory.mktemp("alone"), *drives)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab.at(settings_at(tmp_path, key="footage is sealed here"))
    yield made
    made.close()


def test_a_killed_worker_goes_on_at_its_last_finished_piece(
    lab: Lab, drives: list[Path], audited: list[Alone], tmp_path: Path
) -> None:
    job = lab.send(drives[0])
    first = lab.start()
    lab.wait(job.id, lambda job: (job.step or "").startswith("inspect 2/"))
    killed_s = time.time()
    first.send_signal(signal.SIGKILL)
    first.wait()
    left = lab.store.job(job.id)
    states = list((lab.settings.raw_folder / "work" / job.id).glob("state-*"))
    assert states
    assert all(state.read_bytes().startswith(MAGIC) for state in states)
    second = lab.start()

    done = lab.finished(job.id)

    assert left is not None
    assert left.state == "running"
    assert done.state == "done", (done.error, lab.logs())
    assert what_is_known(lab.store) == all_kept(tmp_path / "alone", audited[0])
    ended_s = steps_ended_s(lab)
    before = {name for name, at_s in ended_s.items() if at_s < killed_s}
    assert before == {"check", next(n for n in ended_s if n.startswith("inspect 1/"))}
    assert "score" in ended_s
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
    assert lab.store.workers() == []
    raw = lab.settings.raw_folder
    assert not any((raw / "open").iterdir())
    assert not any((raw / "work").iterdir())


def steps_ended_s(lab: Lab) -> dict[str, float]:
    """Return step -> when the engine wrote down that it had ended."""
    with sqlite3.connect(lab.settings.data / "jobs.sqlite") as connection:
        rows = connection.execute(
            "SELECT function_name, completed_at_epoch_ms FROM operation_outputs"
        ).fetchall()
    connection.close()
    return {name: at_ms / 1000 for name, at_ms in rows}


def test_of_three_workers_one_is_frozen_and_others_are_killed_at_random_moments(
    postgresql: str, drives: list[Path], audited: list[Alone], tmp_path: Path
) -> None:
    where = f"{postgresql}/jobs_{tmp_path.name.replace('-', '_')}"
    make_database(postgresql, where)
    lab = Lab.at(settings_at(tmp_path, where=where, silent_s=3.0))
    chance, said = random.Random(6), list[str]()  # noqa: S311 - moments, no secrets
    try:
        jobs = [lab.send(drive) for drive in drives]
        first = lab.start()
        lab.wait(jobs[0].id, lambda job: (job.step or "").startswith("inspect 2/"))
        first.send_signal(signal.SIGSTOP)
        others = [lab.start(), lab.start()]
        killed = kill_at_random(
            lab, others, KILLS, chance, moment_s=1.0, say=said.append
        )

        ends = [lab.finished(job.id) for job in jobs]

        assert [job.state for job in ends] == ["done", "done"], lab.logs()
        assert killed == KILLS, said
        alone = all_kept(tmp_path / "alone", *audited)
        assert what_is_known(lab.store) == alone
        first.send_signal(signal.SIGCONT)
        assert first.wait(30) == LOST_CODE
        assert what_is_known(lab.store) == alone
    finally:
        lab.close()


def make_database(server: str, where: str) -> None:
    from sqlalchemy import create_engine, text  # noqa: PLC0415 - of this test alone

    admin = create_engine(
        server.replace("postgresql:", "postgresql+psycopg:") + "/postgres",
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{where.rpartition("/")[2]}"'))
    admin.dispose()


def done_by(lines: list[dict[str, str]]) -> str:
    """Return the worker that said that it begins."""
    (worker,) = [line["worker"] for line in lines if line["event"] == "worker begins"]
    return worker


def test_poison_cancelling_repeats_and_other_models(
    lab: Lab, drives: list[Path], audited: list[Alone], tmp_path: Path
) -> None:
    poison = tmp_path / "poison"
    cut_drive(poison, seconds=1.0)
    (poison / "drive.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(5000))
    job = lab.send(drives[1], Sender(priority=3))
    again = lab.send(drives[1])
    unwanted = lab.send(drives[0], Sender(priority=2))
    bad = lab.send(poison, Sender(priority=1))
    lab.start()

    failed = lab.finished(bad.id)
    lab.wait(unwanted.id, lambda job: job.done > 0)
    assert lab.store.cancel_job(unwanted.id, now_s=time.time())
    done = lab.finished(job.id)

    assert failed.state == "failed"
    assert failed.error is not None
    assert "drive.mp4" in failed.error
    assert done.state == "done", (done.error, lab.logs())
    assert again.id == job.id
    cancelled = lab.store.job(unwanted.id)
    assert cancelled is not None
    assert (cancelled.state, cancelled.worker) == ("cancelled", None)
    assert cancelled.done < cancelled.total
    begun_s = [one.started_s or 0.0 for one in (failed, cancelled, done)]
    assert begun_s == sorted(begun_s), "the most urgent is not begun first"
    before = what_is_known(lab.store)
    assert before == all_kept(tmp_path / "alone", audited[1])

    drive_id = done.result["drive_id"]
    other = Sender(model="street@1")
    second, new = inspect_again(lab.settings, lab.store, drive_id, other)
    assert new
    seen = lab.finished(second.id)

    assert seen.state == "done", (seen.error, lab.logs())
    assert seen.result["drive_id"] == drive_id
    assert seen.result["new"]
    models = {
        look.seen_by.model_id
        for street in lab.store.segments()
        for look in lab.store.looks(street.id)
    }
    assert models == {"street@1"}
    assert {len(lab.store.looks(s.id)) for s in lab.store.segments()} == {1}
    lines = [json.loads(line) for line in lab.logs().splitlines()]
    assert {line["worker"] for line in lines} == {done_by(lines)}
    (told,) = [line for line in lines if line["event"] == "job failed"]
    assert (told["job"], told["step"]) == (bad.id, "check")
    assert told["reason"] == failed.error
    told = next(line for line in lines if line["event"] == "job done")
    assert told["job"] == job.id
    assert told["drive_id"] == drive_id
