"""Windows of the lower picture."""

from __future__ import annotations

import numpy as np
import pytest

from vision.detect.tiles import Tiling, lay_windows
from vision.errors import InputError


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (641, 333), (97, 31)])
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_windows_cover_everything_below_the_top(
    size: tuple[int, int], columns: int
) -> None:
    width, height = size
    seen = np.zeros((height, width), np.int32)

    for x1, y1, x2, y2 in lay_windows(width, height, Tiling(columns=columns)):
        seen[y1:y2, x1:x2] += 1

    assert (seen[height // 2 :] >= 1).all()
    assert (seen[: height // 2] == 0).all()


def test_neighbours_share_the_wanted_part() -> None:
    left, right = lay_windows(1850, 720, Tiling(columns=2, overlap=0.15))

    assert left == (0, 360, 1000, 720)
    assert right == (850, 360, 1850, 720)


@pytest.mark.parametrize(
    "wrong", [{"columns": 0}, {"overlap": 0.9}, {"top_fraction": 1}]
)
def test_a_tiling_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=f"tiling {next(iter(wrong))}"):
        Tiling(**wrong)
