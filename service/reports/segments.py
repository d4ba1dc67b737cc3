"""`segments.geojson`: the scored network, for any GIS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from service.reports.wire import truncate_tenth
from service.types import Score, Segment


def segments_geojson(scored: Sequence[tuple[Segment, Score]]) -> dict[str, Any]:
    """Return a FeatureCollection (CRS84) of segments with their scores."""
    return {
        "type": "FeatureCollection",
        "features": [_feature(segment, score) for segment, score in scored],
    }


def _feature(segment: Segment, score: Score) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": segment.id,
        "geometry": {
            "type": "LineString",
            "coordinates": segment.lonlat.round(7).tolist(),
        },
        "properties": {
            "id": segment.id,
            "name": segment.name,
            "class": segment.road_class,
            "length_m": round(segment.length_m, 2),
            "width_m": segment.width_m,
            "district": segment.district,
            "unit_grid": segment.unit_grid,
            "responsible_unit": segment.responsible_unit,
            "assumed": segment.assumed,
            "status": score.status,
            "score": score.value,
            "score_shown": truncate_tenth(score.value),
            "low": score.low,
            "high": score.high,
            "grade": score.grade,
            "grade_certain": score.grade_certain,
            "coverage": round(score.coverage, 4),
            "red_lines": len(score.red_lines),
            "provisional_red_lines": len(score.provisional_red_lines),
            "standard": score.standard,
            "model": score.model_id,
        },
    }
