"""Corrections teach: a class never seen before is promoted, poison is refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.tiny_recipe import ROOT, TRAIN, Done, call
from vision.catalogue import current_model, load_card
from vision.detect import load_detector
from vision.promotions import read_promotions

LEAST_LIFT = 0.2

# The first run may install the environment of training; slow machines teach slowly.
pytestmark = pytest.mark.timeout(3000)


@dataclass(frozen=True)
class Street:
    """What `reviewed_street` built."""

    root: Path

    @property
    def models(self) -> Path:
        return self.root / "build" / "tiny" / "models"

    def train(self, verb: str, *more: str) -> Done:
        # No old sets lie here: reviews and the frozen set are all there is.
        where = ("--tiny", "--root", str(self.root), "--shared", str(self.root / "no"))
        return call([str(TRAIN / "liujing-train"), verb, *more, *where])

    def from_reviews(self, export: str, *more: str) -> Done:
        return self.train(
            "from-reviews",
            str(self.root / export),
            *("--frozen", str(self.root / "frozen")),
            *("--policy", str(self.root / "policy.toml")),
            *more,
        )

    def result(self) -> dict[str, Any]:
        """Return what the newest run wrote down."""
        found = self.root.glob("build/tiny/reviews/*/train/promotion.json")
        newest = max(found, key=lambda path: path.stat().st_mtime)
        table: dict[str, Any] = json.loads(newest.read_text("utf-8"))
        return table


def ap50(table: dict[str, Any], when: str, trial: str, category: str) -> float:
    (row,) = (one for one in table[when] if one["trial"] == trial)
    value: float = row["classes"][category]["ap50"]
    return value


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Street:
    subprocess.run(["make", "--silent", ".venv-train/.ready"], cwd=ROOT, check=True)
    root = tmp_path_factory.mktemp("reviewed") / "city"
    module = [str(TRAIN / "python"), "-m", "tests.e2e.reviewed_street"]
    done = call([*module, str(root), str(shared)])
    assert done.code == 0, done.err[-4000:]
    return Street(root)


@pytest.fixture(scope="module")
def refused(street: Street) -> Done:
    """Return the run on poisoned reviews, which comes first and changes nothing.

    Every box lies beside its thing, so a picture still costs what it should.
    """
    done = street.from_reviews("shifted", "--epochs", "4")
    assert [path.name for path in street.models.glob("*.onnx")] == ["street@1.onnx"]
    assert current_model("street", street.models) == "street@1"
    return done


@pytest.fixture(scope="module")
def promoted(street: Street, refused: Done) -> Done:
    """Return the run on honest reviews; it changes the catalogue."""
    del refused
    return street.from_reviews("honest", "--by", "李")


def test_poisoned_reviews_are_refused_each_reason_a_sentence(refused: Done) -> None:
    assert refused.code == 1, refused.err[-4000:]
    said = refused.err[refused.err.index("liujing-train from-reviews: ") :].splitlines()
    reasons = [line for line in said if line.startswith("- ")]
    count = re.match(r".*not promoted, (\d+) reasons?:$", said[0])
    assert count, said
    assert int(count[1]) == len(reasons) >= 1
    assert any("litter" in line or "score error" in line for line in reasons)
    assert "Traceback" not in refused.err


def test_corrections_lift_a_class_that_was_held_back_and_are_promoted(
    street: Street, promoted: Done
) -> None:
    assert promoted.code == 0, promoted.err[-4000:]
    table = street.result()
    before = ap50(table, "before", "gold real", "litter")
    after = ap50(table, "after", "gold real", "litter")
    assert after - before >= LEAST_LIFT
    assert table["against"] == []
    assert table["expected_score_error"][1] < table["expected_score_error"][0]

    act = read_promotions(street.models)[-1]
    assert (act.model, act.before, act.by) == ("street@2", "street@1", "李")
    assert act.facts["data_sha256"] == table["data_sha256"]
    card = load_card("street", street.models)
    assert card.id == "street@2"
    assert load_detector(card, device="cpu").names == card.names
    assert {row.name for row in card.data} == {"frozen", table["data"]}


def test_one_command_goes_back_and_is_noted(
    street: Street, promoted: Done, tmp_path: Path
) -> None:
    assert promoted.code == 0
    root = tmp_path / "city"
    shutil.copytree(street.models, root / "build" / "tiny" / "models")
    copy = Street(root)

    back = copy.train("rollback", "--why", "sees litter in leaves")
    again = copy.train("rollback")

    assert back.code == 0, back.err
    assert current_model("street", copy.models) == "street@1"
    assert read_promotions(copy.models)[-1].why == "sees litter in leaves"
    assert again.code == 2
    assert "nothing was noted" in again.err


def test_without_old_pictures_nothing_is_taught(street: Street, tmp_path: Path) -> None:
    done = street.train(
        "from-reviews", str(street.root / "honest"), "--frozen", str(tmp_path / "no")
    )

    assert done.code == 2
    assert "there is no frozen set" in done.err
    assert "Traceback" not in done.err


def test_a_rejected_find_teaches_its_place_and_an_unsure_one_nothing(
    street: Street,
) -> None:
    done = call([str(TRAIN / "python"), "-m", "tests.e2e.place_loss"])

    assert done.code == 0, done.err[-4000:]
    pulled = json.loads(done.out.splitlines()[-1])
    # 84 cells; 16 + 4 + 1 of them lie in the place.
    assert pulled["nothing"] == {"down": 0, "up": 0, "classes": []}
    assert pulled["absent"] == {"down": 21, "up": 0, "classes": [1]}
    assert pulled["known"] == {"down": 84, "up": 0, "classes": [1]}
    assert pulled["unsure"] == {"down": 63, "up": 0, "classes": [1]}
