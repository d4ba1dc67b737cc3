"""The networks that look: those installed, and those whose sightings are kept."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from service.api.asked import Reader, TheSettings, TheStore
from service.api.problems import REFUSALS
from vision.catalogue import (
    LayoutCard,
    ModelCard,
    current_model,
    list_layouts,
    list_models,
)
from vision.promotions import name_of

router = APIRouter(tags=["模型 models"], responses=REFUSALS)


class ModelItem(BaseModel):
    """One network."""

    id: str = Field(description="模型编号 name@version")
    kind: Literal["detect", "layout"] = Field(
        description="用途：检测、地面 finds things, or reads the layout of the ground"
    )
    sha256: str = Field(description="模型文件校验 SHA-256 of its file")
    installed: bool = Field(description="本机已安装 this service has it")
    used: bool | None = Field(
        description="存有其所见 the store has what it saw; null where that is not kept"
    )
    current: bool | None = Field(
        description="现用版本 the version of its name that was promoted last and looks "
        "where a version is not named; null where none was promoted"
    )
    names: list[str] = Field(description="能看见的类别 what it can name")
    recall: dict[str, float] | None = Field(
        description="类别 → 检出率，评分所用 category -> recall, as scores count it; "
        "null where nothing that it saw is kept"
    )
    license: str | None = Field(description="许可证 licence of the weights")
    summary: str | None = Field(description="说明 summary")
    trained_at: str | None = Field(description="训练时间 when it was trained")
    limits: list[str] = Field(description="局限 what it cannot see")


class ModelList(BaseModel):
    """All networks, by id."""

    items: list[ModelItem] = Field(description="各模型 networks")


@router.get("/models", summary="模型 models")
def models(_: Reader, store: TheStore, settings: TheSettings) -> ModelList:
    """Return the installed networks and those whose sightings are kept."""
    folder = settings.jobs.models
    kept = {(row["id"], row["sha256"]): row for row in store.models()}
    found = [
        _detector(card, kept.pop((card.id, card.sha256), None))
        for card in list_models(folder)
    ]
    found += [_card(card, "layout", used=None) for card in list_layouts(folder)]
    found += [_gone(row) for row in kept.values()]
    names = {name_of(one.id) for one in found}
    promoted = {name: current_model(name, folder) for name in names}
    for one in found:
        current = promoted[name_of(one.id)]
        if current is not None:
            one.current = one.installed and one.id == current
    return ModelList(items=sorted(found, key=lambda one: (one.id, not one.installed)))


def _detector(card: ModelCard, row: dict[str, Any] | None) -> ModelItem:
    item = _card(card, "detect", used=row is not None)
    if row is None:
        return item
    return item.model_copy(update={"recall": row["recall"]})


def _card(
    card: ModelCard | LayoutCard,
    kind: Literal["detect", "layout"],
    *,
    used: bool | None,
) -> ModelItem:
    return ModelItem(
        id=card.id,
        kind=kind,
        sha256=card.sha256,
        installed=True,
        used=used,
        current=None,
        names=list(card.names),
        recall=None,
        license=card.license,
        summary=card.summary,
        trained_at=card.trained_at,
        limits=list(card.limits),
    )


def _gone(row: dict[str, Any]) -> ModelItem:
    return ModelItem(
        id=row["id"],
        kind="detect",
        sha256=row["sha256"],
        installed=False,
        used=True,
        current=None,
        names=row["names"],
        recall=row["recall"],
        license=None,
        summary=None,
        trained_at=None,
        limits=[],
    )
