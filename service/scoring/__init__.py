"""Scores of 六净一洁: standards as data, coverage, pure arithmetic, intervals."""

from service.scoring.assign import (
    Place,
    assign_findings,
    counted_probability,
    near_names,
)
from service.scoring.calendar import (
    ABNORMAL_DAYS,
    Calendar,
    day_rows,
    days_of_rows,
    read_abnormal_days,
)
from service.scoring.checklist import Answer, Checked, Checklist, check_street
from service.scoring.context import ScoringContext
from service.scoring.coverage import CoverageOptions, coverage_of
from service.scoring.coverage_form import coverage_rows, read_coverage, write_coverage
from service.scoring.driven import driven_spans
from service.scoring.elements import view_segment
from service.scoring.explain import explain_lines
from service.scoring.findings_form import (
    findings_geojson,
    read_findings,
    write_findings,
)
from service.scoring.grade import grade_of, shown
from service.scoring.ground import GroundSeen
from service.scoring.installed import (
    list_checklists,
    list_standards,
    load_checklist,
    load_sheet,
    load_standard,
    read_standard,
)
from service.scoring.intact import IntactRate, intact_rate, share_bounds
from service.scoring.layers import (
    KINDS,
    Area,
    LayerKind,
    areas_near,
    read_layer,
)
from service.scoring.locked_months import (
    lock_month,
    months_of_locked,
    read_locked,
    read_year,
)
from service.scoring.month import (
    LedgerRow,
    Sheet,
    UnitMonth,
    month_of,
    shown_month,
    year_of,
)
from service.scoring.month_form import (
    MonthInput,
    month_json,
    read_month,
    year_json,
)
from service.scoring.parts import PLACES, Exempt
from service.scoring.rate import (
    Working,
    score_segment,
    score_segments,
    with_elements,
    work_out,
)
from service.scoring.references import check_references
from service.scoring.rollup import (
    Share,
    StreetValue,
    UnitScore,
    read_units,
    roll_up,
    sum_up,
)
from service.scoring.scores_form import read_scores, score_rows, write_scores
from service.scoring.standard import Standard

__all__ = [
    "ABNORMAL_DAYS",
    "KINDS",
    "PLACES",
    "Answer",
    "Area",
    "Calendar",
    "Checked",
    "Checklist",
    "CoverageOptions",
    "Exempt",
    "GroundSeen",
    "IntactRate",
    "LayerKind",
    "LedgerRow",
    "MonthInput",
    "Place",
    "ScoringContext",
    "Share",
    "Sheet",
    "Standard",
    "StreetValue",
    "UnitMonth",
    "UnitScore",
    "Working",
    "areas_near",
    "assign_findings",
    "check_references",
    "check_street",
    "counted_probability",
    "coverage_of",
    "coverage_rows",
    "day_rows",
    "days_of_rows",
    "driven_spans",
    "explain_lines",
    "findings_geojson",
    "grade_of",
    "intact_rate",
    "list_checklists",
    "list_standards",
    "load_checklist",
    "load_sheet",
    "load_standard",
    "lock_month",
    "month_json",
    "month_of",
    "months_of_locked",
    "near_names",
    "read_abnormal_days",
    "read_coverage",
    "read_findings",
    "read_layer",
    "read_locked",
    "read_month",
    "read_scores",
    "read_standard",
    "read_units",
    "read_year",
    "roll_up",
    "score_rows",
    "score_segment",
    "score_segments",
    "share_bounds",
    "shown",
    "shown_month",
    "sum_up",
    "view_segment",
    "with_elements",
    "work_out",
    "write_coverage",
    "write_findings",
    "write_scores",
    "year_json",
    "year_of",
]
