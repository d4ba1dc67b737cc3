"""Who is dead is judged by silence as it was heard, not by clocks of others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.job_records import JobOrder, JobRecord, WorkerRecord
from service.jobs import Worker, workflow
from service.jobs.unchanged import Unchanged
from service.settings import JobSettings, RawSettings, Settings
from service.store import Store

ORDER = JobOrder({"a.mp4": "aa"}, "street@2", None, 3.0)
SILENT_S = 30.0
HOUR_S = 3600.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


class Engine:
    """Stands in for the engine: notes what it is asked to do."""

    def __init__(self) -> None:
        self.enqueued: list[JobRecord] = []
        self.resumed: list[str] = []
        self.ended: dict[str, str] = {}

    def said(self, job_ids: Iterable[str]) -> dict[str, str]:
        return {name: self.ended[name] for name in job_ids if name in self.ended}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()

    class Drives:
        """Registers nowhere."""

        def __init__(self, *given: object, **more: object) -> None:
            """Take what the real one takes."""

    monkeypatch.setattr(workflow, "DriveWorkflow", Drives)
    monkeypatch.setattr(workflow, "enqueue", lambda _, job: made.enqueued.append(job))
    monkeypatch.setattr(workflow, "resume", lambda job: made.resumed.append(job.id))
    monkeypatch.setattr(workflow, "begun_by", lambda _: {})
    monkeypatch.setattr(workflow, "ended_badly", made.said)
    return made


def worker_at(store: Store, tmp_path: Path) -> Worker:
    settings = Settings(
        data=tmp_path / "data",
        raw=RawSettings(least_free_mb=1),
        jobs=JobSettings(silent_s=SILENT_S),
    )
    return Worker(settings, store, "ours")


def elsewhere(store: Store, *, clock_s: float) -> JobRecord:
    """Return a job that a worker of another machine is at."""
    now_s = time.time() + clock_s
    store.add_worker(WorkerRecord("other", "elsewhere", "1 1", now_s, now_s))
    job, _ = store.add_job(ORDER, now_s=now_s)
    assert store.claim_job(job.id, "other", now_s=now_s)
    return job


@pytest.mark.parametrize(
    "clock_s",
    [
        pytest.param(0.0, id="right"),
        pytest.param(-HOUR_S, id="an hour slow"),
        pytest.param(HOUR_S, id="an hour fast"),
    ],
)
def test_a_worker_is_dead_when_it_was_not_heard_of_whatever_its_clock_says(
    store: Store, engine: Engine, tmp_path: Path, clock_s: float
) -> None:
    job = elsewhere(store, clock_s=clock_s)
    ours, now_s = worker_at(store, tmp_path), time.time()

    for at_s in range(0, 50, 5):
        assert store.beat("other", now_s=now_s + clock_s + at_s)
        ours.round(now_s + at_s, float(at_s))
    alive = engine.resumed.copy()
    for at_s in range(50, 75, 5):
        ours.round(now_s + at_s, float(at_s))
    patient = engine.resumed.copy()
    for at_s in range(75, 90, 5):
        ours.round(now_s + at_s, float(at_s))

    assert (alive, patient) == ([], [])
    assert engine.resumed[:1] == [job.id]
    assert not store.beat("other", now_s=now_s + 90)


def test_what_a_killed_worker_left_unsealed_goes_when_another_one_starts(
    store: Store, engine: Engine, tmp_path: Path
) -> None:
    job, now_s = elsewhere(store, clock_s=0.0), time.time()
    store.end_worker("other", now_s=now_s)
    ended, _ = store.add_job(replace(ORDER, files={"b.mp4": "bb"}), now_s=now_s)
    assert store.cancel_job(ended.id, now_s=now_s)
    raw = tmp_path / "data" / "raw"
    for place in ("open", "work"):
        for name in (job.id, ended.id):
            (raw / place / name).mkdir(parents=True)
            (raw / place / name / "a.mp4").write_bytes(b"seen by all")

    worker_at(store, tmp_path).round(now_s, 0.0)

    assert engine.resumed == [job.id]
    left = [path.relative_to(raw) for path in raw.rglob("*") if path.is_file()]
    assert left == [Path("work") / job.id / "a.mp4"]


def test_what_was_let_go_of_is_set_going_again_only_if_nobody_does(
    store: Store, engine: Engine, tmp_path: Path
) -> None:
    job = elsewhere(store, clock_s=HOUR_S)
    held = store.job(job.id)
    assert held is not None
    assert store.release_job(held, now_s=time.time() + HOUR_S, clean=True)
    ours = worker_at(store, tmp_path)

    for at_s in range(0, 31, 5):
        ours.round(time.time(), float(at_s))
    before = engine.resumed.copy()
    ours.round(time.time(), 35.0)

    assert before == []
    assert engine.resumed == [job.id]


def test_a_job_that_the_engine_gave_up_fails_if_nobody_is_at_it(
    store: Store, engine: Engine, tmp_path: Path
) -> None:
    job = elsewhere(store, clock_s=-HOUR_S)
    engine.ended = {job.id: "ValueError: no"}
    ours, states = worker_at(store, tmp_path), []

    for at_s in range(0, 40, 5):
        if at_s <= 20:
            assert store.note_progress(job.id, "other", now_s=float(at_s), done=at_s)
        assert store.beat("other", now_s=float(at_s))
        ours.round(1e9 + at_s, float(at_s))
        states.append(store.job(job.id))

    assert [one.state for one in states if one][:5] == ["running"] * 5
    last = states[-1]
    assert last is not None
    assert last.state == "failed"
    assert "ValueError" in (last.error or "")


def test_a_backlog_goes_to_the_engine_in_its_order(
    store: Store, engine: Engine, tmp_path: Path
) -> None:
    for at_s, (name, priority) in enumerate([("c", 50), ("a", 50), ("b", 7)]):
        order = replace(ORDER, files={name: name}, priority=priority)
        store.add_job(order, now_s=float(at_s))

    worker_at(store, tmp_path).round(time.time(), 0.0)

    names = ["".join(job.order.files) for job in engine.enqueued]
    assert names == ["b", "c", "a"]


def test_silence_counts_while_it_was_listened_to() -> None:
    beats = Unchanged(10.0)

    looks = [
        beats.look({"a": 1.0, "b": 1.0}, 100.0),
        beats.look({"a": 1.0, "b": 2.0}, 105.0),
        beats.look({"a": 1.0}, 110.0),
        beats.look({"a": 1.0, "b": 2.0}, 115.0),
        beats.look({"a": 1.0}, 130.0),
        beats.look({"a": 1.0}, 132.0),
    ]

    assert looks == [
        {"a": 0.0, "b": 0.0},
        {"a": 5.0, "b": 0.0},
        {"a": 10.0},
        {"a": 15.0, "b": 0.0},
        {"a": 0.0},
        {"a": 2.0},
    ]
