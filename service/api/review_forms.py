"""What is said of reviews over HTTP: verdicts in, words and measures out."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from service.api.refusals import Word, time_of
from service.records import Verdict, WordKind
from service.review.apply import Applied
from service.review.base import ReviewVerdict
from service.review.measures import ClassMeasure, Share
from service.store import KeptWord
from service.types import FindingState

Box = tuple[float, float, float, float]


class BoxIn(BaseModel):
    """Something that we had missed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: Word = Field(description="类别 category, see the taxonomy")
    xyxy: Box = Field(
        description="框，image 的像素 box in pixels of image: left, top, right, bottom"
    )
    image: Word = Field(
        description="该问题所在路段的图片名 name of a masked frame of its street",
        examples=["5f1c.jpg"],
    )


class ReviewBody(BaseModel):
    """A verdict."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: ReviewVerdict = Field(
        description="结论 verdict: real 真, false 误报, permitted 合法许可, "
        "duplicate 重复, unclear 看不清, withdrawn 撤回"
    )
    reason: Word | None = Field(
        default=None,
        description="理由，除 real 与 withdrawn 外必填；重复时可写明另一问题编号 "
        "why; needed unless real or withdrawn; of a duplicate it may name the other id",
    )
    category: Word | None = Field(
        default=None, description="更正的类别 category that it really is"
    )
    zone: Word | None = Field(
        default=None, description="更正的部位 zone that it really lies in"
    )
    severity: Word | None = Field(
        default=None, description="更正的程度 severity, a level of its rule"
    )
    added: tuple[BoxIn, ...] = Field(
        default=(), max_length=100, description="漏检的框 boxes of what was missed"
    )
    source: Word | None = Field(
        default=None,
        description="本次结论的唯一名称，重发不重复计 name of this answer: sent "
        "again, it counts once",
    )


class AppealBody(BaseModel):
    """An objection of the responsible unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Word = Field(min_length=1, description="申诉理由 why it is objected to")
    unit: Word | None = Field(default=None, description="申诉单位 who objects")


class MovedOut(BaseModel):
    """A score before and after."""

    standard: str = Field(description="评分标准 standard, name@version")
    before: float | None = Field(description="之前的得分 score before, null for none")
    after: float | None = Field(description="之后的得分 score after, null for none")


class AppliedOut(BaseModel):
    """What an answer came to."""

    finding_id: str | None = Field(
        description="问题现在的编号，并入他处为空 its id now, null if joined to another"
    )
    segment_id: str = Field(description="路段 street")
    new: bool = Field(description="首次收到 false where it was heard before")
    state: FindingState | None = Field(description="问题现在的状态 its state now")
    contradicted: bool = Field(
        description="审核员意见相反，暂不采信 reviewers contradict each other: "
        "nobody is believed until one more has looked"
    )
    drawn: list[str] = Field(description="补框成为的问题 findings made of drawn boxes")
    scores: list[MovedOut] = Field(description="路段得分 scores of its street")


class WordOut(BaseModel):
    """What somebody said."""

    number: int = Field(description="序号 number, grows")
    kind: WordKind = Field(
        description="种类 kind: review 审核, gold 已知答案, appeal 申诉"
    )
    finding_id: str | None = Field(
        description="当时的问题编号 finding as it was called"
    )
    segment_id: str | None = Field(description="路段 street")
    verdict: Verdict = Field(description="结论 verdict")
    reviewer: str = Field(description="审核人 who said it")
    reason: str | None = Field(description="理由 why")
    category: str | None = Field(description="更正的类别 corrected category")
    zone: str | None = Field(description="更正的部位 corrected zone")
    severity: str | None = Field(description="更正的程度 corrected severity")
    said: datetime = Field(description="何时作出 when it was said, RFC 3339")
    known: datetime = Field(description="何时得知 since when it is known, RFC 3339")


class WordsOut(BaseModel):
    """One page of what was said."""

    items: list[WordOut] = Field(description="本页 this page, the last first")
    next: str | None = Field(
        description="下一页的 cursor，没有则为空 cursor of the next page, or null"
    )


class TaskOut(BaseModel):
    """A finding that is worth a look."""

    finding_id: str = Field(description="问题 finding, see /findings/{finding_id}")
    turn: int = Field(description="第几次询问 1 for the first task about it")


class QueueOut(BaseModel):
    """What is asked first."""

    items: list[TaskOut] = Field(description="先审者在前 the first to be asked first")


class ShareOut(BaseModel):
    """A share with its exact 95 % interval."""

    hits: int = Field(description="是 so many were")
    count: int = Field(description="共 of so many")
    value: float | None = Field(description="比例，未计数为空 share, null of none")
    low: float = Field(description="95% 区间下限 lower end (Clopper-Pearson)")
    high: float = Field(description="95% 区间上限 upper end")


class ClassOut(BaseModel):
    """How well one kind of eyes sees one class."""

    model: str = Field(description="检测模型 detector, name@version")
    category: str = Field(description="类别 category")
    vehicle: str | None = Field(description="车辆，空为全部 whose camera, null for all")
    light: str | None = Field(
        description="光线 day 白天, dusk 晨昏, night 夜间，空为全部 null for all"
    )
    precision: ShareOut = Field(
        description="查准率（抽查）precision of the audit slice"
    )
    recall: ShareOut = Field(description="查全率 recall of what reviewers looked at")
    used_recall: float | None = Field(
        description="评分采用的查全率，审核不足为空 what scores use once kept, "
        "null where too little was said"
    )
    shift: float | None = Field(
        description="概率的对数几率更正 log-odds added to chances, null likewise"
    )


class AgreementOut(BaseModel):
    """How far two answers to the same find agree."""

    category: str = Field(description="类别 category")
    pairs: int = Field(description="两人都审的问题数 finds that two answered")
    agreed: float | None = Field(description="一致比例 share of the same answer")
    kappa: float | None = Field(description="Cohen's kappa 一致性，无法计算为空")


class ReviewerOut(BaseModel):
    """How one reviewer does."""

    reviewer: str = Field(description="审核人 reviewer")
    answers: int = Field(description="审核数 finds answered")
    gold: ShareOut = Field(description="已知答案题的正确率 share right of gold")


class MeasuresOut(BaseModel):
    """What reviewers' words say of eyes and of reviewers."""

    classes: list[ClassOut] = Field(description="各类别 by class, vehicle and light")
    agreement: list[AgreementOut] = Field(description="一致性 agreement by class")
    reviewers: list[ReviewerOut] = Field(description="审核员 reviewers")


def applied_out(done: Applied) -> AppliedOut:
    """Return what an answer came to, as it is sent."""
    return AppliedOut(
        finding_id=done.finding_id,
        segment_id=done.segment_id,
        new=done.new,
        state=done.state,
        contradicted=done.contradicted,
        drawn=list(done.drawn),
        scores=[
            MovedOut(standard=one.standard, before=one.before, after=one.after)
            for one in done.scores
        ],
    )


def word_out(kept: KeptWord, segment_id: str | None) -> WordOut:
    """Return a word, as it is sent."""
    word = kept.word
    return WordOut(
        number=kept.row,
        kind=word.kind,
        finding_id=kept.facts.finding_id,
        segment_id=segment_id,
        verdict=word.verdict,
        reviewer=word.reviewer,
        reason=word.reason,
        category=word.category,
        zone=word.zone,
        severity=word.severity,
        said=time_of(word.at_s),
        known=time_of(word.known_s),
    )


def class_out(one: ClassMeasure) -> ClassOut:
    """Return how well eyes see a class, as it is sent."""
    model, category, vehicle, light = one.key
    return ClassOut(
        model=model,
        category=category,
        vehicle=vehicle or None,
        light=light or None,
        precision=share_out(one.precision),
        recall=share_out(one.recall),
        used_recall=one.used_recall,
        shift=one.shift,
    )


def share_out(one: Share) -> ShareOut:
    """Return a share, as it is sent."""
    return ShareOut(
        hits=one.hits, count=one.count, value=one.value, low=one.low, high=one.high
    )
