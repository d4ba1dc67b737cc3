"""Masked is masked for good."""

from __future__ import annotations

import numpy as np
import pytest

from vision.privacy import Region, mask_regions


def noise(height: int, width: int) -> np.ndarray:
    rng = np.random.default_rng(2)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


SIZES = [(60, 24), (12, 12), (200, 300), (7, 3), (1, 1), (150, 2), (301, 97)]


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_nothing_finer_than_six_blocks_is_left(size: tuple[int, int]) -> None:
    wide, tall = size
    image = noise(400, 400)

    masked = mask_regions(image, [Region(50, 60, 50 + wide, 60 + tall, "face")])

    inside = masked[60 : 60 + tall, 50 : 50 + wide]
    changes_x = (inside[:, 1:] != inside[:, :-1]).any(axis=(0, 2)).sum()
    changes_y = (inside[1:] != inside[:-1]).any(axis=(1, 2)).sum()
    assert changes_x <= 5
    assert changes_y <= 5


def test_pictures_that_differ_only_in_detail_become_the_same() -> None:
    # Two fillings of every 10 px block with one mean: no trace of which it was.
    rows, columns = np.mgrid[0:60, 0:60]
    checks = np.where((rows + columns) % 2, 200, 100).astype(np.uint8)
    stripes = np.where(rows % 2, 200, 100).astype(np.uint8)
    region = [Region(0, 0, 60, 60, "face")]

    first = mask_regions(np.repeat(checks[:, :, None], 3, 2), region)
    second = mask_regions(np.repeat(stripes[:, :, None], 3, 2), region)

    assert (first == second).all()


def test_the_rest_and_the_original_stay_as_they_are() -> None:
    image = noise(100, 120)
    before = image.copy()

    masked = mask_regions(image, [Region(10, 20, 40, 60, "plate")])

    assert (image == before).all()
    assert not np.shares_memory(masked, image)
    outside = np.ones((100, 120), np.bool_)
    outside[20:60, 10:40] = False
    assert (masked[outside] == image[outside]).all()
    assert (masked[~outside] != image[~outside]).mean() > 0.9


def test_no_region_is_a_copy() -> None:
    image = noise(10, 10)

    masked = mask_regions(image, [])

    assert (masked == image).all()
    assert not np.shares_memory(masked, image)


def test_overlapping_regions_leave_nothing_between_them() -> None:
    image = noise(100, 100)
    regions = [Region(10, 10, 60, 60, "head"), Region(40, 40, 90, 90, "face")]

    masked = mask_regions(image, regions)

    union = np.zeros((100, 100), np.bool_)
    union[10:60, 10:60] = union[40:90, 40:90] = True
    assert (masked[union] != image[union]).any(axis=1).mean() > 0.95


@pytest.mark.parametrize("order", [1, -1], ids=["speck last", "speck first"])
def test_a_speck_inside_a_face_opens_no_window_in_its_mask(order: int) -> None:
    image = noise(100, 100)
    face, speck = Region(10, 10, 70, 70, "face"), Region(30, 30, 36, 36, "face")

    masked = mask_regions(image, [face, speck][::order])

    assert (masked == mask_regions(image, [face])).all()
