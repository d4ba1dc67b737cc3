from pathlib import Path

from training.collect import load_maps
from training.split import group_images, halve_scenes, split_images
from training.types import PARTS, LabelledImage
from training.workspace import Workspace

_, MAPS = load_maps(Workspace.beside(Path(__file__).resolve().parents[2]))
NEAR = {source: label_map.near_bits for source, label_map in MAPS.items()}
FAR = [0x0F0F << (16 * k) for k in range(4)]


def picture(name: str, scene: str, source: str = "pothole_dnit") -> LabelledImage:
    return LabelledImage(Path(f"{name}.jpg"), (), source, scene, frozenset())


def street(count: int, scenes: int) -> list[LabelledImage]:
    return [picture(f"p{k}", f"s{k % scenes}") for k in range(count)]


def test_pictures_of_one_scene_stay_together() -> None:
    images = street(200, 40)

    parts = split_images(images, None, near_bits=NEAR)

    where = {i.scene: part for part in PARTS for i in parts[part]}
    assert all(where[i.scene] == part for part in PARTS for i in parts[part])
    assert sum(len(parts[part]) for part in PARTS) == 200


def test_near_duplicates_of_two_scenes_stay_together() -> None:
    images = [picture("a", "s1"), picture("b", "s2"), picture("c", "s3")]
    hashes = [FAR[0], FAR[0] ^ 0b1011, FAR[1] | FAR[2]]

    groups = group_images(images, hashes, near_bits=NEAR)

    assert sorted(map(sorted, groups)) == [[0, 1], [2]]


def test_splitting_again_in_another_order_gives_the_same_parts() -> None:
    images = street(120, 60)

    once = split_images(images, None, near_bits=NEAR)
    again = split_images(images[::-1], None, near_bits=NEAR)

    for part in PARTS:
        assert {i.key for i in once[part]} == {i.key for i in again[part]}


def test_each_source_is_held_back_in_its_share() -> None:
    images = [picture(f"a{k}", f"a{k}", "litter_kerb") for k in range(100)]
    images += [picture(f"b{k}", f"b{k}", "graffiti_street") for k in range(60)]

    parts = split_images(images, None, near_bits=NEAR)

    for source, total in (("litter_kerb", 100), ("graffiti_street", 60)):
        held = sum(i.source == source for i in parts["test"])
        assert abs(held - 0.15 * total) <= 1


def test_footage_for_tests_alone_is_in_no_training_set() -> None:
    folders = {label_map.folder for label_map in MAPS.values()}

    assert not any("kitti" in f or "cambridge" in f or "drives" in f for f in folders)


def test_what_is_kept_back_stays_so_while_scenes_are_added() -> None:
    early = [picture(f"p{k}", f"s{k // 3}") for k in range(90)]
    late = [picture(f"p{k}", f"s{k // 3}") for k in range(600)]

    before, after = halve_scenes(early), halve_scenes(late)

    for part in PARTS:
        assert {i.key for i in before[part]} <= {i.key for i in after[part]}
    assert len(after["val"]) == len(after["test"]) == 600 / 2
    assert not after["train"]
