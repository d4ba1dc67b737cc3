"""Findings and covers are written down, and taken back when more is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.findings import findings_across
from service.memory.settle import settle
from service.memory.street import Terms
from service.records import SightingVerdict
from service.scoring import load_standard
from service.store import Store
from tests.service.findings.passes import ROLES
from tests.service.store.records import DAY_S, EYES, NOON_S, drive, seen
from vision.errors import InputError

TERMS = Terms(load_standard("xuchang@1"), ROLES)
COVERS = replace(
    EYES,
    recall={**EYES.recall, "manhole_ok": 0.8, "manhole_damaged": 0.6},
    names=(*EYES.names, "manhole_ok", "manhole_damaged"),
)


def test_what_is_written_is_what_the_passes_come_to(store: Store) -> None:
    store.add_drive(drive(seen(), seen("poster", offset_m=90), at_s=NOON_S))
    store.add_drive(drive(seen(offset_m=50.5), at_s=NOON_S + DAY_S))

    settled = settle(store, TERMS, known_s=NOON_S + 2 * DAY_S)

    assert (settled.streets, settled.findings) == (1, 2)
    kept = {known.finding.id: known for known in store.findings("s1")}
    worked = findings_across(store.looks("s1"), roles=ROLES)
    for known in worked:
        back = kept[known.finding.id]
        assert back.finding.probability == pytest.approx(known.finding.probability)
        assert replace(back.finding, probability=known.finding.probability) == (
            known.finding
        )
        assert replace(back, finding=known.finding) == known
    assert settle(store, TERMS, known_s=NOON_S + 3 * DAY_S).findings == 0


def test_what_was_known_before_stays(store: Store) -> None:
    store.add_drive(drive(seen("poster"), at_s=NOON_S))
    settle(store, TERMS, known_s=NOON_S + 60)
    store.add_drive(drive(at_s=NOON_S + DAY_S))
    store.add_drive(drive(at_s=NOON_S + 2 * DAY_S))
    settle(store, TERMS, known_s=NOON_S + 3 * DAY_S)

    (then,) = store.findings("s1", as_of_s=NOON_S + 100)
    (now,) = store.findings("s1")

    assert (then.finding.state, now.finding.state) == ("raw", "cleared")
    assert [step.seen for step in now.steps] == [True, False, False]
    assert now.steps[-1].probability == 0


def test_a_drive_that_comes_late_takes_a_name_over(store: Store) -> None:
    store.add_drive(drive(seen("poster"), at_s=NOON_S + DAY_S))
    settle(store, TERMS, known_s=NOON_S + 2 * DAY_S)
    (early,) = store.findings("s1")

    store.add_drive(drive(seen("poster"), at_s=NOON_S))
    settled = settle(store, TERMS, known_s=NOON_S + 3 * DAY_S)

    (now,) = store.findings("s1")
    assert settled.findings == 2
    assert now.finding.id != early.finding.id
    assert len(now.sightings) == 2
    (then,) = store.findings("s1", as_of_s=NOON_S + 2.5 * DAY_S)
    assert then.finding.id == early.finding.id


def test_a_verdict_counts_from_the_first_sighting(store: Store) -> None:
    store.add_drive(drive(seen("poster"), at_s=NOON_S))
    (look,) = store.looks("s1")
    store.add_verdict(
        SightingVerdict(look.inspection_id, 0, "real", "李", None, NOON_S + DAY_S)
    )
    settle(store, TERMS, known_s=NOON_S + 2 * DAY_S)

    (known,) = store.findings("s1")
    assert known.finding.state == "confirmed"
    assert [(s.at_s, s.probability) for s in known.steps] == [(look.at_s, 1.0)]


def test_covers_are_assets(store: Store) -> None:
    sound = seen("manhole_ok", zone="carriageway", probability=0.9)
    store.add_drive(drive(sound, at_s=NOON_S, seen_by=COVERS))
    settle(store, TERMS, known_s=NOON_S + 60)
    broken = seen("manhole_damaged", zone="carriageway", probability=0.95)
    for day in (1, 2):
        store.add_drive(drive(broken, at_s=NOON_S + day * DAY_S, seen_by=COVERS))
    settle(store, TERMS, known_s=NOON_S + 3 * DAY_S)

    (now,) = store.covers("s1")
    (then,) = store.covers("s1", as_of_s=NOON_S + 100)
    assert (then.state, now.state) == ("ok", "damaged")
    assert [look.state for look in now.history] == ["ok", "damaged", "damaged"]
    assert now.id == then.id


def test_a_released_standard_never_changes(store: Store) -> None:
    store.add_standard("own@1", "aa", "weight = 1", known_s=NOON_S)
    store.add_standard("own@1", "aa", "weight = 1", known_s=NOON_S + 1)

    with pytest.raises(InputError, match="give the changed standard a new version"):
        store.add_standard("own@1", "bb", "weight = 2", known_s=NOON_S + 2)
    assert store.standards() == {"own@1": "weight = 1"}
