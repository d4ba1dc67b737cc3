"""Uploads through crashes, full disks and time: nothing is lost, nothing is made up."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from service.intake import part as part_file
from service.intake.incoming import Incoming, resume
from service.intake.part import Part, part_path
from service.intake.received import received
from service.intake.refused import ChecksumError, HeldError, OffsetError
from service.intake.tus import Promised
from service.intake.uploads import Uploads, UploadSender
from service.job_records import RawFile
from service.settings import RawSettings, Settings
from service.store import FolderBlobs, Store
from service.types import DAY_S
from service.upload_records import UploadRecord
from tests.service.intake.one_looker import one_looker
from tests.service.jobs.short_drive import SAMPLE
from vision.errors import GoneError, OutputError, StoreError

__all__ = ["one_looker"]
KEY = "a key of the tests, long"
TRACK = (SAMPLE / "track.gpx").read_bytes()
DIGEST = hashlib.sha256(TRACK).hexdigest()
CAR = UploadSender("lj0123456789ab")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


def service(store: Store, tmp_path: Path, key: str | None = None) -> Uploads:
    """Return the uploads of a process that has just started."""
    secret = None if key is None else SecretStr(key)
    raw = RawSettings(key=secret, least_free_mb=1)
    return Uploads(Settings(data=tmp_path / "data", raw=raw), store)


@pytest.fixture(params=[None, KEY], ids=["open", "sealed"])
def uploads(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Uploads:
    return service(store, tmp_path, request.param)


def begin(uploads: Uploads, *, sha256: str | None = DIGEST) -> UploadRecord:
    promised = Promised("track.gpx", len(TRACK), sha256, None, "")
    return uploads.begin(promised, CAR)


def begun_request(uploads: Uploads, record: UploadRecord, at: int) -> Incoming:
    taken = resume(uploads, uploads.find(record.id), at, None, None)
    assert isinstance(taken, Incoming)
    return taken


def send(
    uploads: Uploads, record: UploadRecord, data: bytes, at: int = 0
) -> UploadRecord:
    taken = begun_request(uploads, record, at)
    try:
        taken.write(data)
        return taken.finish()
    finally:
        taken.close()


def state_of(uploads: Uploads) -> str:
    (one,) = received(uploads.store, uploads.quarantine, [DIGEST], CAR.key_id)
    return one.state


def parts(uploads: Uploads) -> list[str]:
    folder = uploads.folder
    return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


def is_whole(uploads: Uploads) -> bool:
    house = uploads.quarantine
    folder = house.open_for("test", {"track.gpx": DIGEST})
    same = (folder / "track.gpx").read_bytes() == TRACK
    house.close_for("test")
    return same and state_of(uploads) == "whole" and parts(uploads) == []


def test_what_was_written_but_not_noted_is_cut_off_and_sent_again(
    uploads: Uploads, store: Store, tmp_path: Path
) -> None:
    record = begin(uploads)
    send(uploads, record, TRACK[:1000])
    lost = begun_request(uploads, record, 1000)
    lost.write(b"never noted: the process died here")
    lost._part.close()
    key = uploads.quarantine.secret
    after = service(store, tmp_path, key)

    stands = after.standing(after.find(record.id))
    done = send(after, stands, TRACK[1000:], 1000)

    assert stands.offset == 1000
    assert done.state == "whole"
    assert done.kind == "track"
    assert is_whole(after)


@pytest.mark.parametrize("step", ["note_digest", "add_raw", "log_access", "end_upload"])
def test_a_service_that_dies_while_it_completes_a_file_completes_it_later(
    uploads: Uploads,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    record = begin(uploads)

    def dies(*_: object, **__: object) -> None:
        msg = "the process died here"
        raise StoreError(msg)

    with monkeypatch.context() as here:
        here.setattr(store, step, dies)
        with pytest.raises(StoreError):
            send(uploads, record, TRACK)
    after = service(store, tmp_path, uploads.quarantine.secret)
    before = state_of(after)
    tidied = after.tidy(now_s=time.time())

    assert before in ("partial", "whole")
    assert tidied == 1
    assert after.find(record.id).state == "whole"
    assert is_whole(after)
    assert len(store.raw_before()) == 1
    assert len([p for p in after.quarantine.folder.rglob("*") if p.is_file()]) == 1


def test_a_disk_that_takes_no_more_keeps_what_it_took(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = begin(uploads)
    taken = begun_request(uploads, record, 0)
    taken.write(TRACK[:5000])
    real, left = os.pwrite, [100]

    def fills(handle: int, data: bytes, at: int) -> int:
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data[: left.pop()], at)

    with monkeypatch.context() as here:
        here.setattr(part_file.os, "pwrite", fills)
        with pytest.raises(OutputError, match="does not take more"):
            taken.write(TRACK[5000:9000])
        taken.write(b"what came behind it is not written either")
    taken.close()
    stands = uploads.standing(uploads.find(record.id))
    size = part_path(uploads.folder, record.id).stat().st_size

    assert stands.offset == 5000
    assert size == stands.stored
    assert send(uploads, stands, TRACK[5000:], 5000).state == "whole"
    assert is_whole(uploads)


def test_a_disk_that_fails_when_it_is_asked_to_keep_counts_nothing(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = begin(uploads)
    send(uploads, record, TRACK[:1000])
    taken = begun_request(uploads, record, 1000)
    taken.write(TRACK[1000:2000])

    def fails(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as here:
        here.setattr(part_file.os, "fdatasync", fails)
        with pytest.raises(OutputError):
            taken.finish()
    taken.close()

    stands = uploads.standing(uploads.find(record.id))
    assert stands.offset == 1000
    assert send(uploads, stands, TRACK[1000:], 1000).state == "whole"
    assert is_whole(uploads)


def test_bytes_with_a_checksum_count_when_all_have_come(uploads: Uploads) -> None:
    record = begin(uploads)
    wanted = ("sha256", hashlib.sha256(TRACK).digest())
    taken = resume(uploads, record, 0, len(TRACK), wanted)
    assert isinstance(taken, Incoming)

    taken.write(TRACK[:9000])
    taken.stop()
    taken.close()

    assert uploads.find(record.id).offset == 0
    assert send(uploads, record, TRACK).state == "whole"


def test_one_sender_at_a_time(uploads: Uploads, store: Store, tmp_path: Path) -> None:
    record = begin(uploads)
    other = service(store, tmp_path, uploads.quarantine.secret)
    taken = begun_request(uploads, record, 0)

    with pytest.raises(HeldError, match="at this moment"):
        resume(other, record, 0, None, None)
    with pytest.raises(HeldError):
        other.end(record)
    taken.close()

    with pytest.raises(OffsetError, match="stands at 0"):
        resume(other, record, 5, None, None)
    begun_request(other, record, 0).close()


def test_what_nobody_went_on_with_is_given_up(uploads: Uploads, store: Store) -> None:
    record = begin(uploads)
    send(uploads, record, TRACK[:1000])
    fresh = begin(uploads, sha256=None)
    orphan = part_path(uploads.folder, "made-before-a-crash")
    orphan.write_bytes(b"x")
    past_s = time.time() - 2 * DAY_S
    os.utime(orphan, (past_s, past_s))
    store.note_upload(record.id, offset=1000, stored=1000, expires_s=5.0)

    uploads.tidy(now_s=time.time())

    with pytest.raises(GoneError, match="begin it again"):
        uploads.standing(uploads.find(record.id))
    assert parts(uploads) == [f"{fresh.id}.part"]


def test_what_is_being_sent_is_not_given_up(uploads: Uploads, store: Store) -> None:
    record = begin(uploads)
    taken = begun_request(uploads, record, 0)
    taken.write(TRACK)

    uploads.tidy(now_s=time.time() + 100 * DAY_S)

    assert taken.finish().state == "whole"
    taken.close()
    assert is_whole(uploads)


def test_a_part_file_that_was_lost_begins_again(uploads: Uploads) -> None:
    gone, short = begin(uploads), begin(uploads, sha256=None)
    for record in (gone, short):
        send(uploads, record, TRACK[:1000])
    part_path(uploads.folder, gone.id).unlink()
    os.truncate(part_path(uploads.folder, short.id), 700)

    for record in (gone, short):
        with pytest.raises(GoneError, match="send it again"):
            begun_request(uploads, record, 1000)
        assert uploads.find(record.id).state == "refused"


def test_what_was_sealed_with_another_key_begins_again(
    store: Store, tmp_path: Path
) -> None:
    first = service(store, tmp_path, KEY)
    record = begin(first)
    send(first, record, TRACK[:1000])

    for key in (KEY + "!", None):
        after = service(store, tmp_path, key)
        with pytest.raises(GoneError, match=r"from its beginning|send it again"):
            begun_request(after, record, 1000)

    assert first.find(record.id).state == "refused"


def test_a_key_that_comes_later_seals_what_came_before(
    store: Store, tmp_path: Path
) -> None:
    before = service(store, tmp_path)
    record = begin(before)
    send(before, record, TRACK[:1000])
    after = service(store, tmp_path, KEY)

    done = send(after, record, TRACK[1000:], 1000)

    assert done.state == "whole"
    assert is_whole(after)
    kept = [p.read_bytes() for p in after.quarantine.folder.rglob("*") if p.is_file()]
    assert not any(TRACK[500:560] in one for one in kept)


def test_a_file_without_a_promise_is_kept_under_what_it_is(uploads: Uploads) -> None:
    record = begin(uploads, sha256=None)

    done = send(uploads, record, TRACK)

    assert done.digest == DIGEST
    assert is_whole(uploads)


def test_a_changed_part_file_is_found_out(uploads: Uploads) -> None:
    record = begin(uploads)
    send(uploads, record, TRACK[:9000])
    path = part_path(uploads.folder, record.id)
    kept = bytearray(path.read_bytes())
    kept[-500] ^= 1
    path.write_bytes(kept)
    # Another process, that does not remember what it hashed.
    uploads._hashes.take(f"{record.id} 9000")

    with pytest.raises((ChecksumError, GoneError), match=r"again|beginning"):
        send(uploads, record, TRACK[9000:], 9000)

    assert state_of(uploads) == "unknown"
    assert uploads.find(record.id).state == "refused"


def test_what_cannot_be_read_is_kept_aside_and_told(uploads: Uploads) -> None:
    data = b"dear diary\n" * 100
    digest = hashlib.sha256(data).hexdigest()
    promised = Promised("track.gpx", len(data), digest, None, "")
    record = uploads.begin(promised, CAR)

    done = send(uploads, record, data)
    again = uploads.begin(promised, CAR)
    (told,) = received(uploads.store, uploads.quarantine, [digest], CAR.key_id)

    assert (done.state, again.state, told.state) == ("aside", "aside", "aside")
    assert told.reason == done.reason == again.reason
    assert told.reason is not None
    assert "track.gpx" in told.reason
    assert digest in uploads.quarantine.has([digest])


def test_what_was_deleted_in_time_is_told(uploads: Uploads) -> None:
    send(uploads, begin(uploads), TRACK)

    uploads.quarantine.tidy([], now_s=time.time() + 8 * DAY_S)

    assert state_of(uploads) == "deleted"


def test_the_lock_goes_with_its_holder(uploads: Uploads) -> None:
    record = begin(uploads)
    path = part_path(uploads.folder, record.id)
    child = os.fork()
    if child == 0:
        Part(path)
        os._exit(0)
    os.waitpid(child, 0)

    with Part(path) as held:
        assert held.size == record.stored


def test_nothing_is_said_to_be_here_before_it_is_on_the_disk(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = begin(uploads)
    done: list[str] = []
    kept = uploads.quarantine.folder / "files"

    def watch(where: object, name: str, said: Callable[..., str]) -> None:
        real = getattr(where, name)

        def seen(*given: Any, **more: Any) -> Any:
            came = real(*given, **more)
            done.append(said(*given))
            return came

        monkeypatch.setattr(where, name, seen)

    def synced(handle: int) -> str:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if not path.is_dir():
            return "sync the bytes"
        return "sync the folder" if path.parent == kept else f"sync {path.name}"

    watch(os, "fdatasync", synced)
    watch(os, "fsync", synced)
    watch(Path, "replace", lambda *_: "move")
    for row in ("note_upload", "note_digest", "add_raw", "end_upload"):
        watch(uploads.store, row, lambda *_, row=row: row)

    send(uploads, record, TRACK)
    done.append("answer")

    def first(step: str) -> int:
        return done.index(step)

    assert first("sync the bytes") < first("note_upload")
    last = len(done) - 1 - done[::-1].index("sync the bytes")
    assert last < first("move") < first("sync the folder") < first("add_raw")
    assert first("sync files") < first("add_raw")
    assert first("add_raw") < first("end_upload") < first("answer")


@pytest.mark.parametrize("secret", [None, KEY], ids=["open", "sealed"])
def test_equal_files_that_end_at_the_same_moment_are_one(
    address: str, tmp_path: Path, secret: str | None
) -> None:
    store = Store(address, FolderBlobs(tmp_path / "pictures"))
    uploads = service(store, tmp_path, secret)
    meet, real = threading.Barrier(4, timeout=60), store.add_raw

    def at_once(file: RawFile) -> bool:
        meet.wait()
        return real(file)

    store.add_raw = at_once  # type: ignore[method-assign]

    def complete(number: int) -> str:
        promised = Promised("track.gpx", len(TRACK), DIGEST, None, "")
        record = uploads.begin(promised, UploadSender(f"lj{number}"))
        return send(uploads, record, TRACK).state

    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(complete, range(4)))

    assert states == ["whole"] * 4
    assert len(store.raw_before()) == 1
    lie = [p for p in uploads.quarantine.folder.rglob("*") if p.is_file()]
    assert len(lie) == 1
    assert is_whole(uploads)
    store.close()


def test_a_file_that_was_taken_from_outside_is_received_again(
    uploads: Uploads, store: Store
) -> None:
    send(uploads, begin(uploads), TRACK)
    (before,) = store.raw_before()
    uploads.quarantine.place_of(before.id).unlink()

    send(uploads, begin(uploads), TRACK)

    (after,) = store.raw_before()
    assert after.id != before.id
    assert is_whole(uploads)


def test_files_that_no_row_knows_are_deleted_in_time(
    uploads: Uploads, store: Store
) -> None:
    send(uploads, begin(uploads), TRACK)
    (known,) = store.raw_before()
    deleted, lost = (uploads.quarantine.place_of(n * 32) for n in "de")
    for path in (deleted, lost):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"kept twice once, or moved just before a crash")
    store.add_raw(RawFile("d" * 32, "d" * 64, 7, False, 1.0, deleted_s=2.0))
    now_s = time.time()

    def lie_after(days: float) -> list[str]:
        uploads.quarantine.tidy([], now_s=now_s + days * DAY_S)
        files = (uploads.quarantine.folder / "files").glob("*/*")
        return sorted(path.name for path in files)

    assert lie_after(0) == sorted([known.id, deleted.name, lost.name])
    assert lie_after(1) == sorted([known.id, lost.name])
    assert lie_after(8) == []
    logged = [row["target"] for row in store.accesses() if row["method"] == "DELETE"]
    assert sorted(logged) == sorted(["d" * 64, lost.name, known.sha256])
