"""What the labelling page says, and the names under which it is stored.

Labels and choices are stored by their alias: renaming what people read breaks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.reports import ZONE_LABELS, Label
from service.scoring import Standard
from vision.taxonomy import Category, Taxonomy
from vision.types import ZONES

THIS = "this"
"""Label of the box that a task is about."""

VERDICTS: Mapping[str, Label] = {
    "real": Label("真", "real"),
    "false": Label("误报", "false alarm"),
    "permitted": Label("合法许可", "permitted"),
    "duplicate": Label("重复", "duplicate"),
    "unclear": Label("看不清", "cannot tell"),
}

STORED = {name: "false_alarm" if name == "false" else name for name in VERDICTS}
"""Verdict -> how it is stored at the desk: Label Studio takes `false` for no text."""

REASONS: Mapping[str, Mapping[str, Label]] = {
    "false": {
        "shadow": Label("影子、水渍或反光", "shadow, stain or glare"),
        "surface": Label("路面纹理、补丁、落叶", "texture, patch or leaves"),
        "facility": Label("固定设施", "street furniture"),
        "private": Label("有主物品，正在使用", "somebody's, in use"),
        "clean": Label("画面中没有问题", "nothing there"),
        "other": Label("其他（请写明）", "other, say what"),
    },
    "permitted": {
        "permit": Label("有占道许可", "has a permit"),
        "vending": Label("疏导点、便民点", "market pitch"),
        "public_notice": Label("公益广告、公告栏", "public notice"),
        "works": Label("施工围挡内", "inside works"),
        "hours": Label("允许的时段", "allowed at this hour"),
        "other": Label("其他（请写明）", "other, say what"),
    },
    "duplicate": {
        "same_thing": Label("与另一问题同物", "the same thing as another"),
        "other": Label("其他（请写明）", "other, say what"),
    },
    "unclear": {
        "small": Label("太小、太远", "too small or far"),
        "blurred": Label("模糊、太暗", "blurred or dark"),
        "hidden": Label("被遮挡", "hidden"),
        "masked": Label("被打码遮住", "under the mask"),
        "other": Label("其他（请写明）", "other, say what"),
    },
}

HINTS: Mapping[str, str] = {
    "bin_overflow": "垃圾高出桶沿才是垃圾满溢；桶外成堆 → 垃圾堆。",
    "garbage_pile": "长时间堆积，或混有砖石渣土 → 建筑垃圾渣土；桶满 → 垃圾满溢。",
    "construction_waste": "围挡内正在施工的料堆 → 合法许可（施工围挡内）。",
    "stall": "疏导点、便民点内 → 合法许可；有门面把货摆到店外 → 真，备注“店外经营”。",
    "poster": "公益广告、公告栏是合法的 → 合法许可；大型广告牌 → 误报（固定设施）。",
    "graffiti": "有组织绘制的墙画 → 合法许可；小张贴、电话号码 → 非法小广告。",
    "manhole_damaged": "开裂、下沉算破损；移位、露洞 → 井盖缺失；水渍、花纹 → 误报。",
    "manhole_missing": "移位、露洞算缺失；只是开裂、下沉 → 井盖破损。",
    "litter": "落叶、路面补丁、水渍不是垃圾；一小堆以上 → 垃圾堆。",
    "pothole": "补丁、水渍、井盖周边的旧缝 → 误报（路面纹理）。",
    "parking_motor": "停车位内、正在上下客 → 误报或合法许可。",
    "parking_bike": "划定的非机动车停放区内 → 合法许可。",
    "fire_lane_blocked": "已施划标线的消防车通道才算；只是普通禁停处 → 机动车违停。",
}
"""What is easily taken for something else, by category: the city's own rules of
decision (codes 06010/06011/06042, 09005/09006, 07001/07003, 01001-01023)."""


@dataclass(frozen=True, slots=True)
class Words:
    """The names that the page offers, id -> what people read.

    Attributes:
        categories: that a box may be given, in the taxonomy's order.
        derived: categories that no box may be given but a finding may be of.
        states: of a cover that is in truth intact: its find is none then.
        zones: in the order of the elements.
        levels: of severity, as the standard names them.
    """

    categories: Mapping[str, Label]
    derived: Mapping[str, Label]
    states: Mapping[str, Label]
    zones: Mapping[str, Label]
    levels: Mapping[str, Label]

    @property
    def named(self) -> Mapping[str, Label]:
        """Everything that the thing of a finding may be."""
        return {**self.categories, **self.derived, **self.states}


def words_of(taxonomy: Taxonomy, standard: Standard) -> Words:
    """Return the names that our taxonomy and a standard give."""
    return Words(
        categories=_named(taxonomy.with_role("problem")),
        derived=_named(taxonomy.with_role("derived")),
        states=_named(taxonomy.with_role("state")),
        zones={zone: ZONE_LABELS[zone] for zone in ZONES},
        levels={
            name: Label(level.zh, level.en)
            for name, level in standard.level_names.items()
        },
    )


def _named(categories: tuple[Category, ...]) -> dict[str, Label]:
    return {one.id: Label(one.zh, one.en) for one in categories}
