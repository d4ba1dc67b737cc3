"""Where streets and findings lie now: copies that an index of places can hold.

Rows of `segment` and `finding` are only added; triggers keep one row of each id, of the
version that was known last, whatever the order in which versions come in.
"""

# ruff: noqa: S608 - every name in a statement is from this file
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SEGMENT = ("id", "digest", "known_s", "district", "lon0", "lat0", "lon1", "lat1")
_FINDING = (
    "id", "known_s", "segment_id", "district", "category", "state", "lon", "lat",
    "first_s", "last_s",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, keep them by triggers, and fill them."""
    _tables()
    op.add_column("score_now", sa.Column("grade", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
        grade = "json_extract(feature, '$.properties.grade')"
    else:
        _postgresql()
        grade = "feature::json -> 'properties' ->> 'grade'"
    op.execute(f"UPDATE score_now SET grade = {grade}")
    _fill()


def _tables() -> None:
    op.create_table(
        "segment_now",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("lon0", sa.Double(), nullable=False),
        sa.Column("lat0", sa.Double(), nullable=False),
        sa.Column("lon1", sa.Double(), nullable=False),
        sa.Column("lat1", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_segment_now")),
    )
    op.create_table(
        "finding_now",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("segment_id", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("first_s", sa.Double(), nullable=False),
        sa.Column("last_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_finding_now")),
    )
    for table in ("segment_now", "finding_now"):
        op.create_index(f"uq_{table}_id", table, ["id"], unique=True)
        op.create_index(f"ix_{table}_district_number", table, ["district", "number"])
    op.create_index(
        "ix_finding_now_segment_id_number", "finding_now", ["segment_id", "number"]
    )
    op.create_index("ix_finding_now_last_s", "finding_now", ["last_s"])


def _sqlite() -> None:
    """Make trees of places, whose numbers are rounded outwards, and the triggers."""
    for now, box in (
        ("segment_now", "new.lon0, new.lon1, new.lat0, new.lat1"),
        ("finding_now", "new.lon, new.lon, new.lat, new.lat"),
    ):
        tree = now.replace("_now", "_place")
        op.execute(
            f"CREATE VIRTUAL TABLE {tree} USING rtree(number, lon0, lon1, lat0, lat1)"
        )
        for act in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {tree}_{act.lower()} AFTER {act} ON {now} BEGIN "
                f"DELETE FROM {tree} WHERE number = new.number; "
                f"INSERT INTO {tree} VALUES (new.number, {box}); END"
            )
    bounds = ", ".join(
        f"{end}(json_extract(value, '$[{axis}]'))"
        for end in ("min", "max")
        for axis in (0, 1)
    )
    op.execute(
        "CREATE TRIGGER segment_is_now AFTER INSERT ON segment BEGIN "
        + _newest(
            "segment_now",
            _SEGMENT,
            f"SELECT new.id, new.digest, new.known_s, new.district, {bounds} "
            "FROM json_each(new.lonlat) "
            "WHERE true HAVING count(*) > 0",
        )
        + "; END"
    )
    for act in ("INSERT", "UPDATE OF district"):
        op.execute(
            f"CREATE TRIGGER finding_district_{act[:6].lower()} AFTER {act} "
            "ON segment_now BEGIN UPDATE finding_now SET district = new.district "
            "WHERE segment_id = new.id AND district IS NOT new.district; END"
        )
    op.execute(
        "CREATE TRIGGER finding_is_now AFTER INSERT ON finding BEGIN "
        + _newest("finding_now", _FINDING, _new_finding())
        + "; END"
    )


def _postgresql() -> None:
    """Make indexes of places, and the triggers."""
    op.execute(
        "CREATE INDEX ix_segment_now_place ON segment_now "
        "USING gist (box(point(lon0, lat0), point(lon1, lat1)))"
    )
    op.execute(
        "CREATE INDEX ix_finding_now_place ON finding_now USING gist (point(lon, lat))"
    )
    bounds = ", ".join(
        f"{end}((v ->> {axis})::double precision)"
        for end in ("min", "max")
        for axis in (0, 1)
    )
    _trigger(
        "segment_is_now",
        "INSERT ON segment",
        _newest(
            "segment_now",
            _SEGMENT,
            f"SELECT new.id, new.digest, new.known_s, new.district, {bounds} "
            "FROM json_array_elements(new.lonlat) AS v HAVING count(*) > 0",
        ),
    )
    _trigger(
        "finding_district",
        "INSERT OR UPDATE OF district ON segment_now",
        "UPDATE finding_now SET district = new.district WHERE segment_id = new.id "
        "AND district IS DISTINCT FROM new.district",
    )
    _trigger(
        "finding_is_now",
        "INSERT ON finding",
        _newest("finding_now", _FINDING, _new_finding()),
    )


def _trigger(name: str, event: str, statement: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {statement}; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def _new_finding() -> str:
    values = {
        **{name: f"new.{name}" for name in _FINDING},
        "district": "(SELECT district FROM segment_now WHERE id = new.segment_id)",
    }
    return f"SELECT {', '.join(values.values())} WHERE true"


def _newest(table: str, names: tuple[str, ...], rows: str) -> str:
    """Return what puts rows in, or in the place of an older version."""
    given = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    order = ("known_s", "digest") if "digest" in names else ("known_s",)
    newer = ", ".join(f"excluded.{name}" for name in order)
    older = ", ".join(f"{table}.{name}" for name in order)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) {rows} "
        f"ON CONFLICT (id) DO UPDATE SET {given} WHERE ({newer}) > ({older})"
    )


def _fill() -> None:
    """Put in what is there."""
    connection = op.get_bind()
    segment = sa.table(
        "segment",
        sa.column("lonlat", sa.JSON()),
        *(sa.column(name) for name in _SEGMENT[:4]),
    )
    newest: dict[str, dict[str, Any]] = {}
    rows = connection.execute(
        sa.select(segment).order_by(segment.c.known_s, segment.c.digest)
    )
    for row in rows.mappings():
        if row["lonlat"]:
            lons, lats = zip(*row["lonlat"], strict=True)
            bounds = (min(lons), min(lats), max(lons), max(lats))
            facts = {name: row[name] for name in _SEGMENT[:4]}
            newest[row["id"]] = facts | dict(zip(_SEGMENT[4:], bounds, strict=True))
    now = sa.table("segment_now", *(sa.column(name) for name in _SEGMENT))
    if newest:
        connection.execute(sa.insert(now), list(newest.values()))
    names = ", ".join("s.district" if n == "district" else f"f.{n}" for n in _FINDING)
    op.execute(
        f"INSERT INTO finding_now ({', '.join(_FINDING)}) "
        f"SELECT {names} FROM finding f JOIN (SELECT id, max(known_s) AS known_s "
        "FROM finding GROUP BY id) last ON last.id = f.id "
        "AND last.known_s = f.known_s LEFT JOIN segment_now s ON s.id = f.segment_id"
    )
