"""From where to where each segment was driven."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from service.types import MatchedFix, Segment


def driven_spans(
    matched: Iterable[MatchedFix], segments: Mapping[str, Segment]
) -> dict[str, list[tuple[float, float]]]:
    """Return from where to where each segment was driven, from a matched track.

    Two neighbouring fixes on one segment span what lies between them; a change of
    segment spans to the end that was driven to, and from the end that was driven from.
    An unmatched fix breaks the chain. Spans are in metres along the segment, in the
    order driven, and may overlap.

    Args:
        matched: in time order.
        segments: those that the match names, by id; others are left out.
    """
    spans: dict[str, list[tuple[float, float]]] = {}
    before: MatchedFix | None = None
    for fix in matched:
        if fix.segment_id not in segments or fix.offset_m is None:
            before = None
            continue
        for segment_id, from_m, to_m in _between(before, fix, segments):
            spans.setdefault(segment_id, []).append(
                (min(from_m, to_m), max(from_m, to_m))
            )
        before = fix
    return spans


def _between(
    before: MatchedFix | None, fix: MatchedFix, segments: Mapping[str, Segment]
) -> Iterator[tuple[str, float, float]]:
    if fix.segment_id is None or fix.offset_m is None:
        return
    if before is None or before.segment_id is None or before.offset_m is None:
        yield fix.segment_id, fix.offset_m, fix.offset_m
    elif before.segment_id == fix.segment_id:
        yield fix.segment_id, before.offset_m, fix.offset_m
    else:
        left, entered = segments[before.segment_id], segments[fix.segment_id]
        exit_m = left.length_m if before.forward else 0.0
        entry_m = 0.0 if fix.forward else entered.length_m
        yield left.id, before.offset_m, exit_m
        yield entered.id, entry_m, fix.offset_m
