"""Reviews from the command line, without a desk."""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

import pytest

from service.cli.review_acts import add_acts
from service.settings import load_settings
from service.store import Store
from tests.service.review.answered import fill, finding, states, three
from vision.errors import AuditError


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIUJING_DATA", str(tmp_path))
    monkeypatch.setenv("LIUJING_REVIEW__ENOUGH", "1")
    store = Store(load_settings().store_where)
    fill(store, *three(store))
    store.close()
    return tmp_path


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_acts(parser.add_subparsers(required=True))
    options = parser.parse_args(words)
    code: int = options.run(options)
    return code


def city(data: Path) -> Store:
    return Store(str(data / "city"))


def test_a_verdict_is_told_with_what_it_moved(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heap = finding(city(data), "garbage_pile")

    run("verdict", heap, "false", "--reason", "影子", "--reviewer", "李")

    out = capsys.readouterr().out
    assert f"{heap} 误报" in out
    assert "→" in out
    assert states(city(data))[heap] == "rejected"
    with pytest.raises(AuditError, match="gives no reason"):
        run("verdict", heap, "unclear", "--reviewer", "李")


def test_queue_gold_and_appeal(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heap = finding(city(data), "garbage_pile")
    run("gold", heap, "real", "--reviewer", "专家组")
    run("appeal", finding(city(data), "poster"), "--unit", "一所", "--reason", "有证")
    capsys.readouterr()

    run("queue", "--json")

    tasks = json.loads(capsys.readouterr().out)
    why = {task["finding_id"]: task["why"] for task in tasks}
    assert why[heap] == "gold"
    assert why[finding(city(data), "poster")] == "appeal"
    run("queue")
    assert "共 in all: 3" in capsys.readouterr().out


def test_measures_are_printed_kept_and_written_as_operating_points(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    litter = finding(city(data), "litter")
    run("verdict", litter, "real", "--reviewer", "李")
    capsys.readouterr()
    file = data / "points.toml"

    run("measures", "--keep", "--operating", str(file))

    out = capsys.readouterr().out
    assert "street@2" in out
    assert "kept" in out
    assert city(data).measured()
    points = tomllib.loads(file.read_text("utf-8"))["street@2"]["litter"]
    assert points["recall"]["instances"] == 1
    assert points["shift"] > 0
    # The card's calibration of litter: 0.756, and 0.3 where a box counts.
    assert points["intercept"] == pytest.approx(0.756 + points["shift"], abs=2e-3)
    assert points["confidence"] < 0.3
    with pytest.raises(AuditError, match="cannot write"):
        run("measures", "--operating", str(data / "no" / "points.toml"))
