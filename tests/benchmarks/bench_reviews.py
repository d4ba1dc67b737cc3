"""How long reviews take in a city with many open finds.

    python -m tests.benchmarks.bench_reviews [--streets 500] [--finds 20] [--answers 40]

Prints how long it takes to order all open finds by worth, and one answer until finding,
score and changes are another.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace

import numpy as np

from service.memory.current import terms_now, window_now
from service.memory.rescore import rescore
from service.review.apply import apply_review
from service.review.base import ReviewIn
from service.review.queue import worth
from service.settings import Settings
from service.store import Store
from service.types import CoveragePiece, Segment
from tests.service.store.records import NOON_S, STREET, drive, seen

SETTINGS = Settings()
KINDS = ("litter", "poster", "garbage_pile", "graffiti", "manhole_damaged")
ZONES = ("carriageway", "kerb_strip", "pavement", "wall_base")
_AT_ONCE = 250


def city(store: Store, streets: int, finds: int) -> None:
    """Drive every street once and score it."""
    rng = np.random.default_rng(1)
    segments = [_street(number) for number in range(streets)]
    for start in range(0, streets, _AT_ONCE):
        some = tuple(segments[start : start + _AT_ONCE])
        sightings = tuple(
            replace(
                seen(
                    str(rng.choice(KINDS)),
                    offset_m=float(rng.uniform(3, 180)),
                    probability=float(rng.beta(8, 2)),
                ),
                segment_id=one.id,
            )
            for one in some
            for _ in range(finds)
        )
        ground = tuple(
            CoveragePiece(one.id, zone, side, 0.0, one.length_m, "seen", None)
            for one in some
            for zone in ZONES
            for side in ("left", "right")
        )
        store.add_drive(
            drive(*sightings, at_s=NOON_S + start, segments=some, coverage=ground)
        )
    rescore(store, terms_now(store, SETTINGS), window_now(store, SETTINGS))


def _street(number: int) -> Segment:
    west, south = 113.8 + 0.003 * (number % 100), 34 + 0.002 * (number // 100)
    line = np.array([[west, south], [west + 0.002, south]])
    return replace(STREET, id=f"s{number:05d}", lonlat=line)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--streets", type=int, default=500)
    parser.add_argument("--finds", type=int, default=20)
    parser.add_argument("--answers", type=int, default=40)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        city(store, args.streets, args.finds)
        began, busy = time.perf_counter(), time.process_time()
        tasks = worth(store, SETTINGS, time.time())
        took_s, busy_s = time.perf_counter() - began, time.process_time() - busy
        print(
            f"{len(tasks)} open finds ordered in {took_s:.2f} s, "
            f"{busy_s:.2f} s of one processor"
        )
        times, busy = [], time.process_time()
        for task in tasks[: args.answers]:
            began = time.perf_counter()
            apply_review(store, SETTINGS, _answer(task.finding_id))
            times.append(time.perf_counter() - began)
        print(
            f"{len(times)} answers: median {np.median(times) * 1000:.0f} ms, "
            f"longest {max(times) * 1000:.0f} ms until the score is another, "
            f"{(time.process_time() - busy) / len(times) * 1000:.0f} ms of a processor"
        )
        store.close()


def _answer(finding_id: str) -> ReviewIn:
    return ReviewIn(
        source=f"bench:{finding_id}",
        finding_id=finding_id,
        reviewer="bench",
        verdict="false",
        reason="bench",
        category=None,
        zone=None,
        severity=None,
        added=(),
        at_s=time.time(),
    )


if __name__ == "__main__":
    main()
