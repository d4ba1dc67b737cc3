"""A store as an older version of the program would have left it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from service.store import engine as store_engine
from service.store.engine import FILE


def store_of_before(now: Path, folder: Path, *, revision: str) -> None:
    """Make a SQLite store of an older schema that holds what `now` holds.

    Args:
        now: folder of a closed store of today.
        folder: of the new one.
        revision: the older schema.
    """
    folder.mkdir()
    engine = create_engine(f"sqlite:///{folder / FILE}")
    config = Config()
    config.set_main_option(
        "script_location", str(Path(store_engine.__file__).with_name("migrations"))
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    with engine.connect() as connection:
        connection.execute(text("ATTACH :file AS now"), {"file": str(now / FILE)})
        tables = connection.execute(
            text("SELECT name, sql FROM main.sqlite_schema WHERE type = 'table'")
        ).all()
        shadows = {"alembic_version", "sqlite_sequence"}
        trees = [name for name, sql in tables if "VIRTUAL" in (sql or "")]
        for name, _ in tables:
            if name in shadows or any(name.startswith(tree) for tree in trees):
                continue
            columns = ", ".join(
                f'"{row.name}"'
                for row in connection.execute(text(f"PRAGMA main.table_info({name})"))
            )
            connection.execute(
                text(
                    f"INSERT INTO main.{name} ({columns}) "  # noqa: S608
                    f"SELECT {columns} FROM now.{name}"
                )
            )
        connection.commit()
    engine.dispose()
