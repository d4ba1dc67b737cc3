"""A month of reviews in a simulated city: what is asked first makes scores certain.

Every day vehicles pass, and reviewers answer so many tasks. They know the truth of the
city; the queue does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from service.memory.street import StreetScore, Terms, Window, score_street
from service.records import KnownFinding, SightingVerdict
from service.review.base import Queued
from service.review.queue import in_audit, woven
from service.review.worth import scored_street, worths
from service.scoring import load_standard
from service.settings import Settings as ServiceSettings
from tests.simulation.city import DAY_S, START_S, Settings, Street, Thing, streets
from vision.taxonomy import load_taxonomy

NEAR_M = 4.0
OPEN = frozenset({"raw", "recurred"})


@dataclass(frozen=True, slots=True)
class Certainty:
    """How certain the scores of a city are.

    Attributes:
        certain: share of scored streets whose grade is certain.
        width: mean width of their intervals, points.
        reviews: answers given.
    """

    certain: float
    width: float
    reviews: int


@dataclass(slots=True)
class _Life:
    """One street as the days go by."""

    street: Street
    words: list[SightingVerdict] = field(default_factory=list)
    told: StreetScore | None = None
    stale: bool = True


@dataclass(frozen=True, slots=True)
class Month:
    """A city and its days.

    Attributes:
        streets: of the city.
        days: on which reviewers work, after a month without them.
        seed: of the city.
        lead_days: before reviewers begin.
        dirt: so many times as many things come as in the city that memory is judged by.
    """

    streets: int = 120
    days: int = 30
    seed: int = 1
    lead_days: int = 10
    dirt: float = 4.0

    def city(self) -> list[Street]:
        """Let the city live."""
        settings = Settings(
            segments=self.streets,
            days=self.lead_days + self.days,
            comes_factor=self.dirt,
        )
        return list(streets(settings, self.seed))


def live(
    city: Sequence[Street], month: Month, *, a_day: int, by_value: bool
) -> Certainty:
    """Let reviewers answer so many tasks a day; return how certain scores are then.

    Args:
        city: its streets, with all their passes.
        month: its days.
        a_day: tasks that are answered a day.
        by_value: in the order of the queue; else in an order that chance draws.
    """
    roles = {c.id: c.role for c in load_taxonomy().categories}
    terms = Terms(load_standard("xuchang@1"), roles)
    rng = np.random.default_rng(month.seed)
    lives = {street.segment.id: _Life(street) for street in city}
    reviews = 0
    for day in range(month.lead_days, month.lead_days + month.days):
        end_s = START_S + (day + 1) * DAY_S
        _score(lives, terms, end_s)
        tasks = _tasks(lives, terms) if by_value else _drawn(lives, rng)
        for name, known in tasks[:a_day]:
            life = lives[name]
            life.words.append(_answer(life.street, known, end_s))
            life.stale = True
            reviews += 1
    _score(lives, terms, START_S + (month.lead_days + month.days) * DAY_S)
    scores = [
        life.told.working.score
        for life in lives.values()
        if life.told is not None and life.told.working is not None
    ]
    shown = [s for s in scores if s.low is not None and s.high is not None]
    return Certainty(
        certain=float(np.mean([score.grade_certain for score in shown])),
        width=float(np.mean([s.high - s.low for s in shown])),  # type: ignore[operator]
        reviews=reviews,
    )


def _score(lives: dict[str, _Life], terms: Terms, end_s: float) -> None:
    window = Window(end_s - 30 * DAY_S, end_s)
    for life in lives.values():
        looks = life.street.looks
        fresh = any(end_s - DAY_S <= look.at_s < end_s for look in looks)
        if life.told is None or fresh or life.stale:
            life.told = score_street(
                life.street.segment, looks, life.words, window=window, terms=terms
            )
            life.stale = False


def _open(life: _Life) -> list[KnownFinding]:
    found = () if life.told is None else life.told.findings
    return [one for one in found if one.finding.state in OPEN]


def _tasks(lives: dict[str, _Life], terms: Terms) -> list[tuple[str, KnownFinding]]:
    """Return what is asked first, with the slice that chance draws."""
    settings = ServiceSettings()
    share = settings.review.audit_share
    where: dict[str, tuple[str, KnownFinding]] = {}
    value: list[Queued] = []
    audit: list[Queued] = []
    for name, life in lives.items():
        if life.told is None or life.told.working is None:
            continue
        body = asdict(life.told.working.score)
        street = scored_street(life.street.segment, body, terms.standard)
        counted = [one for one in life.told.findings if terms.counts(one)]
        found = worths(street, counted, standard=terms.standard)
        for one in _open(life):
            key = one.finding.id
            where[key] = name, one
            points = found[key].points if key in found else 0.0
            drawn = in_audit(key, share)
            (audit if drawn else value).append(
                Queued(key, points, "audit" if drawn else "value")
            )
    value.sort(key=lambda task: (-task.value, task.finding_id))
    audit.sort(key=lambda task: task.finding_id)
    return [where[task.finding_id] for task in woven(value, audit, [], settings)]


def _drawn(
    lives: dict[str, _Life], rng: np.random.Generator
) -> list[tuple[str, KnownFinding]]:
    """Return open finds in an order that chance draws."""
    tasks = [(name, one) for name, life in lives.items() for one in _open(life)]
    return [tasks[n] for n in rng.permutation(len(tasks))]


def _answer(street: Street, known: KnownFinding, at_s: float) -> SightingVerdict:
    name, number = known.sightings[-1]
    real = any(is_of(known, thing, street) for thing in street.things)
    return SightingVerdict(name, number, "real" if real else "false", "李", None, at_s)


def is_of(known: KnownFinding, thing: Thing, street: Street) -> bool:
    """Say if a find is of a thing: as near, and seen when the thing was."""
    find = known.finding
    category = "parking_motor" if thing.category == "car" else thing.category
    if find.category != category or find.side != thing.side:
        return False
    offset_m = find.offset_m
    if offset_m is None or abs(offset_m - thing.offset_m) > NEAR_M:
        return False
    times = {
        street.looks[int(name.rsplit("-", 1)[1])].at_s for name, _ in known.sightings
    }
    return not times.isdisjoint(thing.seen)
