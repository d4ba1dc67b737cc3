"""`liujing keys` and `liujing settings`."""

from __future__ import annotations

import json
import time
import tomllib
from pathlib import Path

import pytest

from service.cli import main
from service.keys import key_of
from service.settings import load_settings
from service.store import Store


def said(capsys: pytest.CaptureFixture[str], *args: str, code: int = 0) -> str:
    assert main(list(args)) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


@pytest.fixture
def data(tmp_path: Path) -> tuple[str, str]:
    return ("--data", str(tmp_path))


def test_a_new_key_opens_and_its_secret_is_shown_once(
    data: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ("--role", "device", "--district", "魏都区", "--days", "30")

    facts, _, secret = said(capsys, "keys", "add", "车 7", *args, *data).splitlines()

    key = key_of(Store(str(tmp_path / "city")), secret, time.time())
    assert key is not None
    assert (key.name, key.role, key.district) == ("车 7", "device", "魏都区")
    assert key.expires_s == pytest.approx(time.time() + 30 * 86400, abs=60)
    assert facts.startswith(f"{key.id}  车 7  车载 device  魏都区  至 ")
    listed = said(capsys, "keys", "list", *data)
    as_json = said(capsys, "keys", "list", "--json", *data)
    assert key.id in listed
    assert "有效" in listed
    for text in (listed, as_json):
        assert secret not in text
        assert secret.split(".")[1] not in text
        assert key.hash not in text


def test_a_key_is_ended_and_replaced(
    data: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = said(capsys, "keys", "add", "中心", "--role", "centre", *data)
    old_id, old_secret = first.split()[0], first.splitlines()[-1]

    second = said(capsys, "keys", "rotate", old_id, *data)
    new_id, new_secret = second.split()[0], second.splitlines()[-1]

    store = Store(str(tmp_path / "city"))
    assert key_of(store, old_secret, time.time()) is None
    assert key_of(store, new_secret, time.time()) is not None
    said(capsys, "keys", "end", new_id, "--reason", "lost", *data)
    assert key_of(store, new_secret, time.time()) is None
    rows = json.loads(said(capsys, "keys", "list", "--json", *data))
    assert {row["id"]: row["state"] for row in rows} == {
        old_id: "ended",
        new_id: "ended",
    }
    again = said(capsys, "keys", "end", new_id, *data, code=2)
    assert "no key that holds is called" in again


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("add", " ", "--role", "centre"), "NAME must not be empty"),
        (("add", "a", "--role", "centre", "--days", "0"), "--days must be more than"),
        (("add", "a", "--role", "centre", "--days", "nan"), "--days must be more"),
        (("add", "a", "--role", "centre", "--district", ""), "--district must not"),
        (("end", "lj0"), "there is no store"),
        (("rotate", "lj0"), "there is no store"),
        (("list",), "there is no store"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    args: tuple[str, ...],
    sentence: str,
    data: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = said(capsys, "keys", *args, *data, code=2)

    assert sentence in error
    assert error.count("\n") == 1
    assert not (tmp_path / "city").exists()


@pytest.mark.parametrize(
    "args", [("add", "a"), ("add", "a", "--role", "mayor"), ("drop",), ()]
)
def test_a_wrong_command_is_one_sentence(
    args: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["keys", *args])

    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_settings_are_printed_as_a_file_that_can_be_read_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LIUJING_RAW__KEY", "hunter2-long-enough")
    monkeypatch.setenv("LIUJING_SERVER__PORT", "9123")
    monkeypatch.setenv("LIUJING_DATA", str(tmp_path / '城"\\市'))

    text = said(capsys, "settings")

    assert "hunter2-long-enough" not in text
    assert "# key = (set, not shown)  # encrypts footage at rest" in text
    assert "# blobs = (not set)  # folder of pictures" in text
    assert tomllib.loads(text)["server"]["port"] == 9123
    file = tmp_path / "again.toml"
    file.write_text(text, "utf-8")
    before = load_settings()
    for name in ("LIUJING_SERVER__PORT", "LIUJING_DATA"):
        monkeypatch.delenv(name)
    assert load_settings(file).shown() == before.shown()
    assert json.loads(said(capsys, "settings", "--json"))["raw"]["raw_days"] == 7.0


def test_settings_that_are_wrong_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "liujing.toml"
    file.write_text("[server]\nprot = 1", "utf-8")

    error = said(capsys, "settings", "--config", str(file), code=2)

    assert error.startswith("liujing settings: setting server.prot")
    assert error.count("\n") == 1
