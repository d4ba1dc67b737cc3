"""What follows from sightings, to rows and back: findings and assets."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from service.packed import step_bytes, steps_of
from service.records import Cover, CoverLook, KnownFinding
from service.store import schema as t
from service.store.damaged import of_table
from service.store.rows import digest
from service.types import Finding
from vision.types import Evidence

WITHDRAWN = "withdrawn"
"""State of what was taken for a thing of its own, and is not any more."""
COVER = "cover"
_PLAIN = (
    "id", "category", "lon", "lat", "sigma_m", "segment_id", "side", "offset_m", "zone",
    "zone_probability", "state", "severity", "candidate", "size_m",
)  # fmt: skip


def finding_row(known: KnownFinding, known_s: float) -> dict[str, Any]:
    """Return the row of a finding; its digest changes with anything about it."""
    one = known.finding
    row: dict[str, Any] = {
        **{name: getattr(one, name) for name in _PLAIN},
        "real_probability": known.real,
        "present_probability": known.present,
        "first_s": _epoch_s(one.first_seen),
        "last_s": _epoch_s(one.last_seen),
        "cleared_s": known.cleared_s,
        "recurrences": known.recurrences,
        "looked": known.looked,
        "sightings": [list(name) for name in known.sightings],
        "evidence": [asdict(picture) for picture in one.evidence],
    }
    steps = step_bytes(known.steps)
    once = ("once",) if one.once else ()
    return {
        **row,
        "steps": steps,
        "once": one.once,
        "digest": digest(row, steps.hex(), *once),
        "known_s": known_s,
    }


@of_table(t.finding)
def known_of_row(row: RowMapping) -> KnownFinding:
    """Return the finding of a row; its element is that of no score."""
    finding = Finding(
        **{name: row[name] for name in _PLAIN},
        element=None,
        probability=row["real_probability"] * row["present_probability"],
        first_seen=_utc(row["first_s"]),
        last_seen=_utc(row["last_s"]),
        evidence=tuple(
            Evidence(**{**picture, "xyxy": tuple(picture["xyxy"])})
            for picture in row["evidence"]
        ),
        once=bool(row["once"]),
    )
    return KnownFinding(
        finding=finding,
        real=row["real_probability"],
        present=row["present_probability"],
        cleared_s=row["cleared_s"],
        recurrences=row["recurrences"],
        looked=row["looked"],
        sightings=tuple((name, number) for name, number in row["sightings"]),
        steps=steps_of(row["steps"]),
    )


def withdrawn_row(row: RowMapping, known_s: float) -> dict[str, Any]:
    """Return the row that takes a finding or an asset back."""
    gone = {**row, "known_s": known_s, "state": WITHDRAWN, "digest": WITHDRAWN}
    return {**gone, "steps": b""} if "steps" in gone else gone


def asset_row(cover: Cover, known_s: float) -> dict[str, Any]:
    """Return the row of a cover."""
    row: dict[str, Any] = {
        "id": cover.id,
        "kind": COVER,
        "segment_id": cover.segment_id,
        "side": cover.side,
        "offset_m": cover.offset_m,
        "lon": cover.lon,
        "lat": cover.lat,
        "sigma_m": cover.sigma_m,
        "state": cover.state,
        "bad_probability": cover.bad,
        "history": [asdict(look) for look in cover.history],
    }
    return {**row, "digest": digest(row), "known_s": known_s}


@of_table(t.asset)
def cover_of_row(row: RowMapping) -> Cover:
    """Return the cover of a row."""
    return Cover(
        id=row["id"],
        lon=row["lon"],
        lat=row["lat"],
        sigma_m=row["sigma_m"],
        segment_id=row["segment_id"],
        side=row["side"],
        offset_m=row["offset_m"],
        state=row["state"],
        bad=row["bad_probability"],
        history=tuple(
            CoverLook(**{**look, "sighting": tuple(look["sighting"])})
            for look in row["history"]
        ),
    )


def _epoch_s(text: str | None) -> float:
    return 0.0 if text is None else datetime.fromisoformat(text).timestamp()


def _utc(at_s: float) -> str:
    at = datetime.fromtimestamp(at_s, tz=UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
