"""Monthly sheets of units, as they were worked out and as they were locked."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, tuple_

from service.store.connected import Connected, add_change, number_alone
from service.store.schema_months import month_sheet
from service.told import KeptMonth
from vision.errors import FormError


class Months(Connected):
    """The part of a store that keeps the sheets of months."""

    def add_month(
        self, content: Mapping[str, Any], *, locked: bool, known_s: float
    ) -> bool:
        """Add a month's sheet; False if the same one was the last that was kept.

        Args:
            content: as `month_json` gives it.
            locked: for good: no other sheet of this month is taken after it.
            known_s: since when it is known.

        Raises:
            FormError: another one was locked; it stays as it is.
        """
        month, sheet_id = content["month"], content["sheet"]
        m = month_sheet
        last = (
            select(m.c.locked, m.c.content)
            .where(m.c.month == month, m.c.sheet_id == sheet_id)
            .order_by(m.c.row.desc())
            .limit(1)
        )
        with self._writing() as connection:
            number_alone(connection)
            kept = connection.execute(last).first()
            same = kept is not None and kept.content == content
            if kept is not None and kept.locked and not same:
                msg = (
                    f"{month} under {sheet_id} was locked in {self.name} with other "
                    "figures; it stays as it is"
                )
                raise FormError(msg)
            if kept is not None and same and (kept.locked or not locked):
                return False
            row = {
                "month": month,
                "sheet_id": sheet_id,
                "locked": locked,
                "content": dict(content),
                "known_s": known_s,
            }
            connection.execute(insert(m), row)
            add_change(connection, "month", row, month)
        return True

    def months(
        self,
        *,
        unit: str | None = None,
        after: tuple[str, str] | None = None,
        month: str | None = None,
        limit: int,
    ) -> list[KeptMonth]:
        """Return sheets as they are kept now, the newest month first, then by sheet.

        Args:
            unit: only months that have it, and of their units it alone; None for all.
            after: month and sheet of the last one that was read; None for the first.
            month: only this one, `YYYY-MM`.
            limit: how many at most.
        """
        m = month_sheet
        newest = select(func.max(m.c.row)).group_by(m.c.month, m.c.sheet_id)
        query = (
            select(m)
            .where(m.c.row.in_(newest))
            .order_by(m.c.month.desc(), m.c.sheet_id.desc())
        )
        if after is not None:
            query = query.where(tuple_(m.c.month, m.c.sheet_id) < tuple_(*after))
        if month is not None:
            query = query.where(m.c.month == month)
        with self._reading() as connection:
            rows = (_kept(row, unit) for row in connection.execute(query).mappings())
            return list(islice((one for one in rows if one.units), limit))


def _kept(row: RowMapping, unit: str | None) -> KeptMonth:
    content = row["content"]
    units = (one for one in content["units"] if unit is None or one["unit"] == unit)
    return KeptMonth(
        month=row["month"],
        sheet_id=row["sheet_id"],
        source=content["source"],
        fingerprint=content["fingerprint"],
        locked=row["locked"],
        known_s=row["known_s"],
        units=tuple(units),
    )
