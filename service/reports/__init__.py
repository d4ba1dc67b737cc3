"""What a person opens: the page, the 台账, the layers for a GIS."""

from service.reports.folder import OutFolder
from service.reports.labels import (
    LAYER_LABELS,
    REASON_LABELS,
    SIDE_LABELS,
    STATUS_LABELS,
    ZONE_LABELS,
    Label,
)
from service.reports.ledger import ledger_csv, points_by_finding
from service.reports.page import Names, Notice, ReportData, render_page
from service.reports.segments import segments_geojson

__all__ = [
    "LAYER_LABELS",
    "REASON_LABELS",
    "SIDE_LABELS",
    "STATUS_LABELS",
    "ZONE_LABELS",
    "Label",
    "Names",
    "Notice",
    "OutFolder",
    "ReportData",
    "ledger_csv",
    "points_by_finding",
    "render_page",
    "segments_geojson",
]
