from collections import Counter
from pathlib import Path

import pytest

from training.collect import load_maps
from training.labels import join_same_photos, read_categories, read_photos, read_source
from training.sources import read_class_names, read_yolo_folder, rows_of
from training.types import Box, LabelledImage
from training.workspace import Workspace
from vision.errors import FormError

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = Workspace.beside(ROOT)
CATEGORIES, MAPS = load_maps(WORKSPACE)
STREET = WORKSPACE.shared / "data" / "street"


def test_class_ids_are_the_taxonomy_order_without_derived_categories() -> None:
    got = read_categories(ROOT / "datasets" / "taxonomy.toml")

    assert len(got) == 20
    assert got[0] == "litter"
    assert got[-1] == "licence_plate"
    assert "parking_motor" not in got


def test_a_taxonomy_whose_category_lacks_a_role_is_named(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.toml"
    path.write_text('[[category]]\nid = "litter"\n')

    with pytest.raises(FormError, match=r"taxonomy\.toml.*`role`"):
        read_categories(path)


@pytest.mark.parametrize("folder", sorted(p.name for p in STREET.iterdir()))
def test_every_class_of_every_set_has_a_category(folder: str) -> None:
    names = read_class_names(STREET / folder / "classes.txt")
    maps = [m for m in MAPS.values() if m.folder.endswith(f"/{folder}") and m.classes]

    assert len(maps) == 1
    assert set(names) == set(maps[0].classes)
    assert set(maps[0].classes.values()) <= set(CATEGORIES)


def test_every_set_has_a_data_card_and_every_card_a_set() -> None:
    cards = {p.stem.split("@")[0] for p in (ROOT / "datasets").glob("*@*.toml")}

    assert set(MAPS) - {"rendered_street"} <= cards


def test_heaps_and_litter_are_read_as_the_people_boxed_them() -> None:
    source = MAPS["amsterdam_sidewaste"]

    images = read_source(source, WORKSPACE.shared)

    text = "".join(p.read_text() for p in (STREET / source.source / "labels").iterdir())
    by_id = Counter(line.split()[0] for line in text.splitlines())
    found = Counter(box.category for image in images for box in image.boxes)
    assert found["garbage_pile"] == by_id["0"]
    assert found["litter"] == by_id["1"]


def test_the_same_photo_in_two_sets_is_one_picture_with_both_labels() -> None:
    photos = read_photos(WORKSPACE.shared, MAPS)

    names = [p.path.name for p in photos]
    both = [
        p
        for p in photos
        if p.source == "amsterdam_sidewaste"
        and {"manhole_ok", "poster"} & {b.category for b in p.boxes}
    ]
    assert len(both) == 8
    assert not [n for n in names if n.startswith("mdc_") and n[11:] in names]


def test_joining_keeps_a_box_once() -> None:
    heap = Box("garbage_pile", 0.1, 0.1, 0.5, 0.5)
    host = LabelledImage(
        Path("a.jpg"), (heap,), "amsterdam_sidewaste", "s", frozenset({"garbage_pile"})
    )
    cover = Box("manhole_ok", 0.6, 0.6, 0.8, 0.7)
    guest = LabelledImage(
        Path("mdc_123456_a.jpg"),
        (cover, heap),
        "manhole_amsterdam",
        "t",
        frozenset({"manhole_ok"}),
    )

    joined = join_same_photos((host, guest), MAPS)

    assert [i.boxes for i in joined] == [(heap, cover)]
    assert joined[0].known == {"garbage_pile", "manhole_ok"}


def test_label_rows_survive_a_round_trip(tmp_path: Path) -> None:
    boxes = (Box("litter", 0.1, 0.2, 0.3, 0.6), Box("graffiti", 0.0, 0.0, 1.0, 0.5))
    names = {"litter": 0, "graffiti": 1}
    (tmp_path / "a.jpg").touch()

    (tmp_path / "a.txt").write_text(rows_of(boxes, names))

    (got,), _ = read_yolo_folder(
        tmp_path,
        tmp_path,
        source="s",
        names=tuple(names),
        classes={name: name for name in names},
        known=frozenset(),
    )
    for a, b in zip(boxes, got.boxes, strict=True):
        assert a.category == b.category
        assert (b.x1, b.y1, b.x2, b.y2) == pytest.approx((a.x1, a.y1, a.x2, a.y2))
