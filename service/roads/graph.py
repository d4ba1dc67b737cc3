"""Topology of a road network: where lines meet, and how far it is along them.

Every segment is cut (for routing only) at the places where other segments join it.
A piece between two joints is two arcs, one per direction: arc `2 * p` runs in the
drawing direction of the segment, arc `2 * p + 1` against it, so `arc ^ 1` is the
same piece the other way.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from service.roads.lines import (
    lengths_m,
    offsets_m,
    places_at,
    point_column,
    vertices,
)

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

JOIN_M = 1.0
"""Two line ends, or a line end and a line, this near meet."""

SAME_VERTEX_M = 0.05
"""Two inner vertices this near are one drawn junction (a bridge shares none)."""

AGAINST_ONEWAY = 4.0
"""A metre driven against a one-way street costs as much as this many."""

Reach = dict[int, tuple[float, int, int]]
"""Node -> cost in metres, first arc, last arc (-1, -1 at the source itself)."""


@dataclass(frozen=True, slots=True, eq=False)
class RoadGraph:
    """Joints and the arcs between them.

    Attributes:
        joint_offset_m: per segment, float64 `(J,)` ascending offsets of its joints;
            the first is 0, the last its length.
        joint_node: per segment, `(J,)` node of each joint.
        first_piece: `(S,)` id of the first piece of each segment; piece
            `first_piece[s] + k` runs from joint `k` to joint `k + 1`.
        piece_segment: `(P,)` segment row of each piece.
        arcs_out: per node, `(to_node, cost_m, arc)` of each way out.
        against: `(S,)` True where driving against the drawing direction breaks the
            rules: one-way streets, and streets drawn once per direction.
        paired: `(S,)` True for streets drawn once per direction.
    """

    joint_offset_m: tuple[FloatArray, ...]
    joint_node: tuple[IntArray, ...]
    first_piece: IntArray
    piece_segment: IntArray
    arcs_out: tuple[tuple[tuple[int, float, int], ...], ...]
    against: npt.NDArray[np.bool_]
    paired: npt.NDArray[np.bool_]

    def locate(self, segment: int, offset_m: float) -> int:
        """Return the piece of `segment` on which `offset_m` lies."""
        joints = self.joint_offset_m[segment]
        k = int(np.searchsorted(joints, offset_m, side="right")) - 1
        return int(self.first_piece[segment]) + min(max(k, 0), len(joints) - 2)

    def piece_span(self, piece: int) -> tuple[int, float, float]:
        """Return segment row, start and end offset in metres of one piece."""
        segment = int(self.piece_segment[piece])
        k = piece - int(self.first_piece[segment])
        joints = self.joint_offset_m[segment]
        return segment, float(joints[k]), float(joints[k + 1])

    def piece_nodes(self, piece: int) -> tuple[int, int]:
        """Return the nodes at the start and at the end of one piece."""
        segment = int(self.piece_segment[piece])
        k = piece - int(self.first_piece[segment])
        nodes = self.joint_node[segment]
        return int(nodes[k]), int(nodes[k + 1])

    def neighbours(self, segment: int) -> set[int]:
        """Return the rows of the segments that meet `segment`, without itself."""
        return {
            int(self.piece_segment[arc // 2])
            for node in self.joint_node[segment]
            for _, _, arc in self.arcs_out[int(node)]
        } - {segment}

    def reach(self, source: int, limit_m: float) -> Reach:
        """Return every node within `limit_m` of `source` along the arcs.

        Source:
            Dijkstra, "A note on two problems in connexion with graphs" (1959), cut
            off at the limit.
        """
        done: Reach = {}
        queue: list[tuple[float, int, int, int]] = [(0.0, source, -1, -1)]
        arcs_out = self.arcs_out
        while queue:
            cost, node, first, last = heapq.heappop(queue)
            if node in done:
                continue
            done[node] = (cost, first, last)
            for to_node, arc_m, arc in arcs_out[node]:
                total = cost + arc_m
                if total <= limit_m and to_node not in done:
                    start = arc if first < 0 else first
                    heapq.heappush(queue, (total, to_node, start, arc))
        return done

    def path(self, source: int, target: int, limit_m: float) -> list[int] | None:
        """Return the arcs of the cheapest way, `[]` if already there, None if none."""
        reach = self.reach(source, limit_m)
        if target not in reach:
            return None
        arcs: list[int] = []
        node = target
        while node != source:
            arc = reach[node][2]
            arcs.append(arc)
            start, end = self.piece_nodes(arc // 2)
            node = end if arc % 2 else start
        return arcs[::-1]


def build_graph(
    lines: npt.NDArray[np.object_],
    oneway: Sequence[bool],
    tree: shapely.STRtree,
) -> RoadGraph:
    """Join `lines` (metres) where they meet.

    Lines meet where two ends lie within `JOIN_M` of each other, where an end lies
    within `JOIN_M` of another line, and where two lines share a vertex.
    """
    n = len(lines)
    length_m = lengths_m(lines)
    joint_segment, joint_m, joint_xy, kind = _joints(lines, length_m, tree)
    node_of = _cluster(joint_xy, kind)
    paired = _drawn_both_ways(lines)
    against = np.asarray(oneway, dtype=np.bool_) | paired

    order = np.lexsort((joint_m, joint_segment))
    joint_segment, joint_m = joint_segment[order], joint_m[order]
    node_of = node_of[order]
    bounds = np.searchsorted(joint_segment, np.arange(n + 1))
    offsets: list[FloatArray] = []
    nodes: list[IntArray] = []
    first_piece = np.zeros(n, dtype=np.intp)
    pieces = 0
    out: list[list[tuple[int, float, int]]] = [
        [] for _ in range(int(node_of.max()) + 1 if len(node_of) else 0)
    ]
    for s in range(n):
        m, node = _tidy(
            joint_m[bounds[s] : bounds[s + 1]],
            node_of[bounds[s] : bounds[s + 1]],
            float(length_m[s]),
        )
        offsets.append(m)
        nodes.append(node)
        first_piece[s] = pieces
        wrong_way = AGAINST_ONEWAY if against[s] else 1.0
        for k in range(len(m) - 1):
            a, b, piece_m = int(node[k]), int(node[k + 1]), float(m[k + 1] - m[k])
            out[a].append((b, piece_m, 2 * pieces))
            out[b].append((a, piece_m * wrong_way, 2 * pieces + 1))
            pieces += 1
    counts = [len(m) - 1 for m in offsets]
    return RoadGraph(
        joint_offset_m=tuple(offsets),
        joint_node=tuple(nodes),
        first_piece=first_piece,
        piece_segment=np.repeat(np.arange(n, dtype=np.intp), counts),
        arcs_out=tuple(tuple(arcs) for arcs in out),
        against=against,
        paired=paired,
    )


def _joints(
    lines: npt.NDArray[np.object_], length_m: FloatArray, tree: shapely.STRtree
) -> tuple[IntArray, FloatArray, FloatArray, npt.NDArray[np.int8]]:
    """Return segment, offset, place and kind (0 end, 1 vertex, 2 on a line)."""
    n = len(lines)
    rows = np.arange(n)
    start = places_at(lines, np.zeros(n))
    end = places_at(lines, length_m)
    ends_xy = np.concatenate([start, end])
    ends_segment = np.concatenate([rows, rows])
    ends_m = np.concatenate([np.zeros(n), length_m])

    xy, of = vertices(lines)
    step_m = np.r_[0.0, np.hypot(*np.diff(xy, axis=0).T)]
    new_line = np.r_[True, of[1:] != of[:-1]]
    along = np.cumsum(np.where(new_line, 0.0, step_m))
    along -= along[new_line][np.cumsum(new_line) - 1]
    inner = ~new_line & ~np.r_[new_line[1:], True]
    v_xy, v_segment, v_m = xy[inner], of[inner], along[inner]

    end_row, other = tree.query(
        point_column(ends_xy), predicate="dwithin", distance=JOIN_M
    )
    foreign = ends_segment[end_row] != other
    end_row, other = end_row[foreign], other[foreign]
    on_m = offsets_m(lines[other], point_column(ends_xy[end_row]))
    within = (on_m > JOIN_M) & (on_m < length_m[other] - JOIN_M)
    on_xy = ends_xy[end_row[within]]
    return (
        np.concatenate([ends_segment, v_segment, other[within]]),
        np.concatenate([ends_m, v_m, on_m[within]]),
        np.concatenate([ends_xy, v_xy, on_xy]).reshape(-1, 2),
        np.repeat(
            np.array([0, 1, 2], dtype=np.int8), [2 * n, len(v_m), int(within.sum())]
        ),
    )


def _cluster(xy: FloatArray, kind: npt.NDArray[np.int8]) -> IntArray:
    """Return one node id per joint: joints that meet share it; lone vertices get -1."""
    pairs = [
        _pairs(xy, np.flatnonzero(kind != 1), JOIN_M),
        _pairs(xy, np.arange(len(xy)), SAME_VERTEX_M),
    ]
    a, b = np.concatenate(pairs).T
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(xy),) * 2)
    _, found = connected_components(graph, directed=False)
    label: IntArray = found.astype(np.intp)
    size = np.bincount(label)
    label[(kind == 1) & (size[label] == 1)] = -1
    _, label = np.unique(np.r_[-1, label], return_inverse=True)
    return (label[1:] - 1).astype(np.intp)


def _pairs(xy: FloatArray, rows: IntArray, within_m: float) -> IntArray:
    found = cKDTree(xy[rows]).query_pairs(within_m, output_type="ndarray")
    return rows[found].reshape(-1, 2)


def _tidy(
    offset_m: FloatArray, node: IntArray, length_m: float
) -> tuple[FloatArray, IntArray]:
    """Drop unshared vertices and doubles; keep both ends."""
    shared = node >= 0
    offset_m, node = offset_m[shared], node[shared]
    keep = np.r_[True, (np.diff(offset_m) > 1e-6) & (np.diff(node) != 0)]
    keep[-1] = True
    offset_m, node = offset_m[keep], node[keep]
    if len(offset_m) > 2:
        inner = np.r_[True, offset_m[1:-1] < length_m - 1e-6, True]
        offset_m, node = offset_m[inner], node[inner]
    return offset_m, node


def _drawn_both_ways(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return True for lines whose exact reverse is a line of the network too."""
    xy, of = vertices(lines)
    rounded = np.round(xy, 2) + 0.0
    parts = np.split(rounded, np.searchsorted(of, np.arange(1, len(lines))))
    keys = [part.tobytes() for part in parts]
    known = set(keys)
    reverse = [part[::-1].tobytes() for part in parts]
    return np.array(
        [r in known and r != k for k, r in zip(keys, reverse, strict=True)],
        dtype=np.bool_,
    )
