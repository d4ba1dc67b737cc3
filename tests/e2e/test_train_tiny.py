"""The whole recipe on a handful of pictures: cut, out of room, whole, and once more.

The folders that training fills lie in a temporary place; the environments of training
and rendering are the checkout's, built by `make` where they are not there yet.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from training.labels import read_categories
from training.layout.recipe import TINY as LAYOUT_TINY
from training.learned import LEAST_GAIN, Learned, require_gain
from training.recipe import TINY
from vision.catalogue import load_card, load_layout_card
from vision.detect import load_detector
from vision.errors import AuditError
from vision.scene import load_layout
from vision.types import Frame

ROOT = Path(__file__).resolve().parents[2]
TRAIN = ROOT / ".venv-train" / "bin"
BLENDER = ROOT / ".venv-synth" / "bin" / "python"
EPOCHS = TINY.last.settings.max_epochs if TINY.last.settings else None
ROOM_BLOCKS = 2000
"""Of 512 bytes: enough for every file of a run but a checkpoint (16 MB)."""

# The first run may install both environments; slow machines teach slowly.
pytestmark = pytest.mark.timeout(3000)


@dataclass(frozen=True)
class Done:
    """A command that ended: what it said, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float


@dataclass(frozen=True)
class Walk:
    """Four runs over one folder, one after the other.

    Attributes:
        root: stands for a checkout; everything made lies below it.
        cut_epochs: epochs in the table when the first run was killed.
        cut_sha: of the checkpoint that it left.
        full: `fit` without room for a checkpoint.
        full_sha: of the checkpoint after that.
        whole: the recipe to its end.
        whole_sha: of its checkpoint.
        epochs: in the table then, in the order taught.
        again: the recipe once more.
    """

    root: Path
    cut_epochs: int
    cut_sha: str
    full: Done
    full_sha: str
    whole: Done
    whole_sha: str
    epochs: tuple[int, ...]
    again: Done

    @property
    def run(self) -> Path:
        """Return the trainer's folder."""
        return run_folder(self.root)


def run_folder(root: Path) -> Path:
    return root / "build" / "tiny" / "train" / "runs" / "street"


def options(root: Path, shared: Path) -> list[str]:
    return [
        *("--tiny", "--root", str(root), "--shared", str(shared)),
        *("--blender-python", str(BLENDER)),
    ]


def make_model(root: Path, shared: Path) -> list[str]:
    return ["make", "--silent", "model", "TINY=" + " ".join(options(root, shared))]


def call(command: list[str]) -> Done:
    begun = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Done(done.returncode, done.stdout, done.stderr, time.monotonic() - begun)


def fit_without_room(root: Path, shared: Path) -> Done:
    """Run `fit` where no file may grow to the size of a checkpoint."""
    fit = [str(TRAIN / "liujing-train"), "fit", *options(root, shared)]
    return call(["sh", "-c", f'ulimit -f {ROOM_BLOCKS}; exec "$@"', "sh", *fit])


def kill_after_first_checkpoint(command: list[str], checkpoint: Path) -> None:
    """Start the recipe and kill it, and all that it started, in mid-training."""
    with (checkpoint.parents[6] / "cut.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        try:
            while not checkpoint.is_file():
                assert process.poll() is None, Path(log.name).read_text("utf-8")
                time.sleep(0.05)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def sha_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def epochs_in(run: Path) -> list[int]:
    with (run / "results.csv").open(encoding="utf-8") as lines:
        return [int(row["epoch"]) for row in csv.DictReader(lines)]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Walk the recipe: killed, out of room, to its end, and once more."""
    shared = ROOT.parent / "shared"
    root = tmp_path_factory.mktemp("tiny")
    (root / "datasets").symlink_to(ROOT / "datasets")
    run = run_folder(root)
    last = run / "weights" / "last.pt"
    kill_after_first_checkpoint(make_model(root, shared), last)
    cut_epochs, cut_sha = len(epochs_in(run)), sha_of(last)
    full = fit_without_room(root, shared)
    full_sha = sha_of(last)
    whole = call(make_model(root, shared))
    assert whole.code == 0, whole.err[-4000:]
    whole_sha, epochs = sha_of(last), tuple(epochs_in(run))
    again = call(make_model(root, shared))
    return Walk(
        root=root,
        cut_epochs=cut_epochs,
        cut_sha=cut_sha,
        full=full,
        full_sha=full_sha,
        whole=whole,
        whole_sha=whole_sha,
        epochs=epochs,
        again=again,
    )


def one_sentence(done: Done, verb: str) -> str:
    """Return the sentence that a run ended with, which must be its only complaint."""
    said = [line for line in done.err.splitlines() if line.startswith("liujing-train")]
    assert done.code == 2, done.err[-4000:]
    assert "Traceback" not in done.err
    assert len(said) == 1
    assert said[0].startswith(f"liujing-train {verb}: ")
    return said[0]


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


def test_a_published_network_is_put_back_to_go_on_from(
    walk: Walk, tmp_path: Path, shared: Path
) -> None:
    shutil.copytree(walk.root / "build", tmp_path / "build", symlinks=True)
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")
    train = str(TRAIN / "liujing-train")
    published = tmp_path / "build" / "tiny" / "models" / "street@2.onnx"
    shutil.rmtree(run_folder(tmp_path))

    put_back = call([train, "restore", *options(tmp_path, shared)])
    exported = call([train, "export", *options(tmp_path, shared)])

    assert put_back.code == 0, put_back.err[-4000:]
    assert exported.code == 0, exported.err[-4000:]
    again = tmp_path / "build" / "tiny" / "train" / "street@2.onnx"
    assert sha_of(again) != sha_of(published)
    assert largest_difference(published, again) < 0.02


def test_another_file_is_not_put_back(walk: Walk, tmp_path: Path, shared: Path) -> None:
    shutil.copytree(walk.root / "build", tmp_path / "build", symlinks=True)
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")
    models = tmp_path / "build" / "tiny" / "models"
    (models / "street@2.onnx").write_bytes(b"no network")

    done = call([str(TRAIN / "liujing-train"), "restore", *options(tmp_path, shared)])

    assert "is no ONNX file" in one_sentence(done, "restore")


def test_candidates_are_measured_side_by_side(walk: Walk, shared: Path) -> None:
    wanted = ["--candidate", "street", "--candidate", "street+street"]

    done = call(
        [
            *(str(TRAIN / "liujing-train"), "candidates", *wanted),
            *options(walk.root, shared),
        ]
    )

    assert done.code == 0, done.err[-4000:]
    means = [line.split() for line in done.out.splitlines() if " mean " in line]
    assert [row[0] for row in means] == ["real", "rendered"]
    assert all(one == other for *_, one, other in means)  # a mean of itself


def test_the_layout_is_taught_measured_and_published(
    walk: Walk, tmp_path: Path, shared: Path
) -> None:
    shutil.copytree(walk.root / "build", tmp_path / "build", symlinks=True)
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")
    command = [str(TRAIN / "liujing-train"), "layout", *options(tmp_path, shared)]

    done = call(command)

    assert done.code == 0, done.err[-4000:]
    tiny = tmp_path / "build" / "tiny"
    note = json.loads((tiny / "train/runs/layout/fit.json").read_text("utf-8"))
    assert note["step"] == LAYOUT_TINY.steps
    assert set(note["pictures"]) == {"camvid", "rendered", "photos"}
    card = load_layout_card("layout@1", tiny / "models")
    assert set(card.measured) == {"camvid_val", "rendered_test"}
    assert any("research" in limit and "camvid" in limit for limit in card.limits)
    picture = cv2.imread(str(next((tiny / "synth/test/images").glob("*.jpg"))))
    layout = load_layout(card, device="cpu").read_whole(picture)
    assert layout.classes.shape == picture.shape[:2]

    again = call([*command[:1], "layout-fit", *command[2:]])  # nothing is left to teach

    assert again.code == 0, again.err[-4000:]
    kept = json.loads((tiny / "train/runs/layout/fit.json").read_text("utf-8"))
    assert kept["step"] == note["step"]


def test_the_layout_is_taught_without_research_data_when_told(
    walk: Walk, tmp_path: Path, shared: Path
) -> None:
    shutil.copytree(walk.root / "build", tmp_path / "build", symlinks=True)
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")
    train, given = str(TRAIN / "liujing-train"), options(tmp_path, shared)

    rendered = call([train, "layout-render", *given])
    done = call([train, "layout-fit", "--without-research-data", *given])

    assert rendered.code == 0, rendered.err[-4000:]
    assert done.code == 0, done.err[-4000:]
    run = tmp_path / "build" / "tiny" / "train" / "runs" / "layout"
    note = json.loads((run / "fit.json").read_text("utf-8"))
    assert set(note["pictures"]) == {"rendered", "photos"}


def largest_difference(one: Path, other: Path) -> float:
    """Return the largest difference of a score of two networks on noise, 256 px."""
    rng = np.random.default_rng(3)
    blob = rng.random((1, 3, 256, 256), np.float32)
    scores = []
    for path in (one, other):
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        (name,) = (row.name for row in session.get_inputs())
        scores.append(session.run(None, {name: blob})[0][:, 4:])
    return float(np.abs(scores[0] - scores[1]).max())


def test_every_photo_is_held_back_once(
    walk: Walk, tmp_path: Path, shared: Path
) -> None:
    shutil.copytree(walk.root / "build", tmp_path / "build", symlinks=True)
    (tmp_path / "datasets").symlink_to(ROOT / "datasets")

    done = call([str(TRAIN / "liujing-train"), "folds", *options(tmp_path, shared)])

    assert done.code == 0, done.err[-4000:]
    train = tmp_path / "build" / "tiny" / "train"
    table = json.loads((train / "folds.json").read_text("utf-8"))
    held = [
        {Path(line).stem for line in lines.read_text("utf-8").split()}
        for lines in sorted(tmp_path.glob("build/tiny/folds/*/train/set/val_real.txt"))
    ]
    taught = [
        {Path(line).stem for line in lines.read_text("utf-8").split()}
        for lines in sorted(
            tmp_path.glob("build/tiny/folds/*/train/set/train_real.txt")
        )
    ]
    photos = {
        Path(line).stem
        for lines in (train / "set").glob("*_real.txt")
        for line in lines.read_text("utf-8").split()
    }
    assert [len(fold) for fold in held] == table["folds"]
    assert sum(table["folds"]) == len(photos)
    assert set().union(*held) == photos
    assert all(h & t == set() for h, t in zip(held, taught, strict=True))
    assert table["rows"]["garbage_pile+bin_overflow"]["instances"] > 0
