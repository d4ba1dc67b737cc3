"""Trainings that differ in one thing: what is taught with, or which network."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from training.export import export_onnx
from training.fit import FitSettings, fit
from training.labels import read_categories
from training.recipe import FIRST_PHOTOS, Recipe
from training.workspace import Workspace

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arm:
    """One of several trainings that are compared.

    Attributes:
        name: of its run folder and of its row.
        settings: all arms of one comparison share all but one of these.
    """

    name: str
    settings: FitSettings


@dataclass(frozen=True, slots=True)
class Taught:
    """An arm that was taught.

    Attributes:
        name: of the arm.
        onnx: its network.
        cpu_s: seconds of one core that teaching took in this call; 0 when it was
            there already.
    """

    name: str
    onnx: Path
    cpu_s: float


def ablation_arms(recipe: Recipe) -> tuple[Arm, ...]:
    """Return the arms that tell whether rendered and pasted pictures help.

    All go on from the stage that was taught with photos alone, for the same time: with
    photos alone, with rendered streets added, with pasted photos added too.
    """
    settings = recipe.ablation
    return (
        Arm("ablation-real", replace(settings, kinds=("real",))),
        Arm("ablation-rendered", replace(settings, kinds=("real", "rendered"))),
        Arm("ablation-all", replace(settings, kinds=("real", "rendered", "pasted"))),
    )


def network_arms() -> tuple[Arm, ...]:
    """Return the arms that compare the networks, on photos alone, for the same time.

    The first is the recipe's own first stage, so that it is not taught twice.
    """
    settings = replace(FIRST_PHOTOS, network="yolov8s")
    return Arm("photos-a", FIRST_PHOTOS), Arm("network-yolov8s", settings)


def teach_arms(workspace: Workspace, arms: Sequence[Arm]) -> list[Taught]:
    """Teach and export each arm that is not there yet, in order.

    Raises:
        NotFoundError: the set or the run to go on from is missing.
        OutputError: a checkpoint or a network cannot be written.
    """
    categories = read_categories(workspace.datasets / "taxonomy.toml")
    done: list[Taught] = []
    for arm in arms:
        own = replace(workspace, run_name=arm.name)
        begun = time.process_time()
        checkpoint = fit(own, arm.settings)
        spent = time.process_time() - begun
        target = workspace.build / "arms" / f"{arm.name}.onnx"
        target.parent.mkdir(parents=True, exist_ok=True)
        export_onnx(checkpoint, target, names=categories, max_bytes=None)
        logger.info("arm taught", extra={"arm": arm.name, "cpu_s": round(spent)})
        note = target.with_suffix(".json")
        row = {**asdict(arm.settings), "cpu_s": round(spent, 1)}
        note.write_text(json.dumps(row, indent=1), encoding="utf-8")
        done.append(Taught(arm.name, target, spent))
    return done
