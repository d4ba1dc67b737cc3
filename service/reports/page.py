"""The report: one HTML page that opens from disk, with map, scores and pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import jinja2

from service.reports.labels import (
    REASON_LABELS,
    SIDE_LABELS,
    STATUS_LABELS,
    ZONE_LABELS,
    Label,
)
from service.reports.wire import finding_wire, piece_wire, score_wire
from service.types import CoveragePiece, Finding, Score, Segment


@dataclass(frozen=True, slots=True)
class Names:
    """Display names that come from data files.

    Attributes:
        elements: element id -> name, in the standard's order.
        rules: rule id -> name.
        categories: category id -> name.
        grades: grade id -> name, best first.
    """

    elements: Mapping[str, Label]
    rules: Mapping[str, Label]
    categories: Mapping[str, Label]
    grades: Mapping[str, Label]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing the reader must know before trusting the scores."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, eq=False)
class ReportData:
    """Everything the page shows.

    Attributes:
        title: of the drive, e.g. its footage name.
        started: UTC ISO 8601 of the first picture; None if unknown.
        run: plain facts for the page's foot (versions, clock, counts).
        segments: every segment of the drive, with its score.
        findings: every finding of the drive.
        aside: what would be a finding and is lawful or exempt.
        remarks: finding id, of both -> what is said beside it.
        coverage: pieces of all driven segments.
        path_lonlat: driven path, `(lon, lat)` degrees.
        names: display names.
        notices: assumptions and failures, most important first.
    """

    title: str
    started: str | None
    run: Mapping[str, Any]
    segments: Sequence[tuple[Segment, Score]]
    findings: Sequence[Finding]
    aside: Sequence[Finding]
    remarks: Mapping[str, Label]
    coverage: Sequence[CoveragePiece]
    path_lonlat: Sequence[tuple[float, float]]
    names: Names
    notices: Sequence[Notice]


def render_page(report: ReportData) -> str:
    """Return the page as one HTML text; pictures are linked relative to its folder."""
    here = resources.files("service.reports")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    template = environment.from_string(
        (here / "templates" / "report.html.j2").read_text("utf-8")
    )
    leaflet = here / "assets" / "leaflet"
    return template.render(
        title=report.title,
        data=_script_safe(json.dumps(_page_data(report), ensure_ascii=False)),
        style=(here / "templates" / "report.css").read_text("utf-8"),
        script=(here / "templates" / "report.js").read_text("utf-8"),
        leaflet_style=(leaflet / "leaflet.css").read_text("utf-8"),
        leaflet_script=(leaflet / "leaflet.js").read_text("utf-8"),
    )


def _script_safe(text: str) -> str:
    return (
        text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "")
    )


def _page_data(report: ReportData) -> dict[str, Any]:
    pieces: dict[str, list[dict[str, Any]]] = {}
    for piece in report.coverage:
        pieces.setdefault(piece.segment_id, []).append(piece_wire(piece))
    return {
        "title": report.title,
        "started": report.started,
        "run": dict(report.run),
        "notices": [{"zh": n.zh, "en": n.en} for n in report.notices],
        "path": [[round(x, 7), round(y, 7)] for x, y in report.path_lonlat],
        "segments": [
            {
                "id": segment.id,
                "name": segment.name,
                "road_class": segment.road_class,
                "length_m": round(segment.length_m, 1),
                "assumed": segment.assumed,
                "district": segment.district,
                "responsible_unit": segment.responsible_unit,
                "lonlat": segment.lonlat.round(7).tolist(),
                "score": score_wire(score),
                "coverage": pieces.get(segment.id, []),
            }
            for segment, score in report.segments
        ],
        "findings": [finding_wire(f) for f in report.findings],
        "aside": [finding_wire(f) for f in report.aside],
        "remarks": _labels(report.remarks),
        "labels": {
            "elements": _labels(report.names.elements),
            "rules": _labels(report.names.rules),
            "categories": _labels(report.names.categories),
            "grades": _labels(report.names.grades),
            "zones": _labels(ZONE_LABELS),
            "sides": _labels(SIDE_LABELS),
            "statuses": _labels(STATUS_LABELS),
            "reasons": _labels(REASON_LABELS),
        },
    }


def _labels(table: Mapping[str, Label]) -> dict[str, dict[str, str]]:
    return {key: label.as_json() for key, label in table.items()}
