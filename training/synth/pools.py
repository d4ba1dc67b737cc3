"""Which assets teach and which are kept for the test streets.

The rule: a thing's variant number is even when it may be taught from and odd when it
belongs to the test streets. Every picture that a variant chooses is chosen by
`variant % n` with an even n, so parity carries over to posters, covers, shop fronts
and facades. The pools also have seeds and paving tones of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from vision.errors import InputError

Pool = Literal["any", "teach", "test"]
"""`any` is the sample drive's: all variants, drawn as they always were."""

POOLS: tuple[Pool, ...] = get_args(Pool)
VARIANTS = 96
"""Variants of one kind, both pools together."""

SEEDS: dict[Pool, range] = {
    "teach": range(1000, 40000),
    "test": range(50000, 80000),
}
"""Seeds of the scenes of each pool that frames are rendered from."""

PRIVATE_SEEDS: dict[Pool, range] = {
    "teach": range(40000, 50000),
    "test": range(80000, 90000),
}
"""Seeds of the streets full of faces and plates."""


def pooled(variant: int, pool: Pool) -> int:
    """Turn any variant number into the nearest one below that the pool owns, or above.

    Even numbers teach, odd numbers test; `any` keeps the number.
    """
    if pool == "any":
        return variant
    return variant - variant % 2 + (pool == "test")


def check_seeds(
    pool: Pool, first: int, count: int, seeds: Mapping[Pool, range] = SEEDS
) -> None:
    """Make sure that scenes keep to the seeds of their pool.

    Raises:
        InputError: the pool has no seeds, or some of these are not its own.
    """
    if pool not in seeds:
        msg = f"pool must be teach or test, got {pool!r}"
        raise InputError(msg)
    own = seeds[pool]
    if count < 1 or first not in own or first + count - 1 not in own:
        msg = (
            f"seeds {first}..{first + count - 1} leave the {pool} pool's "
            f"{own.start}..{own.stop - 1}; choose another --seed-start"
        )
        raise InputError(msg)
