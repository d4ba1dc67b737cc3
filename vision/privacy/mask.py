"""Make private regions unreadable for good."""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2

from vision.privacy.regions import Region
from vision.types import Image, MaskedImage

BLOCKS_ACROSS = 6
"""A region keeps at most so many blocks along its longer side; a face network needs
more, and no plate character survives."""


def mask_regions(image: Image, regions: Iterable[Region]) -> MaskedImage:
    """Return a new picture whose regions are pixelated.

    Every block is one colour, the mean of what was there; nothing finer is left in the
    picture, so it cannot be undone. Where regions overlap, the coarser blocks of the
    larger one win: a speck found inside a face does not open a window in its mask.

    Args:
        image: uint8 `(H, W, 3)`; not changed.
        regions: inside the picture; may overlap.
    """
    masked = image.copy()
    for region in sorted(regions, key=_long_side_px):
        here = (slice(region.y1, region.y2), slice(region.x1, region.x2))
        tall, wide = region.y2 - region.y1, region.x2 - region.x1
        block = max(tall, wide) / BLOCKS_ACROSS
        grid = (max(1, math.floor(wide / block)), max(1, math.floor(tall / block)))
        means = cv2.resize(image[here], grid, interpolation=cv2.INTER_AREA)
        masked[here] = cv2.resize(means, (wide, tall), interpolation=cv2.INTER_NEAREST)
    return MaskedImage(masked)


def _long_side_px(region: Region) -> int:
    return max(region.x2 - region.x1, region.y2 - region.y1)
