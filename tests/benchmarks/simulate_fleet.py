"""Ten vehicles, an hour of footage, bad lines, and supplies that are cut on both sides.

    python -m tests.benchmarks.simulate_fleet
    python -m tests.benchmarks.simulate_fleet --vehicles 3 --drives 4 --kills 5

Every vehicle records drives (the sample drive's footage, as if driven at other hours,
so all bytes differ), and `liujing upload --delete` sends them through a proxy that
cuts, slows, delays, repeats, swallows and damages requests. Uploaders, and `liujing
serve` with its worker, are killed with -9 at random moments; of every third killed
uploader the state file is lost, too. At the end every file must lie in the quarantine
once, by its SHA-256, every film must be scored in exactly one job, and at no moment may
a file have been gone from a vehicle that the service did not have. Exit code 1 if
anything differs.

Inspecting an hour of footage at the usual three metres would take most of an hour of
its own here, so frames are taken `--spacing-m` apart (default 60): the drives are
inspected, placed, kept and scored as usual, on fewer frames.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path

from service.settings import Settings
from tests.service.jobs.workers import Lab, settings_at
from tests.service.vehicle.fleet import Fleet, Size
from tests.service.vehicle.processes import Service


def main() -> int:
    """Run the simulation and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vehicles", type=int, default=10)
    parser.add_argument("--drives", type=int, default=12, help="of each vehicle")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each drive")
    parser.add_argument("--kills", type=int, default=15, help="on each side")
    parser.add_argument("--every-s", type=float, default=8.0, help="between two kills")
    parser.add_argument("--share", type=float, default=0.1, help="of bad requests")
    parser.add_argument("--spacing-m", type=float, default=60.0, help="of frames")
    parser.add_argument("--limit-s", type=float, default=3600.0)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    size = Size(
        vehicles=options.vehicles,
        drives=options.drives,
        seconds=options.seconds,
        kills=options.kills,
        every_s=options.every_s,
        share=options.share,
        seed=options.seed,
    )
    with tempfile.TemporaryDirectory(prefix="liujing-fleet-") as name:
        return run(Path(name), size, options.spacing_m, options.limit_s)


def run(folder: Path, size: Size, spacing_m: float, limit_s: float) -> int:
    """Let the fleet drive and count."""
    lab = Lab.at(settings_of(folder, spacing_m))
    fleet = Fleet(size, folder / "fleet", lab, Service(lab))
    try:
        fleet.prepare()
        minutes = size.vehicles * size.drives * size.seconds / 60
        print(f"{size.vehicles} vehicles, {minutes:.0f} min of footage", flush=True)
        took_s = fleet.run(limit_s)
        verdict = fleet.verdict()
    finally:
        fleet.close()
        lab.close()
    played = sum((network.played for network in fleet.networks), Counter[str]())
    print(f"took {took_s:.0f} s; kills {dict(fleet.killed)}")
    print(f"requests {played.total()}: {dict(played)}")
    peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"largest process {peak_kb / 1000:.0f} MB")
    print(verdict)
    print("all promises held" if verdict.good else "NOT as promised")
    return 0 if verdict.good else 1


def settings_of(folder: Path, spacing_m: float) -> Settings:
    """Return the tests' settings with fewer frames; kills are no poison."""
    usual = settings_at(folder, deaths=20)
    jobs = usual.jobs.model_copy(update={"spacing_m": spacing_m, "piece_m": 100.0})
    return usual.model_copy(update={"jobs": jobs})


if __name__ == "__main__":
    sys.exit(main())
