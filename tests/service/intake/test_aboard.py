"""Footage that its vehicle looked at counts once, however it comes; on both databases.

The vehicle's package tells of footage by its SHA-256. What becomes of that footage when
it comes itself, early or late, whole or in pieces.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from service.device_records import AboardDrive, Eyes, Manifest
from service.intake.manifests import state_of
from service.intake.submit import Sender, inspect_again
from service.job_records import JobRecord
from service.settings import JobSettings, RawSettings, Settings
from service.store import Store, footage_id
from tests.service.intake.test_manifests import (
    DAY_S,
    come,
    due,
    end,
    names,
    now,
    say,
    sha,
)
from vision.errors import NotFoundError

SPACING_M = 3.0
OURS = Eyes("street@2", "layout@1", SPACING_M)
OLDER = Eyes("street@1", "layout@1", SPACING_M)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    eyes = JobSettings(model=OURS.model, layout=OURS.layout, spacing_m=SPACING_M)
    data = tmp_path / "data"
    return Settings(data=data, raw=RawSettings(least_free_mb=1), jobs=eyes)


def package(settings: Settings, store: Store, name: str) -> JobRecord:
    """Let a package come; return its job, which nobody has opened yet."""
    come(store, name)
    say(store, name, name=name, kind="edge", complete=True)
    (job,) = due(settings, store)
    assert job.order.kind == "edge"
    return job


def told_of(job: JobRecord, *footage: str, eyes: Eyes = OURS) -> AboardDrive:
    hashes = [sha(name) for name in footage]
    return AboardDrive(job.id, footage_id(hashes), eyes, frozenset(hashes))


def looked(
    settings: Settings, store: Store, *footage: str, eyes: Eyes = OURS
) -> AboardDrive:
    """Let a package come and be kept that tells of this footage."""
    job = package(settings, store, f"{'-'.join(footage)}.edge.zip")
    drive = told_of(job, *footage, eyes=eyes)
    assert store.take_aboard(drive, now_s=time.time()) is None
    end(store, job, result={"drive_id": drive.drive_id}, drive_id=drive.drive_id)
    return drive


def raw(store: Store, *files: str, complete: bool = True) -> Manifest:
    return say(store, *files, name="raw", complete=complete)


def test_raw_footage_that_pauses_for_a_day_is_not_looked_at_again(
    settings: Settings, store: Store
) -> None:
    looked(settings, store, "a.mp4", "b.mp4")

    come(store, "a.mp4", "t.gpx")
    manifest = raw(store, "a.mp4", "b.mp4", "t.gpx")
    after_a_day = due(settings, store, 25 * 3600.0)
    come(store, "b.mp4")
    whole = due(settings, store, 26 * 3600.0)

    assert (after_a_day, whole) == ([], [])
    assert now(store, manifest).elsewhere == ("a.mp4", "b.mp4")
    assert state_of(now(store, manifest)) == "done"


def test_of_an_outing_in_two_packages_only_footage_that_none_tells_of_is_looked_at(
    settings: Settings, store: Store
) -> None:
    looked(settings, store, "a.mp4")
    looked(settings, store, "b.mp4")

    come(store, "a.mp4", "b.mp4", "c.mp4", "t.gpx")
    raw(store, "a.mp4", "b.mp4", "c.mp4", "t.gpx")
    (job,) = due(settings, store)

    assert names(job) == {"c.mp4", "t.gpx"}
    assert job.order.drive_id is None


def test_newer_eyes_look_at_the_same_drive_again_when_all_of_it_came(
    settings: Settings, store: Store
) -> None:
    drive = looked(settings, store, "a.mp4", "b.mp4", eyes=OLDER)

    come(store, "a.mp4", "t.gpx")
    manifest = raw(store, "a.mp4", "b.mp4", "t.gpx")
    part = due(settings, store, 25 * 3600.0)
    come(store, "b.mp4")
    (job,) = due(settings, store, 26 * 3600.0)

    assert part == []
    assert names(job) == {"a.mp4", "b.mp4", "t.gpx"}
    assert job.order.drive_id == drive.drive_id, "it takes the place of the first look"
    end(store, job, result={"drive_id": drive.drive_id}, drive_id=drive.drive_id)
    assert due(settings, store, 3 * DAY_S) == []
    assert state_of(now(store, manifest)) == "done"


def test_older_eyes_of_ours_never_replace_those_aboard(
    settings: Settings, store: Store
) -> None:
    looked(settings, store, "a.mp4", eyes=Eyes("street@3", "layout@1", SPACING_M))

    come(store, "a.mp4")
    raw(store, "a.mp4")

    assert due(settings, store) == []


def test_raw_footage_waits_while_a_package_of_its_device_is_unopened(
    settings: Settings, store: Store
) -> None:
    job = package(settings, store, "p.edge.zip")
    come(store, "a.mp4")
    raw(store, "a.mp4")
    waiting = due(settings, store, 60.0)

    store.take_aboard(told_of(job, "b.mp4"), now_s=time.time())

    assert waiting == []
    assert [names(one) for one in due(settings, store, 120.0)] == [{"a.mp4"}]


def test_a_package_that_was_refused_lets_go_of_its_footage(
    settings: Settings, store: Store
) -> None:
    job = package(settings, store, "p.edge.zip")
    store.take_aboard(told_of(job, "a.mp4"), now_s=time.time())
    end(store, job, "failed")

    come(store, "a.mp4")
    raw(store, "a.mp4")

    assert [names(one) for one in due(settings, store)] == [{"a.mp4"}]


@pytest.mark.parametrize(
    ("footage", "eyes", "taken"),
    [
        pytest.param(("a.mp4",), OURS, False, id="with eyes as ours: known already"),
        pytest.param(
            ("a.mp4", "b.mp4"), Eyes("street@3", None, 3.0), False, id="with more"
        ),
        pytest.param(("a.mp4",), OLDER, False, id="with older eyes"),
        pytest.param(("a.mp4",), Eyes("street@3", None, 3.0), True, id="newer eyes"),
        pytest.param(("b.mp4",), OLDER, True, id="of other footage"),
    ],
)
def test_a_package_of_footage_that_was_looked_at_is_taken_only_if_it_replaces_that(
    settings: Settings,
    store: Store,
    footage: tuple[str, ...],
    eyes: Eyes,
    taken: bool,  # noqa: FBT001 - a row of the table
) -> None:
    come(store, "a.mp4")
    raw(store, "a.mp4")
    (first,) = due(settings, store)
    job = package(settings, store, "p.edge.zip")

    holder = store.take_aboard(told_of(job, *footage, eyes=eyes), now_s=time.time())

    assert holder == (None if taken else (first.id, footage_id([sha("a.mp4")])))


def test_a_drive_that_its_vehicle_looked_at_can_be_looked_at_again_when_asked(
    settings: Settings, store: Store
) -> None:
    drive = looked(settings, store, "a.mp4", "b.mp4")
    asked = Sender(model="street@1")
    with pytest.raises(NotFoundError, match="cannot be inspected again"):
        inspect_again(settings, store, drive.drive_id, asked)
    come(store, "a.mp4", "t.gpx")
    raw(store, "a.mp4", "b.mp4", "t.gpx", "camera.toml")
    with pytest.raises(NotFoundError, match=r"b\.mp4 never was in the quarantine"):
        inspect_again(settings, store, drive.drive_id, asked)

    come(store, "b.mp4")
    job, new = inspect_again(settings, store, drive.drive_id, asked)

    assert new
    assert (job.order.kind, job.order.model) == ("drive", "street@1")
    assert names(job) == {"a.mp4", "b.mp4", "t.gpx"}
    assert job.order.drive_id == drive.drive_id
