"""The city's nouns: segments, findings, coverage, scores.

Offsets run in metres along a segment from its first vertex. `side` is left or right
of the segment's drawing direction. Fractions and probabilities are in `[0, 1]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from vision.types import Evidence, Side, Sighting

DAY_S = 86400.0
"""Seconds of a day."""
FloatArray = npt.NDArray[np.float64]

FindingState = Literal[
    "raw", "confirmed", "rejected", "permitted", "duplicate", "cleared", "recurred"
]
PieceStatus = Literal["seen", "unusable", "hidden", "not_passed", "absent"]
ElementStatus = Literal["absent", "unseen", "assessed"]
ScoreStatus = Literal["scored", "insufficient"]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One piece of road between junctions: what a score belongs to.

    Attributes:
        id: unique in the network.
        name: street name; None if unknown.
        road_class: `1`-`4` or `alley`.
        lonlat: float64 `(M, 2)` WGS-84 line.
        length_m: along the line.
        width_m: carriageway, kerb to kerb; None if unknown.
        oneway: traffic only in the drawing direction.
        district: 区; None if unknown.
        unit_grid: 单元网格; None if unknown.
        responsible_unit: 责任单位; None if unknown.
        absent_zones: zones the street is known not to have (e.g. `tree_pit`).
        assumed: laid along the driven path because no road file was given.
    """

    id: str
    name: str | None
    road_class: str
    lonlat: FloatArray
    length_m: float
    width_m: float | None = None
    oneway: bool = False
    district: str | None = None
    unit_grid: str | None = None
    responsible_unit: str | None = None
    absent_zones: frozenset[str] = frozenset()
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class MatchedFix:
    """One fix put on the network.

    Attributes:
        segment_id: None when no segment fits.
        offset_m: along the segment; None when unmatched.
        distance_m: from the fix to the segment; None when unmatched.
        forward: driven in the drawing direction; None when unmatched.
        probability: posterior of this segment among those possible at this fix.
    """

    segment_id: str | None
    offset_m: float | None
    distance_m: float | None
    forward: bool | None
    probability: float


@dataclass(frozen=True, slots=True)
class StandsIn:
    """A place of a layer that makes a vehicle's standing there improper.

    Attributes:
        kind: of the layer; `outside_bay` beside the marked bays of its street.
        name: for people; None if it has none.
    """

    kind: str
    name: str | None


@dataclass(frozen=True, slots=True)
class PlacedSighting:
    """A sighting and where on which street it lies.

    Attributes:
        segment_id: None when it lies on no segment.
        side: of the segment's drawing direction; None if unknown.
        offset_m: along the segment; None when off the network.
        zone_belief: zone id -> probability, sums to 1; None if unknown.
        stands_in: of a vehicle, what layers say of where it stands; None where they
            say nothing.
    """

    sighting: Sighting
    segment_id: str | None
    side: Side | None
    offset_m: float | None
    zone_belief: Mapping[str, float] | None
    stands_in: StandsIn | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing on one street.

    Attributes:
        id: unique in the store or the run.
        category: taxonomy id.
        lon: degrees east.
        lat: degrees north.
        sigma_m: 1-sigma of the position, per axis.
        segment_id: None when it lies on no segment of the network.
        side: of the segment; None if unknown.
        offset_m: along the segment; None when off the network.
        zone: likeliest zone; None if unknown.
        zone_probability: of that zone.
        element: element it was scored under; None before scoring or if not scored.
        state: `raw` until somebody or something proves or disproves it; `recurred` is
            a raw one that was there and gone before; `permitted` is lawful, `duplicate`
            another one's.
        probability: calibrated chance that it is real.
        severity: level name in its rule, e.g. `light`; None = the rule's first level.
        first_seen: UTC ISO 8601; None if the drive has no absolute clock.
        last_seen: UTC ISO 8601; None if the drive has no absolute clock.
        candidate: True where one pass cannot prove it (improper parking): scores 0.
        size_m: apparent width; None if not measured.
        evidence: masked pictures, best first.
        once: confirmed by one reviewer alone; a red line needs two.
        stands_in: place of a layer that makes it improper parking; None where none
            does, and where it was read from a file or a row.
    """

    id: str
    category: str
    lon: float
    lat: float
    sigma_m: float
    segment_id: str | None
    side: Side | None
    offset_m: float | None
    zone: str | None
    zone_probability: float | None
    element: str | None
    state: FindingState
    probability: float
    severity: str | None
    first_seen: str | None
    last_seen: str | None
    candidate: bool = False
    size_m: float | None = None
    evidence: tuple[Evidence, ...] = ()
    once: bool = False
    stands_in: StandsIn | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What was believed of a find from one look on, until the next.

    Attributes:
        at_s: Unix seconds of the look.
        probability: as it counts in a score: 1 confirmed, 0 disproved, gone or not yet
            proven.
        seen: this look saw it.
    """

    at_s: float
    probability: float
    seen: bool


@dataclass(frozen=True, slots=True)
class CoveragePiece:
    """What was seen of one zone on one side of one segment, from here to there.

    Attributes:
        reason: why it was not seen (`dark`, `blurred`, `out_of_view`,
            `zone_not_readable`, ...); None where seen.
    """

    segment_id: str
    zone: str
    side: Side
    from_m: float
    to_m: float
    status: PieceStatus
    reason: str | None


@dataclass(frozen=True, slots=True)
class Near:
    """A place that makes a find near it weigh more.

    Attributes:
        kind: zone factor's id in the standard, e.g. `school`.
        name: for people; None if it has none.
        factor: > 1.
    """

    kind: str
    name: str | None
    factor: float


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points lost under one rule, and the findings that cost them.

    Attributes:
        rule: rule id in the standard.
        element: element it is taken from.
        finding_ids: every finding that counts in it.
        finding_points: points of S each of them costs, same order.
        points: sum, in points of S (after renormalisation and the element's cap).
        units: N_r, units times probability, before the allowance.
        allowance: units the road class forgives.
        near: what makes each finding weigh more, same order, None where nothing does;
            empty where nothing makes any.
        stands_in: place of a layer that makes each finding one, likewise.
    """

    rule: str
    element: str
    finding_ids: tuple[str, ...]
    finding_points: tuple[float, ...]
    points: float
    units: float
    allowance: float
    near: tuple[Near | None, ...] = ()
    stands_in: tuple[StandsIn | None, ...] = ()


@dataclass(frozen=True, slots=True)
class ElementScore:
    """One element of 六净一洁 on one segment.

    Attributes:
        weight: W_e of the standard.
        status: from coverage and layout, never from findings.
        seen_fraction: of its observable length; None where absent.
        lost: D_e before capping, in weight units.
        points_lost: points of S after cap and renormalisation.
        reason: why it is unseen or absent; None if assessed.
    """

    element: str
    weight: float
    status: ElementStatus
    seen_fraction: float | None
    lost: float
    points_lost: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """The 六净一洁 score of one segment.

    Attributes:
        value: in `[0, 100]`, rounded to 1e-6; None when insufficient.
        low: 5th percentile; None when insufficient.
        high: the larger of `value` and the 95th percentile; None when insufficient.
        grade: Chinese grade id of the standard; None when insufficient.
        grade_by_points: grade before any red line.
        grade_certain: low and high share the grade and no provisional red line stands.
        red_lines: finding ids of confirmed red lines.
        provisional_red_lines: finding ids of unreviewed red lines with p >= 0.5.
        coverage: overall seen fraction.
        not_assessed: rule ids whose category the installed model cannot see.
        unscored: finding ids that no assessed element takes.
        standard: `name@version`.
        model_id: detector; None for hand-made findings.
    """

    segment_id: str
    status: ScoreStatus
    value: float | None
    low: float | None
    high: float | None
    grade: str | None
    grade_by_points: str | None
    grade_certain: bool
    elements: tuple[ElementScore, ...]
    deductions: tuple[Deduction, ...]
    red_lines: tuple[str, ...]
    provisional_red_lines: tuple[str, ...]
    coverage: float
    not_assessed: tuple[str, ...]
    unscored: tuple[str, ...]
    standard: str
    model_id: str | None
