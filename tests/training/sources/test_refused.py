from pathlib import Path

import pytest

from training.labels import LabelMap, read_source
from training.sources import read_class_names
from vision.errors import FormError


@pytest.mark.parametrize("folder", ["drives/kitti_0005", "scene/cambridge/more"])
def test_footage_kept_for_tests_is_refused(tmp_path: Path, folder: str) -> None:
    label_map = LabelMap("x", folder, "images", {}, frozenset(), taught=False)

    with pytest.raises(FormError, match="never teaches"):
        read_source(label_map, tmp_path)


def test_a_class_list_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "classes.txt"
    path.write_text("垃圾\nlitter\n", encoding="utf-8-sig")

    assert read_class_names(path) == ("垃圾", "litter")


def test_a_class_list_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "classes.txt"
    path.write_bytes("垃圾".encode("gbk"))

    with pytest.raises(FormError, match=r"classes\.txt is not UTF-8"):
        read_class_names(path)
