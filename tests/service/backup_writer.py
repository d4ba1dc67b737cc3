"""A process of its own that keeps adding drives with pictures, and says which are in.

    python -m tests.service.backup_writer STORE PICTURES ACKNOWLEDGED

A line in the last file is written after the store has said that the drive is in.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from service.records import DriveRecord
from service.store import FolderBlobs, Store, inspection_id
from tests.service.store.records import NOON_S, drive, seen
from vision.types import Evidence

SIGHTINGS = 12


def record(store: Store, number: int) -> DriveRecord:
    """Return a drive whose pictures are kept already."""
    things = []
    for turn in range(SIGHTINGS):
        names = [
            store.blobs.put(f"{kind} {turn} of {number}".encode() * 50, ".jpg")
            for kind in ("frame", "crop")
        ]
        picture = Evidence(*names, (1.0, 2.0, 30.0, 40.0), "a.mp4", 3.0, 3.0)
        placed = seen(offset_m=10.0 * turn)
        things.append(
            replace(placed, sighting=replace(placed.sighting, evidence=(picture,)))
        )
    return drive(*things, at_s=NOON_S + 100 * number, name=f"drive {number}")


def main(where: str, pictures: str, acknowledged: str) -> None:
    """Add drives until somebody kills us."""
    store = Store(where, FolderBlobs(Path(pictures)))
    number = 0
    with Path(acknowledged).open("a", encoding="utf-8") as said:
        while True:
            one = record(store, number)
            store.add_drive(one)
            said.write(f"{inspection_id(one)}\n")
            said.flush()
            os.fsync(said.fileno())
            number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
