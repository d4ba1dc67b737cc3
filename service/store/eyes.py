"""Rows of inspections to the eyes that looked, and the light that they had."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from service.light import light_at
from service.records import Light, SeenBy
from service.store import schema as t


def city_place(connection: Connection) -> tuple[float, float] | None:
    """Return longitude and latitude of somewhere in the city; None of no street.

    The sun stands much the same over all of it.
    """
    s = t.segment
    query = select(s.c.lonlat).order_by(s.c.id, s.c.digest).limit(1)
    line = connection.execute(query).scalar()
    return (line[0][0], line[0][1]) if line else None


def seen_by_of(row: RowMapping, place: tuple[float, float] | None) -> SeenBy:
    """Return the eyes of an inspection.

    Args:
        row: of the inspection with `recall` and `names` of its model and `vehicle`,
            `started_s` and `ended_s` of its drive.
        place: see `city_place`.
    """
    return SeenBy(
        model_id=row["model_id"],
        model_sha256=row["model_sha256"],
        layout_id=row["layout_id"],
        recall=row["recall"],
        names=tuple(row["names"]),
        zones=frozenset(row["zones"]),
        vehicle=row["vehicle"],
        light=light_of(row["started_s"], row["ended_s"], place),
    )


def light_of(
    started_s: float, ended_s: float, place: tuple[float, float] | None
) -> Light | None:
    """Return the light in the middle of a drive; None of an unknown place."""
    return None if place is None else light_at((started_s + ended_s) / 2, *place)
