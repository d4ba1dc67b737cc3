"""What ground of each driven segment was seen, zone by zone and side by side.

Each zone of each side is a line beside the segment's centre line, cut into cells; a
cell is seen where a usable footprint covers its middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import numpy.typing as npt
import shapely

from service.packed import NOT_READABLE
from service.scoring.ground import GroundSeen
from service.types import CoveragePiece, PieceStatus, Segment
from vision.geo import LocalFrame
from vision.types import Observed, Side

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Spans = Mapping[str, Sequence[tuple[float, float]]]

OUT_OF_VIEW = "out_of_view"
NOT_PASSED = "not_passed"
UNUSABLE = "unusable"
BEHIND_THINGS = "behind_things"

_SIDES: tuple[tuple[Side, float], ...] = (("left", -1.0), ("right", 1.0))


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """Where across the street a zone's line lies.

    Attributes:
        width_share: of the carriageway's width, from the centre line.
        beyond_m: added to that.
    """

    width_share: float
    beyond_m: float = 0.0

    def lateral_m(self, width_m: float) -> float:
        """Return the distance from the centre line."""
        return self.width_share * width_m + self.beyond_m


def _zone_lines() -> dict[str, ZoneLine]:
    return {
        "carriageway": ZoneLine(0.25),
        "kerb_strip": ZoneLine(0.5),
        "pavement": ZoneLine(0.5, 1.75),
        "wall_base": ZoneLine(0.5, 3.5),
        "tree_pit": ZoneLine(0.5, 1.0),
        "corner": ZoneLine(0.5, 3.5),
    }


def _usual_widths() -> dict[str, float]:
    return {"1": 15.0, "2": 10.0, "3": 7.0, "4": 6.0, "alley": 4.0}


@dataclass(frozen=True, slots=True)
class CoverageOptions:
    """The cross-section of a street, and what of it can be read.

    Attributes:
        readable_zones: zones the installed zone reader can tell apart; the others are
            `hidden` for the reason `zone_not_readable`, however well they were seen.
        zone_lines: zone -> where its line lies.
        usual_width_m: road class -> carriageway where the road file gives none.
        other_width_m: carriageway of a class that is not among them.
        cell_m: resolution along the segment.
    """

    readable_zones: frozenset[str]
    zone_lines: Mapping[str, ZoneLine] = field(default_factory=_zone_lines)
    usual_width_m: Mapping[str, float] = field(default_factory=_usual_widths)
    other_width_m: float = 7.0
    cell_m: float = 1.0

    def width_m(self, segment: Segment) -> float:
        """Return the carriageway of a segment, known or usual for its class."""
        if segment.width_m is not None:
            return segment.width_m
        return self.usual_width_m.get(segment.road_class, self.other_width_m)


def coverage_of(
    segments: Iterable[Segment],
    observed: Sequence[Observed],
    *,
    driven: Spans,
    options: CoverageOptions,
    ground: Mapping[str, GroundSeen] | None = None,
) -> list[CoveragePiece]:
    """Return what was seen of every driven segment, zone by zone and side by side.

    Pieces of one zone and side join without gaps from 0 to the segment's length. Status
    and reason of a place are the first that hold of:
        `hidden` / `zone_not_readable`: no reader can tell this zone;
        `hidden` / `behind_things`: a usable footprint covers it, but the layout shows
            something else there, such as a parked car;
        `seen`: a usable footprint covers it;
        `unusable` / the gate's reason: only dropped frames' footprints cover it;
        `hidden` / `out_of_view`: driven past, but in no footprint;
        `not_passed`: not driven past.
    Zones that the street is known not to have get no piece; a side that was seen not to
    have one gets a piece `absent`.

    Args:
        segments: those not named in `driven` are left out.
        observed: footprints in lon/lat.
        driven: segment id -> spans in metres along it (see `driven_spans`).
        options: cross-section and readable zones.
        ground: segment id -> what layouts showed of it; None or a segment that is not
            there leaves it to the footprints.
    """
    shown = ground or {}
    chosen = [s for s in segments if s.id in driven and s.length_m > 0]
    if not chosen:
        return []
    middle = np.mean([s.lonlat[0] for s in chosen], axis=0)
    frame = LocalFrame(float(middle[0]), float(middle[1]))
    strips = [
        strip
        for segment in chosen
        for strip in _strips(segment, frame, driven[segment.id], options)
    ]
    footprints = _Footprints.of(observed, frame)
    lacking = {s for s in strips if _lacks(shown.get(s.segment_id), s)}
    readable = [
        s for s in strips if s.zone in options.readable_zones and s not in lacking
    ]
    looked = iter(
        _behind_things(strip, code, shown.get(strip.segment_id), footprints)
        for strip, code in zip(readable, _look(readable, footprints), strict=True)
    )
    pieces: list[CoveragePiece] = []
    for strip in strips:
        if strip in lacking:
            pieces.append(strip.piece(0.0, float(strip.ends_m[-1]), "absent", None))
        elif strip.zone in options.readable_zones:
            pieces += _pieces(strip, next(looked), footprints.reasons)
        else:
            end_m = float(strip.ends_m[-1])
            pieces.append(strip.piece(0.0, end_m, "hidden", NOT_READABLE))
    return pieces


@dataclass(frozen=True, slots=True, eq=False)
class _Strip:
    """One zone on one side of one segment, cut into cells.

    Attributes:
        ends_m: `(N + 1,)` cell borders along the segment.
        xy: `(N, 2)` middles of the cells, metres.
        driven: `(N,)` whether the vehicle passed.
    """

    segment_id: str
    zone: str
    side: Side
    ends_m: FloatArray
    xy: FloatArray
    driven: npt.NDArray[np.bool_]

    def piece(
        self, from_m: float, to_m: float, status: PieceStatus, reason: str | None
    ) -> CoveragePiece:
        return CoveragePiece(
            segment_id=self.segment_id,
            zone=self.zone,
            side=self.side,
            from_m=float(from_m),
            to_m=float(to_m),
            status=status,
            reason=reason,
        )


def _strips(
    segment: Segment,
    frame: LocalFrame,
    spans: Sequence[tuple[float, float]],
    options: CoverageOptions,
) -> Iterator[_Strip]:
    cells = max(1, round(segment.length_m / options.cell_m))
    ends_m = _steps(cells, segment.length_m)
    middle_m = (ends_m[1:] + ends_m[:-1]) / 2
    centre, right = _along(frame.to_xy(segment.lonlat), middle_m / segment.length_m)
    driven = np.zeros(cells, dtype=np.bool_)
    for from_m, to_m in spans:
        driven |= (ends_m[1:] > from_m) & (ends_m[:-1] < to_m)
    width_m = options.width_m(segment)
    for zone, line in options.zone_lines.items():
        if zone in segment.absent_zones:
            continue
        for side, sign in _SIDES:
            xy = centre + sign * line.lateral_m(width_m) * right
            yield _Strip(segment.id, zone, side, ends_m, xy, driven)


def _steps(cells: int, length_m: float) -> FloatArray:
    """Return the `(cells + 1,)` borders of equal cells, the last exactly the length."""
    return np.linspace(0.0, length_m, cells + 1).astype(np.float64)


def _along(line_xy: FloatArray, fraction: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return places `(N, 2)` along a line and unit vectors to its right there."""
    step = np.diff(line_xy, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    step, length = step[length > 0], length[length > 0]
    starts = np.concatenate([[0.0], np.cumsum(length)])
    at = fraction * starts[-1]
    piece = np.clip(np.searchsorted(starts, at, side="right") - 1, 0, len(length) - 1)
    forward = step[piece] / length[piece, None]
    origin = line_xy[0] + np.concatenate([np.zeros((1, 2)), np.cumsum(step, axis=0)])
    places = origin[piece] + forward * (at - starts[piece])[:, None]
    return places, np.column_stack([forward[:, 1], -forward[:, 0]])


@dataclass(frozen=True, slots=True, eq=False)
class _Footprints:
    """Ground polygons with what was wrong with each picture.

    Attributes:
        fault: `(P,)`, -1 where usable, else index into `reasons`.
    """

    tree: shapely.STRtree
    fault: IntArray
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, observed: Sequence[Observed], frame: LocalFrame) -> _Footprints:
        kept = [o for o in observed if len(o.footprint) >= 3]
        reasons = tuple(sorted({o.reason or UNUSABLE for o in kept if not o.usable}))
        number = {reason: i for i, reason in enumerate(reasons)}
        fault = [-1 if o.usable else number[o.reason or UNUSABLE] for o in kept]
        rings = [shapely.Polygon(frame.to_xy(o.footprint)) for o in kept]
        whole = shapely.make_valid(np.array(rings, dtype=object))
        return cls(shapely.STRtree(whole), np.array(fault, dtype=np.intp), reasons)


def _look(strips: Sequence[_Strip], footprints: _Footprints) -> list[IntArray]:
    """Return a code per cell, strip by strip.

    -1 is seen, then the number of a reason; as many as there are reasons is out of
    view, one more is not passed.
    """
    if not strips:
        return []
    xy = np.concatenate([strip.xy for strip in strips])
    nothing = len(footprints.reasons)
    code = np.full(len(xy), nothing, dtype=np.intp)
    if len(footprints.fault):
        cell, ring = footprints.tree.query(shapely.points(xy), predicate="intersects")
        np.minimum.at(code, cell, footprints.fault[ring])
    code[(code == nothing) & ~np.concatenate([s.driven for s in strips])] = nothing + 1
    return np.split(code, np.cumsum([len(strip.xy) for strip in strips])[:-1])


def _lacks(ground: GroundSeen | None, strip: _Strip) -> bool:
    return ground is not None and ground.lacks(strip.zone, strip.side)


def _behind_things(
    strip: _Strip, code: IntArray, ground: GroundSeen | None, footprints: _Footprints
) -> IntArray:
    """Return the codes, those of cells that the layout shows hidden two more."""
    if ground is None:
        return code
    middle_m = (strip.ends_m[1:] + strip.ends_m[:-1]) / 2
    hidden = (code < 0) & ground.hides(middle_m, strip.zone, strip.side)
    return np.where(hidden, len(footprints.reasons) + 2, code)


def _pieces(
    strip: _Strip, codes: IntArray, reasons: Sequence[str]
) -> Iterator[CoveragePiece]:
    for code, members in groupby(range(len(codes)), key=lambda i: int(codes[i])):
        cells = list(members)
        status, reason = _meaning(code, reasons)
        yield strip.piece(
            strip.ends_m[cells[0]], strip.ends_m[cells[-1] + 1], status, reason
        )


def _meaning(code: int, reasons: Sequence[str]) -> tuple[PieceStatus, str | None]:
    if code < 0:
        return "seen", None
    if code < len(reasons):
        return "unusable", reasons[code]
    if code == len(reasons):
        return "hidden", OUT_OF_VIEW
    if code == len(reasons) + 1:
        return "not_passed", NOT_PASSED
    return "hidden", BEHIND_THINGS
