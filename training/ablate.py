"""Show what rendered and pasted pictures do for real photos, and write it down."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from training.arms import Taught, ablation_arms, teach_arms
from training.collect import collect_parts, load_maps
from training.evaluate.ap import ap50, intervals
from training.evaluate.matching import match_all
from training.evaluate.run import open_eye
from training.evaluate.seen import Eye, see
from training.labels import RENDERED, LabelMap
from training.recipe import Recipe
from training.types import LabelledImage, Part
from training.unmeasured import unmeasured_card
from training.workspace import Workspace

ABLATION_FILE = "ablation.json"
Row = dict[str, object]


def ablate(workspace: Workspace, recipe: Recipe, *, long_side_px: int) -> Path:
    """Teach the arms that are not there yet, measure all and return the table.

    Measured are the parts `val` and `test` together, more instances than either; no arm
    chose anything on them.

    Raises:
        NotFoundError: the set or the stage that the arms go on from is missing.
    """
    categories, maps = load_maps(workspace)
    parts = collect_parts(workspace, maps)
    rows: dict[str, Row] = {}
    for taught in teach_arms(workspace, ablation_arms(recipe)):
        card = unmeasured_card(
            taught.onnx, categories, network=taught.name, long_side_px=long_side_px
        )
        eye = open_eye(card, str(long_side_px), memory=workspace.build / "looks")
        rows[taught.name] = {**measure_arm(eye, parts, maps), **_spent(taught)}
    target = workspace.build / ABLATION_FILE
    part = target.with_suffix(".part")
    part.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    part.replace(target)
    return target


def _spent(taught: Taught) -> Row:
    return {"cpu_s": round(taught.cpu_s)}


def measure_arm(
    eye: Eye,
    parts: Mapping[Part, Sequence[LabelledImage]],
    maps: Mapping[str, LabelMap],
) -> Row:
    """Return AP50, its interval and the instances by kind of picture and class."""
    kept = [*parts["val"], *parts["test"]]
    row: Row = {}
    for kind, drawn in (("real", False), ("rendered", True)):
        pictures = see(eye, [i for i in kept if (i.source == RENDERED) is drawn])
        scenes = [seen.image.scene for seen in pictures]
        number = {scene: k for k, scene in enumerate(dict.fromkeys(scenes))}
        group = np.array([number[scene] for scene in scenes], np.int64)
        found = match_all(pictures, maps, eye.detector.names)
        row[kind] = {
            name: {
                "ap50": round(value, 3),
                "interval": intervals(matches, group)[0],
                "instances": matches.instances,
            }
            for name, matches in found.items()
            if (value := ap50(matches)) is not None
        }
    return row


def as_text(table: Path) -> str:
    """Return the table for reading: classes down, arms across, real photos."""
    rows = json.loads(table.read_text(encoding="utf-8"))
    lines: list[str] = []
    for kind in ("real", "rendered"):
        names = list(dict.fromkeys(n for row in rows.values() for n in row[kind]))
        lines.append(f"{kind:28}" + "".join(f"{arm:>20}" for arm in rows))
        for name in names:
            cells = [row[kind].get(name, {}).get("ap50", "-") for row in rows.values()]
            lines.append(f"  {name:26}" + "".join(f"{cell!s:>20}" for cell in cells))
    return "\n".join(lines)
