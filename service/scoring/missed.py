"""Finds that were missed: what recall and observed ground say of their number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.scoring.context import ScoringContext
from service.scoring.elements import ElementView
from service.scoring.tally import Tally, tally_of
from service.types import Segment


@dataclass(frozen=True, slots=True)
class Missed:
    """What was found of one category under one rule, and how well it can be found.

    Attributes:
        tally: the finds made, over the whole street; may be empty.
        recall: fraction of real things found.
        seen_m: observed metres.
        whole_m: metres there are: what lies on unseen ground was missed too.
        sides: sides of the street on which they can lie.
        prior_per_100m: expected number where nothing is known.
    """

    tally: Tally
    category: str
    recall: float
    seen_m: float
    whole_m: float
    sides: int
    prior_per_100m: float

    def size_and_odds(self, prior_length_m: float) -> tuple[float, float]:
        """Return size and odds of the negative binomial count; mean = size * odds.

        Source:
            Gamma-Poisson conjugacy: rate ~ Gamma(alpha, beta), found ~ Poisson(rate L
            r), missed ~ Poisson(rate (T - L r)) of T whole and L seen.
        """
        length, whole = self.seen_m / 100, self.whole_m / 100
        beta = prior_length_m / 100
        found = math.fsum(
            c.probability
            for c in self.tally.charges
            if c.finding.category == self.category
        )
        size = self.prior_per_100m * beta + found
        found_on = self.recall * length
        return size, (whole - found_on) / (beta + found_on)

    def factor(self) -> float:
        """Return the severity factor one missed find would have."""
        rule = self.tally.rule
        return rule.levels[rule.level_of(self.category)]


def missed_from(
    assessed: Mapping[str, ElementView],
    segment: Segment,
    tallies: Sequence[Tally],
    context: ScoringContext,
) -> list[Missed]:
    """Return, for each rule, element and category, what recall says of missed finds.

    A rule's prior is spread over its categories and the elements it names; an element
    that only takes finds over from unseen ground has no prior.
    """
    made = {(t.rule.id, t.element): t for t in tallies}
    missed: list[Missed] = []
    for rule in context.standard.rules:
        own = dict.fromkeys(e for e in (*rule.zones.values(), rule.any_zone) if e)
        share = len(rule.categories) * len(own)
        for element, view in assessed.items():
            tally = made.get((rule.id, element))
            if tally is None and element not in own:
                continue
            prior = rule.prior_per_100m / share if element in own else 0.0
            tally = tally or tally_of(
                rule, (), segment=segment, view=view, standard=context.standard
            ).over(view.whole_m)
            missed += [
                Missed(
                    tally=tally,
                    category=category,
                    recall=context.recall[category],
                    seen_m=view.seen_m,
                    whole_m=view.whole_m,
                    sides=view.sides,
                    prior_per_100m=prior,
                )
                for category in rule.categories
                if category in context.recall and category in context.visible_categories
            ]
    return missed
