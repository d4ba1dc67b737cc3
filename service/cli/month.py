"""`liujing month`: the monthly sheet with ranks, locked on demand; the year of them."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from service.cli.parts import Verbs, add_verb, print_json, print_table
from service.cli.stored import add_into, open_into
from service.scoring import (
    Sheet,
    UnitMonth,
    load_sheet,
    lock_month,
    month_json,
    month_of,
    months_of_locked,
    read_month,
    read_year,
    shown_month,
    year_json,
    year_of,
)
from service.store import Store
from vision.errors import InputError


def add_parser(verbs: Verbs) -> None:
    """Add the verb."""
    parser = add_verb(
        verbs,
        "month",
        summary="Work out the monthly sheet of units: parts, bonus, penalty, rank.",
        example="liujing month 2026-03.toml --lock 2026-03.json --into city/",
    )
    parser.add_argument(
        "figures",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="the month's figures (TOML); with --year: locked months",
    )
    parser.add_argument("--sheet", default="qixian@1", metavar="NAME@V")
    parser.add_argument(
        "--lock", type=Path, metavar="FILE", help="keep the sheet for good"
    )
    parser.add_argument(
        "--year", action="store_true", help="the mean of months that were locked"
    )
    add_into(parser, "the sheet, locked with --lock,")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the sheet; lock it where asked."""
    sheet = load_sheet(options.sheet)
    if options.year and options.into is not None:
        msg = "a store keeps months and works no year out; leave --into out"
        raise InputError(msg)
    if options.year:
        return _year(options, sheet)
    if len(options.figures) != 1:
        msg = "a month has one file of figures; several make a year: --year"
        raise InputError(msg)
    given = read_month(options.figures[0])
    months = month_of(sheet, given.figures, given.ledger)
    written = month_json(sheet, given, months)
    store = open_into(options)
    said = {}
    if options.lock is not None:
        new = lock_month(options.lock, written)
        said["locked"] = f"{'已锁定' if new else '此前已锁定，一致'} {options.lock}"
    if store is not None:
        said["kept"] = _keep(store, written, locked=options.lock is not None)
    if options.json:
        print_json({**written, **said})
        return 0
    print(f"{sheet.title_zh} {given.month}（{sheet.source}，{sheet.id}）")
    _print(months, sheet)
    for line in said.values():
        print(line)
    return 0


def _keep(store: Store, written: dict[str, Any], *, locked: bool) -> str:
    """Keep a sheet where the API finds it, and return what people are told."""
    if store.add_month(written, locked=locked, known_s=time.time()):
        return f"已存入 kept in: {store.name}"
    return f"此前已存入 was kept before in: {store.name}"


def _year(options: argparse.Namespace, sheet: Sheet) -> int:
    locked = read_year(options.figures)
    names = [month["month"] for month in locked]
    for name, month in zip(names, locked, strict=True):
        if month["sheet"] != sheet.id:
            msg = f"{name} was worked out under {month['sheet']}, not {sheet.id}"
            raise InputError(msg)
    year = year_of(
        sheet,
        [months_of_locked(m, name) for name, m in zip(names, locked, strict=True)],
    )
    if options.json:
        print_json(year_json(sheet, names, year))
        return 0
    print(f"{sheet.title_zh} {min(names)} 至 {max(names)}，{len(names)} 个月平均")
    _print(year, sheet)
    return 0


def _print(months: list[UnitMonth], sheet: Sheet) -> None:
    head = ("名次", "单位", "成绩", "等级", "加减分前", "加分", "减分")
    print_table(
        head,
        [
            (
                month.rank,
                month.unit,
                shown_month(month.value, sheet),
                month.grade,
                month.before,
                month.bonus,
                month.penalty,
            )
            for month in months
        ],
    )
