"""Which model is current: promoted, taken back, and never by accident."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.cli import main
from service.intake.submit import Sender, take_in
from service.settings import JobSettings, RawSettings, Settings
from service.store import Store
from tests.vision.test_catalogue import CARD, WEIGHTS
from vision.catalogue import current_model, load_card
from vision.errors import AuditError, CatalogueError, InputError, NotFoundError
from vision.promote import promote, roll_back
from vision.promotions import FILE, Promotion, note, read_promotions

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a catalogue of three versions, none promoted."""
    folder = tmp_path / "models"
    folder.mkdir()
    for version in (1, 2, 3):
        text = CARD.replace("street@1", f"street@{version}")
        (folder / f"street@{version}.toml").write_text(text, "utf-8")
        (folder / f"street@{version}.onnx").write_bytes(WEIGHTS)
    return folder


def up(model: str, folder: Path) -> Promotion:
    return promote(model, folder, by="李", why="It is better.", now=NOW)


def back(folder: Path) -> Promotion:
    return roll_back("street", folder, by="李", why="It is worse.", now=NOW)


def test_the_shipped_model_is_the_current_one() -> None:
    assert current_model("street") == "street@2"
    assert load_card("street").id == "street@2"


def test_promotions_pile_up_and_rollbacks_take_them_off(models: Path) -> None:
    seen = []
    for version in (1, 3, 2):
        up(f"street@{version}", models)
        seen.append(current_model("street", models))
    for _ in range(2):
        back(models)
        seen.append(current_model("street", models))

    assert seen == ["street@1", "street@3", "street@2", "street@3", "street@1"]
    assert load_card("street", models).id == "street@1"
    acts = read_promotions(models)
    assert [(a.act, a.model, a.before) for a in acts] == [
        ("promote", "street@1", None),
        ("promote", "street@3", "street@1"),
        ("promote", "street@2", "street@3"),
        ("rollback", "street@3", "street@2"),
        ("rollback", "street@1", "street@3"),
    ]
    assert {a.at for a in acts} == {"2026-04-01T12:00:00Z"}


def test_the_record_is_only_added_to(models: Path) -> None:
    up("street@1", models)
    first = (models / FILE).read_bytes()
    up("street@2", models)
    back(models)

    assert (models / FILE).read_bytes().startswith(first)


def test_before_any_promotion_the_highest_version_answers_to_the_name(
    models: Path,
) -> None:
    assert current_model("street", models) is None
    assert load_card("street", models).id == "street@3"


def test_nothing_is_noted_of_what_cannot_be(models: Path) -> None:
    with pytest.raises(NotFoundError, match="no model street@9"):
        up("street@9", models)
    (models / "street@3.onnx").write_bytes(b"cut")
    with pytest.raises(CatalogueError, match="damaged"):
        up("street@3", models)
    assert not (models / FILE).exists()
    up("street@1", models)
    with pytest.raises(InputError, match="current model already"):
        up("street@1", models)
    with pytest.raises(InputError, match="was the first"):
        back(models)

    assert len(read_promotions(models)) == 1


def test_of_two_promotions_at_once_one_is_refused(models: Path) -> None:
    up("street@1", models)
    late = Promotion("t", "promote", "street@2", None, "ab", "李", "late")

    with pytest.raises(InputError, match="meanwhile"):
        note(late, models)


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "{}",
        json.dumps({"at": "t", "act": "delete", "model": "street@1", "before": None,
                    "sha256": "", "by": "", "why": ""}),
        json.dumps({"at": "t", "act": "rollback", "model": "street@1", "before": None,
                    "sha256": "", "by": "", "why": ""}),
    ],
    ids=["no JSON", "no act", "an unknown act", "a rollback from nothing"],
)  # fmt: skip
def test_a_damaged_record_is_named(models: Path, line: str) -> None:
    (models / FILE).write_text(line + "\n", "utf-8")

    with pytest.raises(AuditError, match=FILE):
        current_model("street", models)


def test_one_command_promotes_and_one_goes_back(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--models", str(models))
    for act in (["promote", "street@1"], ["promote", "street@2"], ["rollback"]):
        assert main(["models", *act, *where, "--by", "李"]) == 0
    capsys.readouterr()
    assert main(["models", "history", "--json", *where]) == 0

    acts = json.loads(capsys.readouterr().out)

    assert [a["model"] for a in acts] == ["street@1", "street@2", "street@1"]
    assert main(["models", "rollback", *where]) == 2
    assert "nothing was noted" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pinned", "looks"),
    [
        pytest.param(None, "street@3", id="the promoted model looks"),
        pytest.param("street@1", "street@1", id="unless a setting names another"),
    ],
)
def test_a_drive_is_looked_at_by_the_promoted_model(
    models: Path, tmp_path: Path, pinned: str | None, looks: str
) -> None:
    up("street@2", models)
    up("street@3", models)
    jobs = (
        JobSettings(models=models)
        if pinned is None
        else JobSettings(models=models, model=pinned)
    )
    raw = RawSettings(least_free_mb=1)
    settings = Settings(data=tmp_path / "data", raw=raw, jobs=jobs)
    store = Store(str(tmp_path / "city"))
    film = tmp_path / "a.mp4"
    film.write_bytes(b"film")

    job, _ = take_in(settings, store, [film], Sender())

    store.close()
    assert job.order.model == looks
