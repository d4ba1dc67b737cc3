"""What the loss may hold against the network, picture by picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.knowledge import read_knowledge
from training.labels import read_categories, read_label_maps

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
CATEGORIES = read_categories(DATASETS / "taxonomy.toml")
MAPS = read_label_maps(DATASETS / "label-maps.toml", CATEGORIES)


def test_a_label_that_stands_for_two_says_nothing_of_the_other(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    path.write_text(json.dumps({"garbage_roboflow--a": [1], "litter_kerb--b": [0]}))

    knowledge = read_knowledge(path, MAPS, CATEGORIES)

    overflow, heap = (CATEGORIES.index(n) for n in ("bin_overflow", "garbage_pile"))
    assert knowledge.of("set/garbage_roboflow--a.jpg") == [1]
    assert knowledge.either_of("set/garbage_roboflow--a.jpg") == ((overflow, heap),)
    assert knowledge.either_of("set/litter_kerb--b.jpg") == ()


def test_a_picture_that_was_not_assembled_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    path.write_text("{}")

    with pytest.raises(KeyError):
        read_knowledge(path, MAPS, CATEGORIES).of("set/stranger.jpg")
