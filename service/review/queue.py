"""worth(): which finds of a store are asked about first; `order.py` puts them in order.

What is needed of the store is looked up here: finds that are open or were spoken of,
their streets' shown scores, and all words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from service.layered import places_at
from service.memory.current import terms_now
from service.memory.street import Terms
from service.records import KnownFinding, SightingVerdict
from service.review.base import Queued
from service.review.order import (
    ASIDE,
    OPEN,
    THERE,
    Name,
    Said,
    StreetFinds,
    in_vain,
    is_checked,
    order,
    red_lines,
)
from service.review.worth import scored_street, worths
from service.scoring import Standard
from service.scoring.assign import Landmark
from service.settings import Settings
from service.store import KeptWord, Store


@dataclass(frozen=True, slots=True, eq=False)
class _Spoken:
    """What was said in a city.

    Attributes:
        said: words by sighting.
        seemed: sighting -> category that the eyes had given it.
        again: finds that may be asked about once more though they cost nothing now.
    """

    said: Said
    seemed: Mapping[Name, str]
    again: AbstractSet[str]


def worth(
    store: Store, settings: Settings, now_s: float, *, district: str | None = None
) -> list[Queued]:
    """Return the finds that are worth asking about, the first to be asked first.

    Args:
        store: the city's memory; its shown scores under the settings' standard count.
        settings: shares of chance, gold and second opinions.
        now_s: Unix seconds; places weigh as they do then.
        district: only there; None for the whole city.
    """
    streets, spoken = _gathered(store, settings, now_s, district)
    return order(streets, spoken.said, settings.review)


def wants_another(store: Store, settings: Settings, now_s: float) -> list[str]:
    """Return finds that want another reviewer, where the same ones answer again."""
    streets, spoken = _gathered(store, settings, now_s, None)
    return in_vain(streets, spoken.said, settings.review)


def _gathered(
    store: Store, settings: Settings, now_s: float, district: str | None
) -> tuple[Iterable[StreetFinds], _Spoken]:
    terms = terms_now(store, settings)
    spoken = _spoken(store.words(as_of_s=now_s), settings, terms.standard)
    streets: dict[str, list[KnownFinding]] = defaultdict(list)
    again = store.findings_called(spoken.again, ASIDE, district=district)
    for some in (*store.findings_in(THERE, district=district), again):
        for one in some:
            streets[one.finding.segment_id or ""].append(one)
    # What must be looked up of a street is only needed where something is asked.
    asked = {
        name: rows
        for name, rows in streets.items()
        if any(_may_be_asked(one, spoken.said) for one in rows)
    }
    places = places_at(terms.areas, now_s)
    return _streets(store, terms, asked, spoken, places), spoken


def _spoken(
    words: Iterable[KeptWord], settings: Settings, standard: Standard
) -> _Spoken:
    lines = {line.rule for line in standard.red_lines}
    grave = {c for rule in standard.rules if rule.id in lines for c in rule.categories}
    said: dict[Name, list[SightingVerdict]] = defaultdict(list)
    seemed: dict[Name, str] = {}
    again = set()
    for kept in words:
        word, facts = kept.word, kept.facts
        name = (word.inspection_id, word.number)
        said[name].append(word)
        if facts.seemed is not None:
            seemed[name] = facts.seemed
        if facts.finding_id is not None and (
            word.kind != "review"
            or facts.seemed in grave
            or is_checked(facts.finding_id, settings.review.second_share)
        ):
            again.add(facts.finding_id)
    return _Spoken(said, seemed, again)


def _may_be_asked(one: KnownFinding, said: Said) -> bool:
    if one.finding.state in OPEN:
        return True
    return any(name in said for name in one.sightings)


def _streets(
    store: Store,
    terms: Terms,
    streets: Mapping[str, list[KnownFinding]],
    spoken: _Spoken,
    places: Sequence[Landmark],
) -> Iterator[StreetFinds]:
    """Yield the finds of each street, and what an answer about each is worth."""
    known = {segment.id: segment for segment in store.segments()}
    bodies = dict(store.shown_bodies(terms.standard.id, streets))
    standard = terms.standard
    for name, rows in sorted(streets.items()):
        segment = known.get(name)
        if segment is None:
            continue
        body = bodies.get(name) or {}
        street = scored_street(segment, body.get("score"), standard)
        counting = [one for one in rows if terms.counts(one)]
        found = worths(street, counting, standard=standard, places=places)
        red: set[str] = set()
        if spoken.said:
            red = red_lines(rows, spoken.seemed, standard=standard, places=places)
        yield StreetFinds(rows, found, red)
