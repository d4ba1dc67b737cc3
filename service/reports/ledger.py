"""台账: the list of problems as a spreadsheet file that opens right in Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone

from service.reports.labels import SIDE_LABELS, STATUS_LABELS, ZONE_LABELS, Label
from service.reports.page import Names
from service.types import Finding, Score, Segment

COLUMNS = (
    "序号",
    "问题编号",
    "路段编号",
    "路段名称",
    "责任单位",
    "问题类型",
    "部位",
    "方位",
    "距起点（米）",
    "经度",
    "纬度",
    "位置误差（米）",
    "把握",
    "状态",
    "扣分",
    "首次发现（北京时间）",
    "现场照片",
    "备注",
)
_CHINA = timezone(timedelta(hours=8))
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def ledger_csv(
    findings: Sequence[Finding],
    segments: Mapping[str, Segment],
    scores: Sequence[Score],
    *,
    names: Names,
    remarks: Mapping[str, Label],
) -> str:
    """Return the 台账 as CSV text, worst first, one finding a row.

    Write it as UTF-8 with a byte-order mark (`utf-8-sig`), so that Excel reads the
    Chinese; lines end in CRLF. Text that a spreadsheet would take for a formula is
    preceded by an apostrophe.

    Args:
        findings: the problems.
        segments: id -> street.
        scores: of these streets.
        names: display names.
        remarks: finding id -> what is said beside it.
    """
    lost = points_by_finding(scores)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    ordered = sorted(findings, key=lambda f: (-lost.get(f.id, 0.0), f.id))
    for number, finding in enumerate(ordered, start=1):
        segment = segments.get(finding.segment_id or "")
        writer.writerow(
            _plain(cell)
            for cell in (
                number,
                finding.id,
                finding.segment_id,
                segment.name if segment else None,
                segment.responsible_unit if segment else None,
                _zh(names.categories, finding.category),
                _zh(ZONE_LABELS, finding.zone),
                _zh(SIDE_LABELS, finding.side),
                _number(finding.offset_m, 1),
                _number(finding.lon, 7),
                _number(finding.lat, 7),
                _number(finding.sigma_m, 1),
                _number(finding.probability, 2),
                _zh(STATUS_LABELS, finding.state),
                _number(lost.get(finding.id, 0.0), 2),
                _china_time(finding.first_seen),
                finding.evidence[0].image if finding.evidence else None,
                _remark(finding, remarks),
            )
        )
    return text.getvalue()


def _remark(finding: Finding, remarks: Mapping[str, Label]) -> str | None:
    said = ["候选，一次经过不能证实"] if finding.candidate else []
    if finding.id in remarks:
        said.append(remarks[finding.id].zh)
    return "；".join(said) or None


def points_by_finding(scores: Sequence[Score]) -> dict[str, float]:
    """Return finding id -> points of S it costs."""
    return {
        finding_id: points
        for score in scores
        for deduction in score.deductions
        for finding_id, points in zip(
            deduction.finding_ids, deduction.finding_points, strict=True
        )
    }


def _zh(table: Mapping[str, Label], key: str | None) -> str | None:
    if key is None:
        return None
    return table[key].zh if key in table else key


def _number(value: float | None, digits: int) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


def _china_time(utc: str | None) -> str | None:
    if utc is None:
        return None
    moment = datetime.fromisoformat(utc)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _plain(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        try:
            float(cell)
        except ValueError:
            return "'" + cell
    return cell
