"""What stays on the disk when a checkpoint cannot be written."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from training.checkpoint import SafeCheckpoints
from vision.errors import OutputError


class Trainer:
    """Writes as the real one does: straight into the files, byte by byte."""

    def __init__(self, folder: Path) -> None:
        self.last = folder / "last.pt"
        self.best = folder / "best.pt"
        self.csv = folder / "results.csv"
        self.epoch = 4
        self.room = 100

    def _write(self, path: Path, data: bytes) -> None:
        with path.open("wb") as stream:
            stream.write(data[: self.room])
        if len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")

    def save_model(self) -> bool:
        self._write(self.last, b"new checkpoint")
        self._write(self.best, b"new checkpoint")
        return True

    def save_metrics(self, metrics: object) -> None:
        self._write(self.csv, repr(metrics).encode())


class Safe(SafeCheckpoints, Trainer):
    pass


def test_a_full_disk_leaves_the_last_checkpoint_whole(tmp_path: Path) -> None:
    trainer = Safe(tmp_path)
    (tmp_path / "last.pt").write_bytes(b"old checkpoint")
    trainer.room = 5

    with pytest.raises(OutputError, match=r"epoch 5 cannot be saved.*No space left"):
        trainer.save_model()

    assert (tmp_path / "last.pt").read_bytes() == b"old checkpoint"
    assert [p.name for p in tmp_path.iterdir()] == ["last.pt"]
    assert trainer.last.name == "last.pt"


def test_a_new_checkpoint_takes_the_place_of_the_last(tmp_path: Path) -> None:
    trainer = Safe(tmp_path)
    (tmp_path / "last.pt").write_bytes(b"old checkpoint")

    assert trainer.save_model()

    assert (tmp_path / "last.pt").read_bytes() == b"new checkpoint"
    assert [p.name for p in tmp_path.iterdir()] == ["last.pt"]


def test_a_table_that_cannot_grow_is_named(tmp_path: Path) -> None:
    trainer = Safe(tmp_path)
    trainer.room = 0

    with pytest.raises(OutputError, match="make room and run `liujing-train fit`"):
        trainer.save_metrics({"loss": 1.0})
