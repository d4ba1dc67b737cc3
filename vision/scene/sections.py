"""Kerbs and walls beside every metre of the path, from what pictures show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.scene.profile import CELL_M, REACH_M, Metre
from vision.scene.rays import GROUND
from vision.types import Side

FloatArray = npt.NDArray[np.float64]

WINDOW_M = 3
"""Metres to each side along the path that are looked at together."""
LEAST_COUNT = 6.0
LEAST_FEET = 3.0
LEAST_SIGMA_M = 0.15
NEAREST_KERB_M = 0.5
NARROW_M = 0.5
LEAST_SOIL = 2
LEAST_YELLOW = 0.35
"""Share of a cell: a strip of 30 cm fills a cell of 25 cm and half of the next."""
WIDEST_TACTILE_M = 1.5
"""A pavement that is yellow all over has no strip that could be told."""
KERB_HEIGHT_M = 0.12
"""Walls stand on the pavement, so much above the plane on which rays are laid."""
_ROAD = ("road", "marking")
_WALLS = ("building", "fence")


@dataclass(frozen=True, slots=True)
class Line:
    """A line along the street, beside one metre of the path.

    Attributes:
        outward_m: from the path to the line, on its side, > 0.
        sigma_m: 1-sigma of that.
    """

    outward_m: float
    sigma_m: float


@dataclass(frozen=True, slots=True, eq=False)
class SideView:
    """One side of one metre.

    Attributes:
        kerb: where the carriageway ends; None where it was not seen to end.
        wall: where buildings or fences begin; None where none was seen.
        painted: share of the carriageway that is marking, over `WINDOW_M` to each side.
        here: bool `(C,)`: cells of `CELL_M` outward from the path, in which any ground
            was seen in this metre alone.
        trunks_m: outward places of trunks in this metre; a whitewashed trunk may be
            read as vegetation, so what stands as narrow counts too.
        pits_m: outward spans of bare soil around trees in this metre.
        boxes_m: outward places of poles and boxes in this metre.
        tactile_m: outward spans of tactile paving, over `WINDOW_M` to each side, so
            that what stands on it does not hide it.
    """

    kerb: Line | None
    wall: Line | None
    painted: float
    here: npt.NDArray[np.bool_]
    trunks_m: tuple[float, ...]
    pits_m: tuple[tuple[float, float], ...]
    boxes_m: tuple[float, ...]
    tactile_m: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CrossSection:
    """The street across one metre of the path.

    Attributes:
        lon, lat: of the path.
        heading_deg: of travel.
        sides: left and right of the path.
    """

    lon: float
    lat: float
    heading_deg: float
    sides: Mapping[Side, SideView]


def cross_sections(
    metres: Mapping[int, Metre], camera_height_m: float
) -> Iterator[tuple[int, CrossSection]]:
    """Yield the section of every metre that any picture showed.

    Args:
        metres: as laid down.
        camera_height_m: above the road; what stands on the pavement seems farther off
            by the kerb's height, seen from it.
    """
    nearer = 1.0 - KERB_HEIGHT_M / camera_height_m
    for number in sorted(metres):
        near = [
            metres[k]
            for k in range(number - WINDOW_M, number + WINDOW_M + 1)
            if k in metres
        ]
        here = metres[number]
        sides: dict[Side, SideView] = {
            "left": _side(here, near, nearer, left=True),
            "right": _side(here, near, nearer, left=False),
        }
        yield number, CrossSection(here.lon, here.lat, here.heading_deg, sides)


def _side(here: Metre, near: list[Metre], nearer: float, *, left: bool) -> SideView:
    ground = np.sum([_outward(m.ground, left=left) for m in near], axis=0)
    walls = np.sum(
        [_outward(m.foot(name), left=left) for m in near for name in _WALLS], axis=0
    )
    kerb = _kerb(ground)
    own = _outward(here.ground, left=left)
    return SideView(
        kerb=kerb,
        wall=_wall(walls, kerb, nearer),
        painted=_painted(ground, kerb),
        here=own.sum(axis=0) > 0,
        trunks_m=tuple(
            nearer * at_m
            for at_m in (
                *_clusters(_outward(here.foot("tree_trunk"), left=left)),
                *_clusters(_outward(here.foot("vegetation"), left=left), NARROW_M),
            )
        ),
        pits_m=tuple((nearer * low, nearer * high) for low, high in _pits(own)),
        boxes_m=tuple(
            nearer * at_m
            for at_m in _clusters(
                _outward(here.foot("pole"), left=left)
                + _outward(here.foot("other"), left=left)
            )
        ),
        tactile_m=tuple(
            (nearer * low, nearer * high) for low, high in _tactile(near, left=left)
        ),
    )


def _outward(counts: npt.NDArray[np.uint16], *, left: bool) -> FloatArray:
    """Return the cells of one side, the one next to the path first."""
    middle = counts.shape[-1] // 2
    half = counts[..., middle - 1 :: -1] if left else counts[..., middle:]
    return half.astype(np.float64)


def _kerb(ground: FloatArray) -> Line | None:
    """Return where ground turns from carriageway to something else, outward.

    The border that leaves least of either on the wrong side. It counts only where both
    were seen next to it, so a parked row of cars hides it.
    """
    road = np.sum([ground[GROUND.index(name)] for name in _ROAD], axis=0)
    beside = ground.sum(axis=0) - road
    wrong = np.concatenate([[0.0], np.cumsum(beside)]) + np.concatenate(
        [np.cumsum(road[::-1])[::-1], [0.0]]
    )
    first = round(NEAREST_KERB_M / CELL_M)
    border = first + int(wrong[first:].argmin())
    cells = round(1.0 / CELL_M)
    inner = road[max(0, border - cells) : border].sum()
    outer = beside[border : border + cells].sum()
    if inner < LEAST_COUNT or outer < LEAST_COUNT:
        return None
    doubt = np.flatnonzero(wrong <= wrong[border] + 0.15 * (inner + outer))
    close = doubt[np.abs(doubt - border) <= 2 * cells]
    sigma_m = max(LEAST_SIGMA_M, CELL_M * float(np.ptp(close)) / 4)
    low, high = max(0, border - cells), min(len(road), border + cells)
    known = road[low:high] + beside[low:high]
    inside = np.arange(low, high) < border
    share = np.where(known > 0, road[low:high] / np.maximum(known, 1.0), inside)
    return Line((low + float(share.sum())) * CELL_M, sigma_m)


def _painted(ground: FloatArray, kerb: Line | None) -> float:
    """Return the share of marking inside the kerb; 0 where no kerb was seen."""
    if kerb is None:
        return 0.0
    inside = ground[:, cells_between(0.0, kerb.outward_m)].sum(axis=1)
    marking, road = (float(inside[GROUND.index(n)]) for n in ("marking", "road"))
    return marking / max(1.0, marking + road)


def _wall(feet: FloatArray, kerb: Line | None, nearer: float) -> Line | None:
    """Return where most feet of walls are, beyond the kerb."""
    counts = feet.copy()
    nearest_m = NEAREST_KERB_M if kerb is None else kerb.outward_m + 0.5
    counts[: round(nearest_m / CELL_M)] = 0.0
    if counts.sum() < LEAST_FEET:
        return None
    width = round(1.0 / CELL_M)
    sums = np.convolve(counts, np.ones(2 * width + 1), mode="same")
    peak = int(sums.argmax())
    low, high = max(0, peak - width), peak + width + 1
    cells = np.arange(low, min(high, len(counts)))
    weights = counts[cells]
    if weights.sum() < LEAST_FEET:
        return None
    at_m = (cells + 0.5) * CELL_M
    middle = float(np.average(at_m, weights=weights))
    spread = float(np.sqrt(np.average((at_m - middle) ** 2, weights=weights)))
    return Line(middle * nearer, max(LEAST_SIGMA_M, spread))


def _clusters(feet: FloatArray, widest_m: float = np.inf) -> tuple[float, ...]:
    """Return the middles of runs of feet that are no wider."""
    return tuple(
        float((run + 0.5).mean() * CELL_M)
        for run in _runs(feet > 0)
        if np.ptp(run) * CELL_M <= widest_m
    )


def _pits(own: FloatArray) -> tuple[tuple[float, float], ...]:
    """Return the spans in which most of the ground seen is soil around a tree."""
    soil = own[GROUND.index("tree_pit")]
    most = (soil >= LEAST_SOIL) & (soil * 2 >= own.sum(axis=0))
    return tuple(
        (float(run[0] * CELL_M), float((run[-1] + 1) * CELL_M)) for run in _runs(most)
    )


def _tactile(near: list[Metre], *, left: bool) -> Iterator[tuple[float, float]]:
    """Yield the spans, no wider than tactile paving is, that are mostly yellow."""
    pavement = np.sum([_outward(m.ground, left=left) for m in near], axis=0)
    slabs = pavement[GROUND.index("pavement")]
    yellow = np.sum([_outward(m.tactile, left=left)[0] for m in near], axis=0)
    mostly = (yellow >= LEAST_COUNT) & (yellow >= LEAST_YELLOW * slabs)
    for run in _runs(mostly):
        low, high = float(run[0] * CELL_M), float((run[-1] + 1) * CELL_M)
        if high - low <= WIDEST_TACTILE_M:
            yield low, high


def _runs(mask: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.intp]]:
    """Return the cells of each run, with gaps of a cell inside."""
    cells = np.flatnonzero(mask)
    if not len(cells):
        return []
    return list(np.split(cells, np.flatnonzero(np.diff(cells) > 2) + 1))


def cells_between(from_m: float, to_m: float) -> slice:
    """Return the cells of one side between two distances from the path."""
    last = round(REACH_M / CELL_M)
    low = min(max(0, round(from_m / CELL_M)), last)
    return slice(low, min(last, max(low + 1, round(to_m / CELL_M))))
