"""Files that name each other's segments: do they belong together?"""

from __future__ import annotations

from collections.abc import Container, Iterable

from service.types import CoveragePiece, Finding, Segment
from vision.errors import FormError


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
        FormError: names the first finding, else the first segment, that is unknown.
    """
    known = {segment.id for segment in segments}
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
    for piece in coverage:
        if piece.segment_id not in known:
            msg = (
                f"the coverage names segment {piece.segment_id!r}, which the road file "
                f"does not have; give the road file it was made with"
            )
            raise FormError(msg)
