"""Grades, red-line ceilings and the value as people see it."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from service.scoring.standard import Standard

_ROUND_DIGITS = 6


def rounded(value: float) -> float:
    """Return a value as it is graded and stored: to 1e-6, within [0, 100]."""
    return min(100.0, max(0.0, round(value, _ROUND_DIGITS)))


def grade_of(value: float, standard: Standard) -> str:
    """Return the id of the best grade whose limit the rounded value reaches."""
    points = rounded(value)
    return next(grade.id for grade in standard.grades if points >= grade.floor)


def under_ceiling(grade: str, standard: Standard) -> str:
    """Return the grade, or the red-line ceiling where that is worse."""
    order = [g.id for g in standard.grades]
    return order[max(order.index(grade), order.index(standard.red_line_policy.ceiling))]


def shown(value: float, standard: Standard) -> str:
    """Return the value for people: truncated, so that 89.96 is never shown as 90."""
    step = Decimal(1).scaleb(-standard.display.decimals)
    exact = Decimal(str(rounded(value)))
    return str(exact.quantize(step, rounding=ROUND_DOWN))
