"""How well the memory knows a simulated city."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from service.findings import PARKED
from service.memory.street import StreetScore, Terms, Window, score_street
from service.scoring import ScoringContext, load_standard, work_out
from service.types import CoveragePiece, Finding, Score
from tests.simulation.city import (
    DAY_S,
    ROADWAY,
    START_S,
    ZONES,
    Settings,
    Street,
    Thing,
)
from vision.taxonomy import load_taxonomy

NEAR_M = 4.0
QUEUE_M = 40.0
OPEN = frozenset({"raw", "confirmed", "recurred"})


@dataclass(slots=True)
class Judged:
    """Counts over a city.

    Attributes:
        held: whether each street's interval holds the true score.
        widths: of the intervals, points.
        scores: value and truth of each street.
        counted: expected number of things there, by the findings.
        there: things there that any pass could have seen.
        cleared: whether things were cleared by the second pass that looked.
        parking: proven parking findings that are right, wrong; parked ones missed.
        waiting: findings made of cars at lights.
    """

    held: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    scores: list[tuple[float, float]] = field(default_factory=list)
    counted: float = 0.0
    there: int = 0
    cleared: list[bool] = field(default_factory=list)
    parking: list[int] = field(default_factory=lambda: [0, 0, 0])
    waiting: int = 0

    def lines(self) -> list[str]:
        """Return what was found, for people."""
        values = np.array(self.scores)
        right, wrong, missed = self.parking
        off = values[:, 0] - values[:, 1]
        return [
            f"street-months with a defect: {len(self.held)}",
            f"90 % interval holds the true score: {np.mean(self.held):.1%}",
            f"median width: {np.median(self.widths):.1f} points",
            f"value minus truth: mean {off.mean():+.2f} points",
            f"median size of that: {np.median(np.abs(off)):.2f} points",
            f"things there {self.there}, counted {self.counted:.0f}",
            f"cleared by the second look: {np.mean(self.cleared):.1%}",
            f"parking precision: {right / max(1, right + wrong):.3f}",
            f"parking recall: {right / max(1, right + missed):.3f}",
            f"findings of cars at lights: {self.waiting}",
        ]


def judge(
    city: Iterable[Street], settings: Settings, *, terms: Terms | None = None
) -> Judged:
    """Compare what the memory says at the end with the truth."""
    used = terms or Terms(
        load_standard("xuchang@1"), {c.id: c.role for c in load_taxonomy().categories}
    )
    out = Judged()
    end_s = START_S + settings.days * DAY_S
    window = Window(end_s - 30 * DAY_S, end_s)
    for street in city:
        own = replace(used, areas=(*used.areas, *street.areas))
        told = score_street(street.segment, street.looks, (), window=window, terms=own)
        if told.last_s is not None:
            _judge_street(street, told, own, out)
    return out


def _judge_street(street: Street, told: StreetScore, terms: Terms, out: Judged) -> None:
    at_s = told.last_s or 0.0
    real = [t for t in street.things if t.category != "car" and t.there(at_s)]
    out.there += sum(bool(t.seen) and t.seen[0] <= at_s for t in real)
    out.counted += sum(
        k.finding.probability
        for k in told.findings
        if k.finding.state in OPEN and k.finding.category not in PARKED
    )
    _judge_clearing(street, told, out)
    _judge_parking(street, told, out)
    score = None if told.working is None else told.working.score
    if score is None or score.value is None or told.status != "scored":
        return
    parked = [t for t in street.things if _stands(t, street, at_s)]
    truth = _true_score(street, [*real, *parked], terms).value or 0.0
    out.scores.append((score.value, truth))
    if truth < 100 and score.low is not None and score.high is not None:
        out.held.append(score.low - 1e-6 <= truth <= score.high + 1e-6)
        out.widths.append(score.high - score.low)


def _stands(thing: Thing, street: Street, at_s: float) -> bool:
    """Say if a vehicle stands there, and stood there at a pass half an hour before.

    At the kerb as near to a street's end as queues reach only a camera that stands can
    say so: such a vehicle is missed, and no part of what passes can score.
    """
    from_end_m = min(thing.offset_m, street.segment.length_m - thing.offset_m)
    return (
        thing.category == "car"
        and thing.there(at_s)
        and not (thing.zone in ROADWAY and from_end_m < QUEUE_M)
        and any(
            thing.there(look.at_s) for look in street.looks if look.at_s <= at_s - 1800
        )
    )


def truth_at(street: Street, at_s: float, terms: Terms) -> Score:
    """Return the score of what is there at a time, seen whole and known for sure."""
    there = [
        thing
        for thing in street.things
        if (thing.category != "car" and thing.there(at_s))
        or _stands(thing, street, at_s)
    ]
    return _true_score(street, there, terms)


def _true_score(street: Street, things: list[Thing], terms: Terms) -> Score:
    segment = street.segment
    findings = [
        Finding(
            id=str(k),
            category=_improper(t, terms),
            lon=0.0,
            lat=0.0,
            sigma_m=0.1,
            segment_id=segment.id,
            side="left" if t.side == "left" else "right",
            offset_m=t.offset_m,
            zone="carriageway" if t.zone in ROADWAY else t.zone,
            zone_probability=1.0,
            element=None,
            state="confirmed",
            probability=1.0,
            severity=None,
            first_seen=None,
            last_seen=None,
        )
        for k, t in enumerate(things)
    ]
    whole = [
        CoveragePiece(segment.id, zone, side, 0.0, segment.length_m, "seen", None)
        for zone in ZONES
        for side in ("left", "right")
    ]
    eyes = street.looks[-1].seen_by
    context = ScoringContext(
        standard=terms.standard,
        visible_categories=frozenset({*eyes.names, *PARKED}),
        readable_zones=frozenset(ZONES),
    )
    score = work_out(segment, findings, coverage=whole, context=context).score
    assert score.value is not None
    return score


def _improper(thing: Thing, terms: Terms) -> str:
    if thing.category != "car":
        return thing.category
    on_fire_lane = any(area.kind == "fire_lane" for area in terms.areas)
    return "fire_lane_blocked" if on_fire_lane else "parking_motor"


def _judge_clearing(street: Street, told: StreetScore, out: Judged) -> None:
    """Ask of everything that was seen and went: was it cleared by the second look?"""
    last_s = told.last_s or 0.0
    for thing in street.things:
        if thing.category == "car" or not thing.seen or thing.gone_s > last_s:
            continue
        after = [
            look.at_s
            for look in street.looks
            if look.at_s >= thing.gone_s and _saw(look.coverage, thing)
        ]
        if len(after) < 2:
            continue
        mine = [
            k
            for k in told.findings
            if k.finding.category == thing.category
            and _near(k.finding, thing)
            and any(_pass_s(street, s) in thing.seen for s in k.sightings)
        ]
        if mine:
            done = [k.cleared_s is not None and k.cleared_s <= after[1] for k in mine]
            out.cleared.append(all(done))


def _judge_parking(street: Street, told: StreetScore, out: Judged) -> None:
    cars = [t for t in street.things if t.category == "car"]
    proven = [
        k
        for k in told.findings
        if k.finding.category in PARKED and not k.finding.candidate
    ]
    for known in proven:
        fits = any(_near(known.finding, car) and car.seen for car in cars)
        out.parking[0 if fits else 1] += 1
        out.waiting += known.finding.zone == "carriageway" and not fits
    for car in cars:
        provable = len(car.seen) > 1 and car.seen[-1] - car.seen[0] >= 1800
        if provable and not any(_near(k.finding, car) for k in proven):
            out.parking[2] += 1


def _pass_s(street: Street, name: tuple[str, int]) -> float:
    return street.looks[int(name[0].rsplit("-", 1)[1])].at_s


def _saw(coverage: Iterable[CoveragePiece], thing: Thing) -> bool:
    return any(
        p.status == "seen"
        and p.zone == thing.zone
        and p.side == thing.side
        and p.from_m <= thing.offset_m <= p.to_m
        for p in coverage
    )


def _near(finding: Finding, thing: Thing) -> bool:
    return (
        finding.side == thing.side
        and finding.offset_m is not None
        and abs(finding.offset_m - thing.offset_m) <= NEAR_M
    )
