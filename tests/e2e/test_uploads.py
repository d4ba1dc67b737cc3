"""tus clients of others against a real server: cut, killed, full, two at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tusclient.client import TusClient as Tuspy

from tests.service.intake.upload_faults import (
    MB,
    Faults,
    Outcome,
    device_of,
    expired,
    full_disk,
    held_upload,
    is_kept,
    send_tus_js,
    speed,
    torture_tus_js,
    torture_tuspy,
    two_writers,
    video_of,
    wrong_checksum,
)
from tests.service.intake.upload_server import Server
from tests.service.jobs.short_drive import SAMPLE

FEW = Faults(size_mb=24, cuts=5, kills=1, seed=7)
MOST_MEMORY_MB = 200


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("uploads"))
    made.start()
    assert speed(made, SAMPLE / "track.gpx").right  # tracks are looked at, too
    yield made
    made.stop()
    assert made.peak_mb < MOST_MEMORY_MB


def test_tuspy_through_cuts_and_a_kill_loses_nothing(
    server: Server, tmp_path: Path
) -> None:
    outcome = torture_tuspy(server, video_of(tmp_path / "a.mp4", 24, 1), FEW)

    assert outcome.right
    assert (outcome.more["cuts"], outcome.more["kills"]) == (FEW.cuts, FEW.kills)


def test_tus_js_client_through_cuts_and_a_kill_loses_nothing(
    server: Server, tmp_path: Path
) -> None:
    outcome = torture_tus_js(server, video_of(tmp_path / "b.mp4", 24, 2), FEW)

    assert outcome.right
    assert (outcome.more["cuts"], outcome.more["kills"]) == (FEW.cuts, FEW.kills)


@pytest.mark.parametrize("what", [two_writers, held_upload, wrong_checksum, expired])
def test_what_goes_wrong_ends_with_the_right_file(
    server: Server, tmp_path: Path, what: object
) -> None:
    name = str(getattr(what, "__name__", ""))
    path = video_of(tmp_path / f"{name}.mp4", 13, sum(name.encode()))

    outcome: Outcome = what(server, path)  # type: ignore[operator]

    assert outcome.right, outcome


def test_a_full_disk_is_refused_and_resumed_when_there_is_room(tmp_path: Path) -> None:
    outcome = full_disk(tmp_path, 24, least_free_mb=0)

    assert outcome.right, outcome


def test_a_file_that_is_here_is_not_sent_again(server: Server, tmp_path: Path) -> None:
    path = video_of(tmp_path / "known.mp4", 13, 20)
    first = send_tus_js(server, path, during_creation=True)
    headers = {"Authorization": f"Bearer {server.secret}"}

    with device_of(server) as device:
        url = device.begin(path.read_bytes(), path.name)
    with path.open("rb") as stream:
        tuspy = Tuspy(f"{server.url}/uploads", headers=headers).uploader(
            file_stream=stream, url=f"{server.url}{url}", chunk_size=MB
        )
        tuspy.upload()
    again = send_tus_js(server, path, during_creation=True, chunk=1000)
    plain = send_tus_js(server, path, chunk=1000)

    assert first["ok"]
    assert is_kept(server, path)
    assert tuspy.offset == path.stat().st_size
    assert tuspy.request is None
    assert (again["ok"], again["patched"]) == (True, 0)
    assert plain["ok"]
    assert plain["patched"] <= 1
