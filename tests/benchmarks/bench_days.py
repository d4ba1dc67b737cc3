"""How long a city's year takes to be scored again under another standard.

    python -m tests.benchmarks.bench_days STORE [--streets 50000] [--findings 5000000]
        [--days 365] [--passes 52] [--standard hetown@1]

Makes a store of that size in the folder STORE, unless one is there, and times
`service.memory.days.rescore_days` on it: reading, scoring every street on every day
from the passes of 30 days, and writing. Prints seconds, peak memory of all processes,
and what came out.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from service.memory.days import Task, rescore_days
from service.memory.street import Terms
from service.packed import SCORED, ground_bytes
from service.scoring import load_standard
from service.scoring.days import Days
from service.store import Store
from service.types import DAY_S, CoveragePiece
from tests.service.findings.passes import ROLES

START_S = 1_767_196_800.0
"""2026-01-01 in China."""
KINDS = (
    # category, share, zone, mean steps
    ("litter", 0.62, "carriageway", 2),
    ("litter", 0.1, "kerb_strip", 2),
    ("poster", 0.14, "wall_base", 4),
    ("garbage_pile", 0.05, "pavement", 2),
    ("graffiti", 0.03, "wall_base", 5),
    ("stall", 0.04, "pavement", 2),
    ("manhole_damaged", 0.02, "carriageway", 6),
)
ZONES = ("carriageway", "kerb_strip", "pavement", "wall_base")
INTO_FINDING = (
    "INSERT INTO finding (id, known_s, digest, category, segment_id, side, offset_m, "
    "zone, zone_probability, severity, size_m, state, candidate, real_probability, "
    "present_probability, lon, lat, sigma_m, first_s, last_s, cleared_s, recurrences, "
    "looked, steps, sightings, evidence) VALUES (?" + ", ?" * 25 + ")"
)
RECALL = {
    "litter": 0.83, "poster": 0.7, "garbage_pile": 0.6, "graffiti": 0.6, "stall": 0.6,
    "manhole_damaged": 0.54, "car": 0.9, "bicycle": 0.85,
}  # fmt: skip


def main() -> None:
    """Make the store if need be, and time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("--streets", type=int, default=50_000)
    parser.add_argument("--findings", type=int, default=5_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--passes", type=int, default=52)
    parser.add_argument("--standard", default="hetown@1")
    args = parser.parse_args()
    if not args.store.is_dir():
        began = time.perf_counter()
        make(args)
        print(f"made {args.store} in {time.perf_counter() - began:.0f} s")
    store = Store(str(args.store))
    terms = Terms(load_standard(args.standard), ROLES)
    days = Days(START_S, args.days, 30 * DAY_S)
    peak = Peak()
    began = time.perf_counter()
    rows = scored = streets = 0
    total = 0.0
    task = Task(str(args.store), terms, days)
    for _, found in rescore_days(store, task, known_s=time.time()):
        streets += 1
        rows += len(found)
        good = found["status"] == SCORED
        scored += int(good.sum())
        total += float(found["value"][good].sum())
    wall_s = time.perf_counter() - began
    peak.stop()
    size_mb = (args.store / "liujing.sqlite").stat().st_size / 1e6
    print(
        f"{streets} streets, {args.days} days ({streets * args.days / 1e6:.2f} million "
        f"street-days in {rows / 1e6:.2f} million changes, {scored / rows:.0%} scored, "
        f"mean {total / max(scored, 1):.2f}), store {size_mb:.0f} MB: {wall_s:.1f} s, "
        f"peak {peak.most_mb:.0f} MB"
    )


class Peak:
    """Watches the memory of this process and its children."""

    def __init__(self) -> None:
        self.most_mb = 0.0
        self._going = True
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._going = False
        self._thread.join()
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.most_mb = max(self.most_mb, own)

    def _watch(self) -> None:
        me = str(Path("/proc/self").resolve().name)
        while self._going:
            children = Path(f"/proc/{me}/task/{me}/children").read_text().split()
            self.most_mb = max(self.most_mb, sum(map(_rss_mb, [me, *children])))
            time.sleep(0.2)


def _rss_mb(pid: str) -> float:
    """Return what a process holds for itself; shared pages count once, in part."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    line = next(one for one in text.splitlines() if one.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def make(args: argparse.Namespace) -> None:
    """Write a city's year straight into the tables."""
    Store(str(args.store)).close()
    db = sqlite3.connect(args.store / "liujing.sqlite", isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("BEGIN")
    rng = np.random.default_rng(1)
    db.execute(
        "INSERT INTO model VALUES ('street@2', 'ab', ?, ?, ?)",
        (json.dumps(RECALL), json.dumps(list(RECALL)), START_S),
    )
    visits = args.passes
    for n in range(visits):
        at_s = START_S + (n + 0.5) * args.days / visits * DAY_S
        name = f"pass{n:05d}"
        db.execute(
            "INSERT INTO drive VALUES (?, NULL, ?, ?, ?, ?)",
            (name, at_s, at_s + 3600, "{}", at_s),
        )
        db.execute(
            "INSERT INTO inspection VALUES (?, ?, 'street@2', 'ab', NULL, ?, ?, ?)",
            (name, name, json.dumps(ZONES), "{}", at_s),
        )
    per_street = args.findings / args.streets
    for street in range(args.streets):
        length_m = float(rng.uniform(80, 260))
        west = 113.5 + 0.004 * (street % 250)
        south = 33.9 + 0.002 * (street // 250)
        name = f"s{street:06d}"
        line = [[west, south], [west + length_m / 92_000, south]]
        db.execute(
            "INSERT INTO segment VALUES (?, 'd', NULL, ?, ?, ?, 12.0, 0, NULL, NULL, "
            "NULL, ?, 0, ?)",
            (
                name, str(1 + street % 4), json.dumps(line), length_m,
                json.dumps(["corner", "tree_pit"]), START_S,
            ),
        )  # fmt: skip
        shift_s = rng.uniform(-3, 3) * DAY_S
        at_s = (
            START_S + (np.arange(visits) + 0.5) * args.days / visits * DAY_S + shift_s
        )
        db.executemany(
            "INSERT INTO street_pass VALUES (?, ?, ?, ?, ?)",
            _passes(name, at_s, length_m, rng),
        )
        count = math.floor(per_street * (street + 1)) - math.floor(per_street * street)
        db.executemany(
            INTO_FINDING,
            _findings(name, line, length_m, at_s, count, rng),
        )
    db.execute("COMMIT")
    db.close()


def _passes(
    name: str, at_s: np.ndarray, length_m: float, rng: np.random.Generator
) -> Iterator[tuple[object, ...]]:
    grounds = []
    for hidden_m in (0.0, 0.1, 0.3):
        pieces = []
        for zone in ZONES:
            for side in ("left", "right"):
                cut = float(round(rng.uniform(0, 1 - hidden_m) * length_m))
                end = cut + round(hidden_m * length_m)
                spans = (
                    (0.0, cut, "seen"),
                    (cut, end, "hidden"),
                    (end, length_m, "seen"),
                )
                pieces += [
                    CoveragePiece(name, zone, side, a, b, status, None)  # type: ignore[arg-type]
                    for a, b, status in spans
                    if b > a
                ]
        grounds.append(ground_bytes(pieces, length_m))
    which = rng.integers(0, len(grounds), len(at_s))
    for n, at in enumerate(at_s.tolist()):
        yield f"pass{n:05d}", name, at - 15, at + 15, grounds[which[n]]


def _findings(
    name: str,
    line: list[list[float]],
    length_m: float,
    at_s: np.ndarray,
    count: int,
    rng: np.random.Generator,
) -> Iterator[tuple[object, ...]]:
    kinds = rng.choice(len(KINDS), count, p=[share for _, share, _, _ in KINDS])
    first = rng.integers(0, len(at_s), count)
    offset_m = rng.uniform(0, length_m, count)
    real = rng.uniform(0.5, 0.98, count)
    right = rng.random(count) < 0.5
    extra = rng.poisson(1.0, count)
    for n in range(count):
        category, _, zone, usual = KINDS[kinds[n]]
        times = at_s[first[n] : first[n] + usual + extra[n]]
        steps = np.empty((len(times), 3), "<f8")
        steps[:, 0], steps[:, 2] = times, 1.0
        steps[:, 1] = 1 - (1 - real[n]) ** np.arange(1, len(times) + 1)
        if len(times) == usual + extra[n]:
            steps[-1, 1:] = 0.0
        lon = line[0][0] + (line[1][0] - line[0][0]) * offset_m[n] / length_m
        gone = steps[-1, 1] == 0
        yield (
            f"{name}-{n:05d}", float(times[0]), "d", category, name,
            "right" if right[n] else "left", float(offset_m[n]), zone, 0.8, None, 0.3,
            "cleared" if gone else "raw", 0, float(real[n]), 0.0 if gone else 0.9,
            lon, line[0][1], 0.5, float(times[0]), float(times[-1]),
            float(times[-1]) if gone else None, 0, len(times), steps.tobytes(),
            "[]", "[]",
        )  # fmt: skip


if __name__ == "__main__":
    main()
