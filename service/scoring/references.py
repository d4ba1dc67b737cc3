"""Files that name each other's segments: do they belong together?"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from service.types import CoveragePiece, Finding, Segment
from vision.errors import FormError

BEYOND_M = 5.0
"""A place beside the very end of a segment may be told as a little beyond it."""


def check_references(
    findings: Iterable[Finding],
    coverage: Iterable[CoveragePiece],
    segments: Iterable[Segment],
    *,
    categories: Container[str] | None = None,
) -> None:
    """Refuse findings and coverage of segments that the road file does not have.

    Args:
        findings: of any segments.
        coverage: of any segments.
        segments: all of the road file.
        categories: ids of the taxonomy: a misspelt category would cost nothing and
            look clean. None accepts every category.

    Raises:
        FormError: names the first finding, else the first segment, that is unknown or
            lies beyond its segment's ends.
    """
    known = {segment.id: segment.length_m for segment in segments}
    for finding in findings:
        if categories is not None and finding.category not in categories:
            msg = (
                f"finding {finding.id!r} has the category {finding.category!r}, which "
                f"the taxonomy does not know; see datasets/taxonomy.toml"
            )
            raise FormError(msg)
        if finding.segment_id is not None and finding.segment_id not in known:
            msg = (
                f"finding {finding.id!r} lies on segment {finding.segment_id!r}, which "
                f"the road file does not have; give the road file it was made with"
            )
            raise FormError(msg)
        _check_offset(finding, known)
    for piece in coverage:
        if piece.segment_id not in known:
            msg = (
                f"the coverage names segment {piece.segment_id!r}, which the road file "
                f"does not have; give the road file it was made with"
            )
            raise FormError(msg)


def _check_offset(finding: Finding, length_m: Mapping[str, float]) -> None:
    """Refuse a place along the segment that the segment does not have."""
    if finding.segment_id is None or finding.offset_m is None:
        return
    longest_m = length_m[finding.segment_id]
    if not -BEYOND_M <= finding.offset_m <= longest_m + BEYOND_M:
        msg = (
            f"finding {finding.id!r} lies {finding.offset_m:g} m along segment "
            f"{finding.segment_id!r}, which is {longest_m:.0f} m long; give offset_m "
            f"from its first point, or null"
        )
        raise FormError(msg)
