"""What reviewers together say of one thing: one word counts, or none.

Of one answer the last version counts, of one reviewer the last answer. What most
reviewers say holds; where as many say another thing nobody is believed until one more
has looked. An answer that is known outweighs all. An objection asks again: what was
said after it counts alone, and until then what was said before. Nothing here depends on
the order in which words arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from service.records import SightingVerdict, Verdict

T = TypeVar("T")

SILENT = frozenset({"unclear", "withdrawn"})
"""Words that say nothing of the thing."""
SURE = 2
"""So many reviewers that agree are as good as it gets."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is believed of a thing because people said so.

    Attributes:
        verdict: what most say.
        agreed: how many say so; an answer that is known counts as `SURE`.
        category, zone, severity: what the last of them that said anything corrected;
            None where none did.
        other: the last sighting that one of them called it a duplicate of.
    """

    verdict: Verdict
    agreed: int
    category: str | None = None
    zone: str | None = None
    severity: str | None = None
    other: tuple[str, int] | None = None


def heard(words: Iterable[SightingVerdict]) -> list[SightingVerdict]:
    """Return the words on one thing that count, one of each reviewer, by time."""
    ordered = sorted(words, key=_by_time)
    known = [word for word in ordered if word.kind == "gold"]
    if known:
        return known[-1:]
    appeals = [word.at_s for word in ordered if word.kind == "appeal"]
    latest: dict[str, SightingVerdict] = {}
    for n, word in enumerate(ordered):
        if word.kind == "review":
            latest[word.annotation or f"#{n}"] = word
    spoken = [word for word in latest.values() if word.verdict not in SILENT]
    if appeals:
        after = [word for word in spoken if word.at_s > max(appeals)]
        spoken = after or spoken
    by_reviewer = {word.reviewer: word for word in sorted(spoken, key=_by_time)}
    return sorted(by_reviewer.values(), key=_by_time)


def decided(words: Iterable[SightingVerdict]) -> Said | None:
    """Return what is believed of one thing; None where nobody is.

    Args:
        words: on all of its sightings, any order.
    """
    counted = heard(words)
    if not counted:
        return None
    votes = Counter(word.verdict for word in counted).most_common(2)
    if len(votes) > 1 and votes[0][1] == votes[1][1]:
        return None
    verdict, agreed = votes[0]
    side = [word for word in counted if word.verdict == verdict]
    if any(word.kind == "gold" for word in side):
        agreed = SURE
    return Said(
        verdict=verdict,
        agreed=agreed,
        category=_last([word.category for word in side]),
        zone=_last([word.zone for word in side]),
        severity=_last([word.severity for word in side]),
        other=_last([word.other for word in side]),
    )


def contradict(words: Iterable[SightingVerdict]) -> bool:
    """Say if reviewers contradict each other so that nobody is believed."""
    counted = heard(words)
    return bool(counted) and decided(counted) is None


def _last(values: list[T | None]) -> T | None:
    return next((value for value in reversed(values) if value is not None), None)


def _by_time(word: SightingVerdict) -> tuple[float, str, str, str]:
    return word.at_s, word.reviewer, word.annotation, word.verdict
