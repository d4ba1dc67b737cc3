"""Compare networks, input sizes and precisions, and write the rows down."""

from __future__ import annotations

from pathlib import Path

from training.arms import Arm, network_arms, teach_arms
from training.collect import collect_parts, load_maps
from training.evaluate import append_comparison, measure, open_eye
from training.evaluate.masking import mask_lines
from training.export import spread
from training.export.precision import (
    Plan,
    measure_precisions,
    table_lines,
    write_rows,
)
from training.mask_measure import measure_mask
from training.publish import COMPARISON_FILE, MODEL_ID
from training.unmeasured import unmeasured_card
from training.workspace import Workspace
from vision.errors import NotFoundError

SIZES = ("640", "960")
MODEL_SIZES = (*SIZES, "640+tiles")
PRECISION_FILE = "precision.json"
INT8_PICTURES = 64
PARITY_PICTURES = 12


def compare_networks(workspace: Workspace) -> Path:
    """Teach each network for the same time, measure at each size; return the table.

    The exported model, if there is one, is measured too, also with tiles.

    Raises:
        NotFoundError: the assembled set is missing.
    """
    categories, maps = load_maps(workspace)
    parts = collect_parts(workspace, maps)
    target = workspace.build / COMPARISON_FILE
    arms = network_arms()
    networks = {
        _label(arm): taught.onnx
        for arm, taught in zip(arms, teach_arms(workspace, arms), strict=True)
    }
    model = workspace.build / f"{MODEL_ID}.onnx"
    if model.is_file():
        networks[MODEL_ID] = model
    for name, onnx in networks.items():
        for size in MODEL_SIZES if name == MODEL_ID else SIZES:
            card = unmeasured_card(
                onnx, categories, network=name, long_side_px=int(size.split("+")[0])
            )
            eye = open_eye(card, size, memory=workspace.build / "looks")
            append_comparison(target, measure(eye, parts, maps).report)
    return target


def _label(arm: Arm) -> str:
    return f"{arm.settings.network}, photos alone, {arm.settings.minutes:.0f} min"


def measure_masking(workspace: Workspace, model_id: str) -> list[str]:
    """Measure the mask of a published model on `val` and `test`; return lines.

    Raises:
        NotFoundError: there is no such model.
    """
    _, maps = load_maps(workspace)
    reports = measure_mask(workspace, model_id, collect_parts(workspace, maps))
    lines = []
    for layout, kinds in reports.items():
        if layout:
            lines.append(f"with {layout}")
        lines += mask_lines(kinds)
    return lines


def compare_precisions(workspace: Workspace, *, long_side_px: int) -> list[str]:
    """Measure the exported model in each precision; return the table's lines.

    Raises:
        NotFoundError: nothing was exported yet, or a package is missing.
    """
    onnx = workspace.build / f"{MODEL_ID}.onnx"
    if not onnx.is_file():
        msg = f"{onnx} is missing; run `liujing-train export` first"
        raise NotFoundError(msg)
    categories, maps = load_maps(workspace)
    parts = collect_parts(workspace, maps)
    kept_back = [*parts["val"], *parts["test"]]
    plan = Plan(
        onnx_file=onnx,
        checkpoint=workspace.run / "weights" / "last.pt",
        names=categories,
        maps=maps,
        taught=spread(parts["train"], INT8_PICTURES),
        kept_back=kept_back,
        compared=spread(kept_back, PARITY_PICTURES),
        folder=workspace.build / "precision",
        long_side_px=long_side_px,
    )
    rows = measure_precisions(plan)
    write_rows(rows, workspace.build / PRECISION_FILE, onnx_file=onnx)
    return list(table_lines(rows))
