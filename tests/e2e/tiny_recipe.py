"""The recipe on a handful of pictures, walked once for all tests that need it.

The folders that training fills lie in a temporary place; the environments of training
and rendering are the checkout's, built by `make` where they are not there yet.
"""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRAIN = ROOT / ".venv-train" / "bin"
BLENDER = ROOT / ".venv-synth" / "bin" / "python"
ROOM_BLOCKS = 2000
"""Of 512 bytes: enough for every file of a run but a checkpoint (16 MB)."""


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


def walk_recipe(root: Path) -> Walk:
    """Walk the recipe: killed, out of room, to its end, and once more."""
    shared = ROOT.parent / "shared"
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


def copied(walk: Walk, root: Path) -> Path:
    """Copy what the walk built into another root, beside our datasets; return it."""
    shutil.copytree(walk.root / "build", root / "build", symlinks=True)
    (root / "datasets").symlink_to(ROOT / "datasets")
    return root
