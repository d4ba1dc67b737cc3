"""`liujing review export` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli import main
from service.review.apply import apply_review
from service.store import Store
from tests.service.review.answered import SETTINGS, answer, fill, finding, three


def test_what_reviewers_said_lies_in_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    store = Store(str(data / "city"))
    fill(store, *three(store))
    apply_review(store, SETTINGS, answer(finding(store, "poster"), "false"))
    store.close()
    into = tmp_path / "reviews"

    code = main(
        ["review", "export", "--into", str(into), "--data", str(data), "--json"]
    )

    assert code == 0
    assert json.loads(capsys.readouterr().out)
    table = json.loads((into / "reviews.json").read_text("utf-8"))
    assert table["form"] == "liujing-reviews@1"
