"""What city staff read: zone, status and reason names in Chinese and English.

Names of elements and rules come from the standard, names of categories from the
taxonomy; this table holds only what the program itself says.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """One name in both languages of the report."""

    zh: str
    en: str

    def as_json(self) -> dict[str, str]:
        """Return the wire form `{"zh": ..., "en": ...}`."""
        return {"zh": self.zh, "en": self.en}


ZONE_LABELS: dict[str, Label] = {
    "carriageway": Label("车行道", "carriageway"),
    "kerb_strip": Label("路沿石带", "kerb strip"),
    "pavement": Label("人行道", "pavement"),
    "wall_base": Label("墙根", "wall foot"),
    "tree_pit": Label("树穴", "tree pit"),
    "corner": Label("边角", "corner"),
    "cover": Label("井盖", "cover"),
}

SIDE_LABELS: dict[str, Label] = {
    "left": Label("左侧", "left"),
    "right": Label("右侧", "right"),
}

LAYER_LABELS: dict[str, Label] = {
    "stall_permit": Label("摊点许可区", "stall permit"),
    "works": Label("施工工地", "works"),
    "parking_bay": Label("划定停车位", "marked bay"),
    "no_parking": Label("禁停区", "no-parking zone"),
    "tactile_paving": Label("盲道", "tactile paving"),
    "fire_lane": Label("消防通道", "fire lane"),
    "outside_bay": Label("划定停车位之外", "outside the marked bays"),
}

STATUS_LABELS: dict[str, Label] = {
    "seen": Label("已看清", "seen"),
    "unusable": Label("画面不可用", "unusable picture"),
    "hidden": Label("未看到", "not visible"),
    "not_passed": Label("未经过", "not passed"),
    "assessed": Label("已评", "assessed"),
    "unseen": Label("未评（未看清）", "not assessed"),
    "absent": Label("本路段无此部位", "absent here"),
    "insufficient": Label("数据不足", "insufficient"),
    "stale": Label("已过期", "out of date"),
    "raw": Label("待复核", "unreviewed"),
    "confirmed": Label("已确认", "confirmed"),
    "rejected": Label("已排除", "rejected"),
    "permitted": Label("合法许可", "permitted"),
    "duplicate": Label("重复", "duplicate"),
    "cleared": Label("已整改", "cleared"),
    "recurred": Label("复发", "recurred"),
}

REASON_LABELS: dict[str, Label] = {
    "dark": Label("太暗", "too dark"),
    "blurred": Label("模糊", "blurred"),
    "glare": Label("强光", "glare"),
    "covered": Label("镜头被遮挡", "lens covered"),
    "out_of_view": Label("不在镜头视野内", "outside the camera's view"),
    "behind_things": Label("被车辆等遮挡", "hidden behind vehicles or other things"),
    "not_passed": Label("车辆未经过", "vehicle did not pass"),
    "zone_not_readable": Label(
        "当前模型尚不能分辨此部位", "the installed model cannot tell this zone apart"
    ),
    "coverage_low": Label(
        "看清的长度不足六成", "less than 60 % of its length was seen"
    ),
    "absent": Label("本路段无此部位", "the street has none"),
}
