"""Kill workers at random moments while many short drives are worked on.

    python tests/benchmarks/fault_jobs.py                       # SQLite, one worker
    python tests/benchmarks/fault_jobs.py --where postgresql://user@host/database

On SQLite the one worker is killed and started again. On PostgreSQL one of three is;
every third one that is killed stays dead, as long as one is left. At the end every
drive must be done, and scores, findings and passes must be those of the same drives
audited one after the other without workers. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.service.jobs.kills import kill_at_random
from tests.service.jobs.short_drive import cut_drive
from tests.service.jobs.workers import (
    Lab,
    all_kept,
    settings_at,
    undisturbed,
    what_is_known,
)

WORKERS = 3
MOMENT_S = 4.0
"""A kill comes so long at most after a worker is at work."""
STEP_S = 0.2
"""So much longer is each drive than the one before: all are others."""


def main() -> int:
    """Run the test and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drives", type=int, default=20)
    parser.add_argument("--kills", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=4.0, help="of a drive")
    parser.add_argument("--where", help="an empty PostgreSQL database; none is SQLite")
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liujing-fault-") as name:
        return run(options, Path(name))


def run(options: argparse.Namespace, folder: Path) -> int:
    """Queue the drives, kill workers, and compare with an undisturbed run."""
    chance = random.Random(options.seed)  # noqa: S311 - moments, no secrets
    lab = Lab.at(settings_at(folder, where=options.where, silent_s=5.0))
    drives = [
        cut_drive(folder / f"drive-{n}", seconds=options.seconds + STEP_S * n)
        for n in range(options.drives)
    ]
    jobs = [lab.send(drive).id for drive in drives]
    began_s = time.monotonic()
    try:
        alive = [lab.start() for _ in range(WORKERS if options.where else 1)]
        killed = kill_at_random(
            lab, alive, options.kills, chance, moment_s=MOMENT_S, say=print
        )
        states = [lab.finished(job_id).state for job_id in jobs]
        took_s = time.monotonic() - began_s
        found = what_is_known(lab.store)
    finally:
        lab.close()
    alone = all_kept(folder / "alone", *undisturbed(folder / "audits", *drives))
    same = found == alone
    print(f"drives {len(jobs)}, done {states.count('done')}, kills {killed}")
    print(f"took {took_s:.0f} s; streets {len(found)}; as undisturbed: {same}")
    return 0 if same and set(states) == {"done"} and killed == options.kills else 1


if __name__ == "__main__":
    sys.exit(main())
