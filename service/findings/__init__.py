"""Sightings become findings: of one drive, and across passes and days."""

from service.findings.across import PARKED, KnownFinding, findings_across
from service.findings.assets import Cover, CoverLook, covers_across
from service.findings.drive import (
    PARKING,
    FindingOptions,
    SizeLevel,
    likeliest_zone,
    make_findings,
    severity_by_size,
)
from service.findings.presence import Visit, unseen_before
from service.findings.rule import MemoryRule
from service.findings.same import DAY_S

__all__ = [
    "DAY_S",
    "PARKED",
    "PARKING",
    "Cover",
    "CoverLook",
    "FindingOptions",
    "KnownFinding",
    "MemoryRule",
    "SizeLevel",
    "Visit",
    "covers_across",
    "findings_across",
    "likeliest_zone",
    "make_findings",
    "severity_by_size",
    "unseen_before",
]
