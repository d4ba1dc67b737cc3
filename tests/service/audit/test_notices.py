"""What a report says of lawful finds, exempt hours and abnormal days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from service.audit.found import Aside
from service.audit.notices import days_and_hours, set_aside
from service.audit.remarks import remarks
from service.scoring import Area, Calendar, load_standard
from service.types import Near, StandsIn
from tests.service.reports.test_reports import FINDING, SCORE

STANDARD = load_standard("xuchang@1")
SWEEP = STANDARD.exempts[0]
PERMIT = Area("stall_permit", "便民点", {}, ("06:00-09:00",))
NOON_S = datetime.fromisoformat("2026-03-12T12:00+08:00").timestamp()
SNOW = Calendar(8.0, {date(2026, 3, 12): "snow"})


def said(*by: object) -> list[str]:
    return [n.zh for n in set_aside([Aside(FINDING, one) for one in by])]  # type: ignore[arg-type]


def test_lawful_finds_are_counted_by_the_layer_that_makes_them_so() -> None:
    market = replace(PERMIT, name="夜市")
    works = Area("works", None, {})

    permits, rubble = said(PERMIT, works, market, PERMIT)

    assert "3 处占道摊点" in permits
    assert "便民点 06:00-09:00、夜市 06:00-09:00）" in permits
    assert "1 处建筑垃圾渣土在施工工地内（未命名）" in rubble
    assert said() == []


def test_many_places_are_not_all_listed() -> None:
    (text,) = said(*(replace(PERMIT, name=f"点{n}", hours=()) for n in range(9)))

    assert "9 处" in text
    assert "（点0、点1、点2 等）" in text


def test_exempt_finds_are_counted_and_the_hours_named() -> None:
    assert said(SWEEP, SWEEP) == [f"2 处问题在免计时段内，不计分：{SWEEP.zh}。"]


def test_an_abnormal_day_is_said() -> None:
    def told(at_s: float) -> list[str]:
        return [n.zh for n in days_and_hours(at_s, SNOW, (), STANDARD.exempts)]

    (text,) = told(NOON_S)
    assert "2026-03-12 列为异常日（雪）" in text
    assert told(NOON_S + 86400) == []


def test_a_drive_without_a_date_says_what_was_not_applied() -> None:
    areas = (PERMIT, Area("works", None, {}))

    (notice,) = days_and_hours(None, SNOW, areas, STANDARD.exempts)

    assert "1 处有时段或期限的图层" in notice.zh
    assert SWEEP.zh in notice.zh
    assert "异常日" in notice.zh
    assert "1 areas with hours" in notice.en
    assert list(days_and_hours(None, Calendar(), areas[1:], ())) == []


def test_a_remark_says_near_what_where_and_why_none() -> None:
    near = (Near("school", "建安路小学", 1.5),)
    weighed = replace(SCORE.deductions[0], near=near)
    lawful = Aside(replace(FINDING, id="f-3"), PERMIT)

    found = remarks(
        [replace(SCORE, deductions=(weighed, *SCORE.deductions))],
        STANDARD,
        stands_in={
            "f-1": StandsIn("no_parking", "学府路"),
            "f-2": StandsIn("tactile_paving", None),
        },
        aside=[lawful, Aside(replace(FINDING, id="f-4"), SWEEP)],
    )

    assert {key: label.zh for key, label in found.items()} == {
        "f-1": "禁停区：学府路；学校周边：建安路小学 ×1.5",
        "f-2": "盲道",
        "f-3": "摊点许可区：便民点 06:00-09:00",
        "f-4": f"免计时段：{SWEEP.zh}",
    }
    assert found["f-1"].en == "no-parking zone: 学府路; near a school: 建安路小学 ×1.5"
