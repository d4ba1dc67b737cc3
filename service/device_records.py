"""The nouns of devices and of what they say they will send: manifests and pieces.

Times are Unix seconds (UTC) unless they say that they are of the device's own clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from service.job_records import JobRecord

DeviceKind = Literal["vehicle", "camera"]
ManifestKind = Literal["drive", "edge"]
ManifestState = Literal["waiting", "started", "done"]


@dataclass(frozen=True, slots=True)
class Device:
    """A box in a vehicle, or a camera, that sends footage.

    Attributes:
        id: its name in the service.
        name: for people; of devices that were not ended each has its own.
        kind: drives, or stands.
        district: all that it sends lies there; None for the whole city.
        vehicle: which one it sits in; None if unknown.
        quota_bytes: of its raw footage in the quarantine; None for no bound.
        raw_wanted: the service wants its raw footage, not only what it saw itself.
        known_s: when it was registered.
        ended_s: when it was taken back; None while it holds.
        keys: names of the keys it has had, the newest last; that is the one it uses.
    """

    id: str
    name: str
    kind: DeviceKind
    district: str | None
    vehicle: str | None
    quota_bytes: int | None
    raw_wanted: bool
    known_s: float
    ended_s: float | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """What a device said of itself when it was last heard of.

    Attributes:
        at_s: when, by the server's clock.
        offset_s: its clock minus the server's.
        firmware: None where it does not say.
        free_disk_bytes: likewise.
        models: on board, `name@version`; None where it does not say.
        waiting_files: that it still has to send; None where it does not say.
        waiting_bytes: likewise.
        says: what it cannot do, one sentence; None where all is well.
    """

    at_s: float
    offset_s: float
    firmware: str | None = None
    free_disk_bytes: int | None = None
    models: tuple[str, ...] | None = None
    waiting_files: int | None = None
    waiting_bytes: int | None = None
    says: str | None = None


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file that a device sends, or will.

    Attributes:
        name: as the drive knows it.
        sha256: of the whole file.
        size: bytes.
    """

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ManifestSaid:
    """What a device says of one drive; None where it does not say.

    Attributes:
        vehicle: which one drove.
        camera: which camera filmed.
        started_s: by the device's own clock.
        ended_s: likewise.
        complete: no more files will be added.
        kind: raw footage, or what the vehicle saw itself.
        files: all that are known by now, or only those that are new.
        priority: 1 comes first, 100 last.
    """

    vehicle: str | None = None
    camera: str | None = None
    started_s: float | None = None
    ended_s: float | None = None
    complete: bool = False
    kind: ManifestKind = "drive"
    files: tuple[ManifestFile, ...] = ()
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One drive as its device describes it.

    Attributes:
        id: its name in the service, and that of the outing.
        owner: the device, or the key where that is of no registered device.
        name: as the device calls it.
        district: of the key that sent it; None for the whole city.
        by: that key.
        said: everything that was said of it so far.
        made_s: when it was first heard of.
        touched_s: when it was last sent.
    """

    id: str
    owner: str
    name: str
    district: str | None
    by: str
    said: ManifestSaid
    made_s: float
    touched_s: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Footage of one manifest that is worked on together.

    Attributes:
        number: from 0 on: the first is what was there at the start, later ones came
            late.
        turn: from 0 on: a piece is inspected again when a track, camera or road file
            comes late.
        files: name -> SHA-256, footage and what lies beside it.
        job: that works on it.
    """

    number: int
    turn: int
    files: Mapping[str, str]
    job: JobRecord


@dataclass(frozen=True, slots=True)
class Eyes:
    """What looked at a drive.

    Attributes:
        model: `name@version`.
        layout: `name@version` that read the layout; None where geometry stood in.
        spacing_m: metres driven between two frames.
    """

    model: str
    layout: str | None
    spacing_m: float

    def is_newer_than(self, other: Eyes) -> bool:
        """Say if they are other eyes, and not of an older model of the same name."""
        if self == other:
            return False
        name, version = _version(self.model)
        other_name, other_version = _version(other.model)
        return name != other_name or version >= other_version


@dataclass(frozen=True, slots=True)
class AboardDrive:
    """A drive that a vehicle looked at itself.

    Attributes:
        job_id: that opened its package.
        drive_id: its name in the store.
        eyes: that looked.
        footage: SHA-256 of all its footage.
    """

    job_id: str
    drive_id: str
    eyes: Eyes
    footage: frozenset[str]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a manifest has come.

    Attributes:
        manifest: the drive.
        there: files that are whole and can be read.
        footage: names of those announced that are videos or photos, by what was seen in
            them, else by their name.
        aside: name -> why it cannot be read, or is gone.
        missing: names of files that have not come.
        elsewhere: names of footage that another drive has, so that it counts once.
        aboard: drives with such footage that the vehicle looked at itself.
        pieces: newest turn of each, by number.
        last_s: when the manifest was last sent, or one of its files came.
    """

    manifest: Manifest
    there: Mapping[str, ManifestFile]
    footage: frozenset[str]
    aside: Mapping[str, str]
    missing: tuple[str, ...]
    elsewhere: tuple[str, ...]
    pieces: tuple[Piece, ...]
    last_s: float
    aboard: tuple[AboardDrive, ...] = ()


def _version(model: str) -> tuple[str, tuple[int, ...]]:
    name, _, version = model.partition("@")
    return name, tuple(int(part) for part in version.split(".") if part.isdecimal())
