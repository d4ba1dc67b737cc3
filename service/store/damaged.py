"""Which row of a store is damaged, for the one sentence that people are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import (
    JSON,
    Engine,
    Label,
    RowMapping,
    Table,
    Text,
    func,
    select,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError

from service.store import schema as t
from vision.errors import InputError, StoreError

_Rest = ParamSpec("_Rest")
_Made = TypeVar("_Made")
_FromRow = Callable[Concatenate[RowMapping, _Rest], _Made]
WHAT_TO_DO = "put back a copy of the store"
_PARENTS = {"inspection": "inspection_id", "drive": "drive_id", "model": "model_id"}
"""Parent -> the column that names it; the first that is gone is said."""


def of_table(
    table: Table,
) -> Callable[[_FromRow[_Rest, _Made]], _FromRow[_Rest, _Made]]:
    """Let a function that reads rows of a table name the row it cannot read.

    The function then raises StoreError for a row whose values have not the form that
    was written.
    """

    def name_row(read: _FromRow[_Rest, _Made]) -> _FromRow[_Rest, _Made]:
        @wraps(read)
        def named(
            row: RowMapping, /, *args: _Rest.args, **kwargs: _Rest.kwargs
        ) -> _Made:
            try:
                return read(row, *args, **kwargs)
            except (TypeError, ValueError, LookupError, AttributeError) as error:
                msg = f"{_named(table, row)} is damaged ({error}); {WHAT_TO_DO}"
                raise StoreError(msg) from error
            except InputError as error:
                msg = f"{_named(table, row)} is damaged: {error}"
                raise StoreError(msg) from error

        return named

    return name_row


def parents(*tables: Table) -> list[Label[bool]]:
    """Return columns that tell of outer joined tables if their row is there."""
    return [table.c.id.is_not(None).label(f"has_{table.name}") for table in tables]


def refuse_orphans(rows: Iterable[RowMapping]) -> None:
    """Refuse rows that speak of an inspection, drive or model that is gone.

    Args:
        rows: with `parents`; their children are passes or inspections.

    Raises:
        StoreError: names the first row and what it lacks.
    """
    for row in rows:
        for parent, key in _PARENTS.items():
            if row.get(f"has_{parent}", True):
                continue
            child = "street_pass" if parent == "inspection" else "inspection"
            own = f"inspection {row.get('inspection_id', row['id'])}"
            msg = (
                f"the store is damaged: table {child}, row of {own}, speaks of "
                f"{parent} {row[key]}, which is not there any more; {WHAT_TO_DO}"
            )
            raise StoreError(msg)


def unreadable_json(engine: Engine) -> str | None:
    """Return the first row of a SQLite store that holds broken JSON, named.

    None where there is none, or where the database itself keeps JSON whole.
    """
    if engine.dialect.name != "sqlite":
        return None
    try:
        with engine.connect() as connection:
            for table in t.METADATA.sorted_tables:
                for column in table.columns:
                    if not isinstance(column.type, JSON):
                        continue
                    raw = type_coerce(column, Text)
                    broken = raw.is_not(None) & (func.json_valid(raw) == 0)
                    query = select(*table.primary_key).where(broken).limit(1)
                    row = connection.execute(query).mappings().first()
                    if row is not None:
                        return f"{_named(table, row)}, column {column.name}"
    except DBAPIError:
        return None
    return None


def _named(table: Table, row: RowMapping | dict[str, Any]) -> str:
    keys = [column.name for column in table.primary_key if column.name in row]
    key = ", ".join(f"{name} {row[name]}" for name in keys)
    return f"table {table.name}, row with {key}"
