"""Boxes of an answer become sightings and words.

What an older version of the answer drew and this one does not is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.memory.street import Terms
from service.records import KnownFinding, Look, SightingVerdict
from service.review.base import AddedBox, ReviewIn
from service.review.checked import checked_category
from service.review.drawn import (
    SAME_BOX,
    Picture,
    check_box,
    overlap,
    placed_of_box,
)
from service.review.pictures import size_of
from service.store import Store, WordFacts
from service.types import PlacedSighting
from vision.errors import InputError
from vision.taxonomy import load_taxonomy
from vision.types import Evidence

Name = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One box of an answer.

    Attributes:
        placed: the new sighting; None where the box is of one that is known.
        name: of the sighting; its number is -1 until it is added.
        started_s: of the drive.
        turn: of the box in the answer.
    """

    placed: PlacedSighting | None
    name: Name
    category: str
    started_s: float
    turn: int

    def word(self, store: Store, review: ReviewIn, now_s: float) -> SightingVerdict:
        """Return the reviewer's word on it; adds the sighting where it is new."""
        inspection, number = self.name
        if self.placed is not None:
            number = store.add_drawn(
                self.placed,
                inspection,
                started_s=self.started_s,
                reviewer=review.reviewer,
                known_s=now_s,
            )
        return SightingVerdict(
            inspection_id=inspection,
            number=number,
            verdict="real",
            reviewer=review.reviewer,
            reason=review.reason,
            known_s=now_s,
            said_s=review.at_s,
            annotation=_annotation(review, (inspection, number)),
        )

    def facts(self, review: ReviewIn) -> WordFacts:
        """Return what is kept of the word besides."""
        return WordFacts(
            version=f"{review.source}#{self.turn}", turn=review.turn, seemed=None
        )


def draw(
    store: Store,
    terms: Terms,
    looks: Sequence[Look],
    review: ReviewIn,
    *,
    known: KnownFinding,
) -> list[Drawn]:
    """Return what the boxes of an answer are, each checked; nothing is kept yet.

    Raises:
        InputError: no such category; no picture of this finding's; a box that is none
            or lies outside; a picture that is no JPEG.
        NotFoundError: the picture is gone.
    """
    if review.verdict == "withdrawn":
        return []
    segment = store.segment(known.finding.segment_id or "")
    raised = {c.id for c in load_taxonomy().categories if c.on == "raised"}
    found: list[Drawn] = []
    for turn, box in enumerate(review.added):
        checked_category(box.category, terms)
        look, placed, evidence = _shown(box, looks, known)
        size = size_of(store, box.image)
        check_box(box, size)
        name = _known_at(box, look, found)
        new: PlacedSighting | None = None
        if name is None and segment is not None:
            looked = store.looked(look.inspection_id)
            new = placed_of_box(
                box,
                Picture(placed, evidence, size),
                run={} if looked is None else looked.run,
                segment=segment,
                raised=bool({box.category, placed.sighting.category} & raised),
            )
        found.append(
            Drawn(
                new,
                name or (look.inspection_id, -1),
                box.category,
                look.started_s,
                turn,
            )
        )
    return found


def drop(
    store: Store,
    review: ReviewIn,
    *,
    kept: Iterable[Drawn],
    words: Iterable[SightingVerdict],
    now_s: float,
) -> None:
    """Take back what an older version of the answer drew and this one does not.

    It was never more than the reviewer's word, so that word is turned round.
    """
    if not review.annotation:
        return
    still = {one.name for one in kept}
    begin = f"{review.annotation}#"
    drawn = {
        (word.inspection_id, word.number): word
        for word in sorted(words, key=lambda word: word.at_s)
        if word.annotation.startswith(begin) and word.at_s < review.at_s
    }
    for n, (name, word) in enumerate(sorted(drawn.items())):
        if name in still or word.verdict != "real":
            continue
        gone = SightingVerdict(
            inspection_id=name[0],
            number=name[1],
            verdict="false",
            reviewer=review.reviewer,
            reason="drawn before, not any more",
            known_s=now_s,
            said_s=review.at_s,
            annotation=word.annotation,
        )
        store.add_word(gone, WordFacts(version=f"{review.source}#gone{n}"))


def _annotation(review: ReviewIn, name: Name) -> str:
    return f"{review.annotation or review.source}#{name[0][:12]}-{name[1]}"


def _shown(
    box: AddedBox, looks: Iterable[Look], known: KnownFinding
) -> tuple[Look, PlacedSighting, Evidence]:
    """Return the pass that took a picture, and a sighting of it that is seen there.

    Raises:
        InputError: it is no picture of this street's sightings.
    """
    mine = set(known.sightings)
    there = [
        ((look.inspection_id, number) not in mine, look, placed, evidence)
        for look in looks
        for number, placed in look.sightings
        for evidence in placed.sighting.evidence
        if evidence.image == box.image
    ]
    if not there:
        msg = (
            f"{box.image} is no picture of {known.finding.id}'s street; draw in a "
            "picture that the task shows"
        )
        raise InputError(msg)
    return min(there, key=lambda row: row[0])[1:]


def _known_at(box: AddedBox, look: Look, found: Iterable[Drawn]) -> Name | None:
    """Return the sighting whose box this is, ours or another reviewer's."""
    best = max(
        (
            (overlap(evidence.xyxy, box.xyxy), (look.inspection_id, number))
            for number, placed in look.sightings
            if placed.sighting.category == box.category
            for evidence in placed.sighting.evidence
            if evidence.image == box.image
        ),
        default=(0.0, None),
    )
    taken = {one.name for one in found}
    return best[1] if best[0] >= SAME_BOX and best[1] not in taken else None
