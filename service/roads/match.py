"""Put fixes on the road network with a hidden Markov model.

Source:
    Newson & Krumm, "Hidden Markov map matching through noise and sparseness", ACM
    SIGSPATIAL GIS 2009; candidates here are directed, so a heading can speak and
    turning round has a price.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from service.roads.candidates import FARTHEST_M, States, candidate_states
from service.roads.hmm import Decoded, decode
from service.roads.lines import distances_m, offsets_m, point_column
from service.roads.network import RoadNetwork
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
    deciding = deciding_rows(track, fixes, options)
    states = candidate_states(network, rows_of(track, deciding))
    on_road = np.array([k for k, some in enumerate(states) if len(some)], dtype=np.intp)
    out = [NOWHERE] * len(fixes)
    if not len(on_road):
        return out
    deciding = deciding[on_road]
    states = [states[k] for k in on_road.tolist()]
    router = Router(network.graph)
    decoded = decode(
        [some.emission for some in states],
        _transitions(router, states, rows_of(track, deciding), options),
    )
    return _fill(network, track, deciding, states, decoded)


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


def _fill(
    network: RoadNetwork,
    track: Track,
    deciding: IntArray,
    states: list[States],
    decoded: Decoded,
) -> list[MatchedFix]:
    """Write out the deciding fixes and put the others on the way between them."""
    out = [NOWHERE] * len(track)
    chosen = []
    for k, row in enumerate(deciding.tolist()):
        some, state = states[k], int(decoded.path[k])
        mine = some.segment == some.segment[state]
        matched = MatchedFix(
            segment_id=network.segments[int(some.segment[state])].id,
            offset_m=float(some.offset_m[state]),
            distance_m=float(some.distance_m[state]),
            forward=int(some.arc[state]) % 2 == 0,
            probability=float(min(1.0, decoded.posterior[k][mine].sum())),
        )
        out[row] = matched
        chosen.append(int(some.arc[state]))
    for k in range(-1, len(deciding)):
        start = int(deciding[k]) + 1 if k >= 0 else 0
        stop = int(deciding[k + 1]) if k + 1 < len(deciding) else len(track)
        if start >= stop:
            continue
        ends = [j for j in (k, k + 1) if 0 <= j < len(deciding)]
        arcs = _way(network, [chosen[j] for j in ends])
        doubt = min(out[int(deciding[j])].probability for j in ends)
        for row in range(start, stop):
            out[row] = _put(network, track, row, arcs, doubt)
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
    if distance_m[k] > max(4 * track.sigma_m[row], FARTHEST_M):
        return NOWHERE
    offset_m = offsets_m(network.lines[segments[[k]]], point)[0]
    return MatchedFix(
        segment_id=network.segments[int(segments[k])].id,
        offset_m=float(offset_m),
        distance_m=float(distance_m[k]),
        forward=arcs[k] % 2 == 0,
        probability=doubt,
    )
