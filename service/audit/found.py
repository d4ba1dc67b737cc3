"""Sightings of a drive become findings; what is lawful or exempt is set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.findings import make_findings
from service.layered import exempt_of, exempts_at, judged
from service.scoring import Area, Calendar, Exempt, Standard
from service.types import Finding, MatchedFix, PlacedSighting, Segment, StandsIn

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What decides which sightings of a drive are findings.

    Attributes:
        standard: names the hours in which some rules do not count.
        roles: taxonomy id -> role.
        areas: of the layers of context.
        calendar: the city's clock.
        epoch_at_zero_s: Unix seconds at the drive's start; None where it has no date:
            then nothing counts that has hours.
        passed_s: segment -> drive seconds of its first and its last place. A layer is
            open or not for a whole pass, as in a score of the store.
    """

    standard: Standard
    roles: Mapping[str, str]
    areas: tuple[Area, ...] = ()
    calendar: Calendar = field(default_factory=Calendar)
    epoch_at_zero_s: float | None = None
    passed_s: Mapping[str, Span] = field(default_factory=dict)

    def at_s(self, placed: PlacedSighting) -> float | None:
        """Return the middle of the pass, off the driven streets the sighting's own."""
        if self.epoch_at_zero_s is None:
            return None
        own = (placed.sighting.first_drive_s, placed.sighting.last_drive_s)
        from_s, to_s = self.passed_s.get(placed.segment_id or "", own)
        return self.epoch_at_zero_s + (from_s + to_s) / 2


@dataclass(frozen=True, slots=True)
class Aside:
    """What would be a finding if an area did not make it lawful, or an hour exempt it.

    Attributes:
        finding: as it would be, with the element that it would dirty.
        by: the area or the exemption.
    """

    finding: Finding
    by: Area | Exempt


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a drive found.

    Attributes:
        findings: in the order of the sightings.
        aside: likewise; they count nothing.
        stands_in: finding id -> the place in which a vehicle stands improperly.
    """

    findings: tuple[Finding, ...]
    aside: tuple[Aside, ...] = ()
    stands_in: Mapping[str, StandsIn] = field(default_factory=dict)


def find_in(setting: Setting, sightings: Iterable[PlacedSighting]) -> Found:
    """Return the findings of a drive, and what is none."""
    findings: list[Finding] = []
    aside: list[Aside] = []
    stands_in: dict[str, StandsIn] = {}
    open_at: dict[float | None, tuple[Area, ...]] = {}
    for placed in sightings:
        at_s = setting.at_s(placed)
        if at_s not in open_at:
            open_at[at_s] = tuple(
                a for a in setting.areas if a.open_at(at_s, setting.calendar)
            )
        told = judged(placed, open_at[at_s])
        made = make_findings(
            [told.placed], roles=setting.roles, epoch_at_zero_s=setting.epoch_at_zero_s
        )
        exempts = exempts_at(at_s, setting.standard, setting.calendar)
        by = told.area if told.lawful else exempt_of(placed, exempts, setting.standard)
        for finding in made:
            if by is not None:
                aside.append(Aside(_with_element(finding, setting.standard), by))
                continue
            findings.append(finding)
            if finding.stands_in is not None:
                stands_in[finding.id] = finding.stands_in
    return Found(tuple(findings), tuple(aside), stands_in)


def _with_element(finding: Finding, standard: Standard) -> Finding:
    rule = standard.rule_for(finding.category, finding.zone)
    element = None if rule is None else rule.element_in(finding.zone)
    return replace(finding, element=element)


def passed_spans(
    path: Iterable[tuple[float, MatchedFix]], segments: Sequence[Segment]
) -> dict[str, Span]:
    """Return segment id -> drive seconds of the first and the last place on it."""
    times: dict[str, list[float]] = {segment.id: [] for segment in segments}
    for drive_s, fix in path:
        if fix.segment_id is not None and fix.segment_id in times:
            times[fix.segment_id].append(drive_s)
    return {key: (min(at), max(at)) for key, at in times.items() if at}
