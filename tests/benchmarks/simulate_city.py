"""A simulated city of known truth through the memory: intervals, counts, clearing.

    python -m tests.benchmarks.simulate_city [--segments 500] [--days 60] [--seed 1]
        [--goes-factor 1]

Prints what `docs/decisions/0015` quotes. With another `--goes-factor` things go faster
or slower than the memory assumes.
"""

from __future__ import annotations

import argparse
import time

from tests.simulation.city import Settings, streets
from tests.simulation.judge import judge


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--segments", type=int, default=500)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--goes-factor", type=float, default=1.0)
    args = parser.parse_args()
    settings = Settings(
        segments=args.segments, days=args.days, goes_factor=args.goes_factor
    )
    began = time.perf_counter()
    judged = judge(streets(settings, args.seed), settings)
    print("\n".join(judged.lines()))
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
