"""What a score depends on besides streets, finds and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.scoring.assign import Landmark
from service.scoring.standard import Standard


@dataclass(frozen=True, slots=True)
class ScoringContext:
    """All that a score depends on besides streets, finds and coverage.

    Attributes:
        standard: the rules.
        visible_categories: what the finder can see: the model's categories, and
            derived ones (`parking_motor`) only where they can be proven. Rules none of
            whose categories are here are listed as not assessed.
        readable_zones: zones the installed reader can tell apart; None = every zone
            that the coverage calls seen (hand-made coverage).
        recall: category -> fraction of real things found, from the model's card; a
            category without one counts as never missed.
        places: schools, markets ... ; empty until context layers are installed.
        model_id: detector; None for hand-made findings.
    """

    standard: Standard
    visible_categories: frozenset[str]
    readable_zones: frozenset[str] | None = None
    recall: Mapping[str, float] = field(default_factory=dict)
    places: tuple[Landmark, ...] = ()
    model_id: str | None = None
