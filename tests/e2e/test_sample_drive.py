"""`make demo`'s drive against its truth: finds, places, segments, scores."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service.cli import main
from tests.e2e.sample_truth import (
    Compared,
    compare,
    junction_distance_m,
    read_findings,
    true_findings,
    visible_objects,
)
from vision.taxonomy import load_taxonomy

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample-drive"


@dataclass(frozen=True, slots=True)
class Audit:
    """One audited sample drive and its truth."""

    out: Path
    compared: Compared
    scores: dict[str, float | None]
    true_scores: dict[str, float | None]
    roads: dict[str, Any]


def audit(out: Path, capsys: pytest.CaptureFixture[str], *more: str) -> Audit:
    code = main(["audit", str(SAMPLE), "--device", "cpu", "--out", str(out), *more])
    assert code == 0
    truth = json.loads((SAMPLE / "truth.json").read_text("utf-8"))
    problems = {c.id for c in load_taxonomy().with_role("problem")}
    objects = visible_objects(truth, problems)
    truth_file = out / "truth-findings.geojson"
    truth_file.write_text(json.dumps(true_findings(objects)), "utf-8")
    capsys.readouterr()
    code = main(
        [
            "score",
            str(truth_file),
            "--coverage",
            str(out / "coverage.json"),
            "--roads",
            str(SAMPLE / "roads.geojson"),
        ]
    )
    assert code == 0
    true_scores = values(json.loads(capsys.readouterr().out))
    return Audit(
        out=out,
        compared=compare(read_findings(out / "findings.geojson"), objects),
        scores=values(json.loads((out / "scores.json").read_text("utf-8"))),
        true_scores=true_scores,
        roads=json.loads((SAMPLE / "roads.geojson").read_text("utf-8")),
    )


def values(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    return {row["segment_id"]: row["value"] for row in rows}


def test_good_receiver_meets_the_promises(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    got = audit(tmp_path / "good", capsys)

    assert got.compared.f1 >= 0.75, summary(got)
    assert got.compared.median_error_m <= 1.5, summary(got)
    assert wrong_segments(got) == []
    assert len(got.scores) >= 3
    assert None not in got.scores.values()
    assert far_scores(got, 6.0) == {}


def test_cheap_receiver_gives_the_same_segments_and_near_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track = SAMPLE / "cheap" / "track-cheap.gpx"

    good = audit(tmp_path / "good", capsys)
    cheap = audit(tmp_path / "cheap", capsys, "--track", str(track))

    assert set(cheap.scores) == set(good.scores)
    assert None not in cheap.scores.values()
    assert far_scores(cheap, 10.0) == {}
    for segment_id in good.scores:
        true = good.true_scores[segment_id]
        assert cheap.scores[segment_id] == pytest.approx(true, abs=10.0)


def wrong_segments(got: Audit) -> list[tuple[str, str, str]]:
    return [
        (f["id"], f["segment_id"], o["segment_id"])
        for f, o, _ in got.compared.pairs
        if junction_distance_m(got.roads, o) > 5.0
        and f["segment_id"] != o["segment_id"]
    ]


def far_scores(got: Audit, allowed: float) -> dict[str, tuple[Any, Any]]:
    far = {}
    for segment_id, true in got.true_scores.items():
        value = got.scores.get(segment_id)
        if (true is None) != (value is None) or (
            true is not None and value is not None and abs(true - value) > allowed
        ):
            far[segment_id] = (value, true)
    return far


def summary(got: Audit) -> str:
    pairs, spare, missed = got.compared.pairs, got.compared.spare, got.compared.missed
    return (
        f"F1 {got.compared.f1:.3f}, median {got.compared.median_error_m:.2f} m; "
        f"found {sorted(f['category'] for f, _, _ in pairs)}; "
        f"spare {sorted(f['category'] for f in spare)}; "
        f"missed {sorted(o['category'] for o in missed)}"
    )
