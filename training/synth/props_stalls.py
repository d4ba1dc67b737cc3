"""Street stalls in four families; a variant picks the kind of stall and its looks.

Neighbouring variants 2 k and 2 k + 1 are of one kind, so that each pool has all
kinds, yet no size, colour or picture of the other pool.
"""

from __future__ import annotations

from collections.abc import Callable

from training.synth.props_stalls_carts import CARTS
from training.synth.props_stalls_goods import Parts, Pitch, Rng
from training.synth.props_stalls_ground import SHEETS
from training.synth.props_stalls_tables import TABLES
from training.synth.props_stalls_vehicles import VEHICLES
from training.synth.shapes import Shape

SetUp = Callable[[Pitch], None]


def _family(
    kinds: tuple[SetUp, ...],
) -> Callable[[Rng, int], tuple[Shape, Parts]]:
    def build(rng: Rng, variant: int) -> tuple[Shape, Parts]:
        pitch = Pitch(rng, variant)
        kinds[variant // 2 % len(kinds)](pitch)
        return pitch.out, pitch.parts

    return build


BUILDERS: dict[str, Callable[[Rng, int], tuple[Shape, Parts]]] = {
    "stall_table": _family(TABLES),
    "stall_ground": _family(SHEETS),
    "stall_tricycle": _family(VEHICLES),
    "stall_cart": _family(CARTS),
}
