"""What `rescore --every-day` spends on findings before it scores, and on scoring.

    python -m tests.benchmarks.bench_settle STORE [--streets 200] [--days 365]
        [--passes 52] [--standard hetown@1]

Makes a store of simulated streets in the folder STORE, unless one is there: sightings
of a year of passes, of which findings must be made. Times `settle` where nothing was
made yet, `settle` again where nothing changed, which is what a new standard meets, and
`rescore_days` on the same streets (up to 250: one process). Prints seconds of each, and
what a street costs; `bench_days` times scoring alone, on a whole city.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from service.memory.days import Task, rescore_days
from service.memory.settle import settle
from service.memory.street import Terms
from service.records import DriveRecord, StreetPass
from service.scoring import load_standard
from service.scoring.days import Days
from service.store import Store
from service.types import DAY_S, PlacedSighting
from tests.service.findings.passes import ROLES
from tests.simulation.city import START_S, Settings, Street, streets

PASS_S = 30.0
CITY = 50_000


def main() -> None:
    """Make the store if need be, and time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("--streets", type=int, default=200)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--passes", type=int, default=52)
    parser.add_argument("--standard", default="hetown@1")
    args = parser.parse_args()
    is_new = not args.store.is_dir()
    store = Store(str(args.store))
    if is_new:
        make(store, args)
    terms = Terms(load_standard(args.standard), ROLES)
    task = Task(str(args.store), terms, Days(START_S, args.days, 30 * DAY_S))
    count = len(store.segments())
    if is_new:
        _timed("settled first", count, lambda: settle(store, terms, known_s=1e10))
    _timed("settled again", count, lambda: settle(store, terms, known_s=2e10))
    kept = sum(len(store.findings(one.id)) for one in store.segments())
    _timed("scored", count, lambda: list(rescore_days(store, task, known_s=2e10)))
    print(f"{count} streets, {kept} findings")
    store.close()


def _timed(what: str, streets_done: int, work: Callable[[], object]) -> None:
    began, worked = time.perf_counter(), time.process_time()
    work()
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - worked
    each_s = cpu_s / streets_done
    print(
        f"{what}: {wall_s:.1f} s ({cpu_s:.1f} s of one core), {1000 * each_s:.1f} ms a "
        f"street, {CITY * each_s / 60:.0f} min for {CITY} on one core"
    )


def make(store: Store, args: argparse.Namespace) -> None:
    """Add a year of passes: the first of every street is one drive, and so on."""
    settings = Settings(
        segments=args.streets, days=args.days, passes_per_day=args.passes / args.days
    )
    city = list(streets(settings, 1))
    for number in range(max(len(street.looks) for street in city)):
        some = [street for street in city if len(street.looks) > number]
        store.add_drive(_drive(number, some), known_s=START_S)


def _drive(number: int, some: Sequence[Street]) -> DriveRecord:
    looks = [(street.segment, street.looks[number]) for street in some]
    started_s = min(look.at_s for _, look in looks) - PASS_S
    sightings: list[PlacedSighting] = []
    for segment, look in looks:
        for _, placed in look.sightings:
            at_s = look.at_s - started_s
            one = replace(
                placed.sighting,
                id=f"{segment.id}-{len(sightings)}",
                first_drive_s=at_s,
                last_drive_s=at_s + 1,
            )
            sightings.append(replace(placed, sighting=one, segment_id=segment.id))
    return DriveRecord(
        footage={f"{number}.mp4": f"{number:064d}"},
        vehicle=None,
        started_s=started_s,
        ended_s=max(look.at_s for _, look in looks) + PASS_S,
        seen_by=looks[0][1].seen_by,
        segments=tuple(segment for segment, _ in looks),
        passes=tuple(
            StreetPass(segment.id, look.at_s - PASS_S / 2, look.at_s + PASS_S / 2)
            for segment, look in looks
        ),
        coverage=tuple(piece for _, look in looks for piece in look.coverage),
        sightings=tuple(sightings),
        run={},
    )


if __name__ == "__main__":
    main()
