"""The arithmetic of a score, line by line in Chinese, to be checked by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from service.scoring.assign import Charge, near_names
from service.scoring.explain_cells import cell_lines, run_lines
from service.scoring.grade import shown
from service.scoring.rate import Working
from service.scoring.standard import Standard
from service.scoring.tally import Tally
from service.types import Segment, StandsIn

_STATUS = {"assessed": "已评", "unseen": "未看清，不评", "absent": "本路段没有"}
_STATE = {
    "raw": "待复核",
    "confirmed": "已确认",
    "rejected": "已排除",
    "permitted": "合法许可",
    "duplicate": "重复",
    "cleared": "已整改",
    "recurred": "复发",
}
_LAYER = {
    "no_parking": "禁停区",
    "fire_lane": "消防通道",
    "tactile_paving": "盲道",
    "outside_bay": "划定停车位之外",
}
_DECIMALS = ("整数", *(f"{n}位小数" for n in "一两三四五六"))
_SIDE = {"left": "左侧", "right": "右侧", None: "侧别不明"}


def explain_lines(
    segment: Segment,
    working: Working,
    *,
    standard: Standard,
    category_name: Callable[[str], str] = str,
) -> Iterator[str]:
    """Yield the lines: elements, k, every rule and find, the sum, the grade.

    Args:
        segment: of the score.
        working: of `work_out`.
        standard: that it was worked out under.
        category_name: what people call a category.
    """
    score = working.score
    yield f"标准 {score.standard}　看清 {score.coverage:.0%}"
    yield "要素："
    for view in working.view.elements:
        seen = "" if view.seen_fraction is None else f"，看清 {view.seen_fraction:.0%}"
        yield (
            f"  {view.element.zh}　权重 {view.element.weight:g}"
            f"　{_STATUS[view.status]}{seen}"
        )
    if score.value is None or working.k is None:
        yield "看清的部分不足，不给分、不评等级，也不计入平均。"
        return
    weights = [v.element.weight for v in working.view.assessed().values()]
    added = " + ".join(f"{w:g}" for w in weights)
    yield f"k = 100 / ({added}) = {working.k:.6g}"
    for tally in working.tallies:
        yield from _tally_lines(tally, working, standard, category_name)
    yield from _sum_lines(working)
    cut = f"截取{_DECIMALS[standard.display.decimals]}"
    yield f"得分 {shown(score.value, standard)}（{cut}），" + _grade(working)
    yield from _notes(segment, working, standard)


def _tally_lines(
    tally: Tally,
    working: Working,
    standard: Standard,
    category_name: Callable[[str], str],
) -> Iterator[str]:
    rule = tally.rule
    element = next(
        v.element for v in working.view.elements if v.element.id == tally.element
    )
    total, k = tally.total_units(), working.k or 0.0
    lost = working.lost[tally.element]
    cap = min(1.0, element.weight / lost) if lost > 0 else 1.0
    yield f"{rule.zh}（{rule.id}）→ {element.zh}："
    how = "安全类不除以长度" if rule.safety else "看清长度的百米数，至少 1"
    yield f"  a = {rule.a:g}，L = {tally.length:.4g}（{how}）"
    kept = 1.0
    if tally.allowance > 0:
        kept = max(0.0, 1 - tally.allowance / total) if total > 0 else 0.0
        yield (
            f"  N = {total:.4g}，容许 {tally.allowance:.4g}，"
            f"ρ = max(0, 1 - {tally.allowance:.4g} / {total:.4g}) = {kept:.4g}"
        )
    if cap < 1:
        yield f"  D = {lost:.4g} 超过权重 {element.weight:g}，封顶系数 {cap:.4g}"
    yield from run_lines(tally, standard)
    yield from cell_lines(tally)
    for charge, units, d in zip(
        tally.charges, tally.units, tally.losses(), strict=True
    ):
        found = charge.finding
        at = "" if found.offset_m is None else f" {found.offset_m:.0f} 米处"
        yield (
            f"  {found.id}　{category_name(found.category)}　{_SIDE[found.side]}{at}　"
            f"{_STATE[found.state]}{_stands_in(found.stands_in)}：{rule.a:g}"
            f" × {charge.factor:g}"
            f"（程度×地点{_near(charge, standard)}）"
            f" × {units:.4g} × {charge.probability:.4g}"
            + (f" × {kept:.4g}" if tally.allowance > 0 else "")
            + f" / {tally.length:.4g} = {d:.4g}，扣 {k * d * cap:.4g} 分"
        )


def _stands_in(place: StandsIn | None) -> str:
    if place is None:
        return ""
    name = "" if place.name is None else f"“{place.name}”"
    return f"，依据图层：{_LAYER.get(place.kind, place.kind)}{name}"


def _near(charge: Charge, standard: Standard) -> str:
    if charge.near is None:
        return ""
    name, _ = near_names(charge.near, standard)
    return f"，{name} × {charge.place:g}"


def _sum_lines(working: Working) -> Iterator[str]:
    score = working.score
    taken = [e for e in score.elements if e.points_lost > 0]
    for part in taken:
        name = next(
            v.element.zh for v in working.view.elements if v.element.id == part.element
        )
        yield (
            f"{name}：k × min({part.weight:g}, {part.lost:.6g}) = "
            f"{part.points_lost:.6g}"
        )
    minus = "".join(f" - {part.points_lost:.6g}" for part in taken)
    yield f"S = 100{minus} = {score.value:.6g}"


def _grade(working: Working) -> str:
    score = working.score
    said = f"等级 {score.grade}"
    if score.grade != score.grade_by_points:
        said += f"（按分数为 {score.grade_by_points}，因红线降为 {score.grade}）"
    sure = "确定" if score.grade_certain else "不确定"
    return f"{said}，{sure}；90% 区间 {score.low:.4g} 至 {score.high:.4g}"


def _notes(segment: Segment, working: Working, standard: Standard) -> Iterator[str]:
    score = working.score
    if score.red_lines:
        yield "红线（已确认）：" + "、".join(score.red_lines)
    if score.provisional_red_lines:
        yield "红线（待复核）：" + "、".join(score.provisional_red_lines)
    if score.not_assessed:
        names = {rule.id: rule.zh for rule in standard.rules}
        yield "所用模型看不见、未评的规则：" + "、".join(
            names[rule] for rule in score.not_assessed
        )
    if score.unscored:
        yield f"{segment.id} 上没有要素可扣的问题：" + "、".join(score.unscored)
