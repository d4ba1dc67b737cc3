"""The classes of the layout and the maps to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.layout.labels import read_layout_labels
from training.layout.measure import told_names, translation
from training.layout.pseudo import joint_labels, joint_table
from training.synth import props
from vision.errors import CatalogueError, InputError

FILE = Path(__file__).resolve().parents[3] / "datasets" / "layout.toml"
LABELS = read_layout_labels(FILE)


def test_every_rendered_thing_has_a_class_or_is_hidden() -> None:
    for kind in props.kinds():
        if kind in LABELS.rendered.hidden:
            continue
        for material in {
            m for v in range(3) for m in props.build(kind, v).shape.materials
        }:
            assert LABELS.rendered.class_of(kind, material) in LABELS.names


def test_a_tree_is_leaf_and_trunk() -> None:
    assert LABELS.rendered.class_of("tree", "bark:3") == "tree_trunk"
    assert LABELS.rendered.class_of("tree", "leaf") == "vegetation"


def test_an_unknown_thing_is_one_sentence() -> None:
    with pytest.raises(InputError, match="no class for the rendered ufo/img"):
        LABELS.rendered.class_of("ufo", "img:x")


def test_camvid_has_its_eleven_classes_in_the_order_of_its_file(shared: Path) -> None:
    listed = (shared / "data/scene/camvid/classes.txt").read_text("utf-8").split()

    assert list(LABELS.maps["camvid"]) == listed
    assert told_names(LABELS, "camvid") == tuple(listed[:-1])


def test_our_classes_count_as_camvids() -> None:
    counts = translation(LABELS, "camvid")
    names = [*LABELS.maps["camvid"]]

    def told(ours: str) -> str:
        return names[counts[LABELS.names.index(ours)]]

    assert told("marking") == "road"
    assert told("kerb") == "pavement"
    assert told("tree_trunk") == "tree"
    assert told("other") == "unlabelled"  # none of the eleven


def allowed(city: str, kerb: str) -> set[str]:
    rows = [*LABELS.maps["cityscapes"]].index(city), [*LABELS.maps["adas"]].index(kerb)
    row = joint_table(LABELS)[rows[0] * len(LABELS.maps["adas"]) + rows[1]]
    return {name for name, may in zip(LABELS.names, row, strict=True) if may}


def test_two_teachers_together_say_more_than_one() -> None:
    assert allowed("road", "road") == {"road"}
    assert allowed("road", "marking") == {"marking"}
    assert allowed("sidewalk", "kerb") == {"kerb"}
    assert allowed("sidewalk", "background") == {"pavement", "tree_pit"}
    assert allowed("building", "background") == {"building"}


def test_teachers_that_contradict_each_other_teach_nothing() -> None:
    assert allowed("building", "road") == set(LABELS.names)
    assert allowed("road", "background") == set(LABELS.names)


def test_a_pixel_of_which_the_teacher_is_not_sure_teaches_nothing() -> None:
    city = np.zeros((20, 1, 2), np.float32)
    city[8, 0] = (0.9, 0.5)  # vegetation
    kerb = np.zeros((4, 2, 4), np.float32)
    kerb[0] = 1.0

    assert joint_labels(city, kerb).tolist() == [[8 * 4, 255]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('sky = ["sky"]', 'sky = ["heaven"]', "names heaven"),
        ('"road", "marking", "kerb", "pavement",', '"road", "road", "kerb",', "twice"),
        ('lot = "building"', 'lot = "house"', "lot must be one of"),
    ],
)
def test_a_wrong_map_is_one_sentence(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "layout.toml"
    path.write_text(FILE.read_text("utf-8").replace(old, new, 1), "utf-8")

    with pytest.raises(CatalogueError, match=said):
        read_layout_labels(path)
