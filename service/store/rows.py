"""Nouns to rows and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from sqlalchemy import RowMapping

from service.records import DriveRecord
from service.store import schema as t
from service.store.damaged import of_table
from service.types import CoveragePiece, PlacedSighting, Segment
from vision.types import Evidence, Sighting

Row = RowMapping
_FACTS = ("liujing", "spacing_m", "camera", "telemetry")


def digest(*parts: object) -> str:
    """Return 32 hexadecimal digits that stand for these parts."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def drive_id(record: DriveRecord) -> str:
    """Return the name of a drive: the same footage is the same drive."""
    return footage_id(record.footage.values())


def footage_id(hashes: Iterable[str]) -> str:
    """Return the name of the drive that this footage is, by its SHA-256."""
    return digest(sorted(hashes))


def inspection_id(record: DriveRecord) -> str:
    """Return the name of an inspection: the same eyes on the same footage.

    Another camera, track or road file makes another one, which takes its place, and so
    do other operating points.
    """
    seen_by = record.seen_by
    facts = {name: record.run.get(name) for name in _FACTS}
    if record.run.get("confidence"):
        facts["confidence"] = record.run["confidence"]
    streets = sorted(segment_row(segment, 0.0)["digest"] for segment in record.segments)
    eyes = (seen_by.model_sha256, seen_by.layout_id)
    return digest(drive_id(record), eyes, record.started_s, facts, streets)


def segment_row(segment: Segment, known_s: float) -> dict[str, Any]:
    """Return the row of a street; its digest changes with anything about it."""
    row: dict[str, Any] = {
        "id": segment.id,
        "name": segment.name,
        "road_class": segment.road_class,
        "lonlat": segment.lonlat.tolist(),
        "length_m": segment.length_m,
        "width_m": segment.width_m,
        "oneway": segment.oneway,
        "district": segment.district,
        "unit_grid": segment.unit_grid,
        "responsible_unit": segment.responsible_unit,
        "absent_zones": sorted(segment.absent_zones),
        "assumed": segment.assumed,
    }
    return {**row, "digest": digest(row), "known_s": known_s}


@of_table(t.segment)
def segment_of(row: Row) -> Segment:
    """Return the street of a row."""
    return Segment(
        id=row["id"],
        name=row["name"],
        road_class=row["road_class"],
        lonlat=np.asarray(row["lonlat"], np.float64).reshape(-1, 2),
        length_m=row["length_m"],
        width_m=row["width_m"],
        oneway=row["oneway"],
        district=row["district"],
        unit_grid=row["unit_grid"],
        responsible_unit=row["responsible_unit"],
        absent_zones=frozenset(row["absent_zones"]),
        assumed=row["assumed"],
    )


_PLAIN = (
    "id", "category", "probability", "lon", "lat", "sigma_m", "lateral_m",
    "lateral_sigma_m", "heading_deg", "stationary_probability", "frames", "width_m",
)  # fmt: skip


def sighting_row(
    placed: PlacedSighting, number: int, inspection: str, started_s: float
) -> dict[str, Any]:
    """Return the row of a sighting; drive seconds become Unix seconds."""
    seen = placed.sighting
    return {
        **{name: getattr(seen, name) for name in _PLAIN},
        "inspection_id": inspection,
        "number": number,
        "segment_id": placed.segment_id,
        "side": placed.side,
        "offset_m": placed.offset_m,
        "zone_belief": _json(placed.zone_belief),
        "surface_belief": _json(seen.surface_belief),
        "appearance": None if seen.appearance is None else list(seen.appearance),
        "first_s": started_s + seen.first_drive_s,
        "last_s": started_s + seen.last_drive_s,
        "evidence": [asdict(picture) for picture in seen.evidence],
    }


@of_table(t.sighting)
def sighting_of(row: Row, started_s: float, model_id: str) -> PlacedSighting:
    """Return the sighting of a row, on the clock of its drive."""
    seen = Sighting(
        **{name: row[name] for name in _PLAIN},
        first_drive_s=row["first_s"] - started_s,
        last_drive_s=row["last_s"] - started_s,
        zone_belief=_belief(row["zone_belief"]),
        surface_belief=_belief(row["surface_belief"]),
        appearance=None if row["appearance"] is None else tuple(row["appearance"]),
        evidence=tuple(
            Evidence(**{**picture, "xyxy": tuple(picture["xyxy"])})
            for picture in row["evidence"]
        ),
        model_id=model_id,
    )
    return PlacedSighting(
        seen, row["segment_id"], row["side"], row["offset_m"], seen.zone_belief
    )


def coverage_row(piece: CoveragePiece, number: int, inspection: str) -> dict[str, Any]:
    """Return the row of a piece of coverage."""
    return {**asdict(piece), "inspection_id": inspection, "number": number}


def coverage_of_row(row: Row) -> CoveragePiece:
    """Return the piece of coverage of a row."""
    return CoveragePiece(
        segment_id=row["segment_id"],
        zone=row["zone"],
        side=row["side"],
        from_m=row["from_m"],
        to_m=row["to_m"],
        status=row["status"],
        reason=row["reason"],
    )


def _belief(kept: Any) -> dict[str, float] | None:
    return None if kept is None else {name: float(p) for name, p in kept.items()}


def _json(belief: Mapping[str, float] | None) -> dict[str, float] | None:
    return None if belief is None else dict(belief)
