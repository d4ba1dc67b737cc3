"""Which footage a drive is made of: every file counts, whatever it is called."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from service.audit.drive import card_recall
from service.audit.outing import footage_hashes
from vision.catalogue import load_card
from vision.footage import open_footage


def photo(path: Path, grey: int) -> str:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.full((64, 64, 3), grey, np.uint8)).save(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_files_of_one_name_in_two_folders_are_two_files(tmp_path: Path) -> None:
    sums = [photo(tmp_path / d / "0001.jpg", g) for d, g in (("am", 10), ("pm", 200))]
    other = photo(tmp_path / "pm" / "0002.jpg", 90)

    opened = open_footage([tmp_path / "am", tmp_path / "pm"])
    hashes = footage_hashes(opened.sources)

    assert hashes == {"0001.jpg": sums[0], "0001.jpg (2)": sums[1], "0002.jpg": other}
    assert not any(str(tmp_path) in name for name in hashes)


def test_the_same_picture_twice_is_there_twice(tmp_path: Path) -> None:
    for folder in ("am", "pm", "night"):
        photo(tmp_path / folder / "0001.jpg", 10)
    paths = [tmp_path / folder for folder in ("am", "pm", "night")]

    hashes = footage_hashes(open_footage(paths).sources)

    assert list(hashes) == ["0001.jpg", "0001.jpg (2)", "0001.jpg (3)"]
    assert len(set(hashes.values())) == 1


def test_recall_is_not_that_of_one_real_thing() -> None:
    card = load_card("street@2", None)

    recall = card_recall(card)

    assert card.operating["poster"].real is not None
    assert card.operating["poster"].real.recall == 0.0
    assert recall["poster"] == 0.742
    assert recall["graffiti"] == 0.217
