"""The steps from pictures to a published model; each can be run again and goes on."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from training import teachers
from training.assemble import assemble
from training.card import KNOWN_LIMITS, CardFacts, DataRow, read_licences, render_card
from training.collect import collect_parts, load_maps
from training.distil import distil
from training.evaluate import (
    append_comparison,
    measure,
    open_eye,
    read_comparison,
    read_report,
    show,
    with_regions,
    write_report,
)
from training.export import export_onnx, parity, sha256_of
from training.fit import SETTINGS_FILE
from training.labels import RENDERED, read_photos
from training.recipe import Recipe
from training.render import RenderJob, render
from training.types import LabelledImage, Part
from training.workspace import Workspace
from vision.card import ModelCard, Operating
from vision.catalogue import load_card
from vision.errors import NotFoundError

logger = logging.getLogger(__name__)

MODEL_ID = "street@2"
LONG_SIDE_PX = 960
REPORT_FILE = "report.json"
COMPARISON_FILE = "comparison.json"
SUMMARY = (
    "Street detector: coarse litter, heaps, covers, posters, graffiti, stalls, "
    "potholes, traffic, people, faces and plates."
)


@dataclass(frozen=True, slots=True)
class Published:
    """What was published.

    Attributes:
        onnx: the network.
        card: its card.
        parity: largest score difference between torch and ONNX.
    """

    onnx: Path
    card: Path
    parity: float


def make_pseudo_labels(workspace: Workspace) -> int:
    """Let the teachers box every photo not yet boxed; return how many that were."""
    _, maps = load_maps(workspace)
    photos = read_photos(workspace.shared, maps)
    weights = workspace.weights
    cover = weights / "rdd10_D50manhole_yolov8n_int8_320.tflite"
    return distil(
        [photo for photo in photos if maps[photo.source].taught],
        [
            teachers.coco_teacher(weights / "yolov8s.pt"),
            teachers.face_teacher(weights / "yunet_n_dynamic.onnx"),
            teachers.plate_teacher(weights / "hyperlpr3_y5fu_640x_sim.onnx"),
        ],
        cache=workspace.pseudo,
        cover_teacher=teachers.cover_teacher(cover),
    )


def make_set(workspace: Workspace) -> dict[str, int]:
    """Write the data set for the trainer; return pictures by part and kind."""
    categories, maps = load_maps(workspace)
    parts = collect_parts(workspace, maps)
    drawn = frozenset({RENDERED})
    return assemble(parts, workspace.assembled, categories=categories, cut=drawn)


def render_streets(
    workspace: Workspace, recipe: Recipe, blender_python: Path
) -> dict[str, int]:
    """Render the streets that teach and those that test; return pictures by pool."""
    jobs = (
        RenderJob(workspace.rendered, "teach", recipe.looks, recipe.wides),
        RenderJob(
            workspace.rendered_test, "test", recipe.test_looks, recipe.test_wides
        ),
    )
    return {job.pool: render(job, blender_python) for job in jobs}


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
    card = _bare_card(onnx, categories, long_side_px)
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


def _bare_card(onnx: Path, names: tuple[str, ...], long_side_px: int) -> ModelCard:
    return ModelCard(
        id=MODEL_ID,
        task="detect",
        folder=onnx.parent,
        file=onnx.name,
        sha256=sha256_of(onnx),
        license="AGPL-3.0-or-later",
        trained_at=_now(),
        code_version="",
        summary=SUMMARY,
        names=names,
        limits=(),
        long_side_px=long_side_px,
        stride=32,
        output_kind="yolo",
        operating={name: Operating(confidence=0.01) for name in names},
        calibration={},
        measured={},
        data=(),
    )


def publish(
    workspace: Workspace, *, code_version: str, long_side_px: int = LONG_SIDE_PX
) -> Published:
    """Put the exported model and its card into models/ and read them back.

    Raises:
        NotFoundError: nothing was exported or measured yet.
        CatalogueError: the card does not hold what the catalogue asks for.
    """
    categories, maps = load_maps(workspace)
    made = workspace.build / f"{MODEL_ID}.onnx"
    measured = workspace.build / REPORT_FILE
    for path in (made, measured):
        if not path.is_file():
            msg = f"{path} is missing; run `liujing-train export` and `evaluate` first"
            raise NotFoundError(msg)
    checkpoint = workspace.run / "weights" / "last.pt"
    difference = parity(checkpoint, made)
    target = workspace.models / made.name
    target.write_bytes(made.read_bytes())
    parts = collect_parts(workspace, maps)
    settings = _settings_of(workspace)
    rows = read_report(measured)
    facts = CardFacts(
        model_id=MODEL_ID,
        sha256=sha256_of(target),
        trained_at=_now(),
        code_version=code_version,
        summary=SUMMARY,
        limits=_limits(settings, difference, long_side_px),
        long_side_px=long_side_px,
        names=categories,
        data=_data_rows(workspace, parts),
        compared=tuple(read_comparison(workspace.build / COMPARISON_FILE)),
    )
    card = workspace.models / f"{MODEL_ID}.toml"
    card.write_text(render_card(facts, rows.classes), encoding="utf-8")
    load_card(MODEL_ID, workspace.models)
    return Published(onnx=target, card=card, parity=difference)


def _settings_of(workspace: Workspace) -> dict[str, object]:
    """Return the settings of the run, with the minutes of the runs it went on from."""
    note = workspace.run / SETTINGS_FILE
    settings: dict[str, object] = json.loads(note.read_text(encoding="utf-8"))
    minutes = float(str(settings["spent_minutes"]))
    if settings["after"] is not None:
        earlier = replace(workspace, run_name=str(settings["after"]))
        minutes += float(str(_settings_of(earlier)["minutes_in_all"]))
    return {**settings, "minutes_in_all": round(minutes)}


def _limits(
    settings: Mapping[str, object], difference: float, long_side_px: int
) -> tuple[str, ...]:
    taught = (
        f"Taught for {settings['minutes_in_all']} minutes on two shared cores: "
        "yolo11n from COCO weights, "
        f"first {settings['freeze']} layers fixed, {settings['image_px']} px, "
        f"batch {settings['batch']}, AdamW {settings['learning_rate']}, bfloat16; "
        "where a set does not label a class, the loss ignored the class there."
    )
    measured = (
        f"All figures were measured at a long side of {long_side_px} px; "
        f"the scores of torch and ONNX differ by at most {difference:.1e}."
    )
    return (*KNOWN_LIMITS, taught, measured)


def _data_rows(
    workspace: Workspace, parts: dict[Part, list[LabelledImage]]
) -> tuple[DataRow, ...]:
    licences = read_licences(workspace.datasets)
    rows: list[DataRow] = []
    for part, role in (("train", "train"), ("val", "test"), ("test", "test")):
        counts = Counter(image.source for image in parts[part])  # type: ignore[index]
        for source, images in sorted(counts.items()):
            kind = "rendered" if source == RENDERED else "real"
            if source == "panoramax_unlabelled":
                kind = "pseudo"
            taught = "taught, with boxes of teachers for traffic, faces and plates"
            if source in {RENDERED, "manhole_closeup"}:
                taught = "taught"
            note = {
                "train": taught,
                "val": "chose operating points and calibration",
                "test": "kept back from teaching and from choosing",
            }[part]
            licence = licences.get(source, "AGPL-3.0-or-later")
            rows.append(DataRow(source, licence, images, role, kind, note))
    return tuple(rows)


def _now() -> str:
    return datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
