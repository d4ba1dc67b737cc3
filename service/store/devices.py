"""Which devices there are, with which keys, and what they said of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update

from service.device_records import Contact, Device
from service.store import schema_devices as t
from service.store.connected import Connected, add_once

CLOCK_EVERY_S = 3600.0
"""An offset that did not change is written down so often."""
CLOCK_CHANGED_S = 0.5
"""What moved an offset by more has changed the clock."""
_FACTS = (
    "id", "name", "kind", "district", "vehicle", "quota_bytes", "raw_wanted", "known_s",
)  # fmt: skip


class Devices(Connected):
    """The part of a store that knows devices."""

    def add_device(self, device: Device, key_id: str) -> bool:
        """Add a device with its key; False if one that holds has its name.

        Args:
            device: the device.
            key_id: of a key that is in the store and no other device's.
        """
        d = t.device
        with self._writing() as connection:
            taken = select(d.c.id).where(
                d.c.name == device.name, d.c.id.not_in(select(t.device_end.c.device_id))
            )
            if connection.execute(taken).first() is not None:
                return False
            row = {name: getattr(device, name) for name in _FACTS}
            connection.execute(insert(d), row)
            connection.execute(insert(t.device_key), _key(device, key_id))
        return True

    def add_device_key(self, device: Device, key_id: str, *, known_s: float) -> None:
        """Give a device one more key, which it uses from now on."""
        row = {**_key(device, key_id), "known_s": known_s}
        with self._writing() as connection:
            connection.execute(insert(t.device_key), row)

    def end_device(self, device_id: str, *, reason: str, known_s: float) -> bool:
        """End a device for good; False if it was ended before."""
        row = {"device_id": device_id, "known_s": known_s, "reason": reason}
        with self._writing() as connection:
            return add_once(connection, t.device_end, row)

    def devices(
        self, *, key_id: str | None = None, device_id: str | None = None
    ) -> list[Device]:
        """Return devices, oldest first, those that were ended among them.

        Args:
            key_id: only that whose key this is, or was.
            device_id: only this one.
        """
        d, e, k = t.device, t.device_end, t.device_key
        query = (
            select(d, e.c.known_s.label("ended_s"))
            .outerjoin(e, e.c.device_id == d.c.id)
            .order_by(d.c.known_s, d.c.id)
        )
        if key_id is not None:
            of_key = select(k.c.device_id).where(k.c.key_id == key_id)
            query = query.where(d.c.id.in_(of_key))
        if device_id is not None:
            query = query.where(d.c.id == device_id)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
            wanted = k.c.device_id.in_([row["id"] for row in rows])
            given = select(k).where(wanted).order_by(k.c.known_s, k.c.key_id)
            keys: dict[str, list[str]] = {}
            for row in connection.execute(given).mappings():
                keys.setdefault(row["device_id"], []).append(row["key_id"])
        return [Device(**row, keys=tuple(keys.get(row["id"], ()))) for row in rows]

    def add_contact(self, device_id: str, contact: Contact) -> None:
        """Note what a device said; its clock is remembered whenever it changed."""
        s, c = t.device_state, t.device_clock
        values: dict[str, Any] = {
            **{name: getattr(contact, name) for name in Contact.__slots__},
            "models": None if contact.models is None else list(contact.models),
        }
        last = (
            select(c.c.at_s, c.c.offset_s)
            .where(c.c.device_id == device_id)
            .order_by(c.c.at_s.desc(), c.c.row.desc())
            .limit(1)
        )
        with self._writing() as connection:
            if not add_once(connection, s, {"device_id": device_id, **values}):
                here = s.c.device_id == device_id
                connection.execute(update(s).where(here).values(**values))
            before = connection.execute(last).first()
            if (
                before is None
                or contact.at_s - before.at_s >= CLOCK_EVERY_S
                or abs(contact.offset_s - before.offset_s) > CLOCK_CHANGED_S
            ):
                row = {
                    "device_id": device_id,
                    "at_s": contact.at_s,
                    "offset_s": contact.offset_s,
                }
                connection.execute(insert(c), row)

    def contacts(self, device_id: str | None = None) -> dict[str, Contact]:
        """Return device -> its last contact; only of one if it is named."""
        s = t.device_state
        query = select(s)
        if device_id is not None:
            query = query.where(s.c.device_id == device_id)
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return {row["device_id"]: _contact(row) for row in rows}

    def clock_near(
        self, device_id: str, device_time_s: float | None
    ) -> tuple[float, float] | None:
        """Return when a clock was measured and its offset; None if it never was.

        Args:
            device_id: the device.
            device_time_s: by the device's own clock; the measurement nearest to it on
                that clock is taken. None takes the newest.
        """
        c = t.device_clock
        query = select(c.c.at_s, c.c.offset_s).where(c.c.device_id == device_id)
        if device_time_s is not None:
            away = func.abs(c.c.at_s + c.c.offset_s - device_time_s)
            query = query.order_by(away)
        query = query.order_by(c.c.at_s.desc(), c.c.row.desc()).limit(1)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.at_s, row.offset_s)

    def silent_devices(self, *, since_s: float) -> int:
        """Return how many devices that hold were not heard of since a time."""
        d, s = t.device, t.device_state
        heard = select(s.c.device_id).where(s.c.at_s >= since_s)
        query = (
            select(func.count())
            .select_from(d)
            .where(
                d.c.id.not_in(select(t.device_end.c.device_id)),
                d.c.id.not_in(heard),
                d.c.known_s < since_s,
            )
        )
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())


def _key(device: Device, key_id: str) -> Mapping[str, Any]:
    return {"key_id": key_id, "device_id": device.id, "known_s": device.known_s}


def _contact(row: RowMapping) -> Contact:
    values = {name: row[name] for name in Contact.__slots__}
    models = None if row["models"] is None else tuple(row["models"])
    return Contact(**{**values, "models": models})
