"""Run the migrations on the connection that `engine.open_engine` hands over."""

from __future__ import annotations

from alembic import context

from service.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA
)
context.run_migrations()
