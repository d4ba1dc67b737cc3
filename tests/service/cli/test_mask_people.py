"""`liujing mask` asks the layout for people whom the detector missed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from service.cli import main
from service.cli.mask import PeopleOfLayout
from vision.privacy import private_regions
from vision.scene import Layout
from vision.types import Frame, Image

NAMES = ("road", "person", "two_wheeler")


class Reader:
    """Sees one person in the left of every picture, and an unsure one in the right."""

    model_id = "layout@0"
    names = NAMES

    def read(self, pixels: Image) -> Layout:
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        classes = np.zeros((height, width), np.uint8)
        classes[20:80, 10:30] = classes[20:80, 60:80] = 1
        sure = np.full(classes.shape, 0.9, np.float32)
        sure[:, 50:] = 0.5
        return Layout(classes, sure, NAMES)


def test_the_sure_persons_head_is_a_face_to_the_mask() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    found = PeopleOfLayout(Reader()).detect(Frame(0, 0.0, 0.0, image, "p"))

    assert len(found) == 1
    (region,) = private_regions(found, image.shape)
    assert region.kind == "face"
    assert region.x1 <= 20
    assert region.x2 >= 60
    assert region.y1 <= 40
    assert 80 <= region.y2 <= 110


def test_a_street_photo_is_masked_with_both_networks(
    shared: Path, tmp_path: Path
) -> None:
    photos = shared / "data/street/amsterdam_sidewaste/images"
    photo = next(photos.glob("mdc_e39d80_cdv_photo_001_1495649759241.*"))
    out = tmp_path / "masked.png"

    assert main(["mask", str(photo), "--out", str(out), "--device", "cpu"]) == 0

    before, after = cv2.imread(str(photo)), cv2.imread(str(out))
    assert before is not None
    assert after is not None
    assert before.shape == after.shape
    assert (np.abs(before.astype(int) - after).max(axis=2) > 8).mean() > 0.002
