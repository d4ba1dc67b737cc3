"""Both networks look at the same kept-back pictures: may the new one be promoted?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from training.card import MASK_CONFIDENCE
from training.evaluate import Report, measure, open_eye
from training.evaluate.promotion import (
    MASKED,
    Policy,
    Trial,
    TrialMeasure,
    Use,
    expected_error,
    measure_trials,
    reasons_against,
)
from training.label_maps import LabelMap
from training.output import make_folder, write_whole
from training.reviews.data_set import DataSet
from training.reviews.frozen import Parts, hash_of
from training.reviews.parts import ReviewedParts
from training.types import PARTS
from training.unmeasured import unmeasured_card
from training.workspace import Workspace
from vision.card import ModelCard
from vision.catalogue import model_file

RESULT_FILE = "promotion.json"


@dataclass(frozen=True, slots=True)
class Material:
    """What taught and what judges.

    Attributes:
        data: the version of the reviews.
        reviewed: its pictures by part.
        old: the frozen set.
        frozen: its folder.
        maps: label map of every source.
        policy: what a fall is.
        looks: folder of remembered looks.
    """

    data: DataSet
    reviewed: ReviewedParts
    old: Parts
    frozen: Path
    maps: Mapping[str, LabelMap]
    policy: Policy
    looks: Path


@dataclass(frozen=True, slots=True)
class Taught:
    """A new network beside the current one.

    Attributes:
        onnx: the new network.
        current: card of the one it was taught on from.
        data: the version of the reviews.
        reviewed: pictures of that version by part.
        frozen_sha256: of the frozen set.
        report: measures of the new one, for its card.
        before: the current one's measures, by trial.
        after: the new one's.
        against: why it may not be promoted; empty if it may.
    """

    onnx: Path
    current: ModelCard
    data: DataSet
    reviewed: ReviewedParts
    frozen_sha256: str
    report: Report
    before: tuple[TrialMeasure, ...]
    after: tuple[TrialMeasure, ...]
    against: tuple[str, ...]


def judge(
    place: Workspace, onnx: Path, current: ModelCard, material: Material
) -> Taught:
    """Measure the new network and the current one, and write down what came of it.

    The new one's operating points are chosen on `val`; the current one is taken as it
    is used.
    """
    policy, old, reviewed = material.policy, material.old, material.reviewed
    trials = [
        Trial("frozen", old["test"]),
        Trial("gold", reviewed.gold),
        Trial("reviewed", reviewed.parts["test"]),
    ]
    new = _bare(onnx, current, "new")
    size = str(current.long_side_px)
    eye = open_eye(new, size, memory=material.looks)
    parts = {part: [*old[part], *reviewed.parts[part]] for part in PARTS}
    report = measure(eye, parts, material.maps).report
    points = {name: report.classes[name].confidence for name in current.names}
    floors = {n: min(MASK_CONFIDENCE[n], points[n]) for n in MASKED if n in points}
    after = measure_trials(Use(eye, points, floors), trials, material.maps)
    used = _as_used(current, size, material.looks)
    before = measure_trials(used, trials, material.maps)
    taught = Taught(
        onnx=onnx,
        current=current,
        data=material.data,
        reviewed=reviewed,
        frozen_sha256=hash_of(material.frozen),
        report=report,
        before=before,
        after=after,
        against=reasons_against(before, after, policy),
    )
    _write_result(place.build / RESULT_FILE, taught, policy)
    return taught


def facts_of(taught: Taught) -> dict[str, object]:
    """Return what a promotion was decided by, for the record; plain JSON."""
    errors = expected_error(taught.before), expected_error(taught.after)
    return {
        "data": taught.data.id,
        "data_sha256": taught.data.sha256,
        "frozen_sha256": taught.frozen_sha256,
        "expected_score_error": [round(error, 4) for error in errors],
    }


def _bare(onnx: Path, like: ModelCard, network: str) -> ModelCard:
    px = like.long_side_px
    return unmeasured_card(onnx, like.names, network=network, long_side_px=px)


def _as_used(card: ModelCard, size: str, looks: Path) -> Use:
    bare = _bare(model_file(card), card, card.id)
    return Use(
        open_eye(bare, size, memory=looks),
        {name: point.confidence for name, point in card.operating.items()},
        {
            name: point.mask_confidence
            for name, point in card.operating.items()
            if name in MASKED and point.mask_confidence is not None
        },
    )


def _write_result(path: Path, taught: Taught, policy: Policy) -> None:
    """Write both networks' measures and the reasons as JSON."""
    table = {
        "current": taught.current.id,
        **facts_of(taught),
        "policy": asdict(policy),
        "against": taught.against,
        "before": [asdict(one) for one in taught.before],
        "after": [asdict(one) for one in taught.after],
    }
    make_folder(path.parent)
    write_whole(path, json.dumps(table, indent=1, ensure_ascii=False).encode())
