"""On the vehicle: a package comes whole or not at all, whatever cuts the work short."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from service.edge import read_package
from service.reports import OutFolder
from service.vehicle.edge import inspect_into
from service.vehicle.eyes import DriveSaid, EdgeOptions, command_of
from tests.service.edge.seen_drive import BODY, HEAD, quiet, unzipped
from tests.service.jobs.short_drive import ROOT, SAMPLE, SPACING_M, cut_drive
from tests.service.jobs.workers import PATIENCE_S

OPTIONS = EdgeOptions(device="cpu", spacing_m=SPACING_M, piece_m=10.0)
WORDS = ("--device", "cpu", "--spacing", str(SPACING_M), "--piece", "10.0")
LIUJING = (sys.executable, "-m", "service.cli")
NICE_OF_STAT = 16
"""Of what /proc tells behind the name of a process."""


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut_drive(tmp_path_factory.mktemp("drives") / "night patrol", seconds=6.0)


@pytest.fixture(scope="module")
def package(drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    outbox = tmp_path_factory.mktemp("outbox")
    return inspect_into([drive], outbox, OPTIONS, progress=quiet)


class Told:
    """Remembers what it was told of progress."""

    def __init__(self) -> None:
        self.done: list[int] = []

    def __call__(self, done: int, total: int) -> None:
        assert 0 < done <= total
        self.done.append(done)


def begun(drive: Path, outbox: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*LIUJING, "edge", str(drive), "--out", str(outbox), *WORDS],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def first_state(outbox: Path) -> Path:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        for state in outbox.glob(".work/*/state-*"):
            return state
        time.sleep(0.01)
    msg = "no state was written"
    raise AssertionError(msg)


def test_footage_lies_together_inside_the_outbox_alone(
    drive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    outbox, seen = tmp_path / "outbox", []
    killed = outbox / ".work" / "another.footage"
    killed.mkdir(parents=True)

    class StopError(Exception):
        """Stop."""

    def look(done: int, total: int) -> None:
        del done, total
        seen.extend(outbox.glob(".work/*.footage/*.mp4"))
        raise StopError

    with pytest.raises(StopError):
        inspect_into(sorted(drive.iterdir()), outbox, OPTIONS, progress=look)

    (film,) = seen
    assert film.name == "drive.mp4"
    assert not killed.exists()
    assert not list(outbox.glob(".work/*.footage"))
    assert not (tmp_path / "elsewhere").exists()


def test_work_cut_short_by_a_kill_goes_on_and_gives_the_same_package(
    drive: Path, package: Path, tmp_path: Path
) -> None:
    outbox = tmp_path / "outbox"
    process = begun(drive, outbox)
    state = first_state(outbox)
    stat = Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2]
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(outbox.glob("*.zip"))
    assert state.parent.stat().st_mode & 0o777 == 0o700
    told = Told()

    again = inspect_into([drive], outbox, OPTIONS, progress=told)

    assert int(stat.split()[NICE_OF_STAT]) == os.nice(0) + 10
    assert min(told.done) > int(state.name.split("-")[1]) > 0
    assert again.name == package.name
    assert again.read_bytes() == package.read_bytes()
    assert not list(outbox.glob(".work/*/*"))


def test_a_package_holds_numbers_and_masked_pictures_of_finds(
    package: Path, tmp_path: Path
) -> None:
    members = unzipped(package)
    seen = read_package(package, None, OutFolder(tmp_path)).seen

    assert {name for name in members if not name.endswith(".jpg")} == {HEAD, BODY}
    with_pictures = [one for one in seen.sightings if one.evidence]
    assert with_pictures
    assert {len(one.evidence) for one in with_pictures} == {1}
    assert len(with_pictures) < len(seen.sightings)
    assert package.name.startswith("night-patrol-")


def test_what_was_inspected_is_not_inspected_again(drive: Path, package: Path) -> None:
    told = Told()

    again = inspect_into([drive], package.parent, OPTIONS, progress=told)

    assert again == package
    assert not told.done


def test_the_files_of_a_drive_make_the_package_of_their_folder(
    drive: Path, package: Path, tmp_path: Path
) -> None:
    shutil.copy(drive / "track.gpx", tmp_path / "track.gpx")
    command = command_of(
        sorted(drive.iterdir()), tmp_path, OPTIONS, DriveSaid("夜 patrol")
    )

    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)

    made = Path(json.loads(done.stdout)["package"])
    assert made.parent == tmp_path
    assert made.name.startswith("patrol-")
    assert made.read_bytes() == package.read_bytes()


def test_a_drive_without_a_track_is_refused_in_one_sentence_and_leaves_no_package(
    tmp_path: Path,
) -> None:
    lone = tmp_path / "lone.mp4"
    shutil.copy(SAMPLE / "drive.mp4", lone)
    shutil.copy(SAMPLE / "track.gpx", tmp_path / "track.gpx")
    command = command_of([lone], tmp_path / "outbox", OPTIONS, "lone")

    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)

    assert done.returncode == 2
    (sentence,) = done.stderr.decode("utf-8").splitlines()
    assert sentence.startswith("liujing edge: ")
    assert not list((tmp_path / "outbox").glob("*.zip"))
