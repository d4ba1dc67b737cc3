"""井盖完好率: how many covers are intact, and whether that is proven.

Source:
    Clopper and Pearson (1934), exact one-sided bounds; the target of 98 % is the city's
    (许昌市城市管理局 2023: 确保窨井盖完好率不低于98%).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vision.errors import InputError

TARGET = 0.98
CONFIDENCE = 0.95

IntactVerdict = Literal["达标", "未达标", "证据不足"]


@dataclass(frozen=True, slots=True)
class IntactRate:
    """Covers of one district.

    Attributes:
        seen: different covers that were seen.
        bad: of them damaged or missing.
        rate: intact of seen; None of none.
        low: exact one-sided lower bound, bad covers that were missed counted in.
        high: exact one-sided upper bound, from what was seen alone.
        verdict: 达标 where even the lower bound reaches the target, 未达标 where not
            even the upper bound does, else 证据不足.
    """

    seen: int
    bad: int
    rate: float | None
    low: float
    high: float
    verdict: IntactVerdict


def intact_rate(
    seen: int,
    bad: int,
    *,
    recall: float = 1.0,
    target: float = TARGET,
    confidence: float = CONFIDENCE,
) -> IntactRate:
    """Judge a number of covers against the target.

    Args:
        seen: different covers seen.
        bad: of them bad.
        recall: share of bad covers that is found as bad, in `(0, 1]`: the others pass
            for intact. If a share q of covers is bad, the bad ones found are binomial
            with the share `q * recall`; the bound of that, divided by the recall,
            is the bound of q, of no bad cover found too. The upper bound leaves it
            out: nobody is accused on what was not seen.
        target: share that must be intact.
        confidence: of each bound.

    Raises:
        InputError: numbers that cannot be.
    """
    if not 0 <= bad <= seen:
        msg = f"{bad} bad covers of {seen} cannot be"
        raise InputError(msg)
    if not (0 < recall <= 1 and 0 < target < 1 and 0 < confidence < 1):
        msg = (
            f"recall {recall}, target {target} and confidence {confidence} must lie "
            "between 0 and 1"
        )
        raise InputError(msg)
    found_bad = 1 - _lower(seen, seen - bad, confidence)
    low = 1 - min(1.0, found_bad / recall)
    high = 1 - _lower(seen, bad, confidence)
    verdict: IntactVerdict = "证据不足"
    if low >= target:
        verdict = "达标"
    elif high < target:
        verdict = "未达标"
    rate = (seen - bad) / seen if seen else None
    return IntactRate(seen, bad, rate, low, high, verdict)


def share_bounds(
    hits: int, count: int, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the exact two-sided bounds of a share; 0 and 1 where nothing was seen.

    Args:
        hits: so many were.
        count: of so many.
        confidence: that the share lies between them.
    """
    each = (1 + confidence) / 2
    return _lower(count, hits, each), 1 - _lower(count, count - hits, each)


def _lower(count: int, hits: int, confidence: float) -> float:
    """Return the exact lower bound of a share of which so many of so many were hits."""
    if hits == 0:
        return 0.0
    from scipy.special import betaincinv  # noqa: PLC0415 - takes 18 MB

    return float(betaincinv(hits, count - hits + 1, 1 - confidence))
