"""Devices, the drives they announce, and which drives are one outing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.add_column("drive", sa.Column("outing", sa.Text(), nullable=True))
    _devices()
    _manifests()


def _devices() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("vehicle", sa.Text(), nullable=True),
        sa.Column("quota_bytes", sa.BigInteger(), nullable=True),
        sa.Column("raw_wanted", sa.Boolean(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_table(
        "device_end",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_end")),
        _of_device("device_end"),
    )
    op.create_table(
        "device_key",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("known_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_device_key")),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_key.id"], name=op.f("fk_device_key_key_id")
        ),
        _of_device("device_key"),
    )
    op.create_index("ix_device_key_device_id", "device_key", ["device_id"])
    op.create_table(
        "device_clock",
        sa.Column("row", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("offset_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_device_clock")),
        _of_device("device_clock"),
    )
    op.create_index(
        "ix_device_clock_device_id_at_s", "device_clock", ["device_id", "at_s"]
    )
    op.create_table(
        "device_state",
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("offset_s", sa.Double(), nullable=False),
        sa.Column("firmware", sa.Text(), nullable=True),
        sa.Column("free_disk_bytes", sa.BigInteger(), nullable=True),
        sa.Column("models", sa.JSON(), nullable=True),
        sa.Column("waiting_files", sa.BigInteger(), nullable=True),
        sa.Column("waiting_bytes", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_state")),
        _of_device("device_state"),
    )


def _manifests() -> None:
    op.create_table(
        "manifest",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=True),
        sa.Column("camera", sa.Text(), nullable=True),
        sa.Column("started_s", sa.Double(), nullable=True),
        sa.Column("ended_s", sa.Double(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("made_s", sa.Double(), nullable=False),
        sa.Column("touched_s", sa.Double(), nullable=False),
        sa.Column("next_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest")),
    )
    op.create_index(
        "uq_manifest_owner_name", "manifest", ["owner", "name"], unique=True
    )
    op.create_index("ix_manifest_made_s", "manifest", ["made_s", "id"])
    op.create_index("ix_manifest_next_s", "manifest", ["next_s"])
    op.create_table(
        "manifest_file",
        sa.Column("manifest_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("manifest_id", "name", name=op.f("pk_manifest_file")),
        _of_manifest("manifest_file"),
    )
    op.create_index("ix_manifest_file_sha256", "manifest_file", ["sha256"])
    op.create_table(
        "manifest_piece",
        sa.Column("manifest_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "manifest_id", "number", "turn", name=op.f("pk_manifest_piece")
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_manifest_piece_job_id")
        ),
        _of_manifest("manifest_piece"),
    )
    op.create_index("ix_manifest_piece_job_id", "manifest_piece", ["job_id"])
    op.create_table(
        "footage_claim",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("manifest_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_footage_claim")),
        _of_manifest("footage_claim"),
    )
    op.create_index("ix_footage_claim_manifest_id", "footage_claim", ["manifest_id"])


def _of_device(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_device_id")
    return sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=name)


def _of_manifest(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_manifest_id")
    return sa.ForeignKeyConstraint(["manifest_id"], ["manifest.id"], name=name)
