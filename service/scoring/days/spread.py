"""Mean, variance and third cumulant of what adds up, is cut off or stands over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, ndtr, ndtri

from service.scoring.days.columns import BoolArray, FloatArray

_LEAST_SIGMA = 1e-9
_LEAST_SKEW = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Cumulants of independent quantities, one of each in an array."""

    mean: FloatArray
    variance: FloatArray
    third: FloatArray

    @classmethod
    def nothing(cls, shape: tuple[int, ...]) -> Spread:
        """Return quantities that are 0."""
        return cls(np.zeros(shape), np.zeros(shape), np.zeros(shape))

    def plus(self, other: Spread) -> Spread:
        """Return the sums of two independent quantities."""
        return Spread(
            self.mean + other.mean,
            self.variance + other.variance,
            self.third + other.third,
        )

    def times(self, factor: FloatArray) -> Spread:
        """Return the quantities times fixed numbers."""
        return Spread(
            self.mean * factor, self.variance * factor**2, self.third * factor**3
        )

    def where(self, condition: BoolArray, other: Spread) -> Spread:
        """Return these where a condition holds, others elsewhere."""
        return Spread(
            np.where(condition, self.mean, other.mean),
            np.where(condition, self.variance, other.variance),
            np.where(condition, self.third, other.third),
        )

    def over(self, limit: FloatArray) -> Spread:
        """Return what stands over a limit, 0 below it; taken as normal."""
        sigma = np.maximum(np.sqrt(np.maximum(self.variance, 0.0)), _LEAST_SIGMA)
        ahead = self.mean - limit
        z = ahead / sigma
        chance = ndtr(z)
        density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
        first = np.maximum(0.0, sigma * density + ahead * chance)
        second = ahead * first + sigma**2 * chance
        third = ahead * second + 2 * sigma**2 * first
        return Spread(
            first,
            np.maximum(0.0, second - first**2),
            third - 3 * first * second + 2 * first**3,
        )

    def capped(self, limit: FloatArray) -> Spread:
        """Return the quantities, at most a limit each."""
        sigma = np.sqrt(np.maximum(self.variance, 0.0))
        near = self.mean + 4 * sigma > limit
        rest = Spread(limit - self.mean, self.variance, self.third)
        left = rest.over(np.zeros_like(self.mean))
        cut = Spread(limit - left.mean, left.variance, -left.third)
        return cut.where(near, self)

    def quantile(self, chance: float) -> FloatArray:
        """Return a quantile: of a shifted gamma with these three cumulants.

        Source:
            Pearson's type III; without skew it is the normal one.
        """
        sigma = np.sqrt(np.maximum(self.variance, 0.0))
        cube = np.maximum(sigma, _LEAST_SIGMA) ** 3
        skew = np.where(sigma > _LEAST_SIGMA, self.third / cube, 0.0)
        steep = np.maximum(np.abs(skew), _LEAST_SKEW)
        shape = 4 / steep**2
        right = gammaincinv(shape, np.where(skew >= 0, chance, 1 - chance))
        score = (right - shape) * steep / 2 * np.where(skew >= 0, 1.0, -1.0)
        score = np.where(np.abs(skew) < _LEAST_SKEW, ndtri(chance), score)
        found: FloatArray = self.mean + sigma * score
        return found
