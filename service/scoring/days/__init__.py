"""Scores of many streets on many days, as arrays: history and changed standards."""

from service.scoring.days.columns import Columns, Days, Finds, Passes
from service.scoring.days.scored import (
    INSUFFICIENT,
    NOT_PASSED,
    SCORED,
    STALE,
    DayScores,
    score_days,
)

__all__ = [
    "INSUFFICIENT",
    "NOT_PASSED",
    "SCORED",
    "STALE",
    "Columns",
    "DayScores",
    "Days",
    "Finds",
    "Passes",
    "score_days",
]
