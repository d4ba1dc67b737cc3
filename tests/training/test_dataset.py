"""The `data` step on a small workspace that has every fault at once."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.dataset import (
    DUPLICATES_FILE,
    LOGGED,
    REJECTED_FILE,
    write_rejected,
    write_set,
)
from training.label_maps import LabelMap, read_label_maps
from training.labels import read_categories
from training.types import Rejected
from training.workspace import Workspace
from vision.errors import FormError, NotFoundError

ROOT = Path(__file__).resolve().parents[2]
CATEGORIES = read_categories(ROOT / "datasets" / "taxonomy.toml")
MAPS = read_label_maps(ROOT / "datasets" / "label-maps.toml", CATEGORIES)
SET = "litter_kerb"
GOOD = "0 0.5 0.5 0.2 0.2\n"


def noise(path: Path, seed: int) -> None:
    small = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    big = cv2.resize(small, (160, 160), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(path), big)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    base = Workspace.beside(ROOT)
    folder = tmp_path / "shared" / MAPS[SET].folder
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    (folder / "classes.txt").write_text("bottle\n")
    for seed in range(6):
        noise(folder / "images" / f"p{seed}.jpg", seed)
        (folder / "labels" / f"p{seed}.txt").write_text(GOOD)
    return replace(base, shared=tmp_path / "shared", base=tmp_path / "build")


@pytest.fixture
def maps() -> dict[str, LabelMap]:
    return {name: MAPS[name] for name in (SET, "rendered_street", "pasted_street")}


def folder_of(workspace: Workspace) -> Path:
    return workspace.shared / MAPS[SET].folder


def test_a_sound_set_has_nothing_to_report(
    workspace: Workspace, maps: dict[str, LabelMap]
) -> None:
    counts = write_set(workspace, CATEGORIES, maps)

    assert sum(n for name, n in counts.items() if name.endswith("_real")) == 6
    assert counts["rejected"] == 0
    assert json.loads((workspace.build / REJECTED_FILE).read_text()) == []
    assert counts["differences from data cards"] == 2  # 6 of 74 photos, 6 of 333 boxes


def test_every_fault_is_named_and_the_rest_goes_on(
    workspace: Workspace, maps: dict[str, LabelMap]
) -> None:
    folder = folder_of(workspace)
    images, labels = folder / "images", folder / "labels"
    (labels / "p0.txt").write_text(f"{GOOD}9 0.5 0.5 0.1 0.1\n")
    (labels / "lost.txt").write_text(GOOD)
    (images / "p1.jpg").write_bytes((images / "p1.jpg").read_bytes()[:-900])
    (images / "p2.jpg").write_bytes(b"\xff\xd8 no picture between the marks \xff\xd9")
    (images / "p3.png").write_bytes(b"")
    frames = workspace.rendered
    for name in ("images", "labels"):
        (frames / name).mkdir(parents=True)
    (frames / "classes.txt").write_text("stall\n")
    (frames / "images" / "synth_01.jpg").write_bytes(b"\xff\xd8 nothing \xff\xd9")
    (frames / "labels" / "synth_01.txt").write_text(GOOD)

    counts = write_set(workspace, CATEGORIES, maps)

    rows = json.loads((workspace.build / REJECTED_FILE).read_text())
    assert {row["path"] for row in rows} == {
        f"{SET}/p0.txt:2",
        f"{SET}/lost.txt",
        f"{SET}/p1.jpg",
        f"{SET}/p2.jpg",
        f"{SET}/p3.png",
        "rendered_street/synth_01.jpg",
    }
    assert counts["rejected"] == 6
    assert sum(n for name, n in counts.items() if name.endswith("_real")) == 4


def test_photos_that_show_the_same_are_written_with_their_conflicts(
    workspace: Workspace, maps: dict[str, LabelMap]
) -> None:
    folder = folder_of(workspace)
    shutil.copy(folder / "images" / "p0.jpg", folder / "images" / "q.jpg")
    (folder / "labels" / "q.txt").write_text("")

    counts = write_set(workspace, CATEGORIES, maps)

    rows = json.loads((workspace.build / DUPLICATES_FILE).read_text())
    exact = [row for row in rows if row["exact"]]
    assert [(row["first"], row["second"]) for row in exact] == [
        (f"{SET}--p0", f"{SET}--q")
    ]
    assert exact[0]["conflicts"] == ["litter"]
    assert counts["exact duplicates"] == 1
    assert counts["label conflicts"] >= 1


def test_a_missing_folder_stops_the_step(
    workspace: Workspace, maps: dict[str, LabelMap]
) -> None:
    shutil.rmtree(folder_of(workspace) / "labels")

    with pytest.raises(NotFoundError, match="labels is not a folder"):
        write_set(workspace, CATEGORIES, maps)


def test_a_set_of_which_nothing_can_be_used_stops_the_step(
    workspace: Workspace, maps: dict[str, LabelMap]
) -> None:
    for path in (folder_of(workspace) / "images").iterdir():
        path.write_bytes(b"")

    with pytest.raises(FormError, match=r"no picture that can be used; .*p0\.jpg"):
        write_set(workspace, CATEGORIES, maps)


def test_many_faults_do_not_flood_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [Rejected(f"s/{n}.txt:1", "bad") for n in range(LOGGED + 5)]

    write_rejected(tmp_path / "rejected.json", faults)

    assert len(caplog.records) == LOGGED
    assert len(json.loads((tmp_path / "rejected.json").read_text())) == LOGGED + 5
