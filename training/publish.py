"""Put a measured network and its card into the catalogue."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.card import KNOWN_LIMITS, CardFacts, DataRow, read_licences, render_card
from training.collect import collect_parts, load_maps
from training.evaluate import read_comparison, read_report
from training.export import parity, sha256_of, spread
from training.fit import SETTINGS_FILE
from training.labels import RENDERED
from training.mask_measure import mask_limits, measure_mask
from training.types import LabelledImage, Part
from training.unmeasured import utc_now
from training.workspace import Workspace
from vision.catalogue import load_card
from vision.errors import NotFoundError

MODEL_ID = "street@2"
REPORT_FILE = "report.json"
COMPARISON_FILE = "comparison.json"
PARITY_PICTURES = 12
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


def publish(workspace: Workspace, *, code_version: str, long_side_px: int) -> Published:
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
    target = workspace.models / made.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(made.read_bytes())
    parts = collect_parts(workspace, maps)
    shown = spread([*parts["val"], *parts["test"]], PARITY_PICTURES)
    difference = parity(checkpoint, made, shown)
    history = _history(workspace)
    rows = read_report(measured)
    facts = CardFacts(
        model_id=MODEL_ID,
        sha256=sha256_of(target),
        trained_at=utc_now(),
        code_version=code_version,
        summary=SUMMARY,
        limits=_limits(history, difference, long_side_px),
        long_side_px=long_side_px,
        names=categories,
        data=_data_rows(workspace, parts),
        compared=tuple(read_comparison(workspace.build / COMPARISON_FILE)),
    )
    card = workspace.models / f"{MODEL_ID}.toml"
    card.write_text(render_card(facts, rows.classes), encoding="utf-8")
    # What the mask hides follows from the operating points that the card now has.
    masked = mask_limits(measure_mask(workspace, MODEL_ID, parts))
    facts = replace(facts, limits=(*facts.limits, *masked))
    card.write_text(render_card(facts, rows.classes), encoding="utf-8")
    load_card(MODEL_ID, workspace.models)
    return Published(onnx=target, card=card, parity=difference)


def _history(workspace: Workspace) -> list[dict[str, object]]:
    """Return the settings of all runs that led to the checkpoint, each once.

    Raises:
        NotFoundError: a run left no note of its settings.
    """
    notes: dict[str, dict[str, object]] = {}
    wanted = [workspace.run_name]
    while wanted:
        name = wanted.pop()
        if name in notes:
            continue
        note = replace(workspace, run_name=name).run / SETTINGS_FILE
        if not note.is_file():
            msg = f"{note} is missing; run `liujing-train fit` first"
            raise NotFoundError(msg)
        notes[name] = json.loads(note.read_text(encoding="utf-8"))
        earlier = notes[name].get("after")
        wanted += [str(earlier)] if earlier is not None else []
        wanted += list(notes[name].get("mean_of", ()))  # type: ignore[call-overload]
    return [note for note in notes.values() if "spent_minutes" in note]


def _limits(
    history: Sequence[Mapping[str, object]], difference: float, long_side_px: int
) -> tuple[str, ...]:
    minutes = sum(float(str(run["spent_minutes"])) for run in history)
    last = history[0]
    count = sum(int(str(run.get("runs", 1))) for run in history)
    runs = "one run" if count == 1 else f"{count} runs"
    taught = (
        f"Taught for {minutes:.0f} minutes on two shared cores in {runs}: "
        f"{last['network']} from COCO weights, "
        f"{last['image_px']} px, batch {last['batch']}, AdamW, bfloat16; "
        "where a set does not label a class, the loss ignored the class there."
    )
    measured = (
        f"All figures were measured at a long side of {long_side_px} px; on real "
        f"pictures the scores of torch and ONNX differ by at most {difference:.1e}."
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
