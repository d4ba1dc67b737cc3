"""rescore(): streets are scored over a window, and what came out is kept."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from typing import Any

from service.memory.settle import settle
from service.memory.street import StreetScore, Terms, Window, score_store
from service.scoring import Standard, score_rows
from service.store import Store

_FACTS = ("standard_id", "from_s", "to_s", "known_s", "status", "value", "low", "high")


def rescore(
    store: Store,
    terms: Terms,
    window: Window,
    *,
    known_s: float | None = None,
    as_of_s: float | None = None,
    segment_ids: Iterable[str] | None = None,
) -> list[StreetScore]:
    """Score streets over a window and write findings, covers and scores down.

    One process at a time does so in a store; others wait.

    Args:
        store: the city's memory.
        terms: the rules.
        window: what the scores speak of.
        known_s: since when the result is known; None for when it is worked out.
        as_of_s: with what was known then: nothing is written but the scores; None for
            all that is known.
        segment_ids: only these streets; None for all.

    Raises:
        InputError: the store has scores under other rules of this standard's name.
    """
    wanted = None if segment_ids is None else sorted(set(segment_ids))
    with store.settling():
        now_s = time.time() if known_s is None else known_s
        if as_of_s is None:
            settle(store, terms, known_s=now_s, segment_ids=wanted)
        return write_scores(
            store, terms, window, known_s=now_s, as_of_s=as_of_s, segment_ids=wanted
        )


def write_scores(
    store: Store,
    terms: Terms,
    window: Window,
    *,
    known_s: float,
    as_of_s: float | None = None,
    segment_ids: Iterable[str] | None = None,
) -> list[StreetScore]:
    """Score streets over a window and write it down, for who settles and holds on.

    Raises:
        InputError: the store has scores under other rules of this standard's name.
    """
    remember(store, terms.standard, known_s)
    found = score_store(
        store, window=window, terms=terms, as_of_s=as_of_s, segment_ids=segment_ids
    )
    streets = list(found)
    store.add_scores(
        [_row(street, window, terms.standard, known_s) for street in streets],
        newest=as_of_s is None,
    )
    return streets


def remember(store: Store, standard: Standard, known_s: float) -> None:
    """Keep the standard that scores are given under.

    Raises:
        InputError: the store has scores under other rules of this name.
    """
    text = standard.model_dump_json(by_alias=True)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    store.add_standard(standard.id, sha256, text, known_s=known_s)


def street_json(street: StreetScore) -> dict[str, Any]:
    """Return a street's score with its findings, as JSON has it."""
    score = None if street.working is None else street.working.score
    return {
        "segment_id": street.segment.id,
        "status": street.status,
        "passes": street.looks,
        "age_days": street.age_days,
        "score": None if score is None else score_rows([score])[0],
        "findings": [
            {
                "id": known.finding.id,
                "category": known.finding.category,
                "state": known.finding.state,
                "probability": known.finding.probability,
                "candidate": known.finding.candidate,
                "first_seen": known.finding.first_seen,
                "last_seen": known.finding.last_seen,
                "recurrences": known.recurrences,
                "sightings": [list(name) for name in known.sightings],
            }
            for known in street.findings
        ],
    }


def _row(
    street: StreetScore, window: Window, standard: Standard, known_s: float
) -> dict[str, Any]:
    """Return the row of a score, with the feature that maps show of it."""
    score = None if street.working is None else street.working.score
    row = {
        "segment_id": street.segment.id,
        "standard_id": standard.id,
        "from_s": window.from_s,
        "to_s": window.to_s,
        "known_s": known_s,
        "status": street.status,
        "value": None if score is None else score.value,
        "low": None if score is None else score.low,
        "high": None if score is None else score.high,
        "grade": None if score is None else score.grade,
        "body": street_json(street),
    }
    return {
        **row,
        "district": street.segment.district,
        "feature": _feature(street, row),
    }


def _feature(street: StreetScore, row: dict[str, Any]) -> str:
    segment = street.segment
    score = None if street.working is None else street.working.score
    properties = {
        "segment_id": segment.id,
        "name": segment.name,
        "road_class": segment.road_class,
        "length_m": round(segment.length_m, 1),
        "district": segment.district,
        "unit_grid": segment.unit_grid,
        "responsible_unit": segment.responsible_unit,
        **{name: row[name] for name in _FACTS},
        "grade": row["grade"],
        "grade_certain": None if score is None else score.grade_certain,
        "coverage": None if score is None else round(score.coverage, 4),
        "findings": sum(
            known.finding.state in {"raw", "confirmed", "recurred"}
            for known in street.findings
        ),
        "red_lines": 0 if score is None else len(score.red_lines),
        "age_days": street.age_days,
    }
    feature = {
        "type": "Feature",
        "id": segment.id,
        "geometry": {
            "type": "LineString",
            "coordinates": segment.lonlat.round(7).tolist(),
        },
        "properties": properties,
    }
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
