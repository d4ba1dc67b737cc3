"""Compare networks, input sizes and precisions, and write the rows down."""

from __future__ import annotations

from pathlib import Path

from training.arms import Arm, network_arms, teach_arms
from training.collect import collect_parts, load_maps
from training.evaluate import append_comparison, measure, open_eye, see
from training.evaluate.masking import mask_lines, mask_reports
from training.evaluate.seen import Seen
from training.export import spread
from training.export.precision import (
    Plan,
    measure_precisions,
    table_lines,
    write_rows,
)
from training.looked import read_private, with_private
from training.pixels import read_pixels
from training.publish import COMPARISON_FILE, MODEL_ID
from training.unmeasured import unmeasured_card
from training.workspace import Workspace
from vision.catalogue import list_layouts, load_card
from vision.detect.onnx import confidence_floors
from vision.errors import NotFoundError
from vision.privacy import Region, head_regions
from vision.scene import OnnxLayout, load_layout

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
    parts = collect_parts(workspace, maps)
    card = load_card(model_id, workspace.models)
    floors = dict(zip(card.names, confidence_floors(card, None).tolist(), strict=True))
    bare = unmeasured_card(
        card.folder / card.file,
        card.names,
        network=model_id,
        long_side_px=card.long_side_px,
    )
    eye = open_eye(bare, str(card.long_side_px), memory=workspace.build / "looks")
    pictures = with_private(
        [*parts["val"], *parts["test"]],
        read_private(workspace.datasets / "looked-private.toml"),
        street=workspace.shared / "data" / "street",
    )
    seen = see(eye, pictures)
    lines = mask_lines(mask_reports(seen, floors))
    for layout in list_layouts(workspace.models):
        reader = load_layout(layout, device="cpu")

        def heads(one: Seen, reader: OnnxLayout = reader) -> list[Region]:
            pixels = read_pixels(one.image)
            people = reader.read(pixels).people()
            return head_regions(people, pixels.shape)

        lines.append(f"with {layout.id}")
        lines += mask_lines(mask_reports(seen, floors, heads=heads))
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
