"""Pieces of one outing are one pass, whatever they saw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.findings import covers_across, findings_across
from service.memory.street import Terms, Window, score_street
from service.records import Look
from service.scoring import load_standard
from tests.service.findings.passes import ROLES, car, look, word
from tests.service.store.records import DAY_S, NOON_S, STREET, seen

HOUR = 1 / 24


def piece(one: Look, *, name: str = "outing", long_s: float = 60.0) -> Look:
    """Return a look as a piece of an outing that lasted so long."""
    return replace(one, outing=name, ended_s=one.started_s + long_s)


def parked(*looks: Look) -> list[bool]:
    known = findings_across(looks, roles=ROLES)
    return [one.finding.candidate for one in known]


def test_two_pieces_of_one_outing_never_prove_parking() -> None:
    there = [look(car(), day=0.0), look(car(), day=HOUR)]

    alone = parked(*there)
    together = parked(*(piece(one) for one in there))
    others = parked(*(piece(one, name=one.inspection_id) for one in there))

    assert alone == [False], "two passes an hour apart prove it"
    assert together == [True]
    assert others == [False]


def test_a_third_pass_proves_what_two_pieces_saw() -> None:
    pieces = [piece(look(car(), day=day)) for day in (0.0, HOUR)]

    assert parked(*pieces, look(car(), day=2 * HOUR)) == [False]


def test_two_pieces_are_one_look_and_their_sightings_one_finding() -> None:
    pieces = [
        piece(look(seen(probability=p), day=day))
        for p, day in ((0.6, 0.0), (0.8, 0.01))
    ]
    same_time = [replace(one, at_s=NOON_S) for one in pieces]

    (known,) = findings_across(same_time, roles=ROLES)
    (single,) = findings_across([look(seen(probability=0.8))], roles=ROLES)

    assert known.looked == 1
    assert known.real == single.real, "the surer one speaks, and once"
    assert len(known.sightings) == 2, "a verdict on either counts"
    assert len(known.steps) == 1
    rejected = findings_across(same_time, [word("false", day=0.0)], roles=ROLES)
    assert [one.finding.state for one in rejected] == ["rejected"]
    turned = findings_across(reversed(same_time), roles=ROLES)
    assert [one.finding.id for one in turned] == [known.finding.id]


def test_a_piece_that_saw_nothing_there_is_no_second_look() -> None:
    one = piece(look(seen(), day=0.0))
    other = replace(piece(look(day=0.01)), at_s=one.at_s)

    (known,) = findings_across([one, other], roles=ROLES)
    (twice,) = findings_across([look(seen(), day=0.0), look(day=0.01)], roles=ROLES)

    assert (known.looked, twice.looked) == (1, 2)
    assert known.present > twice.present


@pytest.mark.parametrize(
    ("gap_s", "last_drive_s", "saw_m", "kept"),
    [
        pytest.param(0.0, 59.0, (0.0, 185.0), 0, id="the next piece drives up to it"),
        pytest.param(0.0, 50.0, (0.0, 185.0), 1, id="it was passed before the cut"),
        pytest.param(0.0, 59.0, (60.0, 185.0), 1, id="the next never saw that ground"),
        pytest.param(0.0, 59.0, None, 1, id="the next saw nothing"),
        pytest.param(300.0, 59.0, (0.0, 185.0), 1, id="minutes lie between them"),
    ],
)
def test_what_is_in_view_at_the_cut_belongs_to_the_next_piece(
    gap_s: float, last_drive_s: float, saw_m: tuple[float, float] | None, kept: int
) -> None:
    afar = seen("poster", offset_m=50.0, last_drive_s=last_drive_s)
    one = piece(look(afar))
    later = piece(look(day=(60.0 + gap_s) / DAY_S, saw_m=saw_m))

    known = findings_across([one, later], roles=ROLES)

    assert len(known) == kept
    strangers = [one, replace(later, outing="another")]
    assert len(findings_across(strangers, roles=ROLES)) == 1


def test_a_cover_in_two_pieces_was_looked_at_once() -> None:
    pieces = [
        replace(
            piece(look(seen("manhole_damaged", probability=p), day=day)), at_s=NOON_S
        )
        for p, day in ((0.6, 0.0), (0.8, 0.01))
    ]

    (cover,) = covers_across(pieces)
    (alone,) = covers_across([look(seen("manhole_damaged", probability=0.8))])

    assert len(cover.history) == 1
    assert cover.bad == alone.bad


def test_a_street_in_two_pieces_scores_as_one_pass() -> None:
    terms = Terms(load_standard("xuchang@1"), ROLES)
    window = Window(NOON_S - DAY_S, NOON_S + DAY_S)
    halves = [
        replace(piece(look(thing, day=day, saw_m=ground)), at_s=NOON_S)
        for thing, day, ground in (
            (seen(offset_m=30), 0.0, (0.0, 90.0)),
            (seen(offset_m=140), 0.01, (90.0, 185.0)),
        )
    ]
    whole = look(seen(offset_m=30), seen(offset_m=140))

    pieces = score_street(STREET, halves, [], window=window, terms=terms)
    one = score_street(STREET, [whole], [], window=window, terms=terms)

    assert (pieces.looks, one.looks) == (1, 1)
    assert pieces.working is not None
    assert one.working is not None
    ours, theirs = pieces.working.score, one.working.score
    assert ours.value == pytest.approx(theirs.value)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))
