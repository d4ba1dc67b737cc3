"""`dwells.json`: what stood before a camera, written out. Form: docs/forms.md."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from vision.fixed import Dwell
from vision.watch import Watched

RESULT = "dwells.json"


def watched_form(camera: str, seen: Watched) -> dict[str, Any]:
    """Return a watch as it is written.

    Args:
        camera: its name.
        seen: what it saw.
    """
    return {
        "camera": camera,
        "from": utc(seen.first_s),
        "to": utc(seen.last_s),
        "pictures": seen.pictures,
        "dropped": seen.dropped,
        "gaps": [
            {"from": utc(g.from_s), "to": utc(g.to_s), "reason": g.reason}
            for g in seen.gaps
        ],
        "dwells": [_form(dwell) for dwell in (*seen.dwells, *seen.standing)],
        "outstayed": [
            {**_form(o.dwell), "image": o.evidence.image, "crop": o.evidence.crop}
            for o in seen.outstayed
        ],
    }


def utc(epoch_s: float | None) -> str | None:
    """Return a time as it is written; None stays None."""
    if epoch_s is None:
        return None
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _form(dwell: Dwell) -> dict[str, Any]:
    row = asdict(dwell)
    del row["unbroken"]
    row["first"], row["last"] = utc(row.pop("first_s")), utc(row.pop("last_s"))
    return {
        **row,
        "lon": round(dwell.lon, 7),
        "lat": round(dwell.lat, 7),
        "confidence": round(dwell.confidence, 4),
        "dwell_s": round(dwell.dwell_s, 1),
        "unbroken_s": round(dwell.unbroken.length_s, 1),
        "over_limit": dwell.over_limit,
    }
