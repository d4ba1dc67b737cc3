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
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.findings.said import decided, heard
from service.light import light_at
from service.records import SightingVerdict
from service.store import Store
from service.store.reviewed import PicturedSighting
from vision.errors import Failure, InputError, NotFoundError, OutputError
from vision.taxonomy import load_taxonomy

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
    store: Store,
    folder: Path,
    *,
    utc_offset_h: float,
    now_s: float,
    complete: Sequence[str] = (),
) -> Exported:
    """Write every reviewed frame below `folder`; an older export there is renewed.

    Args:
        store: the city's memory.
        folder: new, empty, or of an earlier export.
        utc_offset_h: hours from UTC to the city's days.
        now_s: Unix seconds.
        complete: categories of which reviewers boxed every thing in each frame that
            they judged; only then a missing box says something.

    Raises:
        InputError: the folder holds something else, or there is no such category.
        NotFoundError: nothing was reviewed yet.
        OutputError: it cannot be written.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE).is_file():
        msg = f"{folder} holds something else than an export; name a new folder"
        raise InputError(msg)
    known = {one.id for one in load_taxonomy().categories}
    for name in complete:
        if name not in known:
            msg = f"there is no category {name}; see datasets/taxonomy.toml"
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
            rows.append({**picture.as_row(), "complete": sorted(complete)})
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
    for inspection in store.reviewed_inspections():
        words: dict[int, list[SightingVerdict]] = defaultdict(list)
        for word in store.verdicts([inspection]):
            words[word.number].append(word)
        for seen in store.pictured(inspection):
            street = seen.segment_id
            if street is not None and street not in findings:
                findings[street] = _finding_of(store, street)
            asked = {
                "sighting": f"{inspection}/{seen.number}",
                "finding": findings.get(street or "", {}).get(
                    (inspection, seen.number)
                ),
                "street": street,
                "drawn": seen.drawn_by is not None,
            }
            boxes = [
                {**asked, **said} for said in said_of(seen, words[seen.number], key)
            ]
            is_gold = any(word.kind == "gold" for word in words[seen.number])
            for evidence in seen.evidence:
                facts = _facts(seen, evidence["image"], utc_offset_h)
                picture = pictures.setdefault(evidence["image"], _Picture(facts))
                picture.facts["gold"] |= is_gold
                if street is not None:
                    picture.streets.add(street)
                xyxy = list(evidence["xyxy"])
                picture.boxes += [{**box, "xyxy": xyxy} for box in boxes]
    return {name: one for name, one in pictures.items() if one.is_reviewed}


def _facts(seen: PicturedSighting, image: str, utc_offset_h: float) -> dict[str, Any]:
    return {
        "image": f"{IMAGES}/{image}",
        "day": _day(seen.first_s, utc_offset_h),
        "camera": seen.vehicle,
        "light": light_at(seen.first_s, seen.lon, seen.lat),
        "model": seen.model_id,
        "gold": False,
        "complete": [],
    }


def said_of(
    seen: PicturedSighting, words: Iterable[SightingVerdict], key: str
) -> list[dict[str, Any]]:
    """Return what is believed of one sighting: one box, or two where it was corrected.

    A thing that is another than it seemed is false as what it seemed, and real as what
    it is. Where reviewers contradict each other it is unclear.
    """
    spoken = [word for word in words if word.verdict != "withdrawn"]
    counted = heard(spoken)
    last = counted[-1] if counted else None
    said = decided(spoken)
    verdict: str = NOBODY
    if said is not None:
        verdict = said.verdict
    elif any(word.kind != "appeal" for word in spoken):
        verdict = "unclear"
    elif seen.drawn_by is not None:
        verdict = "real"
    box = {
        "category": seen.category,
        "verdict": verdict,
        "reviewer": None if last is None else pseudonym(last.reviewer, key),
        "reason": None if last is None else last.reason,
        "said": None if last is None else _time(last.at_s),
    }
    other = None if said is None else said.category
    if other in (None, seen.category):
        return [box]
    if verdict == "false":  # no problem, but something else that we know
        verdict = "real"
    return [
        {**box, "verdict": "false"},
        {**box, "category": other, "verdict": verdict},
    ]


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
