"""The steps of a drive (check, inspect, place, find, score, publish), all in a row.

Each step takes what the one before gave and nothing else, so it can be repeated.
`audit_drive` runs them one after the other; workflows call them singly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from service.audit.found import Found, Setting, find_in, passed_spans
from service.audit.inputs import AuditRequest, Checked, Opened, check
from service.audit.on_covers import with_cover_zone
from service.audit.outing import path_times
from service.audit.publish import Audited, publish
from service.audit.snap import snap_observed
from service.audit.street import ground_on_segments
from service.layered import places_at
from service.reports import OutFolder
from service.roads import FixIn, RoadNetwork, locate_beside, match_fixes
from service.scoring import (
    CoverageOptions,
    ScoringContext,
    coverage_of,
    driven_spans,
    score_segments,
    with_elements,
)
from service.types import (
    CoveragePiece,
    Finding,
    MatchedFix,
    PlacedSighting,
    Score,
    Segment,
)
from vision.catalogue import ModelCard
from vision.evidence import EvidenceSink
from vision.inspect import Inspection, Progress, inspect_drive
from vision.scene import GeometryZones, StreetShape, ZoneReader
from vision.types import Sighting

ENOUGH_REAL = 10
"""So many real things must have been looked for before their recall says something."""

LAYOUT_ZONES = frozenset({"tree_pit", "corner"})
"""What geometry cannot tell, and a layout can."""
_AROUND_S = 12.0
TOUCHED_M = 15.0
"""Less than this of a segment was touched, not driven."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Sightings on streets, and which ground of which street was passed and seen.

    Attributes:
        segments: those driven, in the order driven.
        path: drive seconds and places of the driven path on the network, in time order.
        sightings: each with its segment, side, offset and zones.
        coverage: of the driven segments.
        zones: the zones that could be told apart.
    """

    segments: tuple[Segment, ...]
    path: tuple[tuple[float, MatchedFix], ...]
    sightings: tuple[PlacedSighting, ...]
    coverage: tuple[CoveragePiece, ...]
    zones: frozenset[str]


def audit_drive(
    request: AuditRequest,
    *,
    progress: Progress,
    refuse: Callable[[Checked], None] | None = None,
) -> Audited:
    """Audit one drive from files to report.

    Args:
        request: what to audit.
        progress: told how far it has come.
        refuse: raises where the checked inputs will not do for what comes after.

    Raises:
        AuditError: nothing of the drive is usable, or the report cannot be written.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "check"):
        opened = check(request)
        if refuse is not None:
            refuse(opened.checked)
        folder = OutFolder(request.out)
    with _timed(seconds, "inspect"):
        inspection = inspect(opened, folder, progress)
    audited = audited_from(opened.checked, inspection, seconds)
    publish(audited, folder)
    return audited


def audited_from(
    checked: Checked, inspection: Inspection, seconds: Mapping[str, float]
) -> Audited:
    """Place, find and score what an inspection saw.

    Args:
        checked: the inputs.
        inspection: of the whole drive.
        seconds: step -> time that was spent before.
    """
    spent = dict(seconds)
    with _timed(spent, "place"):
        placed = place(checked, inspection)
    with _timed(spent, "score"):
        found = find(checked, placed)
        scores = score(checked, placed, found.findings)
    return Audited(
        checked=checked,
        inspection=inspection,
        path=placed.path,
        zones=placed.zones,
        sightings=placed.sightings,
        segments=placed.segments,
        findings=tuple(with_elements(found.findings, scores)),
        aside=found.aside,
        stands_in=found.stands_in,
        coverage=placed.coverage,
        scores=tuple(scores),
        failures=(*checked.outing.failures, *inspection.failures),
        seconds={**spent, **inspection.seconds},
    )


def inspect(opened: Opened, sink: EvidenceSink, progress: Progress) -> Inspection:
    """Look at the footage once; masked pictures go to `sink`."""
    return inspect_drive(
        opened.sources,
        opened.checked.outing.track,
        eyes=opened.eyes,
        sink=sink,
        options=opened.request.inspect,
        progress=progress,
    )


def place(checked: Checked, inspection: Inspection) -> Placed:
    """Put the path, the sightings and the observed ground on the network."""
    zones = GeometryZones()
    readable = zones.zones | (LAYOUT_ZONES if inspection.street else frozenset())
    times_s, matched = match_path(checked)
    by_id = {segment.id: segment for segment in checked.network.segments}
    spans = _really_driven(driven_spans(matched, by_id), by_id)
    segments = tuple(by_id[segment_id] for segment_id in spans)
    coverage = coverage_of(
        segments,
        snap_observed(
            inspection.observed,
            track=checked.outing.track,
            network=checked.network,
            path=(times_s, matched),
            lane_offset_m=checked.outing.camera.lane_offset_m,
        ),
        driven=spans,
        options=CoverageOptions(readable_zones=readable),
        ground=ground_on_segments(inspection.street, checked.network, spans),
    )
    sightings = with_cover_zone(
        [
            place_sighting(checked, sighting, _near(times_s, matched, sighting), zones)
            for sighting in inspection.sightings
        ]
    )
    path = tuple(zip(times_s, matched, strict=True))
    return Placed(segments, path, sightings, tuple(coverage), readable)


def _really_driven(
    spans: Mapping[str, list[tuple[float, float]]], segments: Mapping[str, Segment]
) -> dict[str, list[tuple[float, float]]]:
    """Leave out segments that the path only touches at an end.

    Where the path begins or turns at a junction, the receiver's error puts a few metres
    on a street that was not driven. A path that touches everything (one photo) keeps
    all.
    """
    driven = {
        segment_id: parts
        for segment_id, parts in spans.items()
        if max(to_m for _, to_m in parts) - min(from_m for from_m, _ in parts)
        >= min(TOUCHED_M, 0.5 * segments[segment_id].length_m)
    }
    return driven or dict(spans)


def match_path(checked: Checked) -> tuple[list[float], list[MatchedFix]]:
    """Match the driven path, two places a second, to the network."""
    times_s = path_times(checked.outing.path_s)
    fixes = [
        FixIn(
            time_s=pose.drive_s,
            lon=pose.lon,
            lat=pose.lat,
            heading_deg=pose.heading_deg,
            speed_mps=pose.speed_mps,
            sigma_m=pose.sigma_m,
        )
        for pose in checked.outing.track.poses(times_s)
    ]
    return times_s, match_fixes(checked.network, fixes)


def place_sighting(
    checked: Checked,
    sighting: Sighting,
    driven: Sequence[MatchedFix],
    zones: ZoneReader,
) -> PlacedSighting:
    """Give one sighting its segment, side, offset and belief over zones."""
    lane_offset_m = checked.outing.camera.lane_offset_m
    beside = locate_beside(
        checked.network, sighting, driven=driven, lane_offset_m=lane_offset_m
    )
    belief = sighting.zone_belief or zones.belief(
        sighting.lateral_m,
        sighting.lateral_sigma_m,
        _shape(checked.network, beside.segment_id, lane_offset_m),
    )
    return PlacedSighting(
        sighting=sighting,
        segment_id=beside.segment_id,
        side=beside.side,
        offset_m=beside.offset_m,
        zone_belief=belief,
    )


def find(checked: Checked, placed: Placed) -> Found:
    """Turn sightings that are problems into findings; set the lawful ones aside."""
    setting = Setting(
        standard=checked.standard,
        roles={c.id: c.role for c in checked.taxonomy},
        areas=checked.areas,
        calendar=checked.calendar,
        epoch_at_zero_s=checked.outing.clock.epoch_at_zero_s,
        passed_s=passed_spans(placed.path, placed.segments),
    )
    return find_in(setting, placed.sightings)


def score(checked: Checked, placed: Placed, findings: Sequence[Finding]) -> list[Score]:
    """Score every driven segment."""
    card = checked.outing.card
    context = ScoringContext(
        standard=checked.standard,
        visible_categories=frozenset(card.names),
        readable_zones=placed.zones,
        recall=card_recall(card),
        places=places_at(checked.areas, checked.outing.clock.epoch_at_zero_s),
        model_id=card.id,
    )
    return score_segments(
        placed.segments, findings, coverage=placed.coverage, context=context
    )


def card_recall(card: ModelCard) -> Mapping[str, float]:
    """Return category -> recall of the card.

    On real pictures where it was measured on `ENOUGH_REAL` things or more, or on no
    other: one poster that was not found does not show that none ever is.
    """
    recall: dict[str, float] = {}
    for name, point in card.operating.items():
        measured = card.measured.get(name)
        few = (
            measured is not None
            and measured.real is not None
            and measured.real.instances < ENOUGH_REAL
        )
        first, second = (
            (point.rendered, point.real) if few else (point.real, point.rendered)
        )
        measure = first or second
        if measure is not None:
            recall[name] = measure.recall
    return recall


def _near(
    times_s: Sequence[float], matched: Sequence[MatchedFix], sighting: Sighting
) -> list[MatchedFix]:
    low_s = sighting.first_drive_s - _AROUND_S
    high_s = sighting.last_drive_s + _AROUND_S
    return [
        fix
        for time_s, fix in zip(times_s, matched, strict=True)
        if low_s <= time_s <= high_s
    ]


def _shape(
    network: RoadNetwork, segment_id: str | None, lane_offset_m: float | None
) -> StreetShape:
    if segment_id is None:
        return StreetShape(carriageway_width_m=None, lane_offset_m=lane_offset_m)
    segment = network.segment(segment_id)
    return StreetShape(
        carriageway_width_m=network.width_m(segment_id),
        lane_offset_m=lane_offset_m,
        oneway=segment.oneway,
    )


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    began = perf_counter()
    yield
    seconds[step] = round(perf_counter() - began, 3)
