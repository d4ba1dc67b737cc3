"""A real service, a real uploader, and a network in between that is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.jobs.workers import Lab, settings_at
from tests.service.vehicle.bad_network import (
    TRICKS,
    BadNetwork,
    Trick,
    at_random,
    first_patches,
)
from tests.service.vehicle.boxes import film
from tests.service.vehicle.processes import Service, Vehicle, vehicle_at

QUICK = (
    "--once", "--still", "0.3", "--quiet", "0.3", "--broken", "0.3",
    "--timeout", "1", "--longest-wait", "0.5",
)  # fmt: skip


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    lab = Lab.at(settings_at(folder))
    made = Service(lab, ("--no-worker",))
    made.start()
    made.wait()
    yield made
    made.kill()
    lab.close()


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def raw_of(service: Service, content: bytes) -> list[Path]:
    """Return the files of the quarantine that hold this content."""
    files = (service.lab.settings.raw_folder / "files").rglob("*")
    return [p for p in files if p.is_file() and p.read_bytes() == content]


def test_every_trick_on_the_last_bytes_leaves_one_whole_file(
    service: Service, tmp_path: Path
) -> None:
    """One file that fits one request for each trick: the PATCH is also the last one."""
    fleet: dict[Trick, tuple[BadNetwork, Vehicle, bytes]] = {}
    for number, trick in enumerate(TRICKS):
        network = BadNetwork(service.port, first_patches([trick])).__enter__()
        vehicle = vehicle_at(
            service.lab, tmp_path / trick, network.url, f"last {trick}", *QUICK
        )
        content = film(number, 100_000)
        (vehicle.folder / "night").mkdir()
        (vehicle.folder / "night" / "f.mp4").write_bytes(content)
        vehicle.start("--delete")
        fleet[trick] = network, vehicle, content

    codes = {trick: vehicle.end() for trick, (_, vehicle, _) in fleet.items()}

    for network, _, _ in fleet.values():
        network.__exit__()
    # What is in these films is noise: the service has them, and says so.
    assert set(codes.values()) <= {0, 1}
    for trick, (network, vehicle, content) in fleet.items():
        assert network.played[trick] == 1, trick
        assert len(raw_of(service, content)) == 1, trick
        assert not (vehicle.folder / "night").exists(), trick
        status = json.loads((vehicle.folder / ".liujing" / "status.json").read_text())
        assert (status["state"], status["name"]) == ("ended", f"last {trick}")
        assert abs(status["clock_offset_s"]) < 5.0
        known = service.lab.store.raw_files([sha(content)])
        assert known[sha(content)].size == len(content), trick


def test_a_line_on_which_a_third_of_all_requests_fails_brings_every_byte(
    service: Service, tmp_path: Path
) -> None:
    contents = [film(100 + n, 1_500_000) for n in range(2)]
    with BadNetwork(service.port, at_random(1 / 3, seed=8)) as network:
        vehicle = vehicle_at(service.lab, tmp_path / "car", network.url, "bad", *QUICK)
        for n, content in enumerate(contents):
            (vehicle.folder / f"f{n}.mp4").write_bytes(content)
        vehicle.start()

        code = vehicle.end()

    assert code in (0, 1)
    assert [len(raw_of(service, content)) for content in contents] == [1, 1]
    assert sum(network.played[trick] for trick in TRICKS) >= 5
    assert sorted(p.name for p in vehicle.folder.iterdir() if p.is_file()) == [
        "f0.mp4",
        "f1.mp4",
    ]
