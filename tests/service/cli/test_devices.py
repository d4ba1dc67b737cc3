"""`liujing devices`."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from service.cli import main
from service.device_records import Contact
from service.intake.devices import hear
from service.keys import key_of
from service.store import Store


def said(capsys: pytest.CaptureFixture[str], *args: str, code: int = 0) -> str:
    assert main(["devices", *args]) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


@pytest.fixture
def data(tmp_path: Path) -> tuple[str, str]:
    return ("--data", str(tmp_path))


def test_a_device_lives_from_its_token_to_its_end(
    data: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--kind", "vehicle", "--district", "魏都区", "--quota-gb", "50", "--no-raw")

    facts, _, first = said(capsys, "add", "车7", *more, *data).splitlines()
    store = Store(str(tmp_path / "city"))
    (device,) = store.devices()
    now_s = time.time()
    given = Contact(now_s, 0.0, firmware="1.2", waiting_files=3)
    hear(store, device, given, device_time_s=now_s - 3653 * 86400)
    listed = said(capsys, "list", *data)
    shown = said(capsys, "show", "车7", *data)
    as_json = json.loads(said(capsys, "show", device.id, "--json", *data))
    second = said(capsys, "rotate", "车7", *data).splitlines()[-1]

    assert facts.startswith(f"{device.id}  车7  车载 vehicle  魏都区")
    assert (device.quota_bytes, device.raw_wanted) == (50_000_000_000, False)
    assert "有效 holds" in listed
    assert "3653 days behind" in shown
    assert as_json["firmware"] == "1.2"
    assert first not in listed + shown
    assert key_of(store, first, time.time()) is None
    key = key_of(store, second, time.time())
    assert key is not None
    assert (key.role, key.district) == ("device", "魏都区")
    assert "已收回 ended" in said(capsys, "end", "车7", *data)
    assert key_of(store, second, time.time()) is None
    assert "已收回 ended" in said(capsys, "list", *data)
    assert "no device that holds" in said(capsys, "end", "车7", *data, code=2)
    store.close()


@pytest.mark.parametrize(
    ("args", "why"),
    [
        pytest.param(("add", " ", "--kind", "camera"), "must not be empty", id="name"),
        pytest.param(
            ("add", "a", "--kind", "camera", "--quota-gb", "0"), "quota_gb", id="quota"
        ),
        pytest.param(
            ("add", "a", "--kind", "camera", "--days", "nan"), "days", id="days"
        ),
    ],
)
def test_what_cannot_be_is_one_sentence(
    data: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    args: tuple[str, ...],
    why: str,
) -> None:
    error = said(capsys, *args, *data, code=2)

    assert why in error
    assert error.count("\n") == 1
