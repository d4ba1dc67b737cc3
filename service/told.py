"""What others are told: findings and drives as they are listed, changes, webhooks.

Times are Unix seconds (UTC).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.records import KnownFinding

ChangeKind = Literal[
    "drive",
    "segment",
    "finding",
    "asset",
    "score",
    "red_line",
    "red_line_over",
    "month",
]
"""What can change: a drive came in; a street, a finding, a cover or a score is another;
the score shown of a street came to have a finding as its confirmed red line, or has it
no more; the sheet of a month was kept."""
HookEnd = Literal["deleted", "failed"]
"""Why a webhook is sent nothing more: somebody wants so; it failed for too long."""


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings are asked for; None leaves a question out.

    Attributes:
        district: on streets of this district, as they are known now.
        category: taxonomy id.
        state: as it is now.
        segment_id: on this street.
        since_s: last seen then or later.
    """

    district: str | None = None
    category: str | None = None
    state: str | None = None
    segment_id: str | None = None
    since_s: float | None = None


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """A finding as it is known now.

    Attributes:
        known: the finding.
        known_s: since when it is known so.
        district: of its street; None if unknown.
    """

    known: KnownFinding
    known_s: float
    district: str | None


@dataclass(frozen=True, slots=True)
class ListedInspection:
    """One inspection of a drive, with what came of it.

    Attributes:
        id: of the store.
        drive_id: of which drive.
        model_id: detector, `name@version`.
        model_sha256: of its file.
        layout_id: reads the layout; None where geometry stood in.
        known_s: when it was kept.
        passes: streets passed.
        sightings: kept, those off the streets among them.
        counts: this is the one of its drive that counts, the newest.
    """

    id: str
    drive_id: str
    model_id: str
    model_sha256: str
    layout_id: str | None
    known_s: float
    passes: int
    sightings: int
    counts: bool


@dataclass(frozen=True, slots=True)
class ListedDrive:
    """One drive, as somebody may see it.

    Attributes:
        id: of the store.
        started_s: of the drive.
        ended_s: of the drive.
        vehicle: None if unknown, or not for the one who asks.
        footage: name -> SHA-256; None if not for the one who asks.
        known_s: when it was first kept.
        inspections: newest first; numbers are of the streets that may be seen.
    """

    id: str
    started_s: float
    ended_s: float
    vehicle: str | None
    footage: Mapping[str, str] | None
    known_s: float
    inspections: tuple[ListedInspection, ...]


@dataclass(frozen=True, slots=True)
class KeptMonth:
    """The sheet of one month, as somebody may see it.

    Attributes:
        month: `YYYY-MM`.
        sheet_id: `name@version`.
        source: document that the sheet follows.
        fingerprint: SHA-256 of all that it was worked out from.
        locked: it will not change any more.
        known_s: when it was kept.
        units: rows in the form of `month_json`, by rank.
    """

    month: str
    sheet_id: str
    source: str
    fingerprint: str
    locked: bool
    known_s: float
    units: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that changed.

    Attributes:
        number: in the order in which changes came, from 1 on; numbers may be left out.
        at_s: when.
        kind: of what, e.g. a `ChangeKind`.
        id: of the thing.
        segment_id: its street; None if it has none.
    """

    number: int
    at_s: float
    kind: str
    id: str
    segment_id: str | None


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook: whom to tell what changed.

    Attributes:
        id: of the store.
        url: where to.
        kinds: of changes; empty for all.
        district: only changes there; None for the whole city.
        secret: deliveries are signed with it.
        key_id: who made it; None if nobody asked for it over HTTP.
        known_s: when it was made.
    """

    id: str
    url: str
    kinds: tuple[str, ...]
    district: str | None
    secret: str
    key_id: str | None
    known_s: float


@dataclass(frozen=True, slots=True)
class HookState:
    """A webhook and how far it has come.

    Attributes:
        hook: which one.
        sent: every change up to this number was delivered, or is none of its own.
        failures: deliveries that failed, one after the other.
        failed_since_s: when the first of them did; None while all is well.
        next_s: not before.
        last_s: when something was delivered last; None if nothing was yet.
        last_error: why the last one failed; None while all is well.
        failed: why it was given up; None while it holds.
    """

    hook: Hook
    sent: int
    failures: int
    failed_since_s: float | None
    next_s: float
    last_s: float | None
    last_error: str | None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class HookTurn:
    """What a webhook is told next, and who does so.

    Attributes:
        state: of the webhook, as it was when it was taken.
        changes: to tell, in their order; empty where none was its own.
        until_s: others leave it alone until then; tells one taker from another.
    """

    state: HookState
    changes: tuple[Change, ...]
    until_s: float
