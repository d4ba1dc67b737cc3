"""Write the card of the model that was trained: data, measurements, limits."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.evaluate import KINDS, ClassReport, KindReport

MASK_CONFIDENCE = {"face": 0.03, "licence_plate": 0.05, "person": 0.03}
"""From here on a box is masked, far below the operating point."""


KNOWN_LIMITS = (
    (
        "No real labelled photo of a stall, an overflowing bin, a damaged or a missing "
        "cover taught or measured it: those come from rendered streets alone."
    ),
    "Real covers and posters are a handful of photos, so their figures are rough.",
    (
        "For traffic, people, faces and plates the real figures compare with the boxes "
        "of other networks (YOLOv8s, YuNet, HyperLPR3), not with those of people."
    ),
    "Litter smaller than about 10 cm is not seen beyond a few metres.",
    "Daylight only: night, rain and snow were neither taught nor measured.",
    "Some faces and plates are missed, so look at the pictures before publishing them.",
)


@dataclass(frozen=True, slots=True)
class DataRow:
    """One set of pictures that taught or measured the model."""

    name: str
    license: str
    images: int
    role: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card says beside the measurements.

    Attributes:
        model_id: name@version.
        sha256: of the ONNX file.
        trained_at: UTC, ISO 8601.
        code_version: git commit.
        summary: one sentence.
        limits: one sentence each.
        long_side_px: default longer side of the network's input.
        names: categories by class id.
        data: sets used.
        compared: rows of the comparison of networks and sizes.
    """

    model_id: str
    sha256: str
    trained_at: str
    code_version: str
    summary: str
    limits: tuple[str, ...]
    long_side_px: int
    names: tuple[str, ...]
    data: tuple[DataRow, ...]
    compared: tuple[Mapping[str, object], ...] = ()


def render_card(facts: CardFacts, rows: Mapping[str, ClassReport]) -> str:
    """Return the card as TOML, in the form of models/README.md."""
    lines = [
        f"id = {toml_text(facts.model_id)}",
        'task = "detect"',
        f"file = {toml_text(facts.model_id + '.onnx')}",
        f"sha256 = {toml_text(facts.sha256)}",
        'license = "AGPL-3.0-or-later"',
        f"trained_at = {toml_text(facts.trained_at)}",
        f"code_version = {toml_text(facts.code_version)}",
        f"summary = {toml_text(facts.summary)}",
        f"names = {toml_list(facts.names)}",
        "limits = [",
        *(f"  {toml_text(limit)}," for limit in facts.limits),
        "]",
        "",
        "[input]",
        f"long_side_px = {facts.long_side_px}",
        "stride = 32",
        'resize = "letterbox"',
        'colour = "rgb"',
        "range = [0, 1]",
        "",
        "[output]",
        'kind = "yolo"',
    ]
    for name in facts.names:
        lines += ["", *_class_lines(name, rows[name])]
    for row in facts.data:
        lines += ["", *data_lines(row)]
    for compared in facts.compared:
        lines += ["", *_compared_lines(compared)]
    return "\n".join(lines) + "\n"


def _class_lines(name: str, row: ClassReport) -> list[str]:
    lines = [f"[operating.{name}]", f"confidence = {row.confidence}"]
    if name in MASK_CONFIDENCE:
        lowest = min(MASK_CONFIDENCE[name], row.confidence)
        lines.append(f"mask_confidence = {lowest}")
    lines += [
        f"{kind} = {{ precision = {part.precision}, recall = {part.recall} }}"
        for kind, part in row.kinds.items()
    ]
    lines += [
        "",
        f"[calibration.{name}]",
        f"slope = {row.slope}",
        f"intercept = {row.intercept}",
    ]
    if row.kinds:
        lines += ["", f"[measured.{name}]"]
    lines += [f"{kind} = {_precision(part)}" for kind, part in row.kinds.items()]
    return lines


def _precision(part: KindReport) -> str:
    fields = [f"ap50 = {part.ap50}", f"instances = {part.instances}"]
    if part.interval50 is not None:
        low, high = part.interval50
        fields += [f"ap50_low = {low}", f"ap50_high = {high}"]
    fields.append(f"ap50_95 = {part.ap50_95}")
    return "{ " + ", ".join(fields) + " }"


def _compared_lines(row: Mapping[str, object]) -> list[str]:
    lines = [
        "[[compared]]",
        f"network = {toml_text(str(row['network']))}",
        f"size = {toml_text(str(row['size']))}",
        f"core_ms = {row['core_ms']}",
    ]
    for kind in KINDS:
        means = row.get(kind)
        if isinstance(means, dict):
            lines.append(f"{kind}_ap50 = {means['ap50']}")
            lines.append(f"{kind}_ap50_95 = {means['ap50_95']}")
    return lines


def data_lines(row: DataRow) -> list[str]:
    """Return the table of one set."""
    return [
        "[[data]]",
        f"name = {toml_text(row.name)}",
        f"license = {toml_text(row.license)}",
        f"images = {row.images}",
        f"role = {toml_text(row.role)}",
        f"kind = {toml_text(row.kind)}",
        f"note = {toml_text(row.note)}",
    ]


def toml_text(value: str) -> str:
    """Return a text as TOML."""
    return json.dumps(value, ensure_ascii=False)


def toml_list(values: Sequence[str]) -> str:
    """Return a list of texts as TOML."""
    return "[" + ", ".join(toml_text(v) for v in values) + "]"


def read_licences(datasets: Path) -> dict[str, str]:
    """Return the licence of each set by its id, from the data cards."""
    licences: dict[str, str] = {}
    for path in sorted(datasets.glob("*@*.toml")):
        card = tomllib.loads(path.read_text(encoding="utf-8"))
        licences[card["id"].split("@")[0]] = card["license"]
    return licences
