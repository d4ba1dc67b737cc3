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
from service.vehicle.eyes import DriveSaid, EdgeOptions, package_name
from service.vehicle.lying import OURS, Lying
from service.vehicle.shown import Board
from vision.errors import OutputError

PATIENCE_S = 60.0


class Eyes:
    """Stands in for the inspection: remembers its files, and ends as it is told."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.code = "pass"

    def __call__(
        self, files: list[Path], outbox: Path, options: EdgeOptions, said: DriveSaid
    ) -> list[str]:
        assert outbox.parent.name == OURS
        assert options == EdgeOptions()
        assert said.drive == "am-0123"
        self.asked.append([said.name, *(path.name for path in files)])
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


class Hands(Clock):
    """A clock whose steady hands are moved by the test."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def steady_s(self) -> float:
        return self.now_s


def board(folder: Path, said: io.StringIO | None = None) -> Board:
    stream = io.StringIO() if said is None else said
    return Board(folder / "status.json", stream, Clock(), "https://city")


def aboard(
    folder: Path, clock: Clock | None = None, said: io.StringIO | None = None
) -> Aboard:
    shown = board(folder, said)
    return Aboard(folder, EdgeOptions(), shown, clock or Hands(), lambda _: "am-0123")


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
    looking = aboard(folder, said=said)

    run_out(looking, outing(A))

    assert looking.is_done(outing(A))
    assert "not inspected: no track at all" in said.getvalue()


DIED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
NO_MEMORY = "raise MemoryError"
NO_ROOM = "import sys; sys.stderr.write('the disk is full\\n'); sys.exit(75)"


@pytest.mark.parametrize("code", [DIED, NO_MEMORY, NO_ROOM])
def test_an_inspection_that_fails_for_what_may_pass_is_tried_again_later_each_time(
    folder: Path, eyes: Eyes, code: str
) -> None:
    eyes.code, clock, said = code, Hands(), io.StringIO()
    looking = aboard(folder, clock, said)
    waits_s: list[float] = []

    while not looking.is_done(outing(A)):
        run_out(looking, outing(A))
        asked, began_s = len(eyes.asked), clock.now_s
        while len(eyes.asked) == asked and not looking.is_done(outing(A)):
            clock.now_s += 30.0
            looking.go_on([outing(A)])
        waits_s.append(clock.now_s - began_s)

    assert waits_s[: TRIES - 1] == [60.0, 120.0, 240.0, 480.0, 960.0]
    assert len(eyes.asked) == TRIES
    assert "not inspected: " in said.getvalue()
    anew = aboard(folder)
    assert not anew.is_done(outing(A)), "nothing says that this footage cannot be seen"


def test_while_one_drive_waits_for_its_next_try_another_is_inspected(
    folder: Path, eyes: Eyes
) -> None:
    eyes.code = DIED
    looking, other = aboard(folder), Outing("drive", "pm", None, (lying("pm/c.mp4"),))
    run_out(looking, outing(A))

    eyes.code = "pass"
    run_out(looking, outing(A), other)

    assert eyes.asked == [["am", "a.mp4"], ["pm", "c.mp4"]]
    assert looking.is_done(other)


def test_on_a_full_disk_drives_are_inspected_and_known_all_the_same(
    folder: Path, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = io.StringIO()
    looking = aboard(folder, said=said)
    full = "x cannot be written (No space left on device)"

    def refuse(path: Path, _: str, *, sync: bool = True) -> None:
        raise OutputError(full)

    monkeypatch.setattr(module, "write_whole", refuse)
    run_out(looking, outing(A))

    assert looking.is_done(outing(A))
    assert "No space left" in said.getvalue()


def test_a_log_that_cannot_be_written_costs_one_try(folder: Path, eyes: Eyes) -> None:
    (folder / OURS / "edge.log").mkdir()
    clock = Hands()
    looking = aboard(folder, clock)
    run_out(looking, outing(A))
    assert (eyes.asked, looking.is_done(outing(A))) == ([], False)

    (folder / OURS / "edge.log").rmdir()
    clock.now_s = 60.0
    run_out(looking, outing(A))

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
