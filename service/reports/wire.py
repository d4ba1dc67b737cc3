"""The JSON the report page reads: our nouns with display values added."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from service.types import CoveragePiece, Finding, Score


def truncate_tenth(value: float | None) -> float | None:
    """Return `value` cut to one decimal, never rounded up: 89.96 shows 89.9."""
    return None if value is None else math.floor(value * 10 + 1e-6) / 10


def score_wire(score: Score) -> dict[str, Any]:
    """Return the fields of `score`, with the shown (truncated) value beside it."""
    return {**asdict(score), "shown": truncate_tenth(score.value)}


def piece_wire(piece: CoveragePiece) -> dict[str, Any]:
    """Return one coverage piece."""
    return {
        "zone": piece.zone,
        "side": piece.side,
        "from_m": round(piece.from_m, 1),
        "to_m": round(piece.to_m, 1),
        "status": piece.status,
        "reason": piece.reason,
    }


def finding_wire(finding: Finding) -> dict[str, Any]:
    """Return one finding with its pictures."""
    return {
        "id": finding.id,
        "category": finding.category,
        "lon": round(finding.lon, 7),
        "lat": round(finding.lat, 7),
        "sigma_m": round(finding.sigma_m, 2),
        "segment_id": finding.segment_id,
        "side": finding.side,
        "offset_m": None if finding.offset_m is None else round(finding.offset_m, 1),
        "zone": finding.zone,
        "element": finding.element,
        "state": finding.state,
        "probability": round(finding.probability, 3),
        "severity": finding.severity,
        "candidate": finding.candidate,
        "evidence": [
            {"image": e.image, "crop": e.crop, "xyxy": [round(v, 1) for v in e.xyxy]}
            for e in finding.evidence
        ],
    }
