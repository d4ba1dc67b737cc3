"""The rules that scores are given under: elements, rules, red lines, grades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, ValidationError

from service.api.asked import Reader, TheStore
from service.api.fields import Name
from service.api.problems import REFUSALS
from service.scoring import Standard, list_standards, load_standard
from service.store import Store

router = APIRouter(prefix="/standards", tags=["标准 standards"], responses=REFUSALS)


class StandardBrief(BaseModel):
    """A scoring standard by name."""

    id: str = Field(description="标准编号 name@version")
    title_zh: str = Field(description="中文名称 title in Chinese")
    title_en: str = Field(description="英文名称 title in English")
    source: str = Field(description="依据 where it comes from")
    scored: bool = Field(description="已有得分 the store has scores under it")


class StandardList(BaseModel):
    """The standards that are installed or that scores were given under."""

    items: list[StandardBrief] = Field(description="各标准，按编号 standards, by id")


class Named(BaseModel):
    """A part of a standard, with its names."""

    id: str = Field(description="编号 id")
    zh: str = Field(description="中文名称 name in Chinese")
    en: str = Field(description="英文名称 name in English")


class ElementOf(Named):
    """One of 六净一洁."""

    weight: float = Field(description="权重，合计 100 weight; all sum to 100")
    zones: list[str] = Field(description="所看地面 zones that must be seen")


class RuleOf(Named):
    """What costs points, where and how many."""

    categories: list[str] = Field(description="类别 categories it takes")
    zones: dict[str, str] = Field(description="地面 → 部位 zone -> element")
    any_zone: str | None = Field(description="其余地面的部位 element for other zones")
    unit: str = Field(description="计数单位 how finds are counted")
    a: float = Field(description="每单位扣分 points of the element per unit")
    levels: dict[str, float] = Field(description="程度系数 severity level -> factor")
    allowance_per_100m: dict[str, float] = Field(
        description="每百米容许数 road class -> units forgiven per 100 m"
    )
    safety: bool = Field(description="安全类，不按长度摊薄 never diluted by length")


class RedLineOf(Named):
    """A find that caps the grade."""

    rule: str = Field(description="条款 finds under this rule cross it")
    near: str | None = Field(description="地点类别 only near such a place")
    within_m: float | None = Field(description="距离（米）how near, metres")


class GradeOf(BaseModel):
    """A grade and the least value that earns it."""

    id: str = Field(description="等级 grade, as scores have it")
    en: str = Field(description="英文名称 name in English")
    floor: float = Field(description="最低分 least value")


class StandardWhole(StandardBrief):
    """A scoring standard with what people ask of it."""

    elements: list[ElementOf] = Field(description="部位 elements")
    rules: list[RuleOf] = Field(description="扣分条款 rules")
    red_lines: list[RedLineOf] = Field(description="红线 red lines")
    ceiling: str = Field(description="红线下的最高等级 best grade under a red line")
    grades: list[GradeOf] = Field(description="等级，由高到低 grades, the best first")
    level_names: dict[str, dict[str, str]] = Field(
        description="程度名称 severity level -> language -> name"
    )
    decimals: int = Field(
        description="显示小数位，其余截去 decimals shown; the rest is cut off"
    )
    overall_seen_min: float = Field(
        description="给分所需的看清比例 seen fraction below which no score is given"
    )


@router.get("", summary="评分标准 scoring standards")
def standards(_: Reader, store: TheStore) -> StandardList:
    """Return the standards that are installed or that scores were given under."""
    scored = store.standards()
    known = {standard.id: standard for standard in list_standards()}
    known |= {name: kept for name in scored if (kept := _kept(scored, name))}
    return StandardList(
        items=[
            StandardBrief.model_validate(_brief(known[name], scored=name in scored))
            for name in sorted(known)
        ]
    )


@router.get("/{standard_id}", summary="一个评分标准 one scoring standard")
def standard(
    _: Reader,
    standard_id: Annotated[Name, Path(description="标准编号 name@version")],
    store: TheStore,
) -> StandardWhole:
    """Return the elements, rules, red lines and grades of a standard."""
    found = standard_of(store, standard_id)
    whole = found.model_dump(mode="json", exclude={"units", "zone_factors", "exempts"})
    whole |= _brief(found, scored=store.has_standard(standard_id))
    whole["ceiling"] = found.red_line_policy.ceiling
    whole["decimals"] = found.display.decimals
    whole["overall_seen_min"] = found.coverage.overall_seen_min
    return StandardWhole.model_validate(whole)


def standard_of(store: Store, standard_id: str) -> Standard:
    """Return a standard as scores were given under it, else as it is installed.

    Raises:
        NotFoundError: it is neither.
    """
    return _kept(store.standards(), standard_id) or load_standard(standard_id)


def _kept(texts: Mapping[str, str], standard_id: str) -> Standard | None:
    """Return a standard of the store; None if a program wrote it that is not ours."""
    if standard_id not in texts:
        return None
    try:
        return Standard.model_validate_json(texts[standard_id])
    except ValidationError:
        return None


def _brief(standard: Standard, *, scored: bool) -> dict[str, object]:
    return {
        "id": standard.id,
        "title_zh": standard.title_zh,
        "title_en": standard.title_en,
        "source": standard.source,
        "scored": scored,
    }
