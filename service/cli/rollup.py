"""`liujing rollup` and `liujing covers`: units of the city, and its covers."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from service.cli.parts import Verbs, add_verb, print_json, print_table
from service.cli.stored import (
    add_common,
    as_of_s,
    city,
    day_of,
    open_store,
    scored,
    window_of,
)
from service.memory.street import StreetScore, covers_of_store
from service.scoring import (
    StreetValue,
    UnitScore,
    intact_rate,
    load_standard,
    read_units,
    roll_up,
    shown,
)
from service.scoring.rollup import CITY, UNKNOWN

_BY = ("unit_grid", "district", "responsible_unit")


def add_parser(verbs: Verbs) -> None:
    """Add the verbs."""
    parser = add_verb(
        verbs,
        "rollup",
        summary="Roll a store's streets up to grids, offices, districts, the city.",
        example="liujing rollup city/ --date 2026-03-31 --days 31 --units units.toml",
    )
    add_common(parser)
    parser.add_argument(
        "--by", choices=_BY, default="unit_grid", help="the lowest units"
    )
    parser.add_argument(
        "--units",
        type=Path,
        metavar="FILE",
        help="TOML of units and the units above them, see docs/forms.md",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
    covers = add_verb(
        verbs,
        "covers",
        summary="Count the covers of a store by district: 井盖完好率 and its proof.",
        example="liujing covers city/",
    )
    add_common(covers)
    covers.add_argument("--json", action="store_true", help="print JSON")
    covers.set_defaults(run=run_covers)


def run(options: argparse.Namespace) -> int:
    """Print every unit below the one it belongs to."""
    parents = None if options.units is None else read_units(options.units)
    store = open_store(options)
    standard = load_standard(options.standard)
    window = window_of(options, store)
    units = roll_up(
        map(_value, scored(options, store, window, standard)),
        standard=standard,
        by=options.by,
        parents=parents,
    )
    if options.json:
        print_json([asdict(unit) for unit in units])
        return 0
    print(f"{day_of(window.from_s, options)} 至 {day_of(window.to_s - 1, options)}")
    head = ("单位", "得分", "区间", "等级", "最差一成", "公里", "未评公里", "红线")
    print_table(head, [_row(u, units, lambda v: shown(v, standard)) for u in units])
    return 0


def _value(street: StreetScore) -> StreetValue:
    score = None if street.working is None else street.working.score
    return StreetValue(street.segment, score, street.status == "scored")


def _row(
    unit: UnitScore, units: Sequence[UnitScore], show: Callable[[float], str]
) -> tuple[str, ...]:
    parents = {u.unit: u.parent for u in units}
    depth, above = 0, unit.parent
    while above is not None:
        depth, above = depth + 1, parents.get(above)
    interval = "-"
    if unit.low is not None and unit.high is not None:
        interval = f"{show(unit.low)}-{show(unit.high)}"
    return (
        "  " * depth + unit.unit,
        "-" if unit.value is None else show(unit.value),
        interval,
        unit.grade or "数据不足",
        "-" if unit.worst is None else show(unit.worst),
        f"{unit.length_m / 1000:.2f}",
        f"{unit.length_left_out_m / 1000:.2f}",
        str(unit.red_lines),
    )


def run_covers(options: argparse.Namespace) -> int:
    """Print the covers of every district and whether 98 % intact is proven."""
    store = open_store(options)
    window = window_of(options, store)
    districts: dict[str, list[bool]] = {}
    recalls: list[float] = []
    _, calendar = city(options, store)
    for segment, covers, recall in covers_of_store(
        store, window=window, calendar=calendar, as_of_s=as_of_s(options)
    ):
        own = [cover.state != "ok" for cover in covers]
        for unit in (segment.district or UNKNOWN, CITY):
            districts.setdefault(unit, []).extend(own)
        if recall is not None:
            recalls.append(recall)
    recall = min(recalls, default=1.0)
    rates = {
        unit: intact_rate(len(bad), sum(bad), recall=recall)
        for unit, bad in districts.items()
    }
    if options.json:
        print_json({unit: asdict(rate) for unit, rate in rates.items()})
        return 0
    print(f"至 {day_of(window.to_s - 1, options)}，破损井盖的检出率按 {recall:.2f} 计")
    rows = [
        (
            unit,
            rate.seen,
            rate.bad,
            "-" if rate.rate is None else f"{rate.rate:.1%}",
            f"{rate.low:.1%}",
            f"{rate.high:.1%}",
            rate.verdict,
        )
        for unit, rate in rates.items()
    ]
    head = ("区", "井盖", "破损缺失", "完好率", "下限", "上限", "98% 结论")
    print_table(head, rows)
    return 0
