"""Where each fix may have been: directed places on nearby segments, with their odds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.roads.lines import distances_m, feet, offsets_m, point_column
from service.roads.network import RoadNetwork
from service.roads.track import Track

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MOST = 20
"""Nearest segments kept per fix."""

LINE_SIGMA_M = 4.0
"""1-sigma between a drawn line and the lane really driven."""

LINE_HEADING_DEG = 18.0
"""1-sigma between a line's direction and a vehicle's on it."""

HEADING_STRAY = 0.03
"""Share of headings that mean nothing (manoeuvres, receiver faults)."""

NEVER = 100.0
"""Nats a fix loses on the wrong one of two lines drawn one per direction."""

WRONG_WAY = 2.0
"""Nats a fix loses on a state that runs against a one-way street."""


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Directed candidates of one fix, columns of equal length.

    Attributes:
        segment: `(S,)` segment row.
        arc: `(S,)` arc of the graph; its parity is the direction.
        offset_m: `(S,)` along the segment.
        distance_m: `(S,)` from the fix.
        xy: `(S, 2)` the place, metres.
        node_behind: `(S,)` node the arc comes from.
        node_ahead: `(S,)` node the arc leads to.
        behind_m: `(S,)` metres from `node_behind`.
        ahead_m: `(S,)` metres to `node_ahead`.
        emission: `(S,)` log-likelihood of the fix.
    """

    segment: IntArray
    arc: IntArray
    offset_m: FloatArray
    distance_m: FloatArray
    xy: FloatArray
    node_behind: IntArray
    node_ahead: IntArray
    behind_m: FloatArray
    ahead_m: FloatArray
    emission: FloatArray

    def __len__(self) -> int:
        """Return the number of states."""
        return len(self.arc)


def candidate_states(network: RoadNetwork, track: Track) -> list[States]:
    """Return the states of every fix; none where it is off the network.

    A state is a place on a segment together with a direction. Its log-likelihood
    takes the distance from the line (normal, `sigma_m` and the line's own error) as
    far as the fix is new evidence; in full how far it lies past the segment's end and
    the heading (wrapped normal with a share of strays).

    Source:
        Emission as in Newson & Krumm, "Hidden Markov map matching through noise and
        sparseness" (2009); the heading term is ours.
    """
    fix, segment, offset_m, distance_m = _near(network, track)
    foot, along = feet(network.lines[segment], offset_m, network.length_m[segment])
    direction_deg = np.degrees(np.arctan2(along[:, 0], along[:, 1]))
    variance = track.sigma_m[fix] ** 2 + LINE_SIGMA_M**2
    aside_m = _aside_m(track.xy[fix] - foot, along)
    near = -0.5 * track.weight[fix] * aside_m**2 / variance
    near -= 0.5 * (distance_m**2 - aside_m**2) / variance
    heading, sigma = track.heading_deg[fix], track.heading_sigma_deg[fix]
    forward = near + _heading_fit(heading - direction_deg, sigma)
    backward = near + _heading_fit(heading - direction_deg + 180.0, sigma)
    backward -= WRONG_WAY * network.graph.against[segment]
    backward -= NEVER * network.graph.paired[segment]
    bounds = np.searchsorted(fix, np.arange(len(track) + 1))
    places = _on_pieces(network, segment, offset_m)
    states = []
    for n in range(len(track)):
        rows = slice(bounds[n], bounds[n + 1])
        states.append(
            _directed(
                places[rows],
                distance_m[rows],
                foot[rows],
                np.concatenate([forward[rows], backward[rows]]),
            )
        )
    return states


def _near(
    network: RoadNetwork, track: Track
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    points = point_column(track.xy)
    fix, segment = network.tree.query(
        points, predicate="dwithin", distance=track.reach_m
    )
    distance_m = distances_m(network.lines[segment], points[fix])
    order = np.lexsort((segment, distance_m, fix))
    fix, segment, distance_m = fix[order], segment[order], distance_m[order]
    first = np.searchsorted(fix, fix)
    keep = np.arange(len(fix)) - first < MOST
    fix, segment, distance_m = fix[keep], segment[keep], distance_m[keep]
    offset_m = offsets_m(network.lines[segment], points[fix])
    return fix, segment, offset_m, distance_m


def _aside_m(away: FloatArray, along: FloatArray) -> FloatArray:
    """Return the part of `away` (N, 2) across the unit directions `along`."""
    return np.abs(away[:, 0] * along[:, 1] - away[:, 1] * along[:, 0])


def _heading_fit(off_deg: FloatArray, sigma_deg: FloatArray) -> FloatArray:
    """Return a log-likelihood, 0 at best; 0 everywhere where the heading is NaN."""
    off = np.abs((off_deg + 180.0) % 360.0 - 180.0)
    fit = np.exp(-0.5 * (off / np.hypot(sigma_deg, LINE_HEADING_DEG)) ** 2)
    log: FloatArray = np.log((1 - HEADING_STRAY) * fit + HEADING_STRAY)
    return np.nan_to_num(log, nan=0.0)


def _on_pieces(
    network: RoadNetwork, segment: IntArray, offset_m: FloatArray
) -> npt.NDArray[np.float64]:
    """Return rows of segment, piece, offset, start node, end node, start, end."""
    graph = network.graph
    rows = np.empty((len(segment), 7))
    for k, (s, o) in enumerate(zip(segment.tolist(), offset_m.tolist(), strict=True)):
        joints = graph.joint_offset_m[s]
        nodes = graph.joint_node[s]
        j = 0
        if len(joints) > 2:
            j = min(int(joints.searchsorted(o, side="right")) - 1, len(joints) - 2)
        piece = graph.first_piece[s] + j
        rows[k] = (s, piece, o, nodes[j], nodes[j + 1], joints[j], joints[j + 1])
    return rows


def _directed(
    places: FloatArray, distance_m: FloatArray, foot: FloatArray, emission: FloatArray
) -> States:
    segment, piece, start, end = (places[:, k].astype(np.intp) for k in (0, 1, 3, 4))
    offset_m = places[:, 2]
    from_start = np.maximum(offset_m - places[:, 5], 0.0)
    to_end = np.maximum(places[:, 6] - offset_m, 0.0)
    return States(
        segment=np.concatenate([segment, segment]),
        arc=np.concatenate([2 * piece, 2 * piece + 1]),
        offset_m=np.concatenate([offset_m, offset_m]),
        distance_m=np.concatenate([distance_m, distance_m]),
        xy=np.concatenate([foot, foot]),
        node_behind=np.concatenate([start, end]),
        node_ahead=np.concatenate([end, start]),
        behind_m=np.concatenate([from_start, to_end]),
        ahead_m=np.concatenate([to_end, from_start]),
        emission=emission,
    )
