"""What can be done with a recipe that was walked: put back, fold, compare."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tests.e2e.tiny_recipe import (
    TRAIN,
    Walk,
    call,
    copied,
    one_sentence,
    options,
    run_folder,
    sha_of,
)

# The first run may install both environments; slow machines teach slowly.
pytestmark = pytest.mark.timeout(3000)


def test_a_published_network_is_put_back_to_go_on_from(
    walk: Walk, tmp_path: Path, shared: Path
) -> None:
    copied(walk, tmp_path)
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
    copied(walk, tmp_path)
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
    copied(walk, tmp_path)

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
