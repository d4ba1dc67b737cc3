"""The whole recipe on a handful of pictures: cut, out of room, whole, and once more."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.e2e.tiny_recipe import (
    ROOT,
    TRAIN,
    Walk,
    call,
    epochs_in,
    one_sentence,
    options,
    sha_of,
)
from training.labels import read_categories
from training.learned import LEAST_GAIN, Learned, require_gain
from training.recipe import TINY
from vision.catalogue import load_card
from vision.detect import load_detector
from vision.errors import AuditError
from vision.types import Frame

EPOCHS = TINY.last.settings.max_epochs if TINY.last.settings else None

# The first run may install both environments; slow machines teach slowly.
pytestmark = pytest.mark.timeout(3000)


def test_a_killed_training_goes_on(walk: Walk) -> None:
    assert EPOCHS is not None
    assert 1 <= walk.cut_epochs < EPOCHS
    assert walk.whole.code == 0
    # It never began anew; only an epoch that was not kept is taught twice.
    assert walk.epochs.count(1) == 1
    assert set(walk.epochs) == set(range(1, EPOCHS + 1))


def test_a_full_disk_is_one_sentence_and_costs_no_checkpoint(walk: Walk) -> None:
    said = one_sentence(walk.full, "fit")

    assert "cannot be saved" in said
    assert "make room" in said
    assert walk.full_sha == walk.cut_sha
    assert not list(walk.run.rglob("*.part"))


def test_the_tiny_model_is_in_a_catalogue_of_its_own(walk: Walk, shared: Path) -> None:
    card = load_card("street@2", walk.root / "build" / "tiny" / "models")
    photo = min((shared / "data/street/pothole_dnit/images").iterdir())
    pixels = cv2.imread(str(photo))
    assert pixels is not None

    found = load_detector(card, device="cpu", confidence=0.01).detect(
        Frame(0, 0.0, 0.0, np.asarray(pixels, np.uint8), photo.name)
    )

    assert card.names == read_categories(ROOT / "datasets" / "taxonomy.toml")
    assert len(found.confidence) > 0
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert not (walk.root / "models").exists()


def test_it_learned(walk: Walk) -> None:
    said = re.search(
        r"^learned: .* mean ([\d.]+) to ([\d.]+); loss ([\d.]+) to ([\d.]+)$",
        walk.whole.out,
        re.MULTILINE,
    )

    assert said, walk.whole.out
    before, after, loss_before, loss_after = map(float, said.groups())
    assert after - before >= LEAST_GAIN
    assert loss_after < loss_before


@pytest.mark.parametrize(
    ("after", "losses"),
    [(0.2, (7.0, 5.0)), (0.6, (5.0, 5.0))],
    ids=["hardly better", "loss stands still"],
)
def test_a_training_that_taught_nothing_is_refused(
    after: float, losses: tuple[float, float]
) -> None:
    learned = Learned({"litter": 0.01}, {"litter": after}, losses)

    with pytest.raises(AuditError, match="nothing was learned"):
        require_gain(learned, Path("run"))


def test_a_second_run_does_nothing_again(walk: Walk) -> None:
    assert walk.again.code == 0, walk.again.err[-4000:]
    assert sha_of(walk.run / "weights" / "last.pt") == walk.whole_sha
    assert tuple(epochs_in(walk.run)) == walk.epochs
    assert "distil: 0 photos newly boxed" in walk.again.out
    assert "wall" not in walk.again.out  # nothing was rendered


def test_a_set_that_points_nowhere_is_one_sentence(
    walk: Walk, shared: Path, tmp_path: Path
) -> None:
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")
    place = tmp_path / "build" / "tiny" / "train" / "set"
    shutil.copytree(walk.root / "build" / "tiny" / "train" / "set", place)
    for listed in place.glob("*.txt"):
        text = listed.read_text("utf-8")
        listed.write_text(text.replace(str(walk.root), str(tmp_path / "gone")), "utf-8")

    done = call([str(TRAIN / "liujing-train"), "fit", *options(tmp_path, shared)])

    assert "liujing-train data" in one_sentence(done, "fit")
    assert not list(tmp_path.rglob("*.pt"))


def test_the_cold_start_path_holds_with_stand_in_networks(
    walk: Walk, tmp_path: Path
) -> None:
    line = "import sys, pathlib; from training import cold_start_standin as c; "
    line += "c.standin_check(pathlib.Path(sys.argv[1]))"

    done = call([str(TRAIN / "python"), "-c", line, str(tmp_path)])

    assert done.code == 0, done.err[-4000:]
