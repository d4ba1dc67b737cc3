"""Workers are killed at random moments while they are at work."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable

from service.job_records import JobRecord
from tests.service.jobs.workers import Lab

FOR_GOOD_EVERY = 3
"""So often one that was killed stays dead, as long as another one is left."""


def kill_at_random(
    lab: Lab,
    alive: list[subprocess.Popen[bytes]],
    kills: int,
    chance: random.Random,
    *,
    moment_s: float,
    say: Callable[[str], None],
) -> int:
    """Kill workers so many times, as long as there is work; return how often.

    Args:
        lab: where they work.
        alive: the workers that may be killed; who is started instead is added.
        kills: how often.
        chance: which one, and when.
        moment_s: a kill comes so long at most after a worker was seen at work.
        say: told of every kill.
    """
    killed = 0
    while killed < kills and lab.store.jobs(states=("queued", "running"), limit=1):
        if not at_work(lab, alive):
            time.sleep(0.1)
            continue
        time.sleep(chance.uniform(0.0, moment_s))
        running = at_work(lab, alive)
        if not running:
            continue
        victim = alive.pop(chance.randrange(len(alive)))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        killed += 1
        for_good = bool(alive) and killed % FOR_GOOD_EVERY == 0
        say(f"kill {killed}: {running[0].step}{', for good' if for_good else ''}")
        if not for_good:
            alive.append(lab.start())
    return killed


def at_work(lab: Lab, alive: list[subprocess.Popen[bytes]]) -> list[JobRecord]:
    """Return the jobs that one of these workers is at."""
    pids = {str(one.pid) for one in alive if one.poll() is None}
    living = {w.id for w in lab.store.workers() if w.process.split()[0] in pids}
    return [job for job in lab.store.jobs(states=("running",)) if job.worker in living]
