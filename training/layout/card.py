"""Write the card of the layout network that was taught."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.card import DataRow, data_lines, read_licences, toml_list, toml_text
from training.layout.fit import NOTE
from training.layout.sources import (
    CAMVID,
    RESEARCH_ONLY,
    STREET_VIEWS,
    camvid_examples,
)
from training.workspace import Workspace

SUMMARY = (
    "Street layout: road, marking, kerb, pavement, building, fence, vegetation, trunk, "
    "pole, terrain, tree pit, vehicle, two-wheeler, person, sky, sign, other."
)
LIMITS = (
    (
        "No people labelled kerbs, markings, trunks, tree pits and `other`: rendered "
        "streets and another network taught them, rendered streets alone measured them."
    ),
    "CamVid shows Cambridge, so Chinese streets are measured on rendered ones alone.",
    "Daylight and dusk only.",
    "Close-ups that show no street are read wrongly.",
)
CAMVID_LICENCE = "research use"


@dataclass(frozen=True, slots=True)
class TestRow:
    """One test: the mean, each class, and pictures that show it."""

    mean_iou: float
    iou: Mapping[str, float]
    pictures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LayoutFacts:
    """What the card says.

    Attributes:
        model_id: name@version.
        sha256: of the ONNX file.
        trained_at: UTC, ISO 8601.
        code_version: git commit.
        names: classes.
        long_side_px: default longer side of the input.
        run: folder of the run, with the note of its settings.
        parity: largest difference of a probability, torch against ONNX.
        data: sets used.
        tests: by name.
    """

    model_id: str
    sha256: str
    trained_at: str
    code_version: str
    names: tuple[str, ...]
    long_side_px: int
    run: Path
    parity: float
    data: tuple[DataRow, ...]
    tests: Mapping[str, TestRow]


def layout_rows(workspace: Workspace, run: Path) -> tuple[DataRow, ...]:
    """Return the sets that taught and measured, as the run's note tells."""
    note = json.loads((run / NOTE).read_text(encoding="utf-8"))
    taught: dict[str, int] = note["pictures"]
    licences = read_licences(workspace.datasets)
    rows = []
    if CAMVID in taught:
        text = "11 classes; `layout-fit --without-research-data` teaches without it"
        rows.append(
            DataRow(CAMVID, CAMVID_LICENCE, taught[CAMVID], "train", "real", text)
        )
    for name in STREET_VIEWS:
        text = "labelled by ESPNetv2 (Cityscapes) and road-segmentation-adas-0001"
        count = len(list((workspace.shared / "data" / "street" / name).rglob("*.jpg")))
        licence = licences.get(name, "see the set's own card")
        rows.append(DataRow(name, licence, count, "train", "pseudo", text))
    own = licences["rendered_street"]
    text = "exact layouts"
    rows.append(
        DataRow("rendered_street", own, taught["rendered"], "train", "rendered", text)
    )
    held = len(list((workspace.rendered_test / "masks").glob("*.png")))
    text = "other streets, assets never taught"
    rows.append(DataRow("rendered_street", own, held, "test", "rendered", text))
    val = len(camvid_examples(workspace, "val"))
    rows.append(DataRow(CAMVID, CAMVID_LICENCE, val, "test", "real", "its val part"))
    return tuple(rows)


def render_layout_card(facts: LayoutFacts) -> str:
    """Return the card as TOML, in the form of models/README.md."""
    note = json.loads((facts.run / NOTE).read_text(encoding="utf-8"))
    limits = (*LIMITS, *_made(facts, note))
    lines = [
        f"id = {toml_text(facts.model_id)}",
        'task = "layout"',
        f"file = {toml_text(facts.model_id + '.onnx')}",
        f"sha256 = {toml_text(facts.sha256)}",
        'license = "AGPL-3.0-or-later"',
        f"trained_at = {toml_text(facts.trained_at)}",
        f"code_version = {toml_text(facts.code_version)}",
        f"summary = {toml_text(SUMMARY)}",
        f"names = {toml_list(facts.names)}",
        "limits = [",
        *(f"  {toml_text(limit)}," for limit in limits),
        "]",
        "",
        "[input]",
        f"long_side_px = {facts.long_side_px}",
        "stride = 32",
        'resize = "stretch"',
        'colour = "rgb"',
        "range = [0, 1]",
        "",
        "[measured]",
    ]
    for name, test in facts.tests.items():
        lines += [f"[measured.{name}]", f"mean_iou = {test.mean_iou:.3f}"]
        lines += [
            f"{row} = {{ iou = {iou:.3f}, pictures = {test.pictures[row]} }}"
            for row, iou in test.iou.items()
        ]
        lines.append("")
    for row in facts.data:
        lines += [*data_lines(row), ""]
    return "\n".join(lines)


def _made(facts: LayoutFacts, note: Mapping[str, Any]) -> tuple[str, ...]:
    width, height = note["size_px"]
    minutes = note["spent_s"] / 60
    research = ", ".join(sorted(RESEARCH_ONLY & set(note["pictures"])))
    return (
        (
            f"Taught for {minutes:.0f} minutes on two shared cores, "
            f"{note['step']} steps of {note['batch']} windows of {width} x {height} "
            "px, from YOLO11n's weights."
        ),
        f"Data for research alone that taught it: {research or 'none'}.",
        (
            "On real pictures the probabilities of torch and ONNX differ by at most "
            f"{facts.parity:.1e}."
        ),
    )
