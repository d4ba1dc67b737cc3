"""A job is one worker's at a time, whatever the database and whoever dies."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from service.job_records import JobOrder, JobRecord, RawFile, WorkerRecord
from service.store import FolderBlobs, Store

ORDER = JobOrder({"a.mp4": "aa", "a.gpx": "bb"}, "street@2", "layout@1", 3.0)


def worker(name: str, *, seen_s: float = 100.0) -> WorkerRecord:
    return WorkerRecord(name, "host", "1 1", 100.0, seen_s)


def now(store: Store, job: JobRecord) -> JobRecord:
    found = store.job(job.id)
    assert found is not None
    return found


def test_the_same_footage_under_the_same_eyes_is_one_job(store: Store) -> None:
    first, new = store.add_job(ORDER, now_s=1.0)
    again, anew = store.add_job(replace(ORDER, vehicle="K-07", priority=1), now_s=2.0)
    other, other_new = store.add_job(replace(ORDER, model="street@1"), now_s=3.0)

    assert (new, anew, other_new) == (True, False, True)
    assert again.id == first.id != other.id
    assert [job.id for job in store.jobs()] == [other.id, first.id]
    assert first.order == ORDER


def test_what_failed_may_be_sent_again(store: Store) -> None:
    first, _ = store.add_job(ORDER, now_s=1.0)
    assert store.cancel_job(first.id, now_s=2.0)

    second, new = store.add_job(ORDER, now_s=3.0)

    assert new
    assert second.id != first.id
    assert store.add_job(ORDER, now_s=4.0)[0].id == second.id


def test_one_of_many_gets_a_job(store: Store, address: str, tmp_path: Path) -> None:
    job, _ = store.add_job(ORDER, now_s=1.0)
    stores = [Store(address, FolderBlobs(tmp_path / "pictures")) for _ in range(4)]
    won: list[str] = []

    def claim(number: int) -> None:
        if stores[number].claim_job(job.id, f"w{number}", now_s=2.0):
            won.append(f"w{number}")

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores:
        one.close()

    assert len(won) == 1
    assert now(store, job).worker == won[0]
    assert now(store, job).state == "running"


def test_tries_are_of_one_step_and_of_its_worker(store: Store) -> None:
    job, _ = store.add_job(ORDER, now_s=1.0)
    assert store.claim_job(job.id, "w", now_s=2.0)

    tries = [
        store.begin_step(job.id, "w", step, now_s=3.0)
        for step in ("check", "inspect 1/2", "inspect 1/2", "inspect 2/2")
    ]

    assert tries == [1, 1, 2, 1]
    assert store.begin_step(job.id, "other", "check", now_s=4.0) == 0


def test_the_drive_of_a_silent_worker_is_given_on_once(store: Store) -> None:
    job, _ = store.add_job(ORDER, now_s=1.0)
    store.add_worker(worker("a"))
    assert store.claim_job(job.id, "a", now_s=100.0)
    assert store.begin_step(job.id, "a", "inspect 1/2", now_s=101.0) == 1

    assert store.orphans() == []
    store.end_worker("a", now_s=150.0)
    (lost,) = store.orphans()
    released = [store.release_job(lost, now_s=151.0) for _ in range(2)]

    assert released == [True, False]
    assert not store.note_progress(job.id, "a", now_s=152.0, done=3)
    assert store.claim_job(job.id, "b", now_s=153.0)
    assert not store.claim_job(job.id, "a", now_s=154.0)
    assert now(store, job).tries == 1
    assert store.begin_step(job.id, "b", "inspect 1/2", now_s=155.0) == 2


def test_who_let_go_of_a_drive_and_died_leaves_it_to_the_next(store: Store) -> None:
    job, _ = store.add_job(ORDER, now_s=1.0)
    store.add_worker(worker("a"))
    assert store.claim_job(job.id, "a", now_s=100.0)
    store.end_worker("a", now_s=110.0)
    (lost,) = store.orphans()
    assert store.release_job(lost, now_s=111.0, clean=True)

    (again,) = store.orphans()
    assert (again.worker, again.tries) == (None, 0)
    assert not store.beat("a", now_s=143.0)
    assert store.workers() == []


def test_the_queue_is_by_urgency_then_by_who_came_first(store: Store) -> None:
    sent = [("c", 50), ("a", 50), ("b", 7), ("d", 90), ("e", 50)]
    for at_s, (name, priority) in enumerate(sent):
        store.add_job(
            replace(ORDER, files={name: name}, priority=priority), now_s=float(at_s)
        )

    names = ["".join(job.order.files) for job in store.waiting_jobs()]

    assert names == ["b", "c", "a", "e", "d"]


def test_a_job_is_cancelled_until_it_is_kept(store: Store) -> None:
    early = (None, "check", "inspect 2/9", "publish")
    states = {}
    for step in (*early, "keep", "score"):
        order = replace(ORDER, files={str(step): "aa"})
        job, _ = store.add_job(order, now_s=1.0)
        if step is not None:
            assert store.claim_job(job.id, "w", now_s=2.0)
            assert store.begin_step(job.id, "w", step, now_s=2.0)
        cancelled = store.cancel_job(job.id, now_s=3.0)
        states[step] = (cancelled, now(store, job).state, now(store, job).worker)
        assert not (cancelled and store.cancel_job(job.id, now_s=4.0))

    gone, kept = (True, "cancelled", None), (False, "running", "w")
    assert states == {**dict.fromkeys(early, gone), "keep": kept, "score": kept}


def test_an_end_is_an_end(store: Store) -> None:
    job, _ = store.add_job(ORDER, now_s=1.0)
    assert store.claim_job(job.id, "w", now_s=2.0)
    assert store.cancel_job(job.id, now_s=3.0)

    assert not store.note_progress(job.id, "w", now_s=4.0, done=3)
    assert not store.end_job(job.id, "w", "done", now_s=5.0, result={"new": True})
    assert not store.claim_job(job.id, "w", now_s=6.0)
    assert now(store, job).state == "cancelled"
    assert now(store, job).finished_s == 3.0
    assert now(store, job).result == {}


def test_one_at_a_time_settles(store: Store, address: str, tmp_path: Path) -> None:
    other = Store(address, FolderBlobs(tmp_path / "pictures"))
    order: list[str] = []

    def second() -> None:
        with other.settling():
            order.append("second")

    with store.settling():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join(10)
    other.close()

    assert order == ["first", "second"]


@pytest.mark.parametrize("deleted", [(), ("2",)])
def test_a_files_row_outlives_the_file(store: Store, deleted: tuple[str]) -> None:
    old = RawFile("1", "aa", 10, False, 100.0)
    new = RawFile("2", "aa", 10, True, 200.0)
    store.add_raw(old)
    assert not store.add_raw(new), "of equal files one is there"
    store.note_raw_deleted("1", now_s=300.0)
    assert store.add_raw(new)
    for name in deleted:
        store.note_raw_deleted(name, now_s=400.0)

    found = store.raw_files(["aa", "bb"])

    assert set(found) == {"aa"}
    assert found["aa"] == (replace(new, deleted_s=400.0) if deleted else new)
    assert [file.id for file in store.raw_before(250.0)] == ([] if deleted else ["2"])
