"""Where windows are laid. What they show is tested in `tests/e2e/test_windows.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from training.windows import shrunk, window_middle


def test_a_picture_is_shrunk_to_fit_and_never_enlarged() -> None:
    assert shrunk(np.zeros((300, 600, 3), np.uint8), 200).shape == (100, 200, 3)
    assert shrunk(np.zeros((30, 60, 3), np.uint8), 200).shape == (30, 60, 3)


def draws(*numbers: float) -> Any:
    left: Iterator[float] = iter(numbers)
    return lambda: next(left)


def test_a_window_lies_around_a_box_and_inside_the_picture() -> None:
    boxes = np.array([[10, 200, 30, 220], [600, 300, 620, 340]], np.float32)

    # The second box, 0.4 windows to the left of the middle, at its own height.
    middle = window_middle((640, 480), 128, boxes, draws(0.0, 0.9, 1.0, 0.5))

    assert middle == (640 - 64, 320)


def test_a_window_wider_than_the_picture_shows_all_of_it() -> None:
    assert window_middle((100, 60), 128, np.empty((0, 4)), draws(0.1, 0.9)) == (50, 30)
