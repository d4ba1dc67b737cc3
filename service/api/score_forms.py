"""Scores as answers have them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from service.api.fields import Span, span, utc
from service.store import ScoreFacts
from service.types import FindingState

Status = Literal["scored", "insufficient", "stale", "not_passed"]


class ScoreBrief(BaseModel):
    """A score without its reasons."""

    segment_id: str = Field(description="路段编号 id of the segment")
    standard: str = Field(description="评分标准 standard, name@version")
    window: Span = Field(description="评分时段 the time that the score speaks of")
    known_at: datetime = Field(description="算出时间 when it was worked out")
    status: Status = Field(
        description="状态：已评、看不清、已过期、未经过 "
        "scored, insufficient (too little was seen), stale (nobody passed in the "
        "window) or not_passed"
    )
    value: float | None = Field(description="得分 score, 0-100; null without one")
    low: float | None = Field(description="区间下限 5th percentile")
    high: float | None = Field(description="区间上限 95th percentile, or the value")
    grade: str | None = Field(description="等级 grade")


class ScoreRow(ScoreBrief):
    """The newest score of a segment, as lists have it."""

    name: str | None = Field(description="路名 name of the street")
    road_class: str = Field(description="道路等级 road class: 1-4 or alley")
    length_m: float = Field(description="长度（米）length, metres")
    district: str | None = Field(description="区 district")
    unit_grid: str | None = Field(description="单元网格 unit grid")
    responsible_unit: str | None = Field(description="责任单位 responsible unit")
    grade_certain: bool | None = Field(
        description="等级是否确定 low and high share the grade, no red line is open"
    )
    coverage: float | None = Field(description="看清比例 seen fraction, 0-1")
    findings: int = Field(description="现存问题数 findings that are there now")
    red_lines: int = Field(description="已确认红线数 confirmed red lines")
    age_days: float | None = Field(
        description="距最近一次经过的天数 days from the newest pass to the window's end"
    )


class ElementPart(BaseModel):
    """One element of 六净一洁 on one segment."""

    element: str = Field(description="部位 element, id in the standard")
    weight: float = Field(description="权重 weight in the standard")
    status: Literal["absent", "unseen", "assessed"] = Field(
        description="无此部位、未看清、已评 absent, unseen or assessed"
    )
    seen_fraction: float | None = Field(description="看清比例 seen fraction, 0-1")
    lost: float = Field(description="封顶前扣分 lost before the cap, in weight units")
    points_lost: float = Field(description="扣分 points of the score that it costs")
    reason: str | None = Field(description="未评原因 why it is not assessed")


class NearPart(BaseModel):
    """A place that makes a finding near it weigh more."""

    kind: str = Field(description="地点类别 kind of place, id in the standard")
    name: str | None = Field(description="名称 name")
    factor: float = Field(description="加重系数 factor, over 1")


class StandsInPart(BaseModel):
    """A place of a layer that makes a vehicle's standing there improper."""

    kind: str = Field(
        description="图层类别：禁停区、消防通道、盲道、停车位之外 "
        "no_parking, fire_lane, tactile_paving or outside_bay"
    )
    name: str | None = Field(description="名称 name")


class DeductionPart(BaseModel):
    """Points lost under one rule, and the findings that cost them."""

    rule: str = Field(description="扣分条款 rule, id in the standard")
    element: str = Field(description="部位 element, id in the standard")
    finding_ids: list[str] = Field(description="问题编号 findings that count")
    finding_points: list[float] = Field(
        description="各问题扣分 points each of them costs, in the same order"
    )
    points: float = Field(description="合计扣分 points in all")
    units: float = Field(description="折算数量 units times probability")
    allowance: float = Field(description="容许数量 units that are forgiven")
    near: list[NearPart | None] = Field(
        default=[], description="加重地点 what each is near, same order; or empty"
    )
    stands_in: list[StandsInPart | None] = Field(
        default=[],
        description="所依据的图层 place of a layer that makes each a finding, same "
        "order; or empty",
    )


class FoundPart(BaseModel):
    """One finding as it was when the score was worked out."""

    id: str = Field(description="问题编号 id of the finding")
    category: str = Field(description="类别 category of the taxonomy")
    state: FindingState = Field(
        description="状态：待复核、已确认、已排除、合法许可、重复、已整改、复发 state"
    )
    probability: float = Field(description="真实且仍在的概率 real and still there, 0-1")
    candidate: bool = Field(
        description="仅为疑似，不计分 not proven yet, scores nothing"
    )
    first_seen: datetime | None = Field(description="首次看到 first seen")
    last_seen: datetime | None = Field(description="最近看到 last seen")
    recurrences: int = Field(description="复发次数 times it came back")


class SegmentScore(ScoreBrief):
    """A score whole, with its reasons."""

    grade_by_points: str | None = Field(
        default=None, description="按分数的等级 grade before any red line"
    )
    grade_certain: bool | None = Field(
        default=None,
        description="等级是否确定 low and high share the grade, no red line is open",
    )
    coverage: float | None = Field(
        default=None, description="看清比例 seen fraction, 0-1"
    )
    passes: int = Field(description="时段内经过次数 passes that count")
    age_days: float | None = Field(
        description="距最近一次经过的天数 days from the newest pass to the window's end"
    )
    elements: list[ElementPart] = Field(default=[], description="各部位 elements")
    deductions: list[DeductionPart] = Field(default=[], description="扣分 deductions")
    red_lines: list[str] = Field(
        default=[], description="已确认红线的问题 findings on confirmed red lines"
    )
    provisional_red_lines: list[str] = Field(
        default=[],
        description="待复核红线的问题 findings on red lines not yet reviewed",
    )
    not_assessed: list[str] = Field(
        default=[], description="模型看不见的条款 rules whose category no eyes can see"
    )
    unscored: list[str] = Field(
        default=[], description="无部位可扣的问题 findings that no element takes"
    )
    findings: list[FoundPart] = Field(description="当时的问题 findings known then")
    model_id: str | None = Field(
        default=None, description="检测模型 detector, name@version"
    )


def row_of_feature(feature: str) -> ScoreRow:
    """Return a row of the feature that maps show."""
    known: dict[str, Any] = json.loads(feature)["properties"]
    plain = {name: known[name] for name in _PLAIN}
    return ScoreRow(
        **plain,
        standard=known["standard_id"],
        window=span(known["from_s"], known["to_s"]),
        known_at=utc(known["known_s"]),
    )


_PLAIN = tuple(set(ScoreRow.model_fields) - {"standard", "window", "known_at"})


def brief_of(facts: ScoreFacts) -> ScoreBrief:
    """Return a score of the store without its reasons."""
    return ScoreBrief.model_validate(_brief(facts._asdict()))


def whole_of(row: dict[str, Any]) -> SegmentScore:
    """Return a score of the store, see its table `score`."""
    body = row["body"]
    reasons = dict(body["score"] or {})
    for known in ("segment_id", "status", "standard"):
        reasons.pop(known, None)
    facts = {name: body[name] for name in ("passes", "age_days", "findings")}
    return SegmentScore.model_validate({**reasons, **facts, **_brief(row)})


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    names = ("segment_id", "status", "value", "low", "high", "grade")
    return {
        **{name: row[name] for name in names},
        "standard": row["standard_id"],
        "window": span(row["from_s"], row["to_s"]),
        "known_at": utc(row["known_s"]),
    }
