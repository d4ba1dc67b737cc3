"""When the uploader sends what: packages first, raw footage by its rule and hours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.vehicle.hours import hours_of
from service.vehicle.raw import RawRule
from tests.service.vehicle.boxes import Box, filled, film, put
from tests.service.vehicle.fake_service import FakeService, serving


@pytest.fixture
def service() -> Iterator[FakeService]:
    with serving() as made:
        yield made


def test_packages_go_before_raw_footage_and_raw_never_goes_if_told_so(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service, raw=RawRule("never"))
    files = filled(box.folder)
    put(box.folder / ".liujing" / "outbox" / "night-1.edge.zip", b"PK package")

    code = box.run()

    assert code == 0
    assert list(service.files.values()) == [b"PK package"]
    ((name, said),) = service.manifests.items()
    assert (name, said["kind"], said["complete"]) == ("night-1", "edge", True)
    assert not (box.folder / ".liujing" / "outbox" / "night-1.edge.zip").exists()
    assert len(box.left) == len(files)


def test_a_package_overtakes_footage_that_is_being_sent(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service, limit_mbit=0.4)
    put(box.folder / "night" / "f.mp4", film(1, 4_000_000))
    package = box.folder / ".liujing" / "outbox" / "night-1.edge.zip"
    box.clock.events = [(20.0, lambda: put(package, b"PK package") and None)]

    box.run()

    assert next(iter(service.files.values())) == b"PK package"
    assert len(service.files) == 2


def test_raw_footage_waits_for_its_network(
    service: FakeService, tmp_path: Path
) -> None:
    networks = tmp_path / "net"
    state = put(networks / "wlan0" / "operstate", b"down\n")
    box = Box(tmp_path, service, raw=RawRule("wifi", "wlan0", networks=networks))
    filled(box.folder)
    box.clock.events = [(600.0, lambda: state.write_bytes(b"up\n") and None)]

    code = box.run()

    assert code == 0
    assert len(service.files) == 4
    assert box.clock.passed_s >= 600.0
    assert "等待 Wi-Fi" in box.said.getvalue()


def test_raw_footage_that_the_service_does_not_want_stays(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    filled(box.folder)
    service.raw_wanted = False

    assert box.run() == 0
    assert service.files == {}


def test_nothing_is_sent_outside_the_hours_by_the_services_clock(
    service: FakeService, tmp_path: Path
) -> None:
    # 1,790,000,000 is 2026-09-21 14:13:20 UTC, 22:13:20 in Shanghai. This clock is six
    # hours ahead of the service's, where it is 16:13:20: 3 h 46 min 40 s are missing.
    box = Box(
        tmp_path, service, hours=hours_of("20:00-06:00", "Asia/Shanghai", "--hours")
    )
    filled(box.folder, films=1)
    service.offset_s = 6 * 3600.0

    assert box.run() == 0
    assert 13_600.0 <= box.clock.passed_s < 14_200.0
    assert "时钟快 21600 秒" in box.said.getvalue()


def test_the_limit_holds(service: FakeService, tmp_path: Path) -> None:
    box = Box(tmp_path, service, limit_mbit=2.0)
    content = film(1, 1_000_000)
    put(box.folder / "night" / "f.mp4", content)
    began_s = 5.0  # until the file is known to be still

    box.run()

    # 8 megabits at 2 a second take 4 s, less what may be caught up at once.
    took_s = box.clock.passed_s - began_s
    assert took_s >= len(content) / 250_000 - 0.5
