"""keep(): an audited drive goes into the store, with its masked pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from service.audit.drive import card_recall
from service.audit.found import passed_spans
from service.audit.inputs import Checked
from service.audit.publish import Audited, run_facts
from service.findings import PARKING
from service.records import DriveRecord, SeenBy, StreetPass
from service.store import BlobStore, Store
from service.types import PlacedSighting
from vision.errors import InputError

KEPT_ROLES = frozenset({"problem", "state"})
"""Vehicles are kept without one: one that stands may be parked improperly."""


def refuse_unkeepable(checked: Checked) -> None:
    """Say before the long part what would keep a drive out of the store.

    Raises:
        InputError: the drive has no date, or its streets have no lasting names.
    """
    refuse_undated(checked)
    if "roads" in checked.assumptions:
        msg = (
            "streets laid along one path have no names that another drive shares; "
            "give --roads to keep this drive in a store"
        )
        raise InputError(msg)


def refuse_undated(checked: Checked) -> None:
    """Refuse a drive of which nobody knows the day.

    Raises:
        InputError: the drive has no date.
    """
    if checked.outing.clock.epoch_at_zero_s is None:
        msg = (
            "this drive has no date (its track runs on the footage's own clock), so a "
            "store could not tell it from other days; give a --track with UTC times"
        )
        raise InputError(msg)


def keep(
    audited: Audited,
    store: Store,
    folder: Path,
    vehicle: str | None,
    *,
    outing: str | None = None,
) -> bool:
    """Put a drive into the store; False if this inspection of it was there.

    Args:
        audited: the drive, its report written.
        store: where to.
        folder: of the report; its masked pictures are copied.
        vehicle: None if unknown.
        outing: whose piece the drive is; None for a drive of its own.

    Raises:
        InputError: see `refuse_unkeepable`.
        StoreError: the store cannot take it; nothing of it is kept but pictures.
    """
    refuse_unkeepable(audited.checked)
    record = record_of(audited, vehicle, outing=outing)
    if store.has(record):
        return False
    sightings = tuple(
        with_blobs(placed, folder, store.blobs) for placed in record.sightings
    )
    return store.add_drive(replace(record, sightings=sightings))


def record_of(
    audited: Audited, vehicle: str | None, *, outing: str | None = None
) -> DriveRecord:
    """Return what is kept of a drive; its evidence names files of the report."""
    checked = audited.checked
    known = checked.outing
    card = known.card
    roles = {c.id: c.role for c in checked.taxonomy}
    started_s = known.clock.epoch_at_zero_s or 0.0
    return DriveRecord(
        footage=known.hashes(),
        vehicle=vehicle,
        started_s=started_s,
        ended_s=started_s + known.duration_s,
        seen_by=SeenBy(
            model_id=card.id,
            model_sha256=card.sha256,
            layout_id=known.layout_id,
            recall=card_recall(card),
            names=card.names,
            zones=audited.zones,
        ),
        run=run_facts(audited),
        segments=audited.segments,
        passes=tuple(_passes(audited, started_s)),
        sightings=tuple(
            placed
            for placed in audited.sightings
            if roles.get(placed.sighting.category) in KEPT_ROLES
            or placed.sighting.category in PARKING
        ),
        coverage=audited.coverage,
        outing=outing,
    )


def _passes(audited: Audited, started_s: float) -> Iterator[StreetPass]:
    spans = passed_spans(audited.path, audited.segments)
    for segment_id, (from_s, to_s) in spans.items():
        yield StreetPass(segment_id, started_s + from_s, started_s + to_s)


def with_blobs(
    placed: PlacedSighting, folder: Path, blobs: BlobStore
) -> PlacedSighting:
    """Keep the pictures that the report has; cars that only drove by have none."""

    def put(name: str) -> str:
        return blobs.put((folder / name).read_bytes(), Path(name).suffix)

    kept = tuple(
        replace(picture, image=put(picture.image), crop=put(picture.crop))
        for picture in placed.sighting.evidence
        if (folder / picture.image).is_file() and (folder / picture.crop).is_file()
    )
    return replace(placed, sighting=replace(placed.sighting, evidence=kept))
