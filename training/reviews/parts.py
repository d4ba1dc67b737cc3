"""Part reviewed pictures by street and day, never by picture.

All days of a street go where its name sends it, so that nothing that hangs there for
weeks is taught on one day and asked for on another; a street stays where it is however
many come after. Gold never teaches, nor does what was seen on its street that day, nor
another picture of the same finding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from training.reviews.form import ReviewedPicture
from training.split import SHARES
from training.types import LabelledImage, Part, Rejected

Reviewed = tuple[ReviewedPicture, LabelledImage]
_SEED = "reviews@1"


@dataclass(frozen=True, slots=True)
class ReviewedParts:
    """Reviewed pictures by what they are for.

    Attributes:
        parts: `train` teaches, `val` chooses operating points, `test` measures.
        gold: pictures whose answers are known; they only measure.
    """

    parts: Mapping[Part, tuple[LabelledImage, ...]]
    gold: tuple[LabelledImage, ...]

    @property
    def every(self) -> list[tuple[str, LabelledImage]]:
        """Return all pictures with the name of their part."""
        rows = [(name, image) for name, own in self.parts.items() for image in own]
        return rows + [("gold", image) for image in self.gold]


def part_of_street(street: str) -> Part:
    """Return where a street's pictures go; it depends on nothing but its name."""
    digest = hashlib.sha256(f"{_SEED}/{street}".encode()).digest()
    at = int.from_bytes(digest[:8], "big") / 2**64
    for part, share in SHARES.items():
        if at < share:
            return part
        at -= share
    return "test"


def part_reviews(
    pictures: Sequence[Reviewed], rejected: list[Rejected]
) -> ReviewedParts:
    """Return the pictures by part; those that cannot be parted go to `rejected`."""
    gold = [(facts, image) for facts, image in pictures if facts.gold]
    cells = {cell for facts, _ in gold for cell in _cells(facts)}
    known = {name for facts, _ in gold for name in _findings(facts)}
    parts: dict[Part, list[LabelledImage]] = {part: [] for part in SHARES}
    for facts, image in pictures:
        if facts.gold:
            continue
        wanted = {part_of_street(street) for street in facts.streets}
        if len(wanted) != 1:
            reason = (
                "it shows streets that are parted, so it can neither teach nor measure"
                if wanted
                else "it lies on no street, so it cannot be parted by street"
            )
            rejected.append(Rejected(facts.image, f"{reason}; it is left out"))
            continue
        part = wanted.pop()
        if not cells.isdisjoint(_cells(facts)) or not known.isdisjoint(
            _findings(facts)
        ):
            part = "test"
        parts[part].append(image)
    return ReviewedParts(
        {part: tuple(own) for part, own in parts.items()},
        tuple(image for _, image in gold),
    )


def _cells(facts: ReviewedPicture) -> Iterable[tuple[str, str]]:
    return ((street, facts.day) for street in facts.streets)


def _findings(facts: ReviewedPicture) -> Iterable[str]:
    return (box.finding for box in facts.boxes if box.finding is not None)
