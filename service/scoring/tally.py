"""What one rule costs one element of one segment."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from service.scoring.assign import Charge
from service.scoring.elements import ElementView
from service.scoring.parts import Rule, Unit
from service.scoring.standard import Standard
from service.scoring.units import cell_of, shared_units
from service.types import Segment

_METRES_PER_LENGTH_UNIT = 100.0


@dataclass(frozen=True, slots=True)
class Tally:
    """The finds of one rule that one element takes, with their units.

    Attributes:
        charges: by find id.
        units: `u_f`, same order.
        cells: positions in `charges` of the finds that share a cell.
        length: `L_r`, hundreds of metres.
        allowance: `alpha_r * L_r`, units forgiven.
    """

    rule: Rule
    unit: Unit
    element: str
    charges: tuple[Charge, ...]
    units: tuple[float, ...]
    cells: tuple[tuple[int, ...], ...]
    length: float
    allowance: float

    def total_units(self) -> float:
        """Return `N_r`."""
        return math.fsum(
            u * c.probability for u, c in zip(self.units, self.charges, strict=True)
        )

    def losses(self) -> list[float]:
        """Return `d_f` of each charge: points of the element, before its cap."""
        total = self.total_units()
        kept = max(0.0, 1 - self.allowance / total) if total > 0 else 0.0  # rho_r
        return [
            self.cost(c.factor) * u * c.probability * kept
            for u, c in zip(self.units, self.charges, strict=True)
        ]

    def over(self, metres: float) -> Tally:
        """Return the same finds on so many metres of street."""
        length = _length(self.rule, metres)
        return replace(
            self, length=length, allowance=self.allowance / self.length * length
        )

    def cost(self, factor: float) -> float:
        """Return points of one real unit of this gravity, allowance aside."""
        return self.rule.a * factor / self.length


def tally_of(
    rule: Rule,
    charges: Sequence[Charge],
    *,
    segment: Segment,
    view: ElementView,
    standard: Standard,
) -> Tally:
    """Count the finds of one rule that one element of a segment takes.

    Args:
        rule: whose finds they are.
        charges: may be empty; all of `rule` and of the element of `view`.
        segment: its road class decides the allowance.
        view: the element, and how much of it was seen.
        standard: names the rule's unit.
    """
    unit = standard.units[rule.unit]
    cells: dict[Hashable, list[int]] = {}
    for i, charge in enumerate(charges):
        cells.setdefault(cell_of(charge.finding, unit), []).append(i)
    units = [0.0] * len(charges)  # u_f
    for members in cells.values():
        shares = shared_units(
            [charges[i].factor for i in members],
            [charges[i].probability for i in members],
            unit.capacity,
        )
        for i, share in zip(members, shares, strict=True):
            units[i] = share
    length = _length(rule, view.seen_m)
    alpha = rule.allowance_per_100m.get(segment.road_class, 0.0)
    return Tally(
        rule=rule,
        unit=unit,
        element=view.element.id,
        charges=tuple(charges),
        units=tuple(units),
        cells=tuple(tuple(members) for members in cells.values()),
        length=length,  # L_r
        allowance=alpha * length,
    )


def _length(rule: Rule, metres: float) -> float:
    """Return `L_r` on so many metres."""
    return 1.0 if rule.safety else max(1.0, metres / _METRES_PER_LENGTH_UNIT)
