"""Tables of what lies on the review desk: like those of jobs, their rows are changed.

What reviewers said is kept elsewhere and only added to; here stands how far each task
and each answer has come.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Double, Index, Integer, Table, Text

from service.store.schema import METADATA

review_task = Table(
    "review_task",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("finding_id", Text, nullable=False, index=True),
    Column("why", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("image", Text, nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("task_id", Integer, nullable=True, index=True),
    Column("state", Text, nullable=False, index=True),
    Column("reason", Text, nullable=True),
    Column("links_until_s", Double, nullable=False),
    Column("pushed_s", Double, nullable=False),
    Column("ended_s", Double, nullable=True),
)

review_answer = Table(
    "review_answer",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("annotation", Text, nullable=False, index=True),
    Column("number", Integer, nullable=False, index=True),
    Column("key", Text, nullable=False, index=True),
    Column("came", Text, nullable=False),
    Column("said", JSON, nullable=True),
    Column("at_s", Double, nullable=False),
    Column("received_s", Double, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", Text, nullable=True),
    Column("done_s", Double, nullable=True),
    Index("ix_review_answer_state_at_s", "state", "at_s"),
)
"""Every version of every answer that came in, once. Nothing of the desk's own words is
kept: they hold tokens."""

review_desk = Table(
    "review_desk",
    METADATA,
    Column("desk", Text, primary_key=True),
    Column("polled_s", Double, nullable=False),
    Column("swept_s", Double, nullable=False),
    Column("error", Text, nullable=True),
)
"""When a desk was last looked over: what changed, and all of it."""
