"""The explanation says where shared units and runs come from, in sums that add up."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import pytest

from service.scoring import Standard, explain_lines, work_out
from service.types import Finding
from tests.service.scoring.conftest import Street


@pytest.fixture
def told(
    street: Callable[..., Street], standard: Standard
) -> Callable[[Sequence[Finding]], list[str]]:
    def explain(finds: Sequence[Finding]) -> list[str]:
        made = street()
        working = work_out(
            made.segment, finds, coverage=made.coverage(), context=made.context()
        )
        return list(explain_lines(made.segment, working, standard=standard))

    return explain


def _raw(find: Callable[..., Finding], n: int, offset_m: float, p: float) -> Finding:
    return find(
        n, "litter", "kerb_strip", offset_m=offset_m, state="raw", probability=p
    )


def test_two_finds_of_one_cell_share_its_unit_by_a_sum_to_be_checked(
    told: Callable[[Sequence[Finding]], list[str]], find: Callable[..., Finding]
) -> None:
    text = "\n".join(told([_raw(find, 1, 13.0, 0.8), _raw(find, 2, 17.0, 0.8)]))

    # 1 - 0.2 x 0.2 = 0.96 dirty cells, shared by chances of 1.6 together.
    assert "同一格 右侧 10-20 米：f001、f002，共计至多 1 个" in text
    assert "计入后 P(0) = 0.04，期望 1 - 1 × 0.04 = 0.96" in text
    assert "u = (0.96) / (0.8 + 0.8) = 0.6" in text
    assert text.count("× 0.6 × 0.8 /") == 2


def test_graver_finds_of_a_cell_come_first(
    told: Callable[[Sequence[Finding]], list[str]], find: Callable[..., Finding]
) -> None:
    posters = [
        find(n, "poster", "wall_base", offset_m=50.2 + n / 10, probability=0.9)
        for n in range(4)
    ]
    graffiti = find(9, "graffiti", "wall_base", offset_m=51.5, probability=0.9)

    lines = [line for line in told([*posters, graffiti]) if "期望" in line]

    gravity = [float(re.findall(r"程度×地点 ([\d.]+)", line)[0]) for line in lines]
    assert gravity == sorted(gravity, reverse=True)
    assert len(gravity) == 2
    taken = 0.0
    for line in lines:
        sums = re.findall(
            r"u = \(([\d.]+)(?: - ([\d.]+))?\) / \((.*)\) = ([\d.]+)", line
        )
        ((after, before, chances, share),) = sums
        assert float(before or 0) == pytest.approx(taken, abs=1e-3)
        together = math.fsum(map(float, chances.split(" + ")))
        assert float(share) == pytest.approx(
            (float(after) - taken) / together, abs=1e-3
        )
        taken = float(after)
    assert taken == pytest.approx(3.0)


def test_a_run_is_named_with_its_stretch_and_its_level(
    told: Callable[[Sequence[Finding]], list[str]], find: Callable[..., Finding]
) -> None:
    row = [find(n, "litter", "kerb_strip", offset_m=42.0 + 10 * n) for n in range(6)]
    alone = find(9, "litter", "kerb_strip", offset_m=150.0)

    (run,) = [line for line in told([*row, alone]) if "连片" in line]

    assert "右侧 40-100 米，6 格 × 10 米 = 60 米，超过" in run
    assert run.endswith("至少 2")


def test_finds_apart_share_nothing(
    told: Callable[[Sequence[Finding]], list[str]], find: Callable[..., Finding]
) -> None:
    text = "\n".join(told([_raw(find, 1, 13.0, 0.8), _raw(find, 2, 27.0, 0.8)]))

    assert "同一格" not in text
    assert "连片" not in text
