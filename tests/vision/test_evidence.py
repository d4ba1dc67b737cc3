"""Evidence without the whole frame: what is around the thing stands in for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from vision.evidence import PictureOptions, Pictures
from vision.types import Detections, Frame

BOX = (100.0, 60.0, 120.0, 90.0)


class Kept:
    """Keeps pictures in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def save(self, name: str, jpeg: bytes) -> str:
        self.files[name] = jpeg
        return f"evidence/{name}"

    def keep_only(self, names: set[str]) -> None:
        raise NotImplementedError(names)


@pytest.mark.parametrize(
    ("whole", "pictures", "most_px", "size"),
    [
        pytest.param(True, 2, None, (20, 30), id="with it"),
        pytest.param(False, 1, None, (20, 30), id="without it"),
        pytest.param(False, 1, 62, (10, 15), id="without it, and half as large"),
    ],
)
def test_the_box_marks_the_thing_in_the_picture_that_is_shown(
    whole: object, pictures: int, most_px: int | None, size: tuple[int, int]
) -> None:
    image = np.full((240, 320, 3), 40, np.uint8)
    image[60:90, 100:120] = 240
    nothing = Detections(
        0, np.empty((0, 4), np.float32), np.empty(0, np.float32),
        np.empty(0, np.int32), (), "t@1",
    )  # fmt: skip
    kept = Kept()
    options = PictureOptions(jpeg_quality=95, whole=bool(whole), max_crop_px=most_px)

    shown = Pictures(Frame(0, 0.0, 0.0, image, "a"), nothing, kept, options).evidence(
        np.array(BOX, np.float32)
    )

    assert len(kept.files) == pictures
    assert (shown.image == shown.crop) is not whole
    jpeg = kept.files[shown.image.removeprefix("evidence/")]
    seen = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert seen is not None
    x1, y1, x2, y2 = (round(value) for value in shown.xyxy)
    assert (x2 - x1, y2 - y1) == size
    assert max(seen.shape) <= (most_px or 320)
    assert seen[y1 + 3 : y2 - 3, x1 + 3 : x2 - 3].min() > 220
    outside = np.delete(seen, np.s_[y1 - 3 : y2 + 3], axis=0)
    assert outside.max() < 60
