"""A simulated month of reviews: the queue against an order that chance draws.

    python -m tests.benchmarks.simulate_reviews [--streets 40] [--days 30]
        [--seeds 1 2 3] [--by-value 2 4 8] [--by-chance 4 8 16 32]

Prints the table that `docs/decisions/0025` quotes: for so many answers a day, how wide
intervals are (of each seed, too), how many hold the true value, and which shares of the
grades are certain and true, and certain and false. One answer of twenty is wrong.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from tests.simulation.reviewing import Certainty, Month, live


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--streets", type=int, default=40)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--by-value", type=int, nargs="+", default=[2, 4, 8])
    parser.add_argument("--by-chance", type=int, nargs="+", default=[4, 8, 16, 32])
    args = parser.parse_args()
    runs = [(0, True), *((n, True) for n in args.by_value)]
    runs += [(n, False) for n in args.by_chance]
    began = time.perf_counter()
    found: dict[tuple[int, bool], list[Certainty]] = {run: [] for run in runs}
    for seed in args.seeds:
        month = Month(args.streets, args.days, seed)
        city = month.city()
        for a_day, by_value in runs:
            got = live(city, month, a_day=a_day, by_value=by_value)
            found[a_day, by_value].append(got)
            print(
                f"seed {seed}: {_line(a_day, by_value=by_value, got=[got])}", flush=True
            )
    print()
    for (a_day, by_value), got_all in found.items():
        print(_line(a_day, by_value=by_value, got=got_all))
    print(f"{time.perf_counter() - began:.0f} s")


def _line(a_day: int, *, by_value: bool, got: list[Certainty]) -> str:
    sure, wrong, held, width, reviews = np.mean(
        [(g.sure, g.wrong, g.held, g.width, g.reviews) for g in got], axis=0
    )
    each = " ".join(f"{g.width:.2f}" for g in got)
    return (
        f"| by {'value' if by_value else 'chance'} | {a_day} a day | {reviews:.0f} | "
        f"{width:.2f} ({each}) | {held:.1%} | {sure:.1%} | {wrong:.1%} |"
    )


if __name__ == "__main__":
    main()
