"""Findings against the truth of a rendered drive: pairs, F1, position errors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from vision.geo import LocalFrame

Row = dict[str, Any]
WITHIN_M = 3.0


@dataclass(frozen=True, slots=True)
class Compared:
    """How findings and truth go together.

    Attributes:
        pairs: (finding, truth object, distance in metres), one to one.
        spare: findings without a truth object.
        missed: truth objects without a finding.
    """

    pairs: tuple[tuple[Row, Row, float], ...]
    spare: tuple[Row, ...]
    missed: tuple[Row, ...]

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, `[0, 1]`."""
        wrong = len(self.spare) + len(self.missed)
        return 2 * len(self.pairs) / max(1, 2 * len(self.pairs) + wrong)

    @property
    def median_error_m(self) -> float:
        """Median distance between found and true place."""
        return float(np.median([d for _, _, d in self.pairs]))


def read_findings(path: Path) -> list[Row]:
    """Return the finds of a findings.geojson, candidates left out."""
    features = json.loads(path.read_text("utf-8"))["features"]
    return [
        {
            **f["properties"],
            "lon": f["geometry"]["coordinates"][0],
            "lat": f["geometry"]["coordinates"][1],
        }
        for f in features
        if not f["properties"].get("candidate")
    ]


def visible_objects(truth: dict[str, Any], categories: set[str]) -> list[Row]:
    """Return the truth objects of `categories` that the drive really shows."""
    return [
        o
        for o in truth["objects"]
        if o["category"] in categories and o["first_visible_s"] is not None
    ]


def compare(findings: list[Row], objects: list[Row]) -> Compared:
    """Pair findings with objects of the same class within 3 m, the nearest overall."""
    if not findings or not objects:
        return Compared((), tuple(findings), tuple(objects))
    frame = LocalFrame(objects[0]["lon"], objects[0]["lat"])
    found = frame.to_xy([[f["lon"], f["lat"]] for f in findings])
    true = frame.to_xy([[o["lon"], o["lat"]] for o in objects])
    apart = np.linalg.norm(found[:, None] - true[None], axis=2)
    same = np.array(
        [[f["category"] == o["category"] for o in objects] for f in findings]
    )
    cost = np.where(same & (apart <= WITHIN_M), apart, 1e6)
    rows, columns = linear_sum_assignment(cost)
    pairs = [(r, c) for r, c in zip(rows, columns, strict=True) if cost[r, c] < 1e6]
    used_found, used_true = {r for r, _ in pairs}, {c for _, c in pairs}
    return Compared(
        pairs=tuple((findings[r], objects[c], float(apart[r, c])) for r, c in pairs),
        spare=tuple(f for i, f in enumerate(findings) if i not in used_found),
        missed=tuple(o for i, o in enumerate(objects) if i not in used_true),
    )


def junction_distance_m(roads: dict[str, Any], row: Row) -> float:
    """Return how far along its street a truth object is from the segment's nearer end.

    An object beside the very end of a segment may lie metres to the side of it and
    still belong to either street by a hair, so the distance is measured along it.
    """
    line = next(
        feature["geometry"]["coordinates"]
        for feature in roads["features"]
        if feature["properties"]["id"] == row["segment_id"]
    )
    xy = LocalFrame(*line[0]).to_xy(line)
    length_m = float(np.linalg.norm(np.diff(xy, axis=0), axis=1).sum())
    return min(row["offset_m"], length_m - row["offset_m"])


def true_findings(objects: list[Row]) -> dict[str, Any]:
    """Return the truth as a findings.geojson of confirmed finds."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [o["lon"], o["lat"]]},
                "properties": {
                    "id": o["id"],
                    "category": o["category"],
                    "zone": o["zone"],
                    "state": "confirmed",
                    "probability": 1.0,
                    "segment_id": o["segment_id"],
                    "side": o["side"],
                    "offset_m": o["offset_m"],
                },
            }
            for o in objects
        ],
    }
