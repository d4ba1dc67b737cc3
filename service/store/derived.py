"""What follows from what was seen: findings, assets, scores; and by which standard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, select

from service.records import Cover, KnownFinding
from service.store import schema as t
from service.store.connected import (
    Connected,
    add_change,
    add_many,
    add_once,
    known,
    newest,
)
from service.store.known_rows import (
    WITHDRAWN,
    asset_row,
    cover_of_row,
    finding_row,
    known_of_row,
    withdrawn_row,
)
from vision.errors import InputError


class Derived(Connected):
    """The part of a store that can be worked out again from the rest."""

    def add_findings(
        self, findings: Mapping[str, Sequence[KnownFinding]], *, known_s: float
    ) -> int:
        """Write the findings of streets where anything about them changed.

        Args:
            findings: street -> all of its findings; one that was there and is not any
                more is withdrawn.
            known_s: since when this is known.

        Returns:
            How many rows were added.
        """
        rows = {
            street: [finding_row(one, known_s) for one in of_street]
            for street, of_street in findings.items()
        }
        with self._writing() as connection:
            return _replace(connection, t.finding, rows, known_s)

    def add_covers(
        self, covers: Mapping[str, Sequence[Cover]], *, known_s: float
    ) -> int:
        """Write the covers of streets where anything changed; see `add_findings`."""
        rows = {
            street: [asset_row(one, known_s) for one in of_street]
            for street, of_street in covers.items()
        }
        with self._writing() as connection:
            return _replace(connection, t.asset, rows, known_s)

    def findings(
        self, segment_id: str, *, as_of_s: float | None = None
    ) -> list[KnownFinding]:
        """Return the findings of a street as they were known, by id."""
        f = t.finding
        query = newest(f, f.c.segment_id == segment_id, as_of_s).order_by(f.c.id)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [known_of_row(row) for row in rows if row["state"] != WITHDRAWN]

    def covers(self, segment_id: str, *, as_of_s: float | None = None) -> list[Cover]:
        """Return the covers of a street as they were known, by id."""
        a = t.asset
        query = newest(a, a.c.segment_id == segment_id, as_of_s).order_by(a.c.id)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [cover_of_row(row) for row in rows if row["state"] != WITHDRAWN]

    def add_standard(
        self, standard_id: str, sha256: str, text: str, *, known_s: float
    ) -> None:
        """Remember under what scores are given; a released standard never changes.

        Raises:
            InputError: other rules were kept under this name before.
        """
        row = {"id": standard_id, "sha256": sha256, "text": text, "known_s": known_s}
        with self._writing() as connection:
            add_once(connection, t.standard, row)
            query = select(t.standard.c.sha256).where(t.standard.c.id == standard_id)
            kept = connection.execute(query).scalar_one()
        if kept != sha256:
            msg = (
                f"the store {self.name} has scores under another {standard_id}; "
                "give the changed standard a new version"
            )
            raise InputError(msg)

    def standards(self) -> dict[str, str]:
        """Return the text of every standard that scores were given under, by id."""
        query = select(t.standard).order_by(t.standard.c.id)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return {row["id"]: row["text"] for row in rows}

    def add_scores(
        self, rows: Sequence[dict[str, Any]], *, newest: bool = True
    ) -> None:
        """Add scores; one that is there stays as it is.

        Args:
            rows: of the table `score`, with the `district` and `feature` of the table
                `score_now`.
            newest: they are what is shown from now on, unless of an older window.
        """
        names = [column.name for column in t.score.columns]
        with self._writing() as connection:
            for row in rows:
                before = _shown_red_lines(connection, row)
                added = add_once(connection, t.score, {n: row[n] for n in names})
                if newest and added and _show(connection, row):
                    add_change(connection, "score", row, row["segment_id"])
                    _tell_red_lines(connection, row, before)

    def scores(
        self, segment_id: str, *, as_of_s: float | None = None
    ) -> list[dict[str, Any]]:
        """Return the scores of a street that were worked out, newest first."""
        s = t.score
        query = (
            select(s)
            .where(s.c.segment_id == segment_id, known(s, as_of_s))
            .order_by(s.c.known_s.desc())
        )
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def _shown_red_lines(connection: Connection, row: Mapping[str, Any]) -> set[str]:
    """Return the confirmed red lines of the score that is shown of a street."""
    s, now = t.score, t.score_now
    query = (
        select(s.c.body)
        .join(
            now,
            and_(
                now.c.segment_id == s.c.segment_id,
                now.c.standard_id == s.c.standard_id,
                now.c.to_s == s.c.to_s,
                now.c.known_s == s.c.known_s,
            ),
        )
        .where(
            s.c.segment_id == row["segment_id"], s.c.standard_id == row["standard_id"]
        )
        .order_by(s.c.from_s.desc())
        .limit(1)
    )
    body = connection.execute(query).scalar()
    return set() if body is None else _red_lines(body)


def _red_lines(body: Mapping[str, Any]) -> set[str]:
    score = body.get("score")
    return set() if score is None else set(score["red_lines"])


def _tell_red_lines(
    connection: Connection, row: Mapping[str, Any], before: set[str]
) -> None:
    """Note which red lines a street came to have, and which it has no more."""
    now = _red_lines(row["body"])
    for finding in sorted(now - before):
        add_change(connection, "red_line", row, finding)
    for finding in sorted(before - now):
        add_change(connection, "red_line_over", row, finding)


def _show(connection: Connection, row: dict[str, Any]) -> bool:
    """Make a score the one that is shown; False if a newer one is."""
    now = t.score_now
    key = and_(
        now.c.segment_id == row["segment_id"], now.c.standard_id == row["standard_id"]
    )
    shown = connection.execute(select(now.c.to_s, now.c.known_s).where(key)).first()
    if shown is not None and tuple(shown) > (row["to_s"], row["known_s"]):
        return False
    connection.execute(delete(now).where(key))
    names = [column.name for column in now.columns]
    connection.execute(insert(now), {name: row[name] for name in names})
    return True


def _replace(
    connection: Connection,
    table: Table,
    rows: Mapping[str, Iterable[dict[str, Any]]],
    known_s: float,
) -> int:
    """Add the rows of streets that differ from the newest there, and take back."""
    new: list[dict[str, Any]] = []
    for street, of_street in rows.items():
        query = newest(table, table.c.segment_id == street, None)
        before = {row["id"]: row for row in connection.execute(query).mappings()}
        now = {row["id"]: row for row in of_street}
        new += [
            row
            for key, row in now.items()
            if key not in before or before[key]["digest"] != row["digest"]
        ]
        new += [
            withdrawn_row(row, known_s)
            for key, row in before.items()
            if key not in now and row["state"] != WITHDRAWN
        ]
    add_many(connection, table, new)
    for row in new:
        add_change(connection, table.name, row, row["id"])
    return len(new)
