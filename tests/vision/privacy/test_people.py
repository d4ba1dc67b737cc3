"""Heads of people whom only a layout shows."""

from __future__ import annotations

import numpy as np

from vision.privacy import head_regions

SHAPE = (720, 1280, 3)


def people(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """Return a layout's people at half the size: x1, y1, x2, y2 in its pixels."""
    mask = np.zeros((360, 640), np.bool_)
    for x1, y1, x2, y2 in boxes:
        mask[y1:y2, x1:x2] = True
    return mask


def test_the_head_of_who_stands_is_masked_in_pixels_of_the_picture() -> None:
    (head,) = head_regions(people((100, 50, 120, 110)), SHAPE)

    # 60 rows tall at half size: the upper 35 % is 21 rows, 42 of the picture, and a row
    # of the layout around it.
    assert (head.x1, head.x2) == (198, 242)
    assert head.y1 == 98
    assert head.y2 == 100 + 42 + 2
    assert head.kind == "head"


def test_people_close_together_are_masked_whole() -> None:
    (crowd,) = head_regions(people((100, 50, 200, 110)), SHAPE)

    assert (crowd.y1, crowd.y2) == (98, 222)


def test_each_group_has_its_own_region() -> None:
    found = head_regions(people((10, 10, 20, 40), (300, 10, 310, 40)), SHAPE)

    assert len(found) == 2


def test_specks_and_nobody_are_left_alone() -> None:
    assert head_regions(people((5, 5, 7, 8)), SHAPE) == []
    assert head_regions(people(), SHAPE) == []


def test_regions_stay_inside_the_picture() -> None:
    (head,) = head_regions(people((0, 0, 30, 60)), SHAPE)

    assert (head.x1, head.y1) == (0, 0)
    assert head.x2 <= SHAPE[1]
