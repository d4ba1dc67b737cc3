"""Where footage of one outing was cut: what is in view there belongs to one piece.

At the end of a piece things are in view that were not reached yet. They were seen from
afar and few times, so their places are poor, and the next piece drives up to them: it
judges them, and the first piece says nothing of them. Else a poster far ahead would be
one thing before the cut and another one behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from service.records import Look
from service.types import PlacedSighting

_IN_VIEW_S = 2.0
"""Before the end of a piece; a vehicle drives some metres in that time."""
_GOES_ON_S = 10.0
"""A piece that begins so soon after another one's end goes on where that was cut."""
_OVERLAP_S = 2.0
"""Cameras may repeat a moment at the beginning of the next file."""
_EDGE_M = 0.5


def without_seams(looks: Iterable[Look]) -> list[Look]:
    """Return looks, each without what a later piece of its outing judges."""
    known = list(looks)
    pieces: dict[str, list[Look]] = {}
    for look in known:
        if look.outing is not None:
            pieces.setdefault(look.outing, []).append(look)
    return [
        look
        if look.outing is None or look.ended_s is None
        else _without(look, [b for b in pieces[look.outing] if _goes_on(look, b)])
        for look in known
    ]


def _goes_on(one: Look, other: Look) -> bool:
    """Say if a piece begins where another one was cut."""
    if one.ended_s is None or one.inspection_id == other.inspection_id:
        return False
    return -_OVERLAP_S <= other.started_s - one.ended_s <= _GOES_ON_S


def _without(look: Look, later: list[Look]) -> Look:
    kept = tuple(
        (number, placed)
        for number, placed in look.sightings
        if not (_was_in_view(look, placed) and any(_saw(b, placed) for b in later))
    )
    return replace(look, sightings=kept) if len(kept) < len(look.sightings) else look


def _was_in_view(look: Look, placed: PlacedSighting) -> bool:
    ended_s = look.ended_s or 0.0
    return look.started_s + placed.sighting.last_drive_s >= ended_s - _IN_VIEW_S


def _saw(look: Look, placed: PlacedSighting) -> bool:
    """Say if a piece saw the ground where a thing seems to lie."""
    at_m = placed.offset_m
    return at_m is not None and any(
        piece.status == "seen"
        and (placed.side is None or piece.side == placed.side)
        and piece.from_m - _EDGE_M <= at_m <= piece.to_m + _EDGE_M
        for piece in look.coverage
    )
