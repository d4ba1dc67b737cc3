"""Secrets to sign with, the chain over pictures, webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.chain import add_pictures, pictures_of
from vision.types import Evidence

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and chain the pictures that are there."""
    op.create_index(
        "ix_finding_category_segment_id_id", "finding", ["category", "segment_id", "id"]
    )
    op.create_table(
        "secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret")),
    )
    _chain()
    _webhooks()
    _chain_what_is_there()
    _only_added("evidence_chain")


def _chain() -> None:
    op.create_table(
        "evidence_chain",
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("footage_sha256", sa.Text(), nullable=True),
        sa.Column("pts_s", sa.Double(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.id"],
            name=op.f("fk_evidence_chain_inspection_id"),
        ),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_evidence_chain")),
    )
    for column in ("inspection_id", "name"):
        op.create_index(op.f(f"ix_evidence_chain_{column}"), "evidence_chain", [column])
    op.create_index(
        "uq_evidence_chain_previous", "evidence_chain", ["previous"], unique=True
    )


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "webhook_end",
        sa.Column("hook_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hook_id"], ["webhook.id"], name=op.f("fk_webhook_end_hook_id")
        ),
        sa.PrimaryKeyConstraint("hook_id", "cause", name=op.f("pk_webhook_end")),
    )
    op.create_table(
        "webhook_state",
        sa.Column("hook_id", sa.Text(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("trying", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_since_s", sa.Double(), nullable=True),
        sa.Column("next_s", sa.Double(), nullable=False),
        sa.Column("last_s", sa.Double(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["hook_id"], ["webhook.id"], name=op.f("fk_webhook_state_hook_id")
        ),
        sa.PrimaryKeyConstraint("hook_id", name=op.f("pk_webhook_state")),
    )


def _chain_what_is_there() -> None:
    """Give the pictures of older drives their rows, at the time they became known."""
    connection = op.get_bind()
    drive = sa.table("drive", sa.column("id"), sa.column("footage", sa.JSON()))
    inspection = sa.table(
        "inspection", sa.column("id"), sa.column("drive_id"), sa.column("known_s")
    )
    query = (
        sa.select(inspection.c.id, inspection.c.known_s, drive.c.footage)
        .join(drive, drive.c.id == inspection.c.drive_id)
        .order_by(inspection.c.known_s, inspection.c.id)
    )
    for name, known_s, footage in connection.execute(query).all():
        pictures = pictures_of(_evidence(connection, name), footage)
        add_pictures(connection, name, pictures, at_s=known_s)


def _evidence(connection: Any, inspection: str) -> Iterator[Evidence]:
    sighting = sa.table(
        "sighting",
        sa.column("inspection_id"),
        sa.column("number"),
        sa.column("evidence", sa.JSON()),
    )
    query = (
        sa.select(sighting.c.evidence)
        .where(sighting.c.inspection_id == inspection)
        .order_by(sighting.c.number)
    )
    for pictures in connection.execute(query).scalars():
        for picture in pictures:
            yield Evidence(**{**picture, "xyxy": tuple(picture["xyxy"])})


def _only_added(table: str) -> None:
    """Let the database itself refuse to change or remove rows."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is only added to'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse_all BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )
