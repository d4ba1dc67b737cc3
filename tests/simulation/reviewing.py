"""A month of reviews in a simulated city: what is asked first makes scores certain.

Every day vehicles pass, and reviewers answer so many tasks. They know the truth of the
city but for slips; the queue does not. The order is that of the service itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from service.memory.street import StreetScore, Terms, Window, score_street
from service.records import KnownFinding, SightingVerdict
from service.review.order import ASIDE, OPEN, THERE, Name, StreetFinds, order, red_lines
from service.review.worth import scored_street, worths
from service.scoring import load_standard
from service.settings import ReviewSettings
from tests.simulation.city import DAY_S, START_S, Settings, Street, Thing, streets
from tests.simulation.judge import truth_at
from vision.taxonomy import load_taxonomy

NEAR_M = 4.0
PEOPLE = ("甲", "乙", "丙")


@dataclass(frozen=True, slots=True)
class Certainty:
    """How certain the scores of a city are, and how right.

    Attributes:
        sure: share of scored streets whose grade is certain and is the true one, mean
            over the last days.
        wrong: share of those whose grade is certain and is not the true one, likewise.
        held: share of those whose interval holds the true value, likewise.
        width: mean width of their intervals, points, likewise.
        reviews: answers given.
    """

    sure: float
    wrong: float
    held: float
    width: float
    reviews: int


@dataclass(slots=True)
class _Life:
    """One street as the days go by."""

    street: Street
    terms: Terms
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
        slips: share of answers that are wrong.
        judged_days: at the end, over which certainty is averaged.
    """

    streets: int = 120
    days: int = 30
    seed: int = 1
    lead_days: int = 10
    dirt: float = 4.0
    slips: float = 0.05
    judged_days: int = 10

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
    lives = {
        street.segment.id: _Life(street, replace(terms, areas=street.areas))
        for street in city
    }
    reviews, judged = 0, []
    last = month.lead_days + month.days
    for day in range(month.lead_days, last + 1):
        end_s = START_S + (day + 1) * DAY_S
        _score(lives, end_s)
        if day > last - month.judged_days:
            judged.append(_judged(lives))
        if day == last:
            break
        tasks = _tasks(lives, terms) if by_value else _drawn(lives, rng)
        for name, known in tasks[:a_day]:
            life = lives[name]
            slips = bool(rng.random() < month.slips)
            who = PEOPLE[reviews % len(PEOPLE)]
            life.words.append(_answer(life.street, known, end_s, who, slips))
            life.stale = True
            reviews += 1
    sure, wrong, held, width = (float(x) for x in np.mean(judged, axis=0))
    return Certainty(sure, wrong, held, width, reviews)


def _score(lives: dict[str, _Life], end_s: float) -> None:
    window = Window(end_s - 30 * DAY_S, end_s)
    for life in lives.values():
        looks = life.street.looks
        fresh = any(end_s - DAY_S <= look.at_s < end_s for look in looks)
        if life.told is None or fresh or life.stale:
            life.told = score_street(
                life.street.segment, looks, life.words, window=window, terms=life.terms
            )
            life.stale = False


def _judged(lives: dict[str, _Life]) -> list[float]:
    """Return shares: sure and right, sure and wrong, held; and the mean width."""
    rows = []
    for life in lives.values():
        told = life.told
        if told is None or told.working is None or told.last_s is None:
            continue
        score = told.working.score
        if score.low is None or score.high is None:
            continue
        truth = truth_at(life.street, told.last_s, life.terms)
        right, sure = score.grade == truth.grade, bool(score.grade_certain)
        held = score.low - 1e-6 <= (truth.value or 0.0) <= score.high + 1e-6
        width = score.high - score.low
        rows.append((sure and right, sure and not right, held, width))
    return [float(x) for x in np.mean(np.array(rows, dtype=float), axis=0)]


def _open(life: _Life) -> list[KnownFinding]:
    found = () if life.told is None else life.told.findings
    return [one for one in found if one.finding.state in OPEN]


def _tasks(lives: dict[str, _Life], terms: Terms) -> list[tuple[str, KnownFinding]]:
    """Return what the service asks first."""
    where: dict[str, tuple[str, KnownFinding]] = {}
    rows: list[StreetFinds] = []
    said: dict[Name, list[SightingVerdict]] = {}
    for name, life in lives.items():
        if life.told is None or life.told.working is None:
            continue
        for word in life.words:
            said.setdefault((word.inspection_id, word.number), []).append(word)
        body = asdict(life.told.working.score)
        street = scored_street(life.street.segment, body, terms.standard)
        there = [f for f in life.told.findings if f.finding.state in {*THERE, *ASIDE}]
        counted = [
            f for f in there if f.finding.state in THERE and life.terms.counts(f)
        ]
        where |= {one.finding.id: (name, one) for one in there}
        rows.append(
            StreetFinds(
                there,
                worths(street, counted, standard=terms.standard),
                red_lines(there, {}, standard=terms.standard),
            )
        )
    return [where[task.finding_id] for task in order(rows, said, ReviewSettings())]


def _drawn(
    lives: dict[str, _Life], rng: np.random.Generator
) -> list[tuple[str, KnownFinding]]:
    """Return open finds in an order that chance draws."""
    tasks = [(name, one) for name, life in lives.items() for one in _open(life)]
    return [tasks[n] for n in rng.permutation(len(tasks))]


def _answer(
    street: Street,
    known: KnownFinding,
    at_s: float,
    who: str,
    slips: bool,  # noqa: FBT001
) -> SightingVerdict:
    name, number = known.sightings[-1]
    real = any(is_of(known, thing, street) for thing in street.things)
    verdict = "real" if real != slips else "false"
    return SightingVerdict(name, number, verdict, who, None, at_s)  # type: ignore[arg-type]


def is_of(known: KnownFinding, thing: Thing, street: Street) -> bool:
    """Say if a find is of a thing: as near, and seen when the thing was."""
    find = known.finding
    fits = {"parking_motor", "fire_lane_blocked"}
    categories = fits if thing.category == "car" else {thing.category}
    if find.category not in categories or find.side != thing.side:
        return False
    offset_m = find.offset_m
    if offset_m is None or abs(offset_m - thing.offset_m) > NEAR_M:
        return False
    times = {
        street.looks[int(name.rsplit("-", 1)[1])].at_s for name, _ in known.sightings
    }
    return not times.isdisjoint(thing.seen)
