"""What the reader of a report must know before trusting the scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from service.audit.found import Aside
from service.audit.inputs import Checked
from service.audit.outing import Outing, driven_lonlat
from service.audit.walls import usual_wall_m
from service.reports import Notice
from service.scoring import Area, Calendar, Exempt
from vision.inspect import Inspection

_WORTH_SAYING_S = 1.0
_WORTH_SAYING_M = 1.0
_MOST_NAMES = 3
ASSUMED = {
    "roads": Notice(
        "没有路网文件：路段是沿行车轨迹每 100 米划分的，道路等级按三级计。",
        "No road file: segments of 100 m were laid along the driven path, class 3.",
    ),
    "camera": Notice(
        "没有相机文件：按视角 70 度、高 1.5 米假定，位置误差较大。",
        "No camera file: 70 degrees wide and 1.5 m high assumed; positions are coarse.",
    ),
    "layout": Notice(
        "没有布局模型：区域只按几何推定，树穴和边角部位未判断，被遮挡的地面未扣除。",
        "No layout network: zones are from geometry alone, tree pits and corners are "
        "not judged, ground hidden behind parked cars counts as seen.",
    ),
}
_LAWFUL = {
    "stall_permit": (
        "{n} 处占道摊点有许可、在许可时段内（{where}），合法，不算问题。",
        "Stalls with a permit, in its hours ({where}): {n}; lawful, no findings.",
    ),
    "works": (
        "{n} 处建筑垃圾渣土在施工工地内（{where}），不算问题。",
        "Rubble at works ({where}): {n}; no findings.",
    ),
    "parking_bay": (
        "{n} 辆车停在划定的停车位内（{where}），不算问题。",
        "Vehicles in marked bays ({where}): {n}; no findings.",
    ),
}
_REASONS = {"rain": "雨", "snow": "雪", "works": "施工", "festival": "节庆活动"}


def notices(
    checked: Checked, inspection: Inspection, aside: Sequence[Aside]
) -> Iterator[Notice]:
    """Yield what was assumed, lost, set aside or failed, in this order."""
    yield from (ASSUMED[name] for name in checked.assumptions)
    yield from _aboard(checked)
    yield from _lost(checked, inspection)
    yield from days_and_hours(
        checked.outing.clock.epoch_at_zero_s,
        checked.calendar,
        checked.areas,
        checked.standard.exempts,
    )
    yield from set_aside(aside)
    for failure in (*checked.outing.failures, *inspection.failures):
        yield Notice(
            f"{failure.item} 未能完整处理：{failure.message}",
            f"{failure.item} failed: {failure.message}",
        )


def _aboard(checked: Checked) -> Iterator[Notice]:
    """Say if the vehicle reckoned with walls that stand elsewhere."""
    outing = checked.outing
    if outing.aboard is None:
        return
    lonlat = driven_lonlat(outing.track, outing.path_s)
    wall_m = usual_wall_m(checked.network, lonlat)
    if wall_m is not None and abs(wall_m - outing.wall_m) >= _WORTH_SAYING_M:
        yield Notice(
            f"车载识别按墙面距路中 {outing.wall_m:.1f} 米推算，路网为 {wall_m:.1f} 米："
            "墙上问题的位置误差较大。",
            f"The vehicle took walls to stand {outing.wall_m:.1f} m from the road's "
            f"middle, by the road file it is {wall_m:.1f} m: positions of things on "
            "walls are coarser.",
        )


def _lost(checked: Checked, inspection: Inspection) -> Iterator[Notice]:
    if inspection.dropped:
        total = sum(inspection.dropped.values())
        yield Notice(
            f"{inspection.frames} 帧中有 {total} 帧画面不可用，未参与判断。",
            f"{total} of {inspection.frames} frames were unusable and not judged.",
        )
    lost_s = unplaced_s(checked.outing)
    if lost_s >= _WORTH_SAYING_S:
        yield Notice(
            f"有 {lost_s:.0f} 秒画面没有定位，未参与判断。",
            f"{lost_s:.0f} s of footage have no position and were not judged.",
        )
    clock = checked.outing.clock
    if clock.method in {"assumed_start", "motion"}:
        rest = "" if clock.residual_s is None else f" (±{clock.residual_s:.1f} s)"
        yield Notice(
            f"视频没有可靠的时钟，时间由轨迹推定{rest}。",
            f"The footage has no reliable clock; its time was inferred{rest}.",
        )


def unplaced_s(outing: Outing) -> float:
    """Return how many seconds of footage lie outside the track."""
    end_s, track = outing.duration_s, outing.track
    return max(0.0, track.start_s) + max(0.0, end_s - track.end_s)


def days_and_hours(
    at_s: float | None,
    calendar: Calendar,
    areas: Iterable[Area],
    exempts: Sequence[Exempt],
) -> Iterator[Notice]:
    """Yield what a drive's day, or its having none, does to its report.

    Args:
        at_s: Unix seconds of the drive; None where it has no date.
        calendar: the city's.
        areas: near the drive.
        exempts: hours of the standard.
    """
    if at_s is not None:
        reason = calendar.excluded(at_s)
        if reason is not None:
            day = calendar.local(at_s).date()
            yield Notice(
                f"{day} 列为异常日（{_REASONS[reason]}）：本报告的得分只供参考，"
                "当天的巡查不计入月度等时段得分。",
                f"{day} is an abnormal day ({reason}): this report is for information; "
                "scores over a window leave the day's passes out.",
            )
        return
    timed = sum(not area.is_timeless for area in areas)
    zh = [f"{timed} 处有时段或期限的图层"] if timed else []
    en = [f"{timed} areas with hours or days"] if timed else []
    zh += [f"“{one.zh}”" for one in exempts]
    en += [f"exempt hours ({one.en})" for one in exempts]
    if calendar.abnormal:
        zh.append("异常日")
        en.append("abnormal days")
    if zh:
        yield Notice(
            f"这次巡查没有日期和钟点，以下规定没有采用：{'、'.join(zh)}。",
            f"The drive has no date or hour, so these were not applied: "
            f"{', '.join(en)}.",
        )


def set_aside(aside: Sequence[Aside]) -> Iterator[Notice]:
    """Yield how many finds are lawful or exempt, and by what."""
    areas: dict[str, list[Area]] = {}
    exempts: dict[str, list[Exempt]] = {}
    for one in aside:
        if isinstance(one.by, Exempt):
            exempts.setdefault(one.by.id, []).append(one.by)
        else:
            areas.setdefault(one.by.kind, []).append(one.by)
    for kind in sorted(areas):
        zh, en = _LAWFUL[kind]
        count, names = len(areas[kind]), dict.fromkeys(map(_named, areas[kind]))
        yield Notice(
            zh.format(n=count, where=_listed([n[0] for n in names], "、", " 等")),
            en.format(n=count, where=_listed([n[1] for n in names], ", ", ", ...")),
        )
    for group in exempts.values():
        yield Notice(
            f"{len(group)} 处问题在免计时段内，不计分：{group[0].zh}。",
            f"Finds in exempt hours, which cost nothing: {len(group)} ({group[0].en}).",
        )


def _named(area: Area) -> tuple[str, str]:
    hours = ", ".join(area.hours)
    zh, en = area.name or "未命名", area.name or "unnamed"
    return f"{zh} {hours}".strip(), f"{en} {hours}".strip()


def _listed(names: Sequence[str], comma: str, more: str) -> str:
    said = comma.join(names[:_MOST_NAMES])
    return said if len(names) <= _MOST_NAMES else said + more
