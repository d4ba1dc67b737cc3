"""The steps from pictures to a measured network; each can be run again and goes on."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training import teachers
from training.closer import Closer
from training.collect import collect_parts, load_maps
from training.dataset import write_set
from training.distil import VEHICLES, distil, distil_closer
from training.evaluate import (
    append_comparison,
    measure,
    open_eye,
    show,
    with_regions,
    write_report,
)
from training.export import export_onnx
from training.fit import note_put_back
from training.labels import RENDERED, read_photos
from training.layout.pseudo import CITY_FILE
from training.paste.layout import (
    Segmenter,
    find_layout,
    load_segmenter,
)
from training.paste.sets import PASTED, paste_set
from training.publish import COMPARISON_FILE, MODEL_ID, REPORT_FILE
from training.recipe import Recipe
from training.render import RenderJob, render
from training.restore import restore_checkpoint
from training.unmeasured import unmeasured_card
from training.workspace import Workspace
from vision.errors import NotFoundError
from vision.types import Image

logger = logging.getLogger(__name__)

LONG_SIDE_PX = 960
PASTE_SEED = 1
CLOSER_FACE_FLOOR = 0.82
CLOSER_PLATE_FLOOR = 0.35
"""Of 60 finds in kept-back photos from these floors on, two were wrong."""
RESTORE_PICTURES = 96
"""Enough for the mean and variance of every channel."""


def make_pseudo_labels(workspace: Workspace) -> int:
    """Let the teachers box every photo not yet boxed; return how many that were."""
    _, maps = load_maps(workspace)
    photos = read_photos(workspace.shared, maps)
    weights = workspace.weights
    traffic = weights / "yolov8s.pt"
    faces = weights / "yunet_n_dynamic.onnx"
    plates = weights / "hyperlpr3_y5fu_640x_sim.onnx"
    covers = weights / "rdd10_D50manhole_yolov8n_int8_320.tflite"
    taught = [photo for photo in photos if maps[photo.source].taught]
    new = distil(
        taught,
        {
            traffic.stem: teachers.coco_teacher(traffic),
            faces.stem: teachers.face_teacher(faces),
            plates.stem: teachers.plate_teacher(plates),
        },
        cache=workspace.pseudo,
        cover_teachers={covers.stem: teachers.cover_teacher(covers)},
    )
    closers = {
        faces.stem: Closer(
            teachers.face_teacher(faces, floor=CLOSER_FACE_FLOOR),
            around=frozenset({"person"}),
            input_px=960,
            upper_share=0.6,
        ),
        plates.stem: Closer(
            teachers.plate_teacher(plates, floor=CLOSER_PLATE_FLOOR),
            around=VEHICLES,
            input_px=640,
        ),
    }
    return new + distil_closer(taught, closers, cache=workspace.pseudo)


def make_set(workspace: Workspace) -> dict[str, int]:
    """Write the data set for the trainer; return pictures by part and kind.

    Behind them stands what was left out and what is there twice, see `write_set`.
    """
    categories, maps = load_maps(workspace)
    return write_set(workspace, categories, maps)


def render_streets(
    workspace: Workspace, recipe: Recipe, blender_python: Path
) -> dict[str, int]:
    """Render the streets that teach and those that test; return pictures by pool."""
    jobs = (
        RenderJob(
            workspace.rendered, "teach", recipe.looks, recipe.wides, recipe.closes
        ),
        RenderJob(
            workspace.rendered_test,
            "test",
            recipe.test_looks,
            recipe.test_wides,
            recipe.test_closes,
        ),
    )
    return {job.pool: render(job, blender_python) for job in jobs}


def paste_in(workspace: Workspace, recipe: Recipe) -> int:
    """Paste covers and papers into photos of `train`; return the things pasted."""
    categories, maps = load_maps(workspace)
    train = collect_parts(workspace, maps)["train"]
    made = paste_set(
        [image for image in train if image.source not in (PASTED, RENDERED)],
        workspace.pasted,
        count=recipe.pasted,
        seed=PASTE_SEED,
        categories=categories,
        find_layout=partial(
            find_layout,
            segment=_when_needed(workspace.weights / CITY_FILE),
            cache=workspace.build / "layout",
        ),
    )
    return sum(made.values())


def _when_needed(weights: Path) -> Segmenter:
    """Return the teacher of layouts, which is loaded when it is first asked."""
    loaded = cache(load_segmenter)

    def segment(pixels: Image) -> npt.NDArray[np.uint8]:
        return loaded(weights)(pixels)

    return segment


def restore(workspace: Workspace, recipe: Recipe, onnx_file: Path) -> Path:
    """Put a published network back as the last stage: a later one can go on from it.

    Raises:
        NotFoundError: the network is missing, or nothing is assembled yet.
    """
    categories, _ = load_maps(workspace)
    stage = replace(workspace, run_name=recipe.last.name)
    lists = sorted(workspace.assembled.glob("train_*.txt"))
    if not lists:
        msg = f"{workspace.assembled} holds no set; run `liujing-train data` first"
        raise NotFoundError(msg)
    lines = [line for f in lists for line in f.read_text("utf-8").splitlines() if line]
    step = max(1, len(lines) // RESTORE_PICTURES)
    settings = recipe.last_settings
    checkpoint = restore_checkpoint(
        onnx_file,
        stage.run / "weights" / "last.pt",
        weights=workspace.weights,
        names=categories,
        pictures=[Path(line) for line in lines[::step]],
        settings=settings,
    )
    note_put_back(
        stage,
        settings,
        earlier=recipe.run_minutes,
        published=onnx_file.name,
    )
    return checkpoint


def export(workspace: Workspace) -> Path:
    """Write the checkpoint as ONNX below build/ and return it."""
    categories, _ = load_maps(workspace)
    target = workspace.build / f"{MODEL_ID}.onnx"
    checkpoint = workspace.run / "weights" / "last.pt"
    return export_onnx(checkpoint, target, names=categories)


def evaluate(workspace: Workspace, *, long_side_px: int = LONG_SIDE_PX) -> Path:
    """Measure the exported model on kept-back pictures and return the report.

    Raises:
        NotFoundError: nothing was exported yet.
    """
    categories, maps = load_maps(workspace)
    onnx = workspace.build / f"{MODEL_ID}.onnx"
    if not onnx.is_file():
        msg = f"{onnx} is missing; run `liujing-train export` first"
        raise NotFoundError(msg)
    card = unmeasured_card(
        onnx, categories, network=MODEL_ID, long_side_px=long_side_px
    )
    eye = open_eye(card, str(long_side_px), memory=workspace.build / "looks")
    measured = measure(eye, collect_parts(workspace, maps), maps)
    report = measured.report
    if not workspace.photos_per_set:
        listed = workspace.datasets / "real-regions.toml"
        report = with_regions(report, eye, listed, workspace.shared / "data")
    target = workspace.build / REPORT_FILE
    write_report(target, report)
    append_comparison(workspace.build / COMPARISON_FILE, report)
    show(
        workspace.build / "report" / "index.html",
        replace(measured, report=report),
        eye,
        workspace.shared / "data",
    )
    return target
