"""publish(): the report folder of one audited drive."""

from __future__ import annotations

import math
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from service.audit.found import Aside
from service.audit.inputs import Checked
from service.audit.notices import notices
from service.audit.outing import driven_lonlat, driven_m
from service.audit.remarks import remarks
from service.audit.vehicles import vehicles_geojson
from service.reports import (
    Label,
    Names,
    OutFolder,
    ReportData,
    ledger_csv,
    render_page,
    segments_geojson,
)
from service.scoring import (
    Standard,
    coverage_rows,
    findings_geojson,
    score_rows,
    shown,
)
from service.types import (
    CoveragePiece,
    Finding,
    MatchedFix,
    PlacedSighting,
    Score,
    Segment,
    StandsIn,
)
from vision.errors import Failure
from vision.inspect import Inspection
from vision.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, eq=False)
class Audited:
    """Everything a drive came to.

    Attributes:
        path: drive seconds and places of the driven path on the network.
        zones: that could be told apart.
        aside: finds that are lawful or exempt; none of them is among `findings`.
        stands_in: finding id -> place in which a vehicle stands improperly.
        failures: items that failed while the rest went on.
        seconds: step -> time spent.
    """

    checked: Checked
    inspection: Inspection
    path: tuple[tuple[float, MatchedFix], ...]
    zones: frozenset[str]
    sightings: tuple[PlacedSighting, ...]
    segments: tuple[Segment, ...]
    findings: tuple[Finding, ...]
    aside: tuple[Aside, ...]
    stands_in: Mapping[str, StandsIn]
    coverage: tuple[CoveragePiece, ...]
    scores: tuple[Score, ...]
    failures: tuple[Failure, ...]
    seconds: Mapping[str, float]


def publish(audited: Audited, folder: OutFolder) -> None:
    """Write every file of the report; the page last, when all it links to is there.

    Pictures that show neither a finding nor what was set aside (cars that only drove
    by) are dropped first.
    """
    checked = audited.checked
    outing = checked.outing
    by_id = {segment.id: segment for segment in audited.segments}
    scored = [(by_id[score.segment_id], score) for score in audited.scores]
    names = display_names(checked.standard, checked.taxonomy)
    run = run_facts(audited)
    aside = [one.finding for one in audited.aside]
    said = remarks(
        audited.scores,
        checked.standard,
        stands_in=audited.stands_in,
        aside=audited.aside,
    )
    folder.keep_only(
        {
            name
            for finding in (*audited.findings, *aside)
            for evidence in finding.evidence
            for name in (evidence.image, evidence.crop)
        }
    )
    folder.write_json("segments.geojson", segments_geojson(scored))
    folder.write_json("findings.geojson", findings_geojson(audited.findings))
    folder.write_json("coverage.json", coverage_rows(audited.coverage))
    folder.write_json("scores.json", score_rows(audited.scores))
    folder.write_text(
        "台账.csv",
        ledger_csv(audited.findings, by_id, audited.scores, names=names, remarks=said),
        encoding="utf-8-sig",
    )
    folder.write_json("vehicles.geojson", vehicles_geojson(audited.sightings))
    folder.write_json("run.json", run)
    page = ReportData(
        title="、".join(info.name for info in outing.footage[:3]),
        started=_utc(outing.clock.epoch_at_zero_s),
        run=run,
        segments=scored,
        findings=audited.findings,
        aside=aside,
        remarks=said,
        coverage=audited.coverage,
        path_lonlat=driven_lonlat(outing.track, outing.path_s),
        names=names,
        notices=list(notices(checked, audited.inspection, audited.aside)),
    )
    folder.write_text("report.html", render_page(page))


def display_names(standard: Standard, taxonomy: Taxonomy) -> Names:
    """Return the names that the standard and the taxonomy give to things."""
    return Names(
        elements={e.id: Label(e.zh, e.en) for e in standard.elements},
        rules={r.id: Label(r.zh, r.en) for r in standard.rules},
        categories={c.id: Label(c.zh, c.en) for c in taxonomy.categories},
        grades={g.id: Label(g.id, g.en) for g in standard.grades},
    )


def run_facts(audited: Audited) -> dict[str, Any]:
    """Return what somebody needs to repeat or doubt the run. No path, no person."""
    checked, inspection = audited.checked, audited.inspection
    outing = checked.outing
    return {
        "liujing": outing.aboard or metadata.version("liujing"),
        "python": platform.python_version(),
        "standard": checked.standard.id,
        "grade_floors": [g.floor for g in checked.standard.grades if g.floor > 0],
        "model": outing.card.id,
        **({"confidence": dict(outing.card.moved)} if outing.card.moved else {}),
        "layout_model": outing.layout_id,
        "device": outing.device,
        "aboard": outing.aboard is not None,
        "input_long_side_px": outing.card.long_side_px,
        "footage": [
            {
                "name": s.name,
                "kind": s.kind,
                "codec": s.codec,
                "width_px": s.width_px,
                "height_px": s.height_px,
                "duration_s": round(s.duration_s, 3),
            }
            for s in outing.footage
        ],
        "telemetry": {
            "source": outing.telemetry_source,
            "format": outing.telemetry_format,
            "datum": outing.datum,
            "dropped_fixes": dict(outing.dropped_fixes),
            "clock_method": outing.clock.method,
            "clock_residual_s": outing.clock.residual_s,
        },
        "camera": asdict(outing.camera),
        "assumed": list(checked.assumptions),
        "spacing_m": outing.spacing_m,
        "driven_m": round(driven_m(outing.track, outing.path_s), 1),
        "frames_sampled": inspection.frames,
        "frames_dropped": inspection.dropped,
        "boxes": inspection.detections,
        "sightings": len(inspection.sightings),
        "findings": len(audited.findings),
        "set_aside": len(audited.aside),
        "layers": dict(Counter(area.kind for area in checked.areas)),
        "failures": [asdict(f) for f in audited.failures],
        "seconds": dict(audited.seconds),
        "finished": _utc(datetime.now(UTC).timestamp()),
    }


def _utc(epoch_s: float | None) -> str | None:
    if epoch_s is None:
        return None
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def summary_rows(audited: Audited) -> list[Sequence[str]]:
    """Return the table a terminal shows: one segment a row."""
    by_id = {segment.id: segment for segment in audited.segments}
    standard = audited.checked.standard
    rows: list[Sequence[str]] = []
    for score in audited.scores:
        segment = by_id[score.segment_id]
        lost = sum(len(d.finding_ids) for d in score.deductions)
        rows.append(
            (
                score.segment_id,
                segment.name or "-",
                f"{segment.length_m:.0f}",
                "-" if score.value is None else shown(score.value, standard),
                _interval(score, standard),
                score.grade or "数据不足",
                f"{math.floor(score.coverage * 100 + 1e-9)}%",
                str(lost),
            )
        )
    return rows


def _interval(score: Score, standard: Standard) -> str:
    if score.low is None or score.high is None:
        return "-"
    return f"{shown(score.low, standard)}-{shown(score.high, standard)}"
