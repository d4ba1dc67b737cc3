"""A camera's address is a secret: sealed where a key is set, shown nowhere."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.cameras.address import (
    address_of,
    checked_address,
    folder_of,
    kept_address,
    shown_address,
)
from service.settings import RawSettings, Settings
from tests.service.cameras.registered import ADDRESS, camera
from vision.errors import InputError
from vision.footage import LiveOptions, LiveSource, without_secrets

SECRETS = ("warden", "geheim", "geheim2")


def settings(tmp_path: Path, key: str | None = None) -> Settings:
    sealed_with = None if key is None else SecretStr(key)
    return Settings(data=tmp_path, raw=RawSettings(key=sealed_with))


def test_an_address_is_sealed_and_opened_with_the_key(tmp_path: Path) -> None:
    with_key = settings(tmp_path, "a long enough key")

    kept, is_sealed = kept_address("rtsp", ADDRESS, with_key)

    assert is_sealed
    assert not any(secret in kept for secret in SECRETS)
    sealed = camera(address=kept, is_sealed=True)
    assert address_of(sealed, with_key) == ADDRESS
    for other in (settings(tmp_path), settings(tmp_path, "quite another key")):
        with pytest.raises(InputError, match=r"sealed with another raw\.key"):
            address_of(sealed, other)


def test_without_a_key_it_is_kept_as_it_is(tmp_path: Path) -> None:
    kept = kept_address("rtsp", ADDRESS, settings(tmp_path))

    assert kept == (ADDRESS, False)
    assert address_of(camera(), settings(tmp_path)) == ADDRESS


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (ADDRESS, "rtsp://127.0.0.1:9/..."),
        ("rtsps://a:b@gate.example/x", "rtsps://gate.example/..."),
        ("rtsp://a:b@[fe80::1]:554/x", "rtsp://[fe80::1]:554/..."),
    ],
)
def test_what_is_shown_is_where_and_not_how(address: str, shown: str) -> None:
    assert shown_address("rtsp", address) == shown


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        "rtsp://warden:geheim/geheim2@127.0.0.1:9/gate",
        "rtsp://127.0.0.1:9/user=warden&password=geheim&channel=1",
        "rtsp://127.0.0.1:9/live?username=warden&pwd=geheim&token=geheim2",
    ],
)
def test_no_log_and_no_error_shows_a_secret(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    said = without_secrets(address)
    try:
        source = LiveSource(address, LiveOptions(silent_s=1.0, give_up_s=0.0))
        with caplog.at_level(logging.DEBUG):
            list(source.watch())
    except Exception as error:  # noqa: BLE001 - whatever it says
        said += str(error)

    assert "127.0.0.1" in said
    assert not any(secret in said + caplog.text for secret in SECRETS)
    assert not any(secret in repr(camera()) for secret in SECRETS)


@pytest.mark.parametrize(
    "address", ["http://a/b", "rtsp://", "rtsp://a b/c", "x" * 3000]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError):
        checked_address("rtsp", address)


@pytest.mark.parametrize(
    "folder", ["/etc", "..", "../city", "a/../../b", "", ".", ".hidden", "a\\b"]
)
def test_a_folder_leads_nowhere_else(folder: str) -> None:
    with pytest.raises(InputError, match="folder of snapshots must be named"):
        checked_address("snapshots", folder)


def test_a_link_in_the_folder_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "cameras").mkdir()
    (tmp_path / "city").mkdir()
    (tmp_path / "cameras" / "gate").symlink_to(tmp_path / "city")
    linked = camera(kind="snapshots", address="gate", shown="gate")

    with pytest.raises(InputError, match="would lie outside"):
        folder_of(linked, settings(tmp_path))
    assert checked_address("snapshots", "east/gate-7") == "east/gate-7"
