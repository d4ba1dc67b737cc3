"""Words on sightings, things that reviewers drew, and how well eyes did by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, and_, exists, func, insert, select

from service.records import KnownFinding, Light, SightingVerdict
from service.store import schema as t
from service.store.connected import (
    Connected,
    add_many,
    add_once,
    known,
    newest_inspections,
)
from service.store.eyes import city_place, light_of
from service.store.known_rows import WITHDRAWN, known_of_row
from service.store.reading import ScoreFacts
from service.store.rows import sighting_of, sighting_row
from service.store.schema_reviews import measured, review
from service.types import PlacedSighting
from vision.errors import InputError

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class WordFacts:
    """What is kept of a word besides the word itself.

    Attributes:
        version: the source's own name of this version of an answer; None for none.
        finding_id: what was asked about, by the name it had then.
        turn: of the task.
        seemed: category that the eyes had given it.
        chance: that it was real, before anybody said anything; None if unknown.
    """

    version: str | None = None
    finding_id: str | None = None
    turn: int = 1
    seemed: str | None = None
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class KeptWord:
    """A word as it lies in the store."""

    row: int
    word: SightingVerdict
    facts: WordFacts


@dataclass(frozen=True, slots=True)
class ReviewedWord:
    """A word, and the eyes that it speaks of.

    Attributes:
        kept: the word.
        category: of the sighting.
        drawn: a reviewer saw it, the eyes did not.
        model_id: detector, `name@version`.
        vehicle: None if unknown.
        light: in the middle of the drive; None if unknown.
    """

    kept: KeptWord
    category: str
    drawn: bool
    model_id: str
    vehicle: str | None
    light: Light | None


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A sighting that was spoken of, of an inspection that does not count any more.

    Attributes:
        name: of the sighting.
        placed: the sighting.
        started_s: of its drive.
        heir: inspection of the same drive that counts now.
    """

    name: tuple[str, int]
    placed: PlacedSighting
    started_s: float
    heir: str


@dataclass(frozen=True, slots=True)
class Looked:
    """Who made a sighting: the inspection's eyes and where they were.

    Attributes:
        drive_id: the drive.
        model_id: detector, `name@version`.
        vehicle: None if unknown.
        started_s: of the drive, Unix seconds; zero of its drive clock.
        ended_s: of the drive.
        run: facts of the inspection, the camera among them.
    """

    drive_id: str
    model_id: str
    vehicle: str | None
    started_s: float
    ended_s: float
    run: Mapping[str, Any]


class Reviews(Connected):
    """The part of a store that people write by looking."""

    def add_verdict(self, verdict: SightingVerdict) -> None:
        """Add a reviewer's word on one sighting.

        Raises:
            InputError: there is no such sighting.
        """
        self.add_word(verdict, WordFacts())

    def add_word(self, word: SightingVerdict, facts: WordFacts) -> bool:
        """Add a word; False if this version of the answer is there.

        Raises:
            InputError: there is no such sighting.
        """
        row = _word_row(word, facts)
        with self._writing() as connection:
            query = select(t.sighting.c.row).where(
                t.sighting.c.inspection_id == word.inspection_id,
                t.sighting.c.number == word.number,
            )
            if connection.execute(query).first() is None:
                msg = (
                    f"the store {self.name} has no sighting {word.number} of the "
                    f"inspection {word.inspection_id}"
                )
                raise InputError(msg)
            return add_once(connection, review, row)

    def verdicts(
        self, inspections: Iterable[str], *, as_of_s: float | None = None
    ) -> list[SightingVerdict]:
        """Return what was said of the sightings of inspections, oldest first."""
        r = review
        query = (
            select(r)
            .where(r.c.inspection_id.in_(list(inspections)), known(r, as_of_s))
            .order_by(r.c.known_s, r.c.row)
        )
        with self._reading() as connection:
            return [_word(row) for row in connection.execute(query).mappings()]

    def words(
        self,
        *,
        finding_id: str | None = None,
        version: str | None = None,
        as_of_s: float | None = None,
    ) -> list[KeptWord]:
        """Return words with all that is kept of them, oldest first.

        Args:
            finding_id: only on the finding that had this name when they were said.
            version: only this one.
            as_of_s: what was not known then is left out.
        """
        r = review
        query = select(r).where(known(r, as_of_s)).order_by(r.c.known_s, r.c.row)
        if finding_id is not None:
            query = query.where(r.c.finding_id == finding_id)
        if version is not None:
            query = query.where(r.c.version == version)
        with self._reading() as connection:
            return [_kept(row) for row in connection.execute(query).mappings()]

    def word_page(
        self, *, district: str | None, after: int | None, limit: int
    ) -> list[tuple[KeptWord, str | None]]:
        """Return words and their streets, the last first.

        Args:
            district: only on streets there; None for the whole city.
            after: only rows before this one.
            limit: at most so many.
        """
        r, s, now = review, t.sighting, t.segment_now
        query = (
            select(r, s.c.segment_id)
            .join(
                s,
                and_(s.c.inspection_id == r.c.inspection_id, s.c.number == r.c.number),
            )
            .order_by(r.c.row.desc())
            .limit(limit)
        )
        if district is not None:
            query = query.join(now, now.c.id == s.c.segment_id)
            query = query.where(now.c.district == district)
        if after is not None:
            query = query.where(r.c.row < after)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [(_kept(row), row["segment_id"]) for row in rows]

    def reviewed(self, *, as_of_s: float | None = None) -> list[ReviewedWord]:
        """Return every word with the eyes it speaks of, oldest first."""
        r, s, i, d = review, t.sighting, t.inspection, t.drive
        mine = and_(s.c.inspection_id == r.c.inspection_id, s.c.number == r.c.number)
        query = (
            select(r, s.c.reviewer.label("drawn_by"), s.c.category.label("is_a"))
            .add_columns(i.c.model_id, d.c.vehicle, d.c.started_s, d.c.ended_s)
            .join(s, mine)
            .join(i, i.c.id == r.c.inspection_id)
            .join(d, d.c.id == i.c.drive_id)
            .where(known(r, as_of_s))
            .order_by(r.c.known_s, r.c.row)
        )
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
            place = city_place(connection)
        return [
            ReviewedWord(
                kept=_kept(row),
                category=row["is_a"],
                drawn=row["drawn_by"] is not None,
                model_id=row["model_id"],
                vehicle=row["vehicle"],
                light=light_of(row["started_s"], row["ended_s"], place),
            )
            for row in rows
        ]

    def looked(self, inspection_id: str) -> Looked | None:
        """Return who made the sightings of an inspection; None if there is none."""
        i, d = t.inspection, t.drive
        query = (
            select(i.c.drive_id, i.c.model_id, d.c.vehicle, d.c.started_s)
            .add_columns(d.c.ended_s, i.c.run)
            .join(d, i.c.drive_id == d.c.id)
            .where(i.c.id == inspection_id)
        )
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Looked(*row)

    def add_drawn(
        self,
        placed: PlacedSighting,
        inspection_id: str,
        *,
        started_s: float,
        reviewer: str,
        known_s: float,
    ) -> int:
        """Add a thing that a reviewer saw in a picture of a pass; return its number."""
        s = t.sighting
        number = select(func.max(s.c.number)).where(s.c.inspection_id == inspection_id)
        with self._writing() as connection:
            newest: int | None = connection.execute(number).scalar()
            new = 0 if newest is None else newest + 1
            row = sighting_row(placed, new, inspection_id, started_s)
            row |= {"reviewer": reviewer, "known_s": known_s}
            connection.execute(insert(s), row)
        return new

    def drawn(self, inspection_id: str) -> list[RowMapping]:
        """Return the rows of sightings of an inspection that reviewers drew."""
        s = t.sighting
        query = (
            select(s)
            .where(s.c.inspection_id == inspection_id, s.c.reviewer.is_not(None))
            .order_by(s.c.number)
        )
        with self._reading() as connection:
            return list(connection.execute(query).mappings())

    def newest_finding(self, finding_id: str) -> tuple[KnownFinding, bool] | None:
        """Return the last that was known of a finding, and if it was taken back."""
        f = t.finding
        query = (
            select(f).where(f.c.id == finding_id).order_by(f.c.known_s.desc()).limit(1)
        )
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else (_known(row), row["state"] == WITHDRAWN)

    def findings_in(
        self, states: Sequence[str], *, district: str | None = None
    ) -> Iterator[list[KnownFinding]]:
        """Yield the findings that are in these states now, some hundred at a time."""
        f, now = t.finding, t.finding_now
        base = (
            select(f, now.c.number.label("place"))
            .join(now, and_(now.c.id == f.c.id, now.c.known_s == f.c.known_s))
            .where(now.c.state.in_(list(states)))
            .order_by(now.c.number)
            .limit(_AT_ONCE)
        )
        if district is not None:
            base = base.where(now.c.district == district)
        query = base
        while True:
            with self._reading() as connection:
                rows = connection.execute(query).mappings().all()
            if rows:
                yield [known_of_row(row) for row in rows]
            if len(rows) < _AT_ONCE:
                return
            query = base.where(now.c.number > rows[-1]["place"])

    def findings_called(
        self, ids: Iterable[str], states: Sequence[str], *, district: str | None = None
    ) -> list[KnownFinding]:
        """Return those of these findings that are in these states now, by id."""
        f, now, found = t.finding, t.finding_now, []
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), _AT_ONCE):
            query = (
                select(f)
                .join(now, and_(now.c.id == f.c.id, now.c.known_s == f.c.known_s))
                .where(
                    now.c.id.in_(wanted[start : start + _AT_ONCE]),
                    now.c.state.in_(list(states)),
                )
                .order_by(now.c.id)
            )
            if district is not None:
                query = query.where(now.c.district == district)
            with self._reading() as connection:
                rows = connection.execute(query).mappings().all()
            found += [known_of_row(row) for row in rows]
        return found

    def shown_bodies(
        self, standard_id: str, segment_ids: Iterable[str]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield streets and the bodies of the scores that are shown of them."""
        s, now = t.score, t.score_now
        wanted = sorted(set(segment_ids))
        for start in range(0, len(wanted), _AT_ONCE):
            query = (
                select(s.c.segment_id, s.c.body)
                .join(now, _is_shown())
                .where(
                    s.c.standard_id == standard_id,
                    s.c.segment_id.in_(wanted[start : start + _AT_ONCE]),
                )
            )
            with self._reading() as connection:
                rows = connection.execute(query).all()
            yield from ((row[0], row[1]) for row in rows)

    def shown_scores_of(self, segment_id: str) -> list[ScoreFacts]:
        """Return the scores that are shown of a street, by standard."""
        s, now = t.score, t.score_now
        query = (
            select(*(s.c[name] for name in ScoreFacts._fields))
            .join(now, _is_shown())
            .where(now.c.segment_id == segment_id)
            .order_by(s.c.standard_id)
        )
        with self._reading() as connection:
            return [ScoreFacts(*row) for row in connection.execute(query)]

    def last_told_s(self, segment_id: str) -> float:
        """Return when the last word came on a thing of a street; 0 if none did."""
        r, s = review, t.sighting
        query = (
            select(func.max(r.c.known_s))
            .join(
                s,
                and_(s.c.inspection_id == r.c.inspection_id, s.c.number == r.c.number),
            )
            .where(s.c.segment_id == segment_id)
        )
        with self._reading() as connection:
            return connection.execute(query).scalar() or 0.0

    def left_behind(self, streets: Iterable[str]) -> list[LeftBehind]:
        """Return what was said of inspections that others took the place of.

        Args:
            streets: only of sightings on these.
        """
        r, s, i, d = review, t.sighting, t.inspection, t.drive
        heir = t.inspection.alias("heir")
        here = newest_inspections(None)
        spoken_of = exists().where(
            s.c.inspection_id == r.c.inspection_id, s.c.number == r.c.number
        )
        query = (
            select(s, i.c.model_id, d.c.started_s, heir.c.id.label("heir"))
            .join(i, i.c.id == s.c.inspection_id)
            .join(d, d.c.id == i.c.drive_id)
            .join(heir, heir.c.drive_id == i.c.drive_id)
            .where(spoken_of, i.c.id.not_in(here), heir.c.id.in_(here))
        )
        wanted = set(streets)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(s.c.row)).mappings().all()
        return [
            LeftBehind(
                name=(row["inspection_id"], row["number"]),
                placed=sighting_of(row, row["started_s"], row["model_id"]),
                started_s=row["started_s"],
                heir=row["heir"],
            )
            for row in rows
            if row["segment_id"] in wanted
        ]

    def words_on(self, names: Iterable[tuple[str, int]]) -> list[KeptWord]:
        """Return the words on some sightings, oldest first."""
        r, wanted = review, set(names)
        query = select(r).where(
            r.c.inspection_id.in_(sorted({name for name, _ in wanted}))
        )
        with self._reading() as connection:
            rows = connection.execute(query.order_by(r.c.known_s, r.c.row)).mappings()
            found = [_kept(row) for row in rows]
        return [k for k in found if (k.word.inspection_id, k.word.number) in wanted]

    def add_measured(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep how well eyes did; a set of rows shares one `known_s`."""
        with self._writing() as connection:
            add_many(connection, measured, rows)

    def measured(self, *, as_of_s: float | None = None) -> list[dict[str, Any]]:
        """Return the newest set of rows that was known then; empty if none was."""
        newest = select(func.max(measured.c.known_s)).where(known(measured, as_of_s))
        query = (
            select(measured)
            .where(measured.c.known_s == newest.scalar_subquery())
            .order_by(*(measured.c[n] for n in ("model_id", "category")))
            .order_by(measured.c.camera, measured.c.light)
        )
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def _is_shown() -> Any:
    """Return the condition that a score is the one that is shown of its street."""
    s, now = t.score, t.score_now
    same = ("segment_id", "standard_id", "to_s", "known_s")
    return and_(*(now.c[name] == s.c[name] for name in same))


def _word_row(word: SightingVerdict, facts: WordFacts) -> dict[str, Any]:
    other, number = (None, None) if word.other is None else word.other
    names = ("inspection_id", "number", "verdict", "reviewer", "reason", "known_s")
    more = ("said_s", "kind", "category", "zone", "severity", "annotation")
    return {
        **{name: getattr(word, name) for name in (*names, *more)},
        **{name: getattr(facts, name) for name in WordFacts.__slots__},
        "source": None,
        "other_inspection": other,
        "other_number": number,
    }


def _word(row: RowMapping) -> SightingVerdict:
    other = row["other_inspection"]
    return SightingVerdict(
        inspection_id=row["inspection_id"],
        number=row["number"],
        verdict=row["verdict"],
        reviewer=row["reviewer"],
        reason=row["reason"],
        known_s=row["known_s"],
        said_s=row["said_s"],
        kind=row["kind"],
        category=row["category"],
        zone=row["zone"],
        severity=row["severity"],
        other=None if other is None else (other, row["other_number"]),
        annotation=row["annotation"],
    )


def _kept(row: RowMapping) -> KeptWord:
    facts = WordFacts(**{name: row[name] for name in WordFacts.__slots__})
    return KeptWord(row["row"], _word(row), facts)


def _known(row: RowMapping) -> KnownFinding:
    """Return a finding, one that was taken back too: its state is then the raw one."""
    if row["state"] != WITHDRAWN:
        return known_of_row(row)
    return known_of_row({**row, "state": "raw"})  # type: ignore[arg-type]
