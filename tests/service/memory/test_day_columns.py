"""Scores of many days at once are those of single streets, worked out one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from service.findings import findings_across
from service.memory import street as memory
from service.memory.day_columns import Eyes, columns_of
from service.memory.street import StreetScore, Terms, Window, score_street
from service.packed import (
    INSUFFICIENT,
    NOT_PASSED,
    SCORED,
    STALE,
    ground_bytes,
    step_bytes,
)
from service.records import KnownFinding, Look
from service.scoring import load_standard
from service.scoring.days import (
    Days,
    DayScores,
    score_days,
)
from service.store import FindingRow, PassRow
from service.types import DAY_S
from tests.service.findings.passes import ROLES
from tests.simulation.city import START_S, Settings, Street, streets

DAYS = 75
STATUS = {
    "scored": SCORED,
    "insufficient": INSUFFICIENT,
    "stale": STALE,
    "not_passed": NOT_PASSED,
}


def terms_of(standard: str) -> Terms:
    return Terms(load_standard(standard), ROLES)


def pass_row(street: Street, look: Look) -> PassRow:
    ground = ground_bytes(look.coverage, street.segment.length_m)
    return PassRow(
        street.segment.id, look.at_s, look.inspection_id, ground, look.outing
    )


def finding_row(street: Street, known: KnownFinding) -> FindingRow:
    one = known.finding
    return FindingRow(
        one.id,
        street.segment.id,
        one.category,
        one.zone,
        one.side,
        one.offset_m,
        one.severity,
        one.lon,
        one.lat,
        one.state,
        step_bytes(known.steps),
    )


def known_of(street: Street, terms: Terms) -> list[KnownFinding]:
    counted = [c for look in street.looks if (c := terms.countable(look)) is not None]
    return findings_across(counted, roles=ROLES, rule=terms.rule)


def scored_at_once(
    city: Sequence[Street], terms: Terms, window_days: int = 30
) -> DayScores:
    looks = [look for street in city for look in street.looks]
    eyes = Eyes.of({look.inspection_id: look.seen_by for look in looks}, terms)
    columns = columns_of(
        [street.segment for street in city],
        [pass_row(street, look) for street in city for look in street.looks],
        [finding_row(street, k) for street in city for k in known_of(street, terms)],
        eyes=eyes,
        terms=terms,
    )
    return score_days(
        columns,
        Days(START_S - 10 * DAY_S, DAYS, window_days * DAY_S),
        standard=terms.standard,
        places=terms.areas,
        calendar=terms.calendar,
    )


def snapshot(known: KnownFinding, at_s: float) -> KnownFinding | None:
    """Return a finding as it was believed just before a time."""
    steps = [step for step in known.steps if step.at_s < at_s]
    if not steps:
        return None
    p = steps[-1].probability
    state = "confirmed" if p == 1 else "raw"
    finding = replace(known.finding, probability=p, state=state, candidate=False)
    return replace(known, finding=finding, steps=tuple(steps))


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> object:
    """Score a street on a day from the same findings."""

    def score(street: Street, terms: Terms, window: Window) -> StreetScore:
        known = known_of(street, terms)
        now = [k for one in known if (k := snapshot(one, window.to_s)) is not None]
        monkeypatch.setattr(memory, "findings_across", lambda *_a, **_k: now)
        return score_street(
            street.segment, street.looks, (), window=window, terms=terms
        )

    return score


def days_of(scores: DayScores, street: int) -> Iterator[tuple[int, int]]:
    """Yield every day and the row that holds on it."""
    first, count = scores.rows.first[street], scores.rows.count[street]
    changes = scores.rows.day[first : first + count]
    for day in range(DAYS):
        yield day, int(first + np.searchsorted(changes, day, side="right") - 1)


def in_whole_metres(street: Street) -> Street:
    """Return a street whose coverage is cut as our own is."""

    def cut(at_m: float) -> float:
        return at_m if at_m == street.segment.length_m else float(round(at_m))

    looks = tuple(
        replace(
            look,
            coverage=tuple(
                replace(piece, from_m=cut(piece.from_m), to_m=cut(piece.to_m))
                for piece in look.coverage
            ),
        )
        for look in street.looks
    )
    return replace(street, looks=looks)


def city(seed: int, **settings: float) -> list[Street]:
    made = streets(Settings(days=45, **settings), seed=seed)  # type: ignore[arg-type]
    return [in_whole_metres(street) for street in made]


CITY = city(3, segments=8, passes_per_day=0.35)
SPARSE = city(4, segments=6, passes_per_day=0.06)


@pytest.mark.parametrize("standard", ["xuchang@1", "hetown@1"])
@pytest.mark.parametrize("town", [CITY, SPARSE], ids=["often", "seldom"])
def test_every_day_is_that_of_a_single_street(
    town: list[Street], standard: str, one_by_one: object
) -> None:
    terms = terms_of(standard)
    scores = scored_at_once(town, terms)

    ends: list[tuple[float, float]] = []
    for n, street in enumerate(town):
        for day, row in days_of(scores, n):
            if day % 3:
                continue
            to_s = START_S - 10 * DAY_S + (day + 1) * DAY_S
            window = Window(to_s - 30 * DAY_S, to_s)
            alone = one_by_one(street, terms, window)
            where = f"{street.segment.id}, day {day}"
            assert scores.status[row] == STATUS[alone.status], where
            score = None if alone.working is None else alone.working.score
            if score is None or score.value is None:
                assert np.isnan(scores.value[row]), where
                continue
            assert scores.coverage[row] == pytest.approx(score.coverage), where
            assert scores.value[row] == pytest.approx(score.value, abs=2e-6), where
            grade = terms.standard.grades[scores.grade[row]].id
            assert grade == score.grade, where
            ends.append((scores.low[row] - score.low, scores.high[row] - score.high))
    assert len(ends) > 50
    assert np.abs(ends).mean() < 0.7
    assert np.quantile(np.abs(ends), 0.95) < 3
    assert np.abs(np.mean(ends, axis=0)).max() < 0.6


def in_two_pieces(street: Street) -> Street:
    """Return a street whose every pass came in two pieces, coverage half and half."""
    looks = []
    for look in street.looks:
        half = len(look.coverage) // 2
        name = look.inspection_id
        first = replace(look, outing=name, coverage=look.coverage[:half])
        later = replace(
            look,
            inspection_id=f"{name}b",
            outing=name,
            coverage=look.coverage[half:],
            sightings=(),
        )
        looks += [first, later]
    return replace(street, looks=tuple(looks))


def test_passes_that_came_in_pieces_score_as_whole_ones() -> None:
    terms = terms_of("xuchang@1")
    town = CITY[:4]

    whole = scored_at_once(town, terms)
    pieces = scored_at_once([in_two_pieces(street) for street in town], terms)

    assert np.count_nonzero(np.isfinite(whole.value)) > 50
    for name in ("status", "value", "low", "high", "coverage"):
        ours, theirs = getattr(pieces, name), getattr(whole, name)
        np.testing.assert_allclose(ours, theirs, atol=1e-9, err_msg=name)
