"""Made-up layers of context about the sample drive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from vision.geo import LocalFrame

SAMPLE = Path(__file__).resolve().parents[2] / "datasets" / "sample-drive"
SCHOOL, PERMIT, HOURS = "建安路小学", "文峰便民点", "06:00-20:00"
PERMITTED = "stall-141"
"""Of the truth; the drive passes it at ten in the morning."""


def write_layers(folder: Path) -> dict[str, Path]:
    """Write a school 100 m from the drive and a permit around one true stall."""
    truth = json.loads((SAMPLE / "truth.json").read_text("utf-8"))
    stall = next(o for o in truth["objects"] if o["id"] == PERMITTED)
    frame = LocalFrame(stall["lon"], stall["lat"])
    corners = np.array([(-4, -4), (4, -4), (4, 4), (-4, 4), (-4, -4)])
    permitted = {
        "type": "Polygon",
        "coordinates": [np.asarray(frame.to_lonlat(corners)).tolist()],
    }
    school = {"type": "Point", "coordinates": [113.8531, 34.0345]}
    return {
        "school": _layer(folder / "schools.geojson", school, name=SCHOOL),
        "stall_permit": _layer(
            folder / "permits.geojson", permitted, name=PERMIT, hours=HOURS
        ),
    }


def _layer(path: Path, geometry: dict[str, Any], **properties: str) -> Path:
    feature = {"type": "Feature", "geometry": geometry, "properties": properties}
    layer = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(layer, ensure_ascii=False), "utf-8")
    return path
