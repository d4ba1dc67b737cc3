"""Another model looks at what is still kept; what was believed before stays so."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.cli import main
from service.intake.quarantine import Quarantine
from service.intake.submit import Sender, take_in
from service.memory.current import terms_now, window_now
from service.memory.rescore import rescore
from service.settings import RawSettings, Settings
from service.store import Store, drive_id
from service.types import DAY_S
from tests.service.store.records import EYES, NOON_S, drive, seen


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    raw = RawSettings(least_free_mb=1, raw_days=7)
    return Settings(data=tmp_path / "data", raw=raw)


@pytest.fixture
def city(settings: Settings) -> Iterator[Store]:
    made = Store(settings.store_where)
    yield made
    made.close()


def came_in(
    settings: Settings, city: Store, tmp_path: Path, name: str, at_s: float
) -> str:
    """Take a drive in, and keep what was seen of it; return its name."""
    film = tmp_path / f"{name}.mp4"
    film.write_bytes(name.encode())
    job, _ = take_in(settings, city, [film], Sender(model="street@1"))
    record = replace(
        drive(seen(), at_s=at_s, seen_by=replace(EYES, model_id="street@1")),
        footage=job.order.files,
    )
    city.add_drive(record, known_s=at_s + 60)
    name = drive_id(record)
    assert city.end_job(job.id, None, "done", now_s=at_s, drive_id=name)
    return name


def test_drives_that_are_kept_wait_for_the_new_model_and_others_are_named(
    settings: Settings,
    city: Store,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = came_in(settings, city, tmp_path, "old", NOON_S)
    later_s = time.time() + 8 * DAY_S
    Quarantine(settings, city).tidy([], now_s=later_s)
    kept = came_in(settings, city, tmp_path, "kept", NOON_S + DAY_S)
    where = ("--data", str(settings.data))

    code = main(["reinspect", "--model", "street@2", "--json", *where])
    first = capsys.readouterr()
    again = main(["reinspect", "--model", "street@2", "--json", *where])
    second = json.loads(capsys.readouterr().out)
    since = main(["reinspect", "--model", "street@2", "--since", "2026-09-22", *where])

    said = json.loads(first.out)
    assert code == again == 1  # the footage of one is gone
    assert said["queued"] == [kept]
    assert list(said["gone"]) == [old]
    assert "was deleted on" in first.err
    assert (second["queued"], second["before"]) == ([], [kept])
    assert since == 0
    (job,) = [j for j in city.jobs() if j.order.model == "street@2"]
    assert (job.order.drive_id, job.order.priority) == (kept, 80)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--model", "street@99"], "no model street@99"),
        (["--since", "yesterday"], "--since must be a day"),
    ],
)
def test_a_wrong_wish_is_one_sentence(
    settings: Settings,
    city: Store,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    said: str,
) -> None:
    assert main(["reinspect", *more, "--data", str(settings.data)]) == 2

    assert said in capsys.readouterr().err


def test_old_scores_keep_the_model_that_saw_them(
    settings: Settings, city: Store
) -> None:
    eyes = replace(EYES, model_id="street@3", model_sha256="cd" * 32)
    city.add_drive(drive(seen(), name="one"), known_s=NOON_S + 60)
    rescore(city, terms_now(city, settings), window_now(city, settings))
    between_s = time.time()
    again = drive(seen(category="poster"), name="one", seen_by=eyes)
    city.add_drive(again, known_s=between_s)
    rescore(city, terms_now(city, settings), window_now(city, settings))

    now = city.score_row("s1", "xuchang@1")
    before = city.score_row("s1", "xuchang@1", as_of_s=between_s)

    assert now is not None
    assert before is not None
    assert now["body"]["score"]["model_id"] == "street@3"
    assert before["body"]["score"]["model_id"] == "street@2"
