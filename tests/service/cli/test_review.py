"""`liujing review`: what is missing or silent is one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli import main
from service.store import Store
from tests.service.review.desk import street

URL, TOKEN = "http://127.0.0.1:9", "0123456789abcdef0123456789abcdef01234567"
DESK = {"REVIEW__URL": URL, "REVIEW__TOKEN": TOKEN}
PUBLIC = {"SERVER__PUBLIC_URL": "https://city.example"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = Store(str(tmp_path / "city"))
    street(store)
    store.close()
    return tmp_path


def given(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"LIUJING_{name}", value)


@pytest.mark.parametrize("act", ["setup", "push", "sync"])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({}, "no review desk is set", id="nothing set"),
        pytest.param({"REVIEW__URL": URL}, "no review desk is set", id="no token"),
        pytest.param(DESK, "set server.public_url", id="no address of ours"),
        pytest.param({**DESK, **PUBLIC}, "does not answer", id="nobody there"),
    ],
)
def test_what_is_wrong_is_one_sentence_without_the_token(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    act: str,
    settings: dict[str, str],
    said: str,
) -> None:
    given(monkeypatch, **settings)

    code = main(["review", act, "--data", str(data)])

    error = capsys.readouterr().err
    assert code == 2
    assert error.startswith("liujing review: ")
    assert error.count("\n") == 1
    assert said in error
    assert TOKEN not in error


def test_status_tells_counts_though_the_desk_is_silent(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(monkeypatch, **DESK, **PUBLIC)

    code = main(["review", "status", "--json", "--data", str(data)])

    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (told["tasks"], told["answers"], told["polled"]) == ({}, {}, None)
    assert len(told["wrong"]) == 1
    assert "does not answer" in told["wrong"][0]


def test_a_store_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", "status", "--data", str(tmp_path / "none")]) == 2
    assert "there is no store" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
