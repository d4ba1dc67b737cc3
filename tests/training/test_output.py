"""A full disk: named, nothing half-written, and the next run makes it good."""

import errno
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.assemble import assemble
from training.output import make_folder, write_whole
from training.types import Box, LabelledImage, Part
from vision.errors import OutputError

ROOT = Path(__file__).resolve().parents[2]
CATEGORIES = ("litter",)


def noise(path: Path, seed: int = 1) -> LabelledImage:
    pixels = np.random.default_rng(seed).integers(0, 255, (200, 300, 3), np.uint8)
    cv2.imwrite(str(path), pixels)
    box = Box("litter", 0.1, 0.1, 0.5, 0.5)
    return LabelledImage(path, (box,), "litter_kerb", path.stem, frozenset(CATEGORIES))


def parts_of(*images: LabelledImage) -> dict[Part, list[LabelledImage]]:
    return {"train": list(images), "val": [], "test": []}


def write_set(folder: Path, *images: LabelledImage) -> dict[str, int]:
    return assemble(
        parts_of(*images),
        folder,
        categories=CATEGORIES,
        cut=frozenset[str](),
        rejected=[],
    )


def test_a_full_disk_leaves_what_stood_there_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.json"
    write_whole(target, b"old")

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match=r"No space left.*make room"):
        write_whole(target, b"much more")

    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="file"):
        make_folder(tmp_path / "file" / "set")


def test_a_set_that_met_a_full_disk_is_made_good_by_the_next_run(
    tmp_path: Path,
) -> None:
    code = f"""
import resource, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from tests.training.test_output import noise, write_set
from vision.errors import OutputError
images = [noise(Path({str(tmp_path)!r}) / n, 1) for n in ("a.png", "b.png")]
resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
try:
    write_set(Path({str(tmp_path / "set")!r}), *images)
except OutputError as error:
    print(error)
"""

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    left = [p for p in (tmp_path / "set").rglob("*") if p.is_file()]
    assert "images/train cannot be written (File too large)" in done.stdout
    assert left == []
    images = [noise(tmp_path / n) for n in ("a.png", "b.png")]
    assert write_set(tmp_path / "set", *images)["train_real"] == 2


def test_a_cut_picture_is_written_again_and_a_whole_one_is_not(tmp_path: Path) -> None:
    image = noise(tmp_path / "a.png")
    written = tmp_path / "set" / "images" / "train" / "litter_kerb--a.jpg"
    write_set(tmp_path / "set", image)
    whole = written.read_bytes()
    age = written.stat().st_mtime_ns

    write_set(tmp_path / "set", image)
    assert written.stat().st_mtime_ns == age

    written.write_bytes(whole[: len(whole) // 2])
    write_set(tmp_path / "set", image)
    assert written.read_bytes() == whole


def test_a_picture_drawn_anew_replaces_the_one_written_from_the_old(
    tmp_path: Path,
) -> None:
    image = noise(tmp_path / "a.png", 1)
    written = tmp_path / "set" / "images" / "train" / "litter_kerb--a.jpg"
    write_set(tmp_path / "set", image)
    before = written.read_bytes()

    noise(tmp_path / "a.png", 2)
    write_set(tmp_path / "set", image)

    assert written.read_bytes() != before
