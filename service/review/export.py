"""Reviews go out to training as a folder: masked frames, boxes, what people said.

The form `liujing-reviews@1` is in docs/forms.md; training reads it and nothing else
of the service. Only pictures that the store keeps leave it, and those are masked.
Reviewers have pseudonyms that stay the same from export to export and say no name.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.store import Store
from service.store.reviewed import ReviewedSighting
from vision.errors import Failure, InputError, NotFoundError, OutputError

FORM = "liujing-reviews@1"
FILE = "reviews.json"
IMAGES = "images"
NOBODY = "unreviewed"
"""Of a box that the model found in a reviewed frame and nobody was asked about."""
_SIGNED = "reviewers"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        pictures: in the folder now.
        boxes: verdict -> how many.
        failures: pictures that could not be read.
    """

    pictures: int
    boxes: Mapping[str, int]
    failures: tuple[Failure, ...]


@dataclass(slots=True)
class _Picture:
    """One frame while its boxes are gathered."""

    facts: dict[str, Any]
    streets: set[str] = field(default_factory=set)
    boxes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_reviewed(self) -> bool:
        return any(box["verdict"] != NOBODY for box in self.boxes)

    def as_row(self) -> dict[str, Any]:
        boxes = sorted(self.boxes, key=lambda b: (b["sighting"] or "", b["xyxy"]))
        return {**self.facts, "streets": sorted(self.streets), "boxes": boxes}


def export_reviews(
    store: Store, folder: Path, *, utc_offset_h: float, now_s: float
) -> Exported:
    """Write every reviewed frame below `folder`; an older export there is renewed.

    Args:
        store: the city's memory.
        folder: new, empty, or of an earlier export.
        utc_offset_h: hours from UTC to the city's days.
        now_s: Unix seconds.

    Raises:
        InputError: the folder holds something else.
        NotFoundError: nothing was reviewed yet.
        OutputError: it cannot be written.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE).is_file():
        msg = f"{folder} holds something else than an export; name a new folder"
        raise InputError(msg)
    key = store.secret(_SIGNED, secrets.token_hex(32), known_s=now_s)
    pictures = _gathered(store, key, utc_offset_h)
    if not pictures:
        msg = f"nothing in the store {store.name} was reviewed yet; review first"
        raise NotFoundError(msg)
    failures: list[Failure] = []
    rows = []
    try:
        (folder / IMAGES).mkdir(parents=True, exist_ok=True)
        for name, picture in sorted(pictures.items()):
            try:
                content = store.blobs.get(name)
            except NotFoundError as error:
                failures.append(Failure(name, error.code, str(error)))
                continue
            target = folder / IMAGES / name
            if not target.is_file() or target.stat().st_size != len(content):
                target.write_bytes(content)
            rows.append(picture.as_row())
        table = {"form": FORM, "made": _time(now_s), "pictures": rows}
        part = folder / f"{FILE}.part"
        part.write_text(json.dumps(table, ensure_ascii=False, indent=1), "utf-8")
        part.replace(folder / FILE)
    except OSError as error:
        msg = f"{folder} cannot be written ({error.strerror}); make room there"
        raise OutputError(msg) from error
    return Exported(len(rows), _counts(rows), tuple(failures))


def _gathered(store: Store, key: str, utc_offset_h: float) -> dict[str, _Picture]:
    """Return the reviewed frames by the name of their blob."""
    pictures: dict[str, _Picture] = {}
    findings: dict[str, Mapping[tuple[str, int], str]] = {}
    for seen in store.reviewed_sightings():
        street = seen.segment_id
        if street is not None and street not in findings:
            findings[street] = _finding_of(store, street)
        finding = findings.get(street or "", {}).get((seen.inspection_id, seen.number))
        for evidence in seen.evidence:
            name = evidence["image"]
            facts: dict[str, Any] = {
                "image": f"{IMAGES}/{name}",
                "day": _day(seen.seen_s, utc_offset_h),
                "camera": seen.vehicle,
                "light": None,
                "model": seen.model_id,
                "gold": False,
                "complete": [],
            }
            picture = pictures.setdefault(name, _Picture(facts))
            if street is not None:
                picture.streets.add(street)
            picture.boxes.append(_box(seen, evidence, finding, key))
    return {name: one for name, one in pictures.items() if one.is_reviewed}


def _box(
    seen: ReviewedSighting, evidence: Mapping[str, Any], finding: str | None, key: str
) -> dict[str, Any]:
    return {
        "category": seen.category,
        "xyxy": list(evidence["xyxy"]),
        "verdict": seen.verdict or NOBODY,
        "drawn": False,
        "sighting": f"{seen.inspection_id}/{seen.number}",
        "finding": finding,
        "street": seen.segment_id,
        "reviewer": None if seen.reviewer is None else pseudonym(seen.reviewer, key),
        "reason": seen.reason,
        "said": None if seen.said_s is None else _time(seen.said_s),
    }


def pseudonym(reviewer: str, key: str) -> str:
    """Return a name that stands for a reviewer and cannot be led back to them."""
    digest = hmac.new(bytes.fromhex(key), reviewer.encode(), hashlib.sha256)
    return f"r-{digest.hexdigest()[:12]}"


def _finding_of(store: Store, street: str) -> dict[tuple[str, int], str]:
    return {
        sighting: known.finding.id
        for known in store.findings(street)
        for sighting in known.sightings
    }


def _counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    verdicts = [box["verdict"] for row in rows for box in row["boxes"]]
    return {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))}


def _day(at_s: float, utc_offset_h: float) -> str:
    at = datetime.fromtimestamp(at_s + utc_offset_h * 3600, UTC)
    return at.strftime("%Y-%m-%d")


def _time(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
