"""Settings: from the command line, else the environment, else the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.settings import Settings, load_settings
from vision.errors import InputError

FILE = """\
data = "from-file"
log = "WARNING"

[server]
port = 9000
host = "0.0.0.0"

[limits]
page = 50
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "liujing.toml"
    path.write_text(FILE, "utf-8")
    return path


def test_everything_has_a_value_without_a_file() -> None:
    settings = load_settings()

    assert settings.data == Path("liujing-data")
    assert settings.store_where == str(Path("liujing-data/city"))
    assert settings.jobs_url.endswith("liujing-data/jobs.sqlite")
    assert settings.raw_folder == Path("liujing-data/raw")
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8600)


def test_the_environment_comes_before_the_file_and_the_command_before_both(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIUJING_SERVER__PORT", "9100")
    monkeypatch.setenv("LIUJING_LOG", "DEBUG")

    settings = load_settings(file, log="ERROR")

    assert settings.log == "ERROR"
    assert settings.server.port == 9100
    assert settings.server.host == "0.0.0.0"  # noqa: S104
    assert settings.limits.page == 50
    assert settings.data == Path("from-file")


def test_the_environment_names_the_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIUJING_CONFIG", str(file))
    other = tmp_path / "other.toml"
    other.write_text("log = 'ERROR'", "utf-8")

    assert load_settings().log == "WARNING"
    assert load_settings(other).log == "ERROR"
    assert load_settings(other).server.port == 8600


def test_no_file_of_this_folder_is_read_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("LIUJING_LOG=ERROR", "utf-8")
    (tmp_path / "liujing.toml").write_text("log = 'ERROR'", "utf-8")

    assert load_settings().log == "INFO"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nprot = 1", r"setting server\.prot: .*not permitted; correct it"),
        ("sever = 1", r"setting sever: .*not permitted"),
        ("[server]\nport = 0", r"setting server\.port: .*greater than or equal to 1"),
        ("log = 'LOUD'", r"setting log: .*pattern"),
        ("[raw]\nraw_days = -1", r"setting raw\.raw_days: .*greater than 0"),
        ("[store]\nwhere = 'postgresql://u:pw@h/c'", r"store\.blobs must name a fol"),
        ("log = ", r"is not TOML: .*; correct the file"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "liujing.toml"
    path.write_text(text, "utf-8")

    with pytest.raises(InputError, match=said) as caught:
        load_settings(path)

    assert "\n" not in str(caught.value)
    assert "pw" not in str(caught.value)


def test_bytes_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "liujing.toml"
    path.write_bytes(b"log = '\xff\xfe'")

    with pytest.raises(InputError, match="is not TOML"):
        load_settings(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no settings file"):
        load_settings(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LIUJING_SERVER__PROT", "1", r"server\.prot"),
        ("LIUJING_SEVER__PORT", "1", "LIUJING_SEVER__PORT"),
        ("LIUJING_LGO", "INFO", "LIUJING_LGO"),
        ("LIUJING_SERVER__PORT", "many", r"server\.port"),
    ],
)
def test_a_wrong_name_in_the_environment_is_said(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(InputError, match=said):
        load_settings()


def test_secrets_are_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIUJING_STORE__WHERE", "postgresql://u:hunter2@h/c")
    monkeypatch.setenv("LIUJING_STORE__BLOBS", str(tmp_path))
    monkeypatch.setenv("LIUJING_JOBS__WHERE", "postgresql://u:hunter2@h/j")
    monkeypatch.setenv("LIUJING_RAW__KEY", "hunter2hunter2")

    settings = load_settings()

    assert settings.store_where == "postgresql://u:hunter2@h/c"
    for shown in (repr(settings), str(settings), str(settings.shown())):
        assert "hunter2" not in shown
    assert settings.shown()["raw"]["key"] == "(set, not shown)"
    assert settings.shown()["store"]["where"] == "(set, not shown)"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().log = "ERROR"  # type: ignore[misc]


def test_every_setting_says_what_it_is() -> None:
    for section in Settings().shown().values():
        assert section is not None
    for name, field in Settings.model_fields.items():
        part = field.annotation
        for inner in getattr(part, "model_fields", {}).values():
            assert inner.title, name
