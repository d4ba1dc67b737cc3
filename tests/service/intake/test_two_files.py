"""The sample drive in two files under a wrong clock comes to what it is when whole."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from service.audit.inputs import AuditRequest, check
from service.device_clock import DeviceClock
from service.intake.manifests import progress_of, state_of
from service.intake.quarantine import Quarantine
from service.records import KnownFinding
from service.settings import JobSettings, RawSettings, Settings
from service.store import Store
from tests.service.intake.two_files import beside, cut, heard, say, taken, work
from tests.service.jobs.workers import PATIENCE_S, Lab, settings_at
from vision.errors import TelemetryError
from vision.geo import LocalFrame

CUT_S = 23.0
AHEAD_S = 97.0
DAY_H = 25 * 3600.0
SEAM_STREET = "xc-wf-01"
APART_M = 5.0
"""Within it a thing at the seam may lie elsewhere: fewer pictures show it."""


class Street(NamedTuple):
    """What is known of one street."""

    value: float
    low: float
    high: float
    findings: list[KnownFinding]


def city_at(folder: Path) -> tuple[Settings, Store]:
    jobs = JobSettings(device="cpu", spacing_m=3.0, piece_m=1000.0)
    settings = Settings(data=folder, raw=RawSettings(least_free_mb=1), jobs=jobs)
    return settings, Store(settings.store_where)


def known(store: Store) -> dict[str, Street]:
    found = {}
    for segment in store.segments():
        score = store.scores(segment.id)[0]
        numbers = (score[name] for name in ("value", "low", "high"))
        found[segment.id] = Street(*numbers, store.findings(segment.id))
    return found


def apart_m(one: KnownFinding, other: KnownFinding) -> float:
    frame = LocalFrame(one.finding.lon, one.finding.lat)
    (xy,) = frame.to_xy([[other.finding.lon, other.finding.lat]])
    return math.hypot(*xy)


def test_two_files_come_to_what_one_does(tmp_path: Path) -> None:
    """The first file waits in vain for the second and has no track; both come late."""
    source = tmp_path / "source"
    settings, store = city_at(tmp_path / "whole")
    quarantine = Quarantine(settings, store)
    files = [cut(source / "drive.mp4", from_s=0, to_s=99), *beside(source)]
    say(store, *(taken(quarantine, path) for path in files), complete=True)
    assert work(settings, store) == ["done"]
    whole = known(store)
    store.close()

    settings, store = city_at(tmp_path / "pieces")
    quarantine = Quarantine(settings, store)
    device = heard(store, ahead_s=AHEAD_S)
    first = cut(source / "a.mp4", from_s=0, to_s=CUT_S, clock_s=AHEAD_S)
    later = cut(source / "b.mp4", from_s=CUT_S, to_s=99, clock_s=AHEAD_S)
    track, *others = beside(source)
    said = [taken(quarantine, path) for path in (first, *others)]
    manifest = say(store, *said, speaker=device)
    assert work(settings, store) == [], "it waits for the rest"
    (why,) = work(settings, store, now_s=manifest.touched_s + DAY_H)
    assert "telemetry" in why or "track" in why
    said += [taken(quarantine, path) for path in (later, track)]
    manifest = say(store, *said, speaker=device, complete=True)
    assert work(settings, store) == ["done", "done"]
    assert work(settings, store) == []

    pieces = known(store)
    progress = progress_of(store, manifest)
    assert state_of(progress) == "done"
    assert [(p.number, p.turn) for p in progress.pieces] == [(0, 1), (1, 0)]
    assert pieces.keys() == whole.keys()
    for street, one in whole.items():
        other = pieces[street]
        assert len(other.findings) == len(one.findings), street
        if street != SEAM_STREET:
            assert other[:3] == pytest.approx(one[:3], abs=1e-6)
            for a, b in zip(one.findings, other.findings, strict=True):
                assert a.finding.category == b.finding.category
                assert apart_m(a, b) < 0.01
                assert b.looked == a.looked == 1
            continue
        assert other.value == pytest.approx(one.value, abs=1.0)
        assert other.low == pytest.approx(one.low, abs=1.0)
        assert other.high == pytest.approx(one.high, abs=1.0)
        assert _matched(one.findings, other.findings) == len(one.findings)
        assert {k.looked for k in other.findings} == {1}, "two pieces are one look"
    store.close()


def _matched(one: list[KnownFinding], other: list[KnownFinding]) -> int:
    """Return how many have a partner of their own, of one category and near."""
    free, count = list(other), 0
    for a in one:
        near = [
            b
            for b in free
            if a.finding.category == b.finding.category and apart_m(a, b) < APART_M
        ]
        if near:
            free.remove(min(near, key=lambda b: apart_m(a, b)))
            count += 1
    return count


def test_a_late_camera_file_inspects_the_same_drive_again(tmp_path: Path) -> None:
    """By a real worker, who starts what was announced."""
    lab = Lab.at(settings_at(tmp_path))
    source, store = tmp_path / "source", lab.store
    first = cut(source / "a.mp4", from_s=0, to_s=5.7)
    track, camera, roads = beside(source)
    quarantine = Quarantine(lab.settings, store)
    device = heard(store, ahead_s=0.0)
    try:
        said = [taken(quarantine, path) for path in (first, track, roads)]
        manifest = say(store, *said, speaker=device, complete=True)
        lab.start()
        (job,) = _jobs(lab, 1)
        assert lab.finished(job).state == "done", lab.logs()
        before = known(store)

        say(store, taken(quarantine, camera), speaker=device, complete=True)
        for again in _jobs(lab, 2):
            assert lab.finished(again).state == "done", lab.logs()

        after = known(store)
        drives = {job.result["drive_id"] for job in store.jobs()}
        assert len(drives) == 1, "it is the same drive"
        assert after.keys() == before.keys()
        for street in after:
            assert len(store.looks(street)) == 1
            assert {k.looked for k in after[street].findings} <= {1}
        assert state_of(progress_of(store, manifest)) == "done"
    finally:
        lab.close()


def _jobs(lab: Lab, count: int) -> list[str]:
    """Return the jobs as soon as there are so many."""
    ends_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_s:
        jobs = lab.store.jobs()
        if len(jobs) == count:
            return [job.id for job in jobs]
        time.sleep(0.05)
    raise AssertionError(lab.logs())


def test_a_measured_clock_puts_the_drive_in_its_place(tmp_path: Path) -> None:
    """At about 7 m/s a second is 7 m; 97 s is beyond the whole track."""
    right = cut(tmp_path / "right" / "a.mp4", from_s=0, to_s=CUT_S)
    ahead = cut(tmp_path / "ahead" / "a.mp4", from_s=0, to_s=CUT_S, clock_s=AHEAD_S)
    almost = cut(tmp_path / "almost" / "a.mp4", from_s=0, to_s=5.7, clock_s=9.0)
    for path in (right, ahead, almost):
        beside(path.parent)

    def place(path: Path, clock: DeviceClock | None) -> tuple[float, float]:
        request = AuditRequest(
            footage=(path.parent,), out=tmp_path / "out", device_clock=clock
        )
        pose = check(request).checked.outing.track.pose_at(10.0)
        return pose.lon, pose.lat

    truth = place(right, DeviceClock(0.0))
    corrected = place(ahead, DeviceClock(-AHEAD_S))
    frame = LocalFrame(*truth)
    (off,) = frame.to_xy([corrected])

    assert math.hypot(*off) < 0.01
    with pytest.raises(TelemetryError, match="do not overlap"):
        place(ahead, None)
    (near,) = frame.to_xy([place(almost, None)])
    assert math.hypot(*near) > 20, "a drive that is tied, to the wrong place"
    (tied,) = frame.to_xy([place(almost, DeviceClock(-9.0))])
    assert math.hypot(*tied) < 0.01
