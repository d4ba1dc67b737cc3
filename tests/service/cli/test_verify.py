"""`liujing verify` says in one sentence what is wrong where."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.cli import main
from service.store import Store
from tests.service.pictures import pictured_drive, tamper


@pytest.fixture
def city(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    store = Store(str(folder))
    store.add_drive(pictured_drive(store, "one", 1, 2))
    store.close()
    return folder


def test_an_intact_store_tells_its_head(
    city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(city)]) == 0

    said = capsys.readouterr()
    assert "证据链完整 intact: 4 行 rows, 4 张图片 pictures" in said.out
    assert said.err == ""
    head = said.out.split()[-1]
    assert main(["verify", str(city), "--head", head]) == 0


def test_a_changed_row_is_one_sentence_and_code_1(
    city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(str(city))
    tamper(store, "UPDATE evidence_chain SET pts_s = 9 WHERE row = 3")
    store.close()

    assert main(["verify", str(city)]) == 1

    said = capsys.readouterr()
    assert said.err.startswith("liujing verify: row 3 of the evidence chain")
    assert said.err.count("\n") == 1
    assert "证据链有误 not intact: 2 行" in said.out


def test_old_pictures_may_be_gone(
    city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in (city / "blobs").rglob("*.jpg"):
        file.unlink()

    assert main(["verify", str(city), "--kept-days", "1"]) == 1
    assert capsys.readouterr().err.count("is missing") == 4
    assert main(["verify", str(city), "--kept-days", "0"]) == 0
    assert "4 已过保存期" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--head", "5f"], "--head must be 64 hexadecimal digits"),
        (["--kept-days", "-1"], "--kept-days must be days of 0 or more"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    city: Path, more: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(city), *more]) == 2

    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_pictures_beside_a_database_need_their_folder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["verify", "postgresql://nobody@127.0.0.1:1/city"]) == 2

    assert "--blobs DIR" in capsys.readouterr().err
