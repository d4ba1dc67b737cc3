"""What is over its days is deleted, once; what a newer find uses stays."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient

from service.app import build_app
from service.evidence import verify
from service.job_records import JobOrder
from service.links import link_secret, signed_link
from service.retention import Retention
from service.settings import RawSettings, Settings
from service.store import Store
from service.types import DAY_S
from tests.service.pictures import pictured, pictured_drive
from tests.service.store.records import drive


def settings_of(folder: Path) -> Settings:
    return Settings(data=folder, raw=RawSettings(evidence_days=180))


def names(store: Store, numbers: range) -> list[str]:
    sightings = [pictured(store, number).sighting for number in numbers]
    return [name for s in sightings for e in s.evidence for name in (e.image, e.crop)]


def test_pictures_go_when_their_days_are_over_and_the_chain_stays(
    store: Store, tmp_path: Path
) -> None:
    """Pictures 1 and 2 are of the old drive, 3 of both, 4 of the newer one."""
    put_s = time.time()
    store.add_drive(pictured_drive(store, "old", 1, 2, 3), known_s=put_s)
    newer = drive(*(pictured(store, n) for n in (3, 4)), name="newer", at_s=put_s)
    store.add_drive(newer, known_s=put_s + 10 * DAY_S)
    old, stay = names(store, range(1, 3)), names(store, range(3, 5))
    settings = settings_of(tmp_path)
    head = store.chain()[-1].hash

    Retention(settings, store).tidy(put_s + 179 * DAY_S)
    assert (verify(store).pictures, verify(store).gone) == (8, 0)
    now_s = put_s + 181 * DAY_S
    Retention(settings, store).tidy(now_s)

    assert [store.picture_gone_s(name) for name in old] == [now_s] * 4
    assert [store.picture_gone_s(name) for name in stay] == [None] * 4
    found = verify(store, noted=head)
    assert (found.failures, found.rows) == ((), 10)
    assert (found.pictures, found.gone) == (4, 4)
    assert not verify(store, kept_since_s=put_s + 1).failures
    assert len(verify(store, kept_since_s=put_s).failures) == 4
    Retention(settings, store).tidy(now_s + DAY_S)
    assert [store.picture_gone_s(name) for name in old] == [now_s] * 4


def test_a_picture_that_was_taken_again_is_there_again(
    store: Store, tmp_path: Path
) -> None:
    put_s = time.time()
    store.add_drive(pictured_drive(store, "old", 1), known_s=put_s)
    Retention(settings_of(tmp_path), store).tidy(put_s + 181 * DAY_S)
    gone = verify(store).gone

    again = replace(pictured_drive(store, "again", 1), started_s=put_s + 200 * DAY_S)
    store.add_drive(again, known_s=put_s + 200 * DAY_S)

    assert gone == 2
    assert (verify(store).pictures, verify(store).gone) == (2, 0)
    Retention(settings_of(tmp_path), store).tidy(put_s + 201 * DAY_S)
    assert verify(store).pictures == 2


def test_a_picture_that_is_put_at_this_moment_is_left(
    store: Store, tmp_path: Path
) -> None:
    """A drive is being kept that has it too; its row of the chain comes next."""
    store.add_drive(pictured_drive(store, "old", 1), known_s=time.time() - 200 * DAY_S)

    Retention(settings_of(tmp_path), store).tidy(time.time())

    assert (verify(store).pictures, verify(store).gone) == (2, 0)


def test_a_link_to_a_deleted_picture_says_so(store: Store, tmp_path: Path) -> None:
    put_s = time.time()
    store.add_drive(pictured_drive(store, "old", 1), known_s=put_s)
    (image, _) = names(store, range(1, 2))
    Retention(settings_of(tmp_path), store).tidy(put_s + 181 * DAY_S)
    link = signed_link(link_secret(store), image, now_s=put_s, life_s=3600)

    answer = TestClient(build_app(settings_of(tmp_path), store)).get(link)

    assert answer.status_code == 410
    assert "its days being over" in answer.json()["detail"]


def test_reports_of_old_jobs_go_and_others_stay(store: Store, tmp_path: Path) -> None:
    settings, now_s = settings_of(tmp_path), time.time()
    ended_s = {"old": now_s - 181 * DAY_S, "young": now_s - 179 * DAY_S}
    folders = {}
    for name in ("old", "young", "running"):
        order = JobOrder({f"{name}.mp4": name}, "street@2", None, 3.0, district=None)
        job, _ = store.add_job(order, now_s=now_s - 190 * DAY_S)
        if name in ended_s:
            store.end_job(job.id, None, "cancelled", now_s=ended_s[name])
        folders[name] = settings.jobs_folder / job.id
    folders["not ours"] = settings.jobs_folder / "notes"
    for folder in folders.values():
        (folder / "images").mkdir(parents=True)
        (folder / "images" / "0001.jpg").write_bytes(b"masked")

    Retention(settings, store).tidy(now_s)

    left = {name for name, folder in folders.items() if folder.exists()}
    assert left == {"young", "running", "not ours"}
    (row,) = [one for one in store.accesses() if one["method"] == "DELETE"]
    assert (row["route"], row["target"]) == ("job_report", folders["old"].name)
