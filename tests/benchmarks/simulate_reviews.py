"""A simulated month of reviews: the queue against an order that chance draws.

    python -m tests.benchmarks.simulate_reviews [--streets 120] [--days 30] [--seed 1]
        [--a-day 10]

Prints what `docs/decisions/0025` quotes: how certain scores are after a month, with so
many answers a day by value, and with as many, twice and four times as many by chance.
"""

from __future__ import annotations

import argparse
import time

from tests.simulation.reviewing import Month, live


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--streets", type=int, default=120)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--a-day", type=int, default=10)
    args = parser.parse_args()
    month = Month(args.streets, args.days, args.seed)
    began = time.perf_counter()
    city = month.city()
    runs = [(0, True), (args.a_day, True)]
    runs += [(args.a_day * n, False) for n in (1, 2, 4)]
    for a_day, by_value in runs:
        got = live(city, month, a_day=a_day, by_value=by_value)
        print(
            f"{'by value' if by_value else 'by chance'}, {a_day} a day: "
            f"{got.reviews} reviews, grade certain {got.certain:.1%}, "
            f"mean width {got.width:.2f} points"
        )
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
