"""Put fixes on the road network with a hidden Markov model.

Source:
    Newson & Krumm, "Hidden Markov map matching through noise and sparseness", ACM
    SIGSPATIAL GIS 2009; candidates here are directed, so a heading can speak and
    turning round has a price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.roads.candidates import States, candidate_states
from service.roads.hmm import Decoded, decode
from service.roads.lines import distances_m, offsets_m, point_column
from service.roads.network import RoadNetwork
from service.roads.steady import steadied
from service.roads.track import (
    FixIn,
    MatchOptions,
    Track,
    deciding_rows,
    rows_of,
    track_of,
)
from service.roads.transition import Router, transition
from service.types import MatchedFix

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

NOWHERE = MatchedFix(None, None, None, None, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """The deciding fixes.

    Attributes:
        rows: `(D,)` ascending rows among all fixes.
        matched: where each lies.
        arcs: the arc of the graph each lies on.
    """

    rows: IntArray
    matched: list[MatchedFix]
    arcs: list[int]


def match_fixes(
    network: RoadNetwork,
    fixes: Sequence[FixIn],
    *,
    options: MatchOptions | None = None,
) -> list[MatchedFix]:
    """Return the segment, offset and direction of every fix, in order.

    Works on fixes from 20 Hz to one a minute. Over a gap the route between is
    searched; where there is none (an outage, a jump) matching starts anew. A fix
    farther than `max(4 sigma, 40 m)` from every line is not matched.

    Raises:
        InputError: the times decrease, or a place is not finite.
    """
    if not fixes:
        return []
    options = options or MatchOptions()
    track = track_of(network, fixes)
    deciding, repeats = deciding_rows(track, fixes, options)
    steady = steadied(rows_of(track, deciding))
    for first, last in steady.stops:
        repeats[deciding[first] + 1 : deciding[last] + 1] = True
    deciding = deciding[steady.rows]
    states = candidate_states(network, steady.track)
    on_road = np.array([k for k, some in enumerate(states) if len(some)], dtype=np.intp)
    if not len(on_road):
        return [NOWHERE] * len(fixes)
    deciding = deciding[on_road]
    states = [states[k] for k in on_road.tolist()]
    router = Router(network.graph)
    decoded = decode(
        [some.emission for some in states],
        _transitions(router, states, rows_of(steady.track, on_road), options),
    )
    decided = _decided(network, deciding, states, decoded)
    return _followed(network, track, decided, repeats)


def _transitions(
    router: Router, states: list[States], track: Track, options: MatchOptions
) -> list[FloatArray]:
    out = []
    for k in range(1, len(states)):
        moved_m = float(np.hypot(*(track.xy[k] - track.xy[k - 1])))
        sigma_m = float(max(track.sigma_m[k], track.sigma_m[k - 1]))
        out.append(
            transition(
                router,
                states[k - 1],
                states[k],
                moved_m=moved_m,
                spread_m=options.spread_m
                + options.spread_sigma * sigma_m
                + options.spread_fraction * moved_m,
                noise_m=3 * sigma_m,
            )
        )
    return out


def _decided(
    network: RoadNetwork,
    deciding: IntArray,
    states: list[States],
    decoded: Decoded,
) -> Decided:
    """Return the deciding fixes as matched."""
    out, arcs = [], []
    for some, state, posterior in zip(
        states, decoded.path.tolist(), decoded.posterior, strict=True
    ):
        mine = some.segment == some.segment[state]
        arcs.append(int(some.arc[state]))
        out.append(
            MatchedFix(
                segment_id=network.segments[int(some.segment[state])].id,
                offset_m=float(some.offset_m[state]),
                distance_m=float(some.distance_m[state]),
                forward=arcs[-1] % 2 == 0,
                probability=float(min(1.0, posterior[mine].sum())),
            )
        )
    return Decided(deciding, out, arcs)


def _followed(
    network: RoadNetwork,
    track: Track,
    decided: Decided,
    repeats: npt.NDArray[np.bool_],
) -> list[MatchedFix]:
    """Put every other fix on the way between the deciding ones around it.

    A fix that repeats the one before stays on its segment.
    """
    rows = decided.rows
    after = np.searchsorted(rows, np.arange(len(track)))
    ways: dict[tuple[int, ...], list[int]] = {}
    out = []
    for row, k in enumerate(after.tolist()):
        if k < len(rows) and rows[k] == row:
            out.append(decided.matched[k])
            continue
        ends = [j for j in (k - 1, k) if 0 <= j < len(rows)]
        if repeats[row]:
            ends = ends[:1]
        key = tuple(decided.arcs[j] for j in ends)
        if key not in ways:
            ways[key] = _way(network, list(key))
        doubt = min(decided.matched[j].probability for j in ends)
        out.append(_put(network, track, row, ways[key], doubt))
    return out


def _way(network: RoadNetwork, ends: list[int]) -> list[int]:
    """Return the arcs from one chosen arc to the next, both included."""
    if len(ends) < 2 or ends[0] == ends[1]:
        return ends[:1]
    graph = network.graph
    start = graph.piece_nodes(ends[0] // 2)[0 if ends[0] % 2 else 1]
    stop = graph.piece_nodes(ends[1] // 2)[1 if ends[1] % 2 else 0]
    between = graph.path(start, stop, 500.0) or []
    return [ends[0], *between, ends[1]]


def _put(
    network: RoadNetwork, track: Track, row: int, arcs: list[int], doubt: float
) -> MatchedFix:
    """Put one fix on the nearest of the arcs driven around it."""
    segments = network.graph.piece_segment[np.array(arcs) // 2]
    point = point_column(track.xy[row])
    distance_m = distances_m(network.lines[segments], point)
    k = int(distance_m.argmin())
    if distance_m[k] > track.reach_m[row]:
        return NOWHERE
    offset_m = offsets_m(network.lines[segments[[k]]], point)[0]
    return MatchedFix(
        segment_id=network.segments[int(segments[k])].id,
        offset_m=float(offset_m),
        distance_m=float(distance_m[k]),
        forward=arcs[k] % 2 == 0,
        probability=doubt,
    )
