"""How well the shipped detector sees, by its card, and how vehicles differ from it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

CARD = Path(__file__).resolve().parents[2] / "models" / "street@2.toml"
ENOUGH = 10
"""Real things that must have been measured; with fewer the rendered ones speak."""
SURE = 10.0
"""How little confidences scatter: the weight of the Beta distribution they are from."""
HIGHEST = 0.95
"""Five detections that were all right do not show a detector that never errs."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one category.

    Attributes:
        recall: share of real things that a pass sees.
        precision: share of detections that are real.
    """

    recall: float
    precision: float

    @property
    def false_per_true(self) -> float:
        """False detections for each true one."""
        return 1 / self.precision - 1

    def confidence(self, rng: np.random.Generator, *, real: bool) -> float:
        """Draw a probability: of those with p, p are real."""
        a, b = SURE * self.precision, SURE * (1 - self.precision)
        return float(rng.beta(a + 1, b) if real else rng.beta(a, b + 1))


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What one vehicle's eyes do otherwise than the card says, and nobody knows.

    Attributes:
        sees: category -> added to the log-odds that it sees a thing.
        errs: factor of its false detections.
        along_m: by which all its places are off along the street.
    """

    name: str
    sees: Mapping[str, float]
    errs: float
    along_m: float

    def recall(self, category: str, usual: float) -> float:
        """Return the share of real things that it sees."""
        odds = usual / (1 - usual) * float(np.exp(self.sees[category]))
        return odds / (1 + odds)


def of_card(categories: Iterable[str]) -> dict[str, Rates]:
    """Return the rates that stand on the card of the shipped detector.

    Those on real pictures where enough real things were measured, else on rendered.
    """
    card: dict[str, Any] = tomllib.loads(CARD.read_text("utf-8"))
    out = {}
    for name in categories:
        real = card["measured"][name].get("real", {}).get("instances", 0) >= ENOUGH
        point = card["operating"][name]["real" if real else "rendered"]
        out[name] = Rates(point["recall"], min(HIGHEST, point["precision"]))
    return out


def fleet(count: int, categories: Iterable[str], seed: int) -> tuple[Vehicle, ...]:
    """Draw vehicles: cameras sit, age and are cleaned differently."""
    rng = np.random.default_rng([seed, 715_827_883])
    names = sorted(categories)
    out = []
    for number in range(count):
        own = float(rng.normal(0, 0.3))
        sees = {name: own + float(rng.normal(0, 0.15)) for name in names}
        errs = float(np.exp(rng.normal(0, 0.3)))
        out.append(Vehicle(f"v{number}", sees, errs, float(rng.normal(0, 0.3))))
    return tuple(out)
