"""Teach the recipe's stages in order, averaging where it says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from training.fit import SETTINGS_FILE, fit, is_put_back
from training.recipe import Recipe, Stage
from training.soup import average_checkpoints
from training.workspace import Workspace


def teach(
    workspace: Workspace, recipe: Recipe, *, minutes: float | None = None
) -> Path:
    """Teach stage by stage on the assembled set and return the last checkpoint.

    Stages that are done are left as they are, so a run that was cut goes on. Where the
    published network was put back as the last stage, nothing is taught.

    Args:
        workspace: the folders.
        recipe: names the stages.
        minutes: wall time of all stages together, shared in the recipe's proportion;
            None for the recipe's own.

    Raises:
        NotFoundError: nothing is assembled yet.
        OutputError: a checkpoint cannot be written.
    """
    factor = 1.0 if minutes is None else minutes / recipe.minutes
    checkpoint = replace(workspace, run_name=recipe.last.name).run / "weights/last.pt"
    for stage in _to_teach(workspace, recipe):
        checkpoint = _teach_stage(
            replace(workspace, run_name=stage.name), stage, factor
        )
    return checkpoint


def _to_teach(workspace: Workspace, recipe: Recipe) -> tuple[Stage, ...]:
    """Return the stages that the last one still needs, in the recipe's order.

    A stage that has a checkpoint needs none before it, so their runs may be gone.
    """
    if is_put_back(replace(workspace, run_name=recipe.last.name)):
        return ()
    by_name = {stage.name: stage for stage in recipe.stages}
    needed, open_names = set[str](), [recipe.last.name]
    while open_names:
        stage = by_name[open_names.pop()]
        needed.add(stage.name)
        if not _checkpoint(workspace, stage.name).is_file():
            after = None if stage.settings is None else stage.settings.after
            open_names += [*stage.mean_of, *([after] if after else [])]
    return tuple(stage for stage in recipe.stages if stage.name in needed)


def _checkpoint(workspace: Workspace, name: str) -> Path:
    return workspace.run.parent / name / "weights" / "last.pt"


def _teach_stage(workspace: Workspace, stage: Stage, factor: float) -> Path:
    if stage.settings is not None:
        minutes = stage.settings.minutes * factor
        return fit(workspace, replace(stage.settings, minutes=minutes))
    checkpoint = workspace.run / "weights" / "last.pt"
    parts = [_checkpoint(workspace, name) for name in stage.mean_of]
    if not checkpoint.is_file() or _older(checkpoint, parts):
        average_checkpoints(parts, checkpoint)
        note = workspace.run / SETTINGS_FILE
        note.write_text(json.dumps({"mean_of": stage.mean_of}), encoding="utf-8")
    return checkpoint


def _older(path: Path, others: list[Path]) -> bool:
    return any(
        other.is_file() and other.stat().st_mtime > path.stat().st_mtime
        for other in others
    )
