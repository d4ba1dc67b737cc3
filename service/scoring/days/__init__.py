"""Scores of many streets on many days, as arrays: history and changed standards."""

from service.scoring.days.columns import Columns, Days, Finds, Passes
from service.scoring.days.scored import DayScores, score_days

__all__ = [
    "Columns",
    "DayScores",
    "Days",
    "Finds",
    "Passes",
    "score_days",
]
