"""What lies on the review desk, and what came back from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "review_task",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("image", sa.Text(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("links_until_s", sa.Double(), nullable=False),
        sa.Column("pushed_s", sa.Double(), nullable=False),
        sa.Column("ended_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_review_task")),
    )
    for column in ("finding_id", "task_id", "state"):
        op.create_index(op.f(f"ix_review_task_{column}"), "review_task", [column])
    op.create_table(
        "review_answer",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("annotation", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("came", sa.Text(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=True),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("received_s", sa.Double(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("done_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_review_answer")),
    )
    for column in ("annotation", "number", "key"):
        op.create_index(op.f(f"ix_review_answer_{column}"), "review_answer", [column])
    op.create_index("ix_review_answer_state_at_s", "review_answer", ["state", "at_s"])
    op.create_table(
        "review_desk",
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("polled_s", sa.Double(), nullable=False),
        sa.Column("swept_s", sa.Double(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("desk", name=op.f("pk_review_desk")),
    )
