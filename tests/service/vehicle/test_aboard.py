"""Which drives are inspected on board, and when it is enough."""

from __future__ import annotations

import io
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from service.vehicle import aboard as module
from service.vehicle.aboard import TRIES, Aboard
from service.vehicle.clock import Clock
from service.vehicle.drives import Outing
from service.vehicle.eyes import EdgeOptions, package_name
from service.vehicle.lying import OURS, Lying
from service.vehicle.shown import Board

PATIENCE_S = 60.0


class Eyes:
    """Stands in for the inspection: remembers its files, and ends as it is told."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.code = "pass"

    def __call__(
        self, files: list[Path], outbox: Path, options: EdgeOptions, name: str
    ) -> list[str]:
        assert outbox.parent.name == OURS
        assert options == EdgeOptions()
        self.asked.append([name, *(path.name for path in files)])
        return [sys.executable, "-c", self.code]


@pytest.fixture
def eyes(monkeypatch: pytest.MonkeyPatch) -> Eyes:
    made = Eyes()
    monkeypatch.setattr(module, "command_of", made)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / OURS).mkdir()
    return tmp_path


def board(folder: Path) -> Board:
    return Board(folder / "status.json", io.StringIO(), Clock(), "https://city")


def aboard(folder: Path) -> Aboard:
    return Aboard(folder, EdgeOptions(), board(folder))


def lying(path: str, *, quiet: bool = True, size: int = 9) -> Lying:
    beside = path.endswith(".gpx")
    role = "beside" if beside else "footage"
    looks = (size, 1_000, 7)
    return Lying(path, looks, role, True, quiet, 0.0, 1.0)  # type: ignore[arg-type]


def outing(*files: Lying) -> Outing:
    return Outing("drive", "am", None, files)


def run_out(looking: Aboard, *outings: Outing) -> None:
    """Let it work until it is idle."""
    until_s = time.monotonic() + PATIENCE_S
    while True:
        looking.go_on(outings)
        if not looking.is_busy:
            return
        assert time.monotonic() < until_s
        time.sleep(0.01)


A, B, TRACK = lying("am/a.mp4"), lying("am/b.mp4"), lying("am/t.gpx")


def test_a_drive_is_inspected_once_when_it_is_over(folder: Path, eyes: Eyes) -> None:
    looking = aboard(folder)
    growing = outing(A, replace(B, quiet=False), TRACK)

    run_out(looking, growing)
    assert eyes.asked == []
    assert not looking.is_done(growing)
    run_out(looking, outing(A, B, TRACK))

    assert eyes.asked == [["am", "a.mp4", "b.mp4", "t.gpx"]]
    assert looking.is_done(outing(A, B, TRACK))
    run_out(aboard(folder), outing(A, B, TRACK))
    assert len(eyes.asked) == 1


def test_the_rest_of_a_drive_whose_footage_was_deleted_is_no_other_drive(
    folder: Path, eyes: Eyes
) -> None:
    looking = aboard(folder)
    run_out(looking, outing(A, B, TRACK))

    run_out(looking, outing(B, TRACK))

    assert len(eyes.asked) == 1


def test_footage_that_comes_late_is_inspected_by_itself(
    folder: Path, eyes: Eyes
) -> None:
    looking = aboard(folder)
    run_out(looking, outing(A, TRACK))

    run_out(looking, outing(A, B, TRACK))

    assert eyes.asked[1] == ["am", "b.mp4", "t.gpx"]


def test_a_drive_that_cannot_be_inspected_is_told_and_holds_up_nobody(
    folder: Path, eyes: Eyes
) -> None:
    eyes.code = (
        "import sys; sys.stderr.write('liujing edge: no track at all\\n'); sys.exit(2)"
    )
    said = io.StringIO()
    shown = Board(folder / "status.json", said, Clock(), "https://city")
    looking = Aboard(folder, EdgeOptions(), shown)

    run_out(looking, outing(A))

    assert looking.is_done(outing(A))
    assert "not inspected: no track at all" in said.getvalue()


def test_an_inspection_that_is_killed_is_begun_again_a_few_times(
    folder: Path, eyes: Eyes
) -> None:
    eyes.code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    looking = aboard(folder)

    run_out(looking, outing(A))

    assert len(eyes.asked) == TRIES
    assert looking.is_done(outing(A))


def test_what_was_written_down_and_is_damaged_is_forgotten(
    folder: Path, eyes: Eyes
) -> None:
    (folder / OURS / "inspected.json").write_text('{"form": 1, "footage": [', "utf-8")

    run_out(aboard(folder), outing(A))

    assert len(eyes.asked) == 1


def test_a_package_is_named_after_what_is_looked_at_and_how(tmp_path: Path) -> None:
    film = tmp_path / "大道 1.mp4"
    film.write_bytes(b"film")
    usual = package_name([film], EdgeOptions())

    assert usual.startswith("1-")
    assert usual.endswith(".edge.zip")
    assert package_name([film], EdgeOptions()) == usual
    assert package_name([film], EdgeOptions(spacing_m=5.0)) != usual
    film.write_bytes(b"longer film")
    assert package_name([film], EdgeOptions()) != usual
