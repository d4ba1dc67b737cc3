"""What is tried again, and when it is enough."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbos import error as dbos_error

from service.job_records import JobOrder, JobRecord
from service.jobs.drive import DriveSteps
from service.jobs.process import is_alive, this_process
from service.jobs.steps import CancelledError, PauseError, Workplace
from service.jobs.workflow import may_pass, reason_of
from service.settings import JobSettings, Settings
from service.store import Store
from tests.service.jobs.short_drive import cut_drive
from tests.service.jobs.workers import Lab, settings_at
from vision.errors import AuditError, FootageError, GoneError, InputError, StoreError

ORDER = JobOrder({"a.mp4": "aa"}, "street@2", None, 3.0)


class LostError(Exception):
    """Stands in for the end of the process."""


def lost() -> None:
    raise LostError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


def steps(
    store: Store, tmp_path: Path, worker: str, *, stop: bool = False
) -> DriveSteps:
    settings = Settings(data=tmp_path / "data", jobs=JobSettings(deaths=4))
    return DriveSteps(
        Workplace(settings, store, worker, stopping=lambda: stop, lost=lost)
    )


def claimed(store: Store, worker: str) -> JobRecord:
    job, _ = store.add_job(ORDER, now_s=1.0)
    assert store.claim_job(job.id, worker, now_s=2.0)
    return job


def test_a_drive_that_kills_its_workers_fails_after_so_many_deaths(
    store: Store, tmp_path: Path
) -> None:
    job = claimed(store, "w0")
    for number in range(4):
        steps(store, tmp_path, f"w{number}").begin(job.id, "inspect 2/9")
        (dead,) = store.jobs(states=("running",))
        assert store.release_job(dead, now_s=10.0 + number)
        assert store.claim_job(job.id, f"w{number + 1}", now_s=11.0 + number)

    with pytest.raises(InputError, match=r"inspect 2/9 was begun 4 times"):
        steps(store, tmp_path, "w4").begin(job.id, "inspect 2/9")


def test_a_death_after_the_drive_came_further_is_the_first_one_again(
    tmp_path: Path,
) -> None:
    usual = settings_at(tmp_path)
    often = usual.jobs.model_copy(update={"state_s": 1e-9, "piece_m": 1e6})
    lab = Lab.at(usual.model_copy(update={"jobs": often}))
    job = lab.send(cut_drive(tmp_path / "in", seconds=7.0))
    left, tries = [0], []

    def dies() -> bool:
        left[0] -= 1
        if not left[0]:
            raise LostError
        return False

    for number in range(2):
        assert lab.store.claim_job(job.id, f"w{number}", now_s=1.0)
        place = Workplace(lab.settings, lab.store, f"w{number}", dies, lost)
        worker = DriveSteps(place)
        (end,) = worker.check(worker.begin(job.id, "check"))
        held = worker.begin(job.id, "inspect 1/1")
        held = worker.begin(job.id, "inspect 1/1")
        left[0] = 2
        with pytest.raises(LostError):
            worker.piece(held, end)
        found = lab.store.job(job.id)
        assert found is not None
        tries.append((held.tries, found.tries))
        assert lab.store.release_job(found, now_s=2.0)

    states = sorted((lab.settings.raw_folder / "work" / job.id).glob("state-*"))
    lab.close()
    assert tries == [(2, 1), (2, 1)]
    assert [path.name for path in states] == ["state-000000004"]


def test_a_step_of_a_job_that_is_anothers_ends_the_process(
    store: Store, tmp_path: Path
) -> None:
    job = claimed(store, "other")

    with pytest.raises(LostError):
        steps(store, tmp_path, "w").begin(job.id, "check")


def test_a_step_of_a_cancelled_job_is_not_begun(store: Store, tmp_path: Path) -> None:
    job = claimed(store, "w")
    assert store.cancel_job(job.id, now_s=3.0)

    with pytest.raises(CancelledError):
        steps(store, tmp_path, "w").begin(job.id, "check")


def test_a_worker_that_stops_begins_nothing(store: Store, tmp_path: Path) -> None:
    job = claimed(store, "w")

    with pytest.raises(PauseError):
        steps(store, tmp_path, "w", stop=True).begin(job.id, "check")
    kept = store.job(job.id)
    assert kept is not None
    assert kept.tries == 0


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (FootageError("cut short"), False),
        (GoneError("deleted"), False),
        (CancelledError("cancelled"), False),
        (StoreError("locked"), True),
        (OSError("disk"), True),
        (ValueError("a mistake of ours"), True),
    ],
)
def test_what_may_pass_is_tried_again(error: Exception, again: object) -> None:
    assert may_pass(error) is again


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreError("the store is locked"), "the store is locked"),
        (ValueError("secret"), "failed 3 times at step keep (ValueError)"),
    ],
)
def test_the_reason_is_a_sentence(error: Exception, said: str) -> None:
    told = reason_of(dbos_error.DBOSMaxStepRetriesExceeded("keep", 3, [error]))

    assert said in told
    assert isinstance(error, AuditError) or "secret" not in told


def test_processes_are_told_by_number_and_beginning() -> None:
    number, _, began = this_process().partition(" ")

    assert is_alive(this_process())
    assert not is_alive(f"{number} {int(began) + 1}")
    assert not is_alive("4194999 1")
