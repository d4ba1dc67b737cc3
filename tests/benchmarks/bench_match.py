"""Measure map matching on real tracks with true routes, and on noisy synthetic drives.

Run from the repository root: `python tests/benchmarks/bench_match.py`. The data are
read from `../shared/data/tracks`.

Printed per track: share of fixes on a segment of the true route (`on`), the same with
the driving direction right too (`way`), length matched off the true route as a share
of its length (`off`), and seconds.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.roads import FixIn, RoadNetwork, build_network, match_fixes
from service.types import MatchedFix, Segment

TRACKS = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "tracks"

Driven = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Case:
    """A track and the segments truly driven, each with its direction."""

    name: str
    network: RoadNetwork
    fixes: list[FixIn]
    route: list[Driven]


def two_way_network(
    ends: npt.NDArray[np.float64], arcs: Sequence[tuple[int, int]]
) -> tuple[RoadNetwork, dict[int, Driven]]:
    """Make one segment of each pair of directed arcs; return arc row -> driven.

    A pair with one direction only is a one-way segment.
    """
    rows: dict[tuple[int, int], list[int]] = {}
    for row, (u, v) in enumerate(arcs):
        if u != v and np.any(ends[u] != ends[v]):
            rows.setdefault((min(u, v), max(u, v)), []).append(row)
    segments, driven = [], {}
    for pair in rows.values():
        u, v = arcs[pair[0]]
        oneway = len({arcs[row] for row in pair}) == 1
        name = str(pair[0])
        segments.append(
            Segment(name, None, "3", ends[[u, v]].astype(float), 0.0, oneway=oneway)
        )
        driven.update({row: (name, arcs[row][0] == u) for row in pair})
    return build_network(segments), driven


def kubicka(name: str) -> Case:
    """Load one track of the Kubicka et al. (2015) set."""
    folder = TRACKS / "kubicka" / name
    ends = np.loadtxt(folder / f"{name}.nodes")
    arcs = [(int(u), int(v)) for u, v in np.loadtxt(folder / f"{name}.arcs", dtype=int)]
    network, driven = two_way_network(ends, arcs)
    route = np.loadtxt(folder / f"{name}.route", dtype=int).tolist()
    track = np.loadtxt(folder / f"{name}.track")
    return Case(
        name=name,
        network=network,
        fixes=[FixIn(t, lon, lat) for lon, lat, t in track.tolist()],
        route=[driven[row] for row in route if row in driven],
    )


def kubicka_names() -> list[str]:
    """Return the names of the tracks at hand."""
    return sorted(folder.name for folder in (TRACKS / "kubicka").iterdir())


def beijing_network() -> tuple[RoadNetwork, dict[tuple[int, int], Driven]]:
    """Load the Beijing graph; return also vertex pair -> driven."""
    with (TRACKS / "beijing" / "edges.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    place: dict[int, tuple[float, float]] = {}
    for row in rows:
        for end in "uv":
            lon, lat = row[f"{end}_lon_approx"], row[f"{end}_lat_approx"]
            place[int(row[end])] = (float(lon), float(lat))
    ends = np.zeros((max(place) + 1, 2))
    ends[list(place)] = list(place.values())
    arcs = [(int(row["u"]), int(row["v"])) for row in rows]
    network, driven = two_way_network(ends, arcs)
    return network, {arcs[row]: way for row, way in driven.items()}


def beijing(
    network: RoadNetwork, driven: dict[tuple[int, int], Driven]
) -> Iterator[Case]:
    """Load the taxi tracks (about one fix a minute) with hand-matched routes."""
    path = TRACKS / "beijing" / "tracks_with_truth.geojson"
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        known = feature["properties"]
        vertices = known["gt_vertex_ids"]
        route = [
            driven.get((u, v)) or (driven[v, u][0], not driven[v, u][1])
            for u, v in pairwise(vertices)
            if (u, v) in driven or (v, u) in driven
        ]
        yield Case(
            name=f"{known['set']}-{known['traj']}",
            network=network,
            fixes=[
                FixIn(t, lon, lat)
                for t, (lon, lat) in zip(
                    known["t_s"], feature["geometry"]["coordinates"], strict=True
                )
            ],
            route=route,
        )


def noisy_drive(
    network: RoadNetwork, rng: np.random.Generator, *, sigma_m: float, seconds: int
) -> tuple[list[FixIn], list[Driven]]:
    """Drive a shortest way at about 10 m/s; return 1 Hz fixes and where they were.

    Noise is white, per axis, and told to the matcher.
    """
    arcs = _long_way(network, rng, 13.5 * seconds)
    spans = [network.graph.piece_span(arc // 2) for arc in arcs]
    end_m = np.cumsum([stop - start for _, start, stop in spans])
    t = np.arange(seconds)
    at_m = np.cumsum(10 + 3 * np.sin(t / 20))
    fixes, truth = [], []
    for second, along in zip(t.tolist(), at_m.tolist(), strict=True):
        k = int(np.searchsorted(end_m, along, side="right"))
        row, start, stop = spans[k]
        rest = end_m[k] - along
        offset = start + rest if arcs[k] % 2 else stop - rest
        xy = np.array(network.lines[row].interpolate(offset).coords[0])
        lon, lat = network.frame.to_lonlat(xy + rng.normal(0, sigma_m, 2))
        fixes.append(FixIn(float(second), float(lon), float(lat), sigma_m=sigma_m))
        truth.append((network.segments[row].id, arcs[k] % 2 == 0))
    return fixes, truth


def _long_way(
    network: RoadNetwork, rng: np.random.Generator, length_m: float
) -> list[int]:
    graph = network.graph
    while True:
        source = int(rng.integers(len(graph.arcs_out)))
        reach = graph.reach(source, length_m * 1.3)
        far = [n for n, (cost, _, _) in reach.items() if cost > length_m]
        if not far:
            continue
        target = far[int(rng.integers(len(far)))]
        arcs = graph.path(source, target, length_m * 1.3) or []
        spans = [graph.piece_span(arc // 2) for arc in arcs]
        legal = all(
            arc % 2 == 0 or not graph.against[s[0]]
            for arc, s in zip(arcs, spans, strict=True)
        )
        if legal and sum(b - a for _, a, b in spans) > length_m * 0.98:
            return arcs


def shares(
    matched: Sequence[MatchedFix], route: Sequence[Driven]
) -> tuple[float, float]:
    """Return the share of fixes on the route's segments, and driven its way."""
    ways, ids = set(route), {name for name, _ in route}
    on = np.mean([fix.segment_id in ids for fix in matched])
    way = np.mean([(fix.segment_id, fix.forward) in ways for fix in matched])
    return float(on), float(way)


def off_route(
    network: RoadNetwork, matched: Sequence[MatchedFix], route: Sequence[Driven]
) -> float:
    """Return metres of matched segments off the route, per metre of the route."""
    ids = {name for name, _ in route}
    wrong = {fix.segment_id for fix in matched} - ids - {None}
    wrong_m = sum(network.segment(str(name)).length_m for name in wrong)
    return wrong_m / sum(network.segment(name).length_m for name in ids)


def _report(case: Case) -> tuple[float, float, int]:
    start = time.perf_counter()
    matched = match_fixes(case.network, case.fixes)
    seconds = time.perf_counter() - start
    on, way = shares(matched, case.route)
    off = off_route(case.network, matched, case.route)
    sys.stdout.write(
        f"{case.name:12} {len(case.fixes):6} fixes  on {on:.3f}  way {way:.3f}  "
        f"off {off:.3f}  {seconds:.2f} s\n"
    )
    return on, way, len(case.fixes)


def _total(results: list[tuple[float, float, int]]) -> None:
    on, way, n = np.array(results).T
    sys.stdout.write(
        f"{'all':12} {int(n.sum()):6} fixes  on {np.average(on, weights=n):.3f}  "
        f"way {np.average(way, weights=n):.3f}\n"
    )


def main() -> None:
    """Print every measurement."""
    _total([_report(kubicka(name)) for name in kubicka_names()])
    network, driven = beijing_network()
    _total([_report(case) for case in beijing(network, driven)])
    for sigma_m in (5.0, 10.0, 15.0):
        rng = np.random.default_rng(7)
        right, n, seconds = 0, 0, 0.0
        for _ in range(6):
            fixes, truth = noisy_drive(network, rng, sigma_m=sigma_m, seconds=600)
            start = time.perf_counter()
            matched = match_fixes(network, fixes)
            seconds += time.perf_counter() - start
            right += sum(
                fix.segment_id == name
                for fix, (name, _) in zip(matched, truth, strict=True)
            )
            n += len(truth)
        sys.stdout.write(
            f"noise {sigma_m:4.0f} m {n:6} fixes  right {right / n:.3f}  "
            f"{seconds:.2f} s on {len(network)} segments\n"
        )


if __name__ == "__main__":
    main()
