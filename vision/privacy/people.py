"""Heads of people whom a layout shows, though no detector found them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision.privacy.regions import Region

LEAST_PX = 8.0
"""Lower things have no face that could be recognised, pixels of the picture."""
HEAD_FRACTION = 0.35
SHOULDERS = 0.6
"""A head is at least so high, in widths of the person: who sits or bends is wide."""


def head_regions(people: npt.NDArray[np.bool_], shape: tuple[int, ...]) -> list[Region]:
    """Return the upper part of everything that a layout calls a person.

    People who stand together are one thing, wide and low: it is masked whole.

    Args:
        people: bool `(h, w)`, persons and riders, of any size.
        shape: of the picture, height and width first.
    """
    if not people.any():
        return []
    down, across = shape[0] / people.shape[0], shape[1] / people.shape[1]
    count, _, stats, _ = cv2.connectedComponentsWithStats(people.astype(np.uint8))
    found = []
    for row in range(1, count):
        left, top, wide, tall = (int(v) for v in stats[row, :4])
        if tall * down < LEAST_PX:
            continue
        head = min(tall, max(HEAD_FRACTION * tall, SHOULDERS * wide * across / down))
        found.append(
            Region(
                x1=max(0, int((left - 1) * across)),
                y1=max(0, int((top - 1) * down)),
                x2=min(shape[1], int(np.ceil((left + wide + 1) * across))),
                y2=min(shape[0], int(np.ceil((top + head + 1) * down))),
                kind="head",
            )
        )
    return found
