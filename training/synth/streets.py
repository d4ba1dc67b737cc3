"""Which street a seed stands for."""

from __future__ import annotations

from training.synth.plan import Plan
from training.synth.pools import PRIVATE_SEEDS, Pool
from training.synth.private_plan import private_plan
from training.synth.random_plan import random_plan


def street(seed: int, pool: Pool) -> Plan:
    """Draw the street of a seed: of problems, or of faces and plates."""
    if any(seed in seeds for seeds in PRIVATE_SEEDS.values()):
        return private_plan(seed, pool)
    return random_plan(seed, pool)
