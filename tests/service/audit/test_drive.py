"""Which streets a drive counts as driven."""

from __future__ import annotations

import numpy as np
import pytest

from service.audit.drive import TOUCHED_M, _really_driven
from service.types import Segment

LINE = np.array([[113.85, 34.03], [113.851, 34.03]])


def streets(**length_m: float) -> dict[str, Segment]:
    return {k: Segment(k, None, "2", LINE, v) for k, v in length_m.items()}


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        pytest.param({"a": [(0, 80)], "b": [(0, 8)]}, ["a"], id="a touched end goes"),
        pytest.param(
            {"a": [(0, 80)], "b": [(0, TOUCHED_M)]}, ["a", "b"], id="a driven one stays"
        ),
        pytest.param(
            {"a": [(0, 80)], "short": [(0, 6)]},
            ["a", "short"],
            id="a short street counts by its half",
        ),
        pytest.param({"a": [(3, 3)]}, ["a"], id="one photo keeps its street"),
        pytest.param(
            {"a": [(0, 8), (20, 60)]}, ["a"], id="pieces of one street count together"
        ),
    ],
)
def test_streets_only_touched_are_not_driven(
    spans: dict[str, list[tuple[float, float]]], kept: list[str]
) -> None:
    got = _really_driven(spans, streets(a=100.0, b=90.0, short=10.0))

    assert list(got) == kept
