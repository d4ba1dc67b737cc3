"""`liujing intake` and `liujing worker`: what they print, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli import main
from service.store import Store


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    folder = tmp_path / "drive"
    folder.mkdir()
    (folder / "a.mp4").write_bytes(b"video")
    (folder / "a.gpx").write_bytes(b"<gpx/>")
    return folder


def intake(tmp_path: Path, *more: str) -> int:
    return main(["intake", *more, "--data", str(tmp_path / "data")])


def test_a_drive_is_queued_once(
    drive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert intake(tmp_path, str(drive), "--vehicle", "K-07", "--priority", "2") == 0
    said = capsys.readouterr().out
    assert intake(tmp_path, str(drive), "--json") == 0
    again = json.loads(capsys.readouterr().out)

    store = Store(str(tmp_path / "data" / "city"))
    (job,) = store.jobs()
    store.close()
    assert said == f"已排队 queued: {job.id}\n"
    assert again == {"id": job.id, "state": "queued", "new": False}
    assert (job.order.vehicle, job.order.priority) == ("K-07", 2)
    assert set(job.order.files) == {"a.mp4", "a.gpx"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["nowhere"], "there is no file or folder nowhere"),
        (["{drive}/a.gpx"], "there is no video and no photo"),
        (["{drive}", "--model", "none@1"], "none@1"),
        (["{drive}", "--priority", "0"], "priority must be from 1"),
        (["{drive}", "--config", "none.toml"], "no settings file none.toml"),
    ],
)
def test_what_cannot_be_taken_is_said_in_a_sentence(
    drive: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    said: str,
) -> None:
    code = intake(tmp_path, *(part.format(drive=drive) for part in more))

    err = capsys.readouterr().err
    assert code == 2
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_queue_that_cannot_be_reached_is_said_in_a_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIUJING_JOBS__WHERE", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setattr("service.cli.worker.signal.signal", lambda *_: None)

    code = main(["worker", "--data", str(tmp_path / "data")])

    err = capsys.readouterr().err
    assert code == 2
    assert "cannot be used" in err
    assert "127.0.0.1" in err
