"""Measure a model through the run-time detector, real and rendered pictures apart."""

from training.evaluate.governance import governance
from training.evaluate.page import show
from training.evaluate.report import (
    ClassReport,
    KindReport,
    Report,
    read_report,
    write_report,
)
from training.evaluate.run import (
    Measured,
    append_comparison,
    measure,
    open_eye,
    read_comparison,
    with_regions,
)
from training.evaluate.seen import KINDS, Eye, Kind, see

__all__ = [
    "KINDS",
    "ClassReport",
    "Eye",
    "Kind",
    "KindReport",
    "Measured",
    "Report",
    "append_comparison",
    "governance",
    "measure",
    "open_eye",
    "read_comparison",
    "read_report",
    "see",
    "show",
    "with_regions",
    "write_report",
]
