"""Sightings become findings: of one drive, and across passes and days."""

from service.findings.across import PARKED, findings_across
from service.findings.assets import COVER_STATES, covers_across
from service.findings.drive import (
    FindingOptions,
    SizeLevel,
    likeliest_zone,
    make_findings,
    may_be_parked,
    severity_by_size,
)
from service.findings.presence import Visit, recall_course, unseen_before
from service.findings.rule import MemoryRule
from service.findings.said import Said, contradict, decided, heard
from service.findings.same import on_one_side
from service.findings.standing import OUTSIDE_BAY, PARKING

__all__ = [
    "COVER_STATES",
    "OUTSIDE_BAY",
    "PARKED",
    "PARKING",
    "FindingOptions",
    "MemoryRule",
    "Said",
    "SizeLevel",
    "Visit",
    "contradict",
    "covers_across",
    "decided",
    "findings_across",
    "heard",
    "likeliest_zone",
    "make_findings",
    "may_be_parked",
    "on_one_side",
    "recall_course",
    "severity_by_size",
    "unseen_before",
]
