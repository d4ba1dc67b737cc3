"""The uploader and answers that are not the right ones: it waits, asks, or tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.vehicle.boxes import Box, filled, film, put, sha, status
from tests.service.vehicle.fake_service import FakeService, serving


@pytest.fixture
def service() -> Iterator[FakeService]:
    with serving() as made:
        yield made


@pytest.mark.parametrize(
    ("status_of", "headers", "waited_s"),
    [
        pytest.param(401, {}, 60.0, id="a refused token: slowly"),
        pytest.param(429, {"Retry-After": "37"}, 37.0, id="a limit: as long as asked"),
        pytest.param(507, {}, 60.0, id="a full disk: a minute"),
        pytest.param(503, {}, 0.5, id="a server that starts: with back-off"),
        pytest.param(423, {}, 2.0, id="a lock: soon"),
        pytest.param(
            302, {"Location": "http://x/"}, 60.0, id="a redirect: not followed"
        ),
    ],
)
def test_an_answer_that_says_not_now_is_waited_for(
    service: FakeService,
    tmp_path: Path,
    status_of: int,
    headers: dict[str, str],
    waited_s: float,
) -> None:
    box = Box(tmp_path, service)
    files = filled(box.folder, films=1)
    service.answer_with(status_of, method="PATCH", path="/uploads/.*", headers=headers)

    code = box.run()

    assert code == 0
    assert set(service.files) == {sha(c) for c in files.values()}
    held = [line for line in box.said.getvalue().splitlines() if "holding" in line]
    assert len(held) == 1
    waits = [s for s in box.clock.slept if s not in (2.0, 5.0)]
    assert sum(box.clock.slept) >= waited_s, waits


@pytest.mark.parametrize("status_of", [409, 460])
def test_bytes_that_arrived_twice_or_damaged_are_asked_about_and_sent_again(
    service: FakeService, tmp_path: Path, status_of: int
) -> None:
    box = Box(tmp_path, service)
    files = filled(box.folder, films=1)
    service.answer_with(status_of, method="PATCH", path="/uploads/.*", times=2)

    code = box.run()

    assert code == 0
    assert set(service.files) == {sha(c) for c in files.values()}
    assert "holding" not in box.said.getvalue()


def test_an_upload_that_expired_is_begun_anew(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    content = film(1, 3_000_000)
    put(box.folder / "night" / "f.mp4", content)
    service.answer_with(404, method="PATCH", path="/uploads/.*")

    assert box.run() == 0
    assert set(service.files) == {sha(content)}


def test_a_refused_file_does_not_stop_the_others_and_is_told(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service, delete=True)
    files = filled(box.folder)
    put(box.folder / "night" / "large.mp4", film(9, 900_000))
    service.largest = 500_000

    code = box.run()

    assert code == 1
    assert len(service.files) == len(files)
    (problem,) = status(box)["problems"]
    assert "too large" in problem["en"]
    assert box.left == [problem["path"]]


def test_one_refusal_is_not_believed(service: FakeService, tmp_path: Path) -> None:
    """A request that was damaged on its way is refused, too."""
    box = Box(tmp_path, service)
    files = filled(box.folder)
    service.answer_with(422, method="PUT", path="/drives/manifests/.*", times=2)

    code = box.run()

    assert code == 0
    assert len(service.files) == len(files)
    assert status(box)["problems"] == []


def test_what_the_service_cannot_read_is_told_and_ends_with_1(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    content = film(4)
    put(box.folder / "night" / "f.mp4", content)
    service.aside[sha(content)] = "no picture can be decoded"

    code = box.run()

    assert code == 1
    (aside,) = status(box)["aside"]
    assert aside == {"path": "f.mp4", "reason": "no picture can be decoded"}


def test_a_new_key_in_the_token_file_needs_no_restart(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service)
    filled(box.folder, films=1)
    service.token = "ljdevice.another"  # noqa: S105 - of this test
    box.clock.events = [
        (90.0, lambda: box.terms.token_file.write_text("ljdevice.another") and None)
    ]

    assert box.run() == 0
    assert len(service.files) == 3
    assert box.said.getvalue().count("令牌无效") == 1


def test_a_login_page_in_between_is_not_taken_for_the_service(
    service: FakeService, tmp_path: Path
) -> None:
    box = Box(tmp_path, service, delete=True)
    filled(box.folder, films=1)
    service.answer_with(200, times=4, body=b"<html>please log in</html>")

    assert box.run() == 0
    assert len(service.files) == 3
    assert "登录页" in box.said.getvalue()
