"""How likely a vehicle went from one candidate to the next: by the route between."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from service.roads.candidates import States
from service.roads.graph import Reach, RoadGraph

FloatArray = npt.NDArray[np.float64]

U_TURN = 4.0
"""Nats lost by turning round in the street."""

ROLL_BACK = 1.0
"""Nats lost by seeming to go backwards, which is noise or a parking manoeuvre."""


GAP = 15.0
GAP_M = 100.0
"""Nats lost by going straight where the network has no way, over so many metres."""


@dataclass(frozen=True, slots=True, eq=False)
class Router:
    """Routes between states, remembering how far one gets from each node.

    Attributes:
        graph: where to drive.
        known: node -> (limit in metres, what is reached within it).
    """

    graph: RoadGraph
    known: dict[int, tuple[float, Reach]] = field(default_factory=dict)

    def reach(self, node: int, limit_m: float) -> Reach:
        """Return everything within at least `limit_m` of a node."""
        found = self.known.get(node)
        if found is None or found[0] < limit_m:
            limit_m = 2.0 ** np.ceil(np.log2(max(limit_m, 128.0)))
            found = limit_m, self.graph.reach(node, limit_m)
            self.known[node] = found
        return found[1]

    def between(
        self, sources: list[int], targets: list[int], limit_m: float
    ) -> FloatArray:
        """Return `(S, T, 3)`: cost (inf if none), first and last arc of each way."""
        none = (np.inf, -1, -1)
        to = {node: k for k, node in enumerate(dict.fromkeys(targets))}
        of = {node: k for k, node in enumerate(dict.fromkeys(sources))}
        flat: list[tuple[float, int, int]] = []
        for node in of:
            get = self.reach(node, limit_m).get
            flat += [get(target, none) for target in to]
        table = np.array(flat).reshape(len(of), len(to), 3)
        rows = [of[node] for node in sources]
        picked: FloatArray = table[np.ix_(rows, [to[node] for node in targets])]
        return picked


def transition(
    router: Router,
    before: States,
    after: States,
    *,
    moved_m: float,
    spread_m: float,
    noise_m: float,
) -> FloatArray:
    """Return log-likelihoods `(S, S')` of going from each state to each next one.

    The route's length should agree with the distance the fixes moved: the difference
    is exponentially distributed with scale `spread_m`. Turning round costs extra.
    Going back by less than the noise allows counts as standing. Going straight over a
    gap in the network costs most.

    Args:
        router: of the network.
        before: states of one fix.
        after: states of the next.
        moved_m: distance between the two fixes.
        spread_m: scale of the difference.
        noise_m: how far noise alone can throw a fix back.

    Source:
        Newson & Krumm (2009), transition probabilities.
    """
    limit_m = 1.6 * moved_m + 150.0 + 4 * noise_m
    way = router.between(
        before.node_ahead.tolist(), after.node_behind.tolist(), limit_m
    )
    cost, first, last = way[..., 0], way[..., 1], way[..., 2]
    turned = (
        (first == (before.arc ^ 1)[:, None])
        | (last == (after.arc ^ 1)[None, :])
        | ((first < 0) & ((before.arc ^ 1)[:, None] == after.arc[None, :]))
    )
    route_m = before.ahead_m[:, None] + cost + after.behind_m[None, :]
    extra = np.where(turned, U_TURN, 0.0)

    same = before.arc[:, None] == after.arc[None, :]
    onward_m = after.behind_m[None, :] - before.behind_m[:, None]
    ahead = same & (onward_m >= 0)
    route_m = np.where(ahead, onward_m, route_m)
    extra = np.where(ahead, 0.0, extra)
    log: FloatArray = -np.abs(route_m - moved_m) / spread_m - extra
    if moved_m < 2 * noise_m:
        back_m = _back(router, before, after, same=same, onward_m=onward_m)
        back = -(back_m + moved_m) / spread_m - ROLL_BACK
        log = np.maximum(log, np.where(back_m <= noise_m, back, -np.inf))
    if moved_m < GAP_M:
        apart = before.xy[:, None, :] - after.xy[None, :, :]
        straight_m = np.hypot(apart[..., 0], apart[..., 1])
        log = np.maximum(log, -np.abs(straight_m - moved_m) / spread_m - GAP)
    return log


def _back(
    router: Router,
    before: States,
    after: States,
    *,
    same: npt.NDArray[np.bool_],
    onward_m: FloatArray,
) -> FloatArray:
    """Return how far `after` lies behind `before` on the same way, else inf."""
    way = router.between(after.node_ahead.tolist(), before.node_behind.tolist(), 0.0)
    back_m: FloatArray = (
        after.ahead_m[None, :] + way[..., 0].T + before.behind_m[:, None]
    )
    turned = ((after.arc ^ 1)[None, :] == way[..., 1].T) | (
        (before.arc ^ 1)[:, None] == way[..., 2].T
    )
    opposite = (way[..., 1].T < 0) & ((before.arc ^ 1)[:, None] == after.arc[None, :])
    back_m = np.where(turned | opposite, np.inf, back_m)
    return np.where(same & (onward_m < 0), -onward_m, back_m)
