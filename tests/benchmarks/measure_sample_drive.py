"""What the audit gets right on the sample drive, in numbers.

    python -m tests.benchmarks.measure_sample_drive

Prints F1 and position error of the located findings and every segment's score beside
the score computed from truth, for the good and the cheap receiver. The floors are tests
(`tests/e2e/test_sample_drive.py`); this prints the values for the docs.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from service.cli import main
from tests.e2e.sample_truth import (
    compare,
    read_findings,
    true_findings,
    visible_objects,
)
from vision.taxonomy import load_taxonomy

SAMPLE = Path(__file__).resolve().parents[2] / "datasets" / "sample-drive"
TRACKS = {"good": "track.gpx", "cheap": "cheap/track-cheap.gpx"}


def said(*arguments: object) -> str:
    """Run a verb and return what it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main([str(a) for a in arguments])
    return out.getvalue()


def by_segment(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    """Return segment id -> score."""
    return {row["segment_id"]: row["value"] for row in rows}


def measure(receiver: str, out: Path) -> None:
    """Audit the drive with one receiver's track and print the comparison."""
    track = SAMPLE / TRACKS[receiver]
    said("audit", SAMPLE, "--track", track, "--device", "cpu", "--out", out)
    truth = json.loads((SAMPLE / "truth.json").read_text("utf-8"))
    problems = {c.id for c in load_taxonomy().with_role("problem")}
    objects = visible_objects(truth, problems)
    got = compare(read_findings(out / "findings.geojson"), objects)
    print(
        f"{receiver}: F1 {got.f1:.3f} ({len(got.pairs)} found, "
        f"{len(got.missed)} missed, {len(got.spare)} false), "
        f"median error {got.median_error_m:.2f} m"
    )
    zones = [(b["zone"], a["zone"]) for a, b, _ in got.pairs if b["zone"] != "cover"]
    right = sum(true == told for true, told in zones)
    print(f"  zones of {right} of {len(zones)} finds right (covers left out)")
    file = out / "truth.geojson"
    file.write_text(json.dumps(true_findings(objects)), "utf-8")
    coverage, roads = out / "coverage.json", SAMPLE / "roads.geojson"
    answer = said("score", file, "--coverage", coverage, "--roads", roads)
    true = by_segment(json.loads(answer))
    scores = by_segment(json.loads((out / "scores.json").read_text("utf-8")))
    for segment_id, value in scores.items():
        print(f"  {segment_id}: {value} (from truth {true[segment_id]})")


if __name__ == "__main__":
    for name in TRACKS:
        with tempfile.TemporaryDirectory() as folder:
            measure(name, Path(folder))
