"""Which stages of a recipe are still to be taught."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from training.fit import FitSettings
from training.recipe import FULL, Recipe, Stage
from training.teach import _to_teach
from training.workspace import Workspace

STAGES = (
    Stage("a", FitSettings()),
    Stage("b", FitSettings(after="a")),
    Stage("mean", mean_of=("a", "b")),
    Stage("last", FitSettings(after="mean")),
)


@pytest.mark.parametrize(
    ("there", "left"),
    [
        pytest.param((), ["a", "b", "mean", "last"], id="nothing is there"),
        pytest.param(("a",), ["a", "b", "mean", "last"], id="cut in the second"),
        pytest.param(("mean",), ["mean", "last"], id="earlier runs were deleted"),
        pytest.param(("last",), ["last"], id="cut in the last"),
        pytest.param(("a", "b", "mean", "last"), ["last"], id="all is there"),
    ],
)
def test_only_what_the_last_stage_needs_is_taught(
    there: tuple[str, ...], left: list[str], tmp_path: Path
) -> None:
    workspace = Workspace.beside(tmp_path)
    recipe: Recipe = replace(FULL, stages=STAGES)
    for name in there:
        weights = replace(workspace, run_name=name).run / "weights"
        weights.mkdir(parents=True)
        (weights / "last.pt").write_bytes(b"")

    assert [stage.name for stage in _to_teach(workspace, recipe)] == left
