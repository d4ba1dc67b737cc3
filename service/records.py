"""What is kept of drives: who passed which street when, and what was seen there.

Times are Unix seconds (UTC); offsets run in metres along a segment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from service.types import CoveragePiece, Finding, PlacedSighting, Segment, Step

Verdict = Literal["real", "false", "permitted", "duplicate", "unclear", "withdrawn"]
"""真, 误报, 合法许可, 重复, 看不清; `withdrawn`: the reviewer took it back."""
WordKind = Literal["review", "gold", "appeal"]
"""A reviewer's verdict; an answer that is known; an objection, which asks again."""
Light = Literal["day", "dusk", "night"]
"""By the sun alone; dusk is dawn too."""
CoverState = Literal["ok", "damaged", "missing"]
Role = Literal["device", "reviewer", "centre", "admin"]
"""What a key may do: upload; review; read; everything."""


@dataclass(frozen=True, slots=True)
class StreetPass:
    """One street passed on one drive.

    Attributes:
        segment_id: the street.
        from_s: when the vehicle came to it.
        to_s: when it left it, >= from_s.
    """

    segment_id: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class SeenBy:
    """The networks that looked, and what they can see.

    Attributes:
        model_id: detector, `name@version`.
        model_sha256: of its file.
        layout_id: reads the layout; None where geometry stood in.
        recall: category -> fraction of real things found, from the model's card.
        names: the categories it can see.
        zones: zones that could be told apart.
        vehicle: whose camera it was; None if unknown.
        light: in the middle of the drive; None if unknown.
    """

    model_id: str
    model_sha256: str
    layout_id: str | None
    recall: Mapping[str, float]
    names: tuple[str, ...]
    zones: frozenset[str]
    vehicle: str | None = None
    light: Light | None = None


EyesKey = tuple[str, str, str, str]
"""Model, category, vehicle, light; the last two are empty for all."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """How well eyes do by what reviewers say, where enough was said.

    Attributes:
        recall: to be used in place of the card's.
        shift: log-odds to be added to the chance of a thing that is seen for the first
            time.
    """

    recall: Mapping[EyesKey, float] = field(default_factory=dict)
    shift: Mapping[EyesKey, float] = field(default_factory=dict)

    def eyes(self, seen_by: SeenBy) -> SeenBy:
        """Return eyes as they were measured: here in this light, else anywhere."""
        if not self.recall:
            return seen_by
        one = seen_by.model_id
        vehicle, light = seen_by.vehicle or "", seen_by.light or ""
        places = ((vehicle, light), (vehicle, ""), ("", light), ("", ""))
        recall = {
            category: next(
                (
                    measured
                    for place in places
                    if (measured := self.recall.get((one, category, *place)))
                    is not None
                ),
                card,
            )
            for category, card in seen_by.recall.items()
        }
        return replace(seen_by, recall=recall)


@dataclass(frozen=True, slots=True, eq=False)
class DriveRecord:
    """One drive, inspected once.

    Attributes:
        footage: name -> SHA-256 of every footage file; what makes a drive the same.
        vehicle: None if unknown.
        started_s: of the drive.
        ended_s: of the drive.
        seen_by: who looked.
        run: facts that somebody needs to repeat or doubt the inspection.
        segments: streets that were driven.
        passes: one for each of them.
        sightings: of things and of vehicles, each with its place; times are on the
            drive clock, whose zero is `started_s`.
        coverage: what ground was seen.
        outing: whose piece it is, where footage of one outing came in pieces: to what
            is known of a street all of them are one pass. None for a drive of its own.
    """

    footage: Mapping[str, str]
    vehicle: str | None
    started_s: float
    ended_s: float
    seen_by: SeenBy
    run: Mapping[str, Any]
    segments: tuple[Segment, ...]
    passes: tuple[StreetPass, ...]
    sightings: tuple[PlacedSighting, ...]
    coverage: tuple[CoveragePiece, ...]
    outing: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One pass over one street: when, who, and which ground was seen.

    Attributes:
        inspection_id: of the store.
        at_s: middle of the pass, of all pieces of its outing over this street.
        started_s: of the drive; zero of the sightings' drive clock.
        seen_by: who looked.
        coverage: of this street on this pass.
        sightings: on this street on this pass, with their number in the inspection.
        outing: whose piece it is; None for a drive of its own.
        ended_s: of the drive; None if unknown.
    """

    inspection_id: str
    at_s: float
    started_s: float
    seen_by: SeenBy
    coverage: tuple[CoveragePiece, ...]
    sightings: tuple[tuple[int, PlacedSighting], ...]
    outing: str | None = None
    ended_s: float | None = None

    @property
    def pass_id(self) -> str:
        """Return what all looks of one pass have in common: pieces are one look."""
        return self.outing or self.inspection_id


@dataclass(frozen=True, slots=True)
class SightingVerdict:
    """A word on one sighting, and so on the thing it is of; append-only.

    Attributes:
        inspection_id, number: which sighting.
        verdict: what the thing is; of an appeal `unclear`.
        reviewer: who said it.
        reason: None if none was given.
        known_s: since when it is known here.
        said_s: when it was said; None for `known_s`.
        kind: whose word it is.
        category: what the thing is, if not what it seemed; None if nothing was said.
        zone: likewise, where it lies.
        severity: likewise, a level of its rule.
        other: sighting of the thing that this one is a duplicate of; None if unknown.
        annotation: name of the answer over all its versions; empty for one of its own.
    """

    inspection_id: str
    number: int
    verdict: Verdict
    reviewer: str
    reason: str | None
    known_s: float
    said_s: float | None = None
    kind: WordKind = "review"
    category: str | None = None
    zone: str | None = None
    severity: str | None = None
    other: tuple[str, int] | None = None
    annotation: str = ""

    @property
    def at_s(self) -> float:
        """Unix seconds at which it was said."""
        return self.known_s if self.said_s is None else self.said_s


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """One thing across passes, as it is known.

    Attributes:
        finding: with its state; its probability is that it is real and still there.
        real: chance that it is what it seems.
        present: chance that it is there.
        cleared_s: when a pass showed that it is gone; None while it is there.
        recurrences: how often it was there and gone before (复发).
        looked: passes that could have seen it since it was first seen.
        sightings: inspection and number of each, in time order.
        steps: what was believed of it when, in time order; the last is now.
    """

    finding: Finding
    real: float
    present: float
    cleared_s: float | None
    recurrences: int
    looked: int
    sightings: tuple[tuple[str, int], ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class CoverLook:
    """One look at one cover.

    Attributes:
        at_s: Unix seconds.
        state: as it seemed.
        probability: that it was so; 1 where a reviewer said so.
        sighting: inspection and number.
    """

    at_s: float
    state: CoverState
    probability: float
    sighting: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Cover:
    """One cover of the city.

    Attributes:
        id: named after its first sighting.
        lon: degrees east.
        lat: degrees north.
        sigma_m: 1-sigma of its place, per axis.
        segment_id: the street; None if unknown.
        side: of the street; None if unknown.
        offset_m: along the street; None if unknown.
        state: what it is now, as far as is known.
        bad: chance that it is damaged or missing now.
        history: in time order, at least one look.
    """

    id: str
    lon: float
    lat: float
    sigma_m: float
    segment_id: str | None
    side: str | None
    offset_m: float | None
    state: CoverState
    bad: float
    history: tuple[CoverLook, ...]


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key of somebody who asks the service.

    Attributes:
        id: public name of the key.
        name: whose it is, for people.
        role: what it may do.
        district: all that it may see lies there; None for the whole city.
        hash: SHA-256 of its secret, hexadecimal.
        known_s: when it was made.
        expires_s: from then on it is no use; None for never.
        ended_s: when it was taken back; None while it holds.
    """

    id: str
    name: str
    role: Role
    district: str | None
    hash: str
    known_s: float
    expires_s: float | None
    ended_s: float | None = None

    def holds(self, at_s: float) -> bool:
        """Say if the key is good at a time."""
        expired = self.expires_s is not None and at_s >= self.expires_s
        return self.ended_s is None and not expired


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One row of the chain over pictures.

    Attributes:
        row: from 1 on, without a gap.
        at_s: when the picture was kept.
        inspection_id: of which it is.
        name: of the blob: the SHA-256 of its bytes and a suffix.
        footage_sha256: of the original file that it was cut from; None if unknown.
        pts_s: its time in that file.
        previous: hash of the row before; zeros in the first.
        hash: of all of the above.
    """

    row: int
    at_s: float
    inspection_id: str
    name: str
    footage_sha256: str | None
    pts_s: float
    previous: str
    hash: str

    def as_row(self) -> dict[str, Any]:
        """Return its columns, in their order."""
        return {name: getattr(self, name) for name in self.__slots__}
