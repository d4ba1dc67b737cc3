"""Drives whose pictures lie in a store, for the tests of evidence."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from service.records import DriveRecord
from service.store import Store
from service.types import PlacedSighting
from tests.service.store.records import PICTURE, drive, seen


def pictured(store: Store, number: int, **changes: object) -> PlacedSighting:
    """Return a sighting with two pictures of its own that the store has."""
    image = store.blobs.put(f"frame {number}".encode(), ".jpg")
    crop = store.blobs.put(f"crop {number}".encode(), ".jpg")
    evidence = replace(PICTURE, image=image, crop=crop, pts_s=float(number))
    values: dict[str, object] = {"offset_m": 10.0 * number, **changes}
    return seen(evidence=(evidence,), **values)  # type: ignore[arg-type]


def pictured_drive(store: Store, name: str, *numbers: int) -> DriveRecord:
    """Return a drive with pictures."""
    return drive(*(pictured(store, number) for number in numbers), name=name)


def tamper(store: Store, statement: str, **values: object) -> None:
    """Do what the database refuses: as somebody who owns it can."""
    with store._writing() as connection:
        if connection.dialect.name == "sqlite":
            for act in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER evidence_chain_no_{act}"))
        else:
            connection.execute(text("ALTER TABLE evidence_chain DISABLE TRIGGER ALL"))
        connection.execute(text(statement), values)
