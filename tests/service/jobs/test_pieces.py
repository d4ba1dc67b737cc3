"""A drive that is looked at in pieces, each by another process, is the same drive."""

from __future__ import annotations

import json
import pickle
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.audit.drive import audited_from
from service.audit.inputs import Opened, check
from service.audit.publish import publish
from service.reports import OutFolder
from tests.service.jobs.short_drive import cut_drive, request
from vision.checkpoint import pack_state, unpack_state
from vision.errors import InputError
from vision.inspect import DriveInspection


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    folder = tmp_path_factory.mktemp("short")
    return check(request(cut_drive(folder / "in"), folder / "out"))


def inspecting(
    opened: Opened, sink: OutFolder, state: bytes | None = None
) -> DriveInspection:
    return DriveInspection(
        opened.sources,
        opened.checked.outing.track,
        eyes=opened.eyes,
        sink=sink,
        options=opened.request.inspect,
        state=state,
    )


def quiet(done: int, total: int) -> None:
    """Say nothing."""


def scores(opened: Opened, drive: DriveInspection, folder: OutFolder) -> object:
    publish(audited_from(opened.checked, drive.result(), {}), folder)
    return [
        json.loads((folder.path / name).read_text("utf-8"))
        for name in ("scores.json", "findings.geojson", "coverage.json")
    ]


@pytest.fixture(scope="module")
def undisturbed(
    opened: Opened, tmp_path_factory: pytest.TempPathFactory
) -> tuple[object, set[str]]:
    folder = OutFolder(tmp_path_factory.mktemp("whole"))
    drive = inspecting(opened, folder)
    drive.go_on(drive.total, quiet)
    return scores(opened, drive, folder), pictures(folder)


def pictures(folder: OutFolder) -> set[str]:
    return {path.name for path in (folder.path / "evidence").iterdir()}


@pytest.mark.parametrize("piece_m", [7.0, 25.0])
def test_pieces_give_the_scores_and_pictures_of_an_undisturbed_run(
    opened: Opened,
    undisturbed: tuple[object, set[str]],
    tmp_path: Path,
    piece_m: float,
) -> None:
    folder = OutFolder(tmp_path)
    drive = inspecting(opened, folder)
    ends = drive.pieces(piece_m)
    for end in ends:
        drive = inspecting(opened, folder, drive.state())
        drive.go_on(end, quiet)

    assert len(ends) > 2
    assert scores(opened, drive, folder) == undisturbed[0]
    assert pictures(folder) == undisturbed[1]
    assert undisturbed[1]


def test_work_that_is_stopped_after_every_frame_goes_on_at_the_next(
    opened: Opened, undisturbed: tuple[object, set[str]], tmp_path: Path
) -> None:
    class StopError(Exception):
        """Stop."""

    def stop(done: int, total: int) -> None:
        raise StopError

    folder = OutFolder(tmp_path)
    state, looked = None, 0
    while True:
        drive = inspecting(opened, folder, state)
        try:
            drive.go_on(drive.total, stop)
        except StopError:
            state, looked = drive.state(), looked + 1
            continue
        break

    found = scores(opened, drive, folder)
    assert looked > 5
    assert found == undisturbed[0]


def test_pieces_end_where_so_many_metres_were_driven(
    opened: Opened, tmp_path: Path
) -> None:
    drive = inspecting(opened, OutFolder(tmp_path))

    assert drive.pieces(1e6) == [drive.total]
    assert drive.pieces(20.0)[-1] == drive.total
    assert drive.pieces(20.0) == sorted(set(drive.pieces(20.0)))


def test_the_state_of_another_drive_is_refused(opened: Opened, tmp_path: Path) -> None:
    state = inspecting(opened, OutFolder(tmp_path)).state()
    closer = replace(
        opened,
        request=replace(
            opened.request, inspect=replace(opened.request.inspect, spacing_m=2.0)
        ),
    )

    with pytest.raises(InputError, match="another drive"):
        inspecting(closer, OutFolder(tmp_path), state)


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"", id="empty"),
        pytest.param(pack_state([1, 2])[:-4], id="cut short"),
        pytest.param(zlib.compress(pickle.dumps(Path("x"))), id="a type of others"),
        pytest.param(zlib.compress(pickle.dumps(print)), id="a function"),
        pytest.param(zlib.compress(pickle.dumps(pack_state)), id="our own function"),
    ],
)
def test_a_state_that_is_none_is_refused(damaged: bytes) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        unpack_state(damaged)


def test_what_stays_outside_is_put_back_in() -> None:
    outside, other = object(), object()
    data = pack_state({"a": outside, "b": np.arange(3)}, {"reader": outside})

    back = unpack_state(data, {"reader": other})

    assert back["a"] is other
    assert back["b"].tolist() == [0, 1, 2]
    with pytest.raises(InputError, match="reader"):
        unpack_state(data)
