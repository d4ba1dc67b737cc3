"""From rendered streets, CamVid and teachers to a published layout network."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.export import sha256_of
from training.layout.card import LayoutFacts, TestRow, layout_rows, render_layout_card
from training.layout.export import export_layout, load_taught
from training.layout.fit import LayoutSettings, fit_layout
from training.layout.labels import LayoutLabels, read_layout_labels
from training.layout.measure import Agreement, agree, told_names, translation
from training.layout.parity import layout_parity
from training.layout.recipe import LONG_SIDE_PX, MODEL_ID
from training.layout.sources import (
    CAMVID,
    camvid_examples,
    rendered_examples,
    teaching_set,
)
from training.unmeasured import utc_now
from training.workspace import Workspace
from vision.catalogue import LayoutCard, load_layout_card
from vision.errors import NotFoundError, OutputError
from vision.scene import OnnxLayout, load_layout

CAMVID_TEST, RENDERED_TEST = "camvid_val", "rendered_test"


@dataclass(frozen=True, slots=True, eq=False)
class LayoutMeasured:
    """What was measured: by the name of the test."""

    tests: dict[str, Agreement]

    def as_text(self) -> str:
        """Return a table."""
        lines = []
        for name, test in self.tests.items():
            lines.append(f"{name}: mean IoU {test.mean_iou():.3f}")
            lines += [f"  {row:12} {iou:.3f}" for row, iou in test.iou().items()]
        return "\n".join(lines)


def read_labels(workspace: Workspace) -> LayoutLabels:
    """Return our classes and everybody's maps."""
    return read_layout_labels(workspace.datasets / "layout.toml")


def run_folder(workspace: Workspace) -> Path:
    """Return where checkpoints go."""
    return workspace.build / "runs" / "layout"


def exported(workspace: Workspace) -> Path:
    """Return where the network goes before it is published."""
    return workspace.build / f"{MODEL_ID}.onnx"


def render_layouts(workspace: Workspace, blender_python: Path) -> int:
    """Render the layouts of frames that are there; return how many there are.

    Raises:
        NotFoundError: there is no such Python.
        OutputError: the renderer stopped.
    """
    if not blender_python.is_file():
        msg = f"{blender_python} is missing; run `make .venv-synth/.ready`"
        raise NotFoundError(msg)
    folders = {"teach": workspace.rendered, "test": workspace.rendered_test}
    for pool, folder in folders.items():
        command = [
            *(str(blender_python.absolute()), "-m", "training.synth", "masks"),
            *("--out", str(folder.absolute()), "--pool", pool),
            *("--classes", str((workspace.datasets / "layout.toml").absolute())),
        ]
        sys.stdout.flush()
        done = subprocess.run(command, check=False)  # noqa: S603
        if done.returncode not in (0, 1):
            msg = f"rendering layouts into {folder} stopped, see above; run it again"
            raise OutputError(msg)
    return sum(len(list((f / "masks").glob("*.png"))) for f in folders.values())


def teach_layout(
    workspace: Workspace, settings: LayoutSettings, *, research_data: bool
) -> Path:
    """Teach and return the checkpoint."""
    labels = read_labels(workspace)
    data = teaching_set(workspace, labels, research_data=research_data)
    return fit_layout(
        data,
        run_folder(workspace),
        settings,
        weights=workspace.weights / "yolo11n-seg.pt",
    )


def export(workspace: Workspace) -> Path:
    """Write the taught network as ONNX below build/ and return it."""
    names = read_labels(workspace).names
    network = load_taught(run_folder(workspace) / "last.pt", len(names))
    return export_layout(network, exported(workspace), names=names)


def open_exported(workspace: Workspace, long_side_px: int) -> OnnxLayout:
    """Return the exported network as a reader.

    Raises:
        NotFoundError: nothing was exported yet.
    """
    onnx = exported(workspace)
    if not onnx.is_file():
        msg = f"{onnx} is missing; run `liujing-train layout-export` first"
        raise NotFoundError(msg)
    card = LayoutCard(
        id=MODEL_ID,
        folder=onnx.parent,
        file=onnx.name,
        sha256=sha256_of(onnx),
        license="AGPL-3.0-or-later",
        trained_at=utc_now(),
        code_version="",
        summary="",
        names=read_labels(workspace).names,
        limits=(),
        long_side_px=long_side_px,
        stride=32,
        measured={},
        mean={},
        data=(),
    )
    return load_layout(card, device="cpu")


def measure(workspace: Workspace, long_side_px: int = LONG_SIDE_PX) -> LayoutMeasured:
    """Measure the exported network on CamVid's `val` and on the rendered test streets.

    Raises:
        NotFoundError: nothing was exported, or a test's pictures are missing.
    """
    labels = read_labels(workspace)
    reader = open_exported(workspace, long_side_px)
    real = agree(
        camvid_examples(workspace, "val"),
        reader.read_whole,
        names=told_names(labels, CAMVID),
        counts_as=translation(labels, CAMVID),
    )
    rendered = agree(
        rendered_examples(workspace.rendered_test, workspace.photos_per_set),
        reader.read_whole,
        names=labels.names,
        counts_as=np.arange(len(labels.names), dtype=np.uint8),
    )
    return LayoutMeasured({CAMVID_TEST: real, RENDERED_TEST: rendered})


def publish(workspace: Workspace, *, code_version: str) -> Path:
    """Measure, and put network and card into models/; return the card.

    Raises:
        NotFoundError: nothing was taught or exported yet.
        CatalogueError: the card does not hold what the catalogue asks for.
    """
    labels = read_labels(workspace)
    measured = measure(workspace)
    made = exported(workspace)
    network = load_taught(run_folder(workspace) / "last.pt", len(labels.names))
    shown = [one.picture for one in camvid_examples(workspace, "val")[::20]]
    target = workspace.models / made.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(made.read_bytes())
    facts = LayoutFacts(
        model_id=MODEL_ID,
        sha256=sha256_of(target),
        trained_at=utc_now(),
        code_version=code_version,
        names=labels.names,
        long_side_px=LONG_SIDE_PX,
        run=run_folder(workspace),
        parity=layout_parity(network, made, shown),
        data=layout_rows(workspace, run_folder(workspace)),
        tests={
            name: TestRow(
                test.mean_iou(),
                test.iou(),
                dict(zip(test.names, test.pictures.tolist(), strict=True)),
            )
            for name, test in measured.tests.items()
        },
    )
    card = workspace.models / f"{MODEL_ID}.toml"
    card.write_text(render_layout_card(facts), encoding="utf-8")
    load_layout_card(MODEL_ID, workspace.models)
    return card
