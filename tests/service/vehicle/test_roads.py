"""The city's roads on board: whole or not at all, and the last ones where none come."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.vehicle.roads import fetch_roads, road_file
from service.vehicle.talk import Address, Talk
from service.vehicle.told import HoldError
from tests.service.vehicle.boxes import token_file
from tests.service.vehicle.fake_service import FakeService, serving
from vision.errors import OutputError

WHERE = "/devices/me/roads"
ROADS = b'{"type": "FeatureCollection", "features": [{"type": "Feature"}]}'


@pytest.fixture
def service() -> Iterator[FakeService]:
    with serving() as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "car" / ".liujing").mkdir(parents=True)
    return tmp_path / "car"


@pytest.fixture
def talk(service: FakeService, tmp_path: Path) -> Talk:
    address = Address.of(service.url, insecure=False)
    return Talk(address, token_file(tmp_path), ca=None, timeout_s=5.0)


def give(service: FakeService, tag: str, roads: bytes = ROADS) -> None:
    headers = {"ETag": f'W/"{tag}"', "Content-Encoding": "gzip"}
    service.answer_with(200, path=WHERE, headers=headers, body=gzip.compress(roads))


def test_the_newest_roads_take_the_place_of_those_before(
    service: FakeService, folder: Path, talk: Talk
) -> None:
    give(service, "one")
    give(service, "two", ROADS * 2)

    assert fetch_roads(talk, folder)
    first = road_file(folder)
    assert fetch_roads(talk, folder)

    assert first is not None
    assert not first.exists()
    (kept,) = folder.glob(".liujing/*")
    assert road_file(folder) == kept
    assert kept.read_bytes() == ROADS * 2


@pytest.mark.parametrize(
    ("status", "held"),
    [
        pytest.param(304, False, id="they did not change"),
        pytest.param(404, False, id="the service has none, or is an older one"),
        pytest.param(503, True, id="the service is not well"),
        pytest.param(302, True, id="a login page answers"),
    ],
)
def test_without_new_roads_the_last_ones_stay(
    service: FakeService,
    folder: Path,
    talk: Talk,
    status: int,
    held: bool,  # noqa: FBT001 - a row of the table
) -> None:
    give(service, "one")
    fetch_roads(talk, folder)
    service.answer_with(status, path=WHERE, body=b"")

    if held:
        with pytest.raises(HoldError):
            fetch_roads(talk, folder)
    else:
        assert not fetch_roads(talk, folder)

    last = road_file(folder)
    assert last is not None
    assert (last.name, last.read_bytes()) == ("roads-one.geojson", ROADS)


def test_roads_that_were_cut_short_are_none(
    service: FakeService, folder: Path, talk: Talk
) -> None:
    headers = {"ETag": '"one"', "Content-Encoding": "gzip"}
    cut = gzip.compress(ROADS * 99)[:40]
    service.answer_with(200, path=WHERE, headers=headers, body=cut)

    with pytest.raises(HoldError):
        fetch_roads(talk, folder)

    assert road_file(folder) is None


def test_roads_that_cannot_be_written_are_said(
    service: FakeService, folder: Path, talk: Talk
) -> None:
    (folder / ".liujing" / ".roads-part").mkdir()
    give(service, "one")

    with pytest.raises(OutputError, match="cannot be written"):
        fetch_roads(talk, folder)
