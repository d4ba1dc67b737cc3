"""`liujing rescore --every-day`: how every street's score went, day by day."""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from service.cli.parts import print_json, print_table
from service.cli.stored import (
    as_of_s,
    day_of,
    day_s,
    terms_of,
    window_of,
)
from service.memory.days import DayRows, Task, rescore_days
from service.memory.rescore import remember
from service.memory.settle import settle
from service.memory.street import Window
from service.packed import INSUFFICIENT, NOT_PASSED, SCORED, STALE
from service.scoring import Standard, shown
from service.scoring.days import Days
from service.store import Store
from service.types import DAY_S
from vision.errors import InputError, NotFoundError, OutputError

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]
STATUS = {
    NOT_PASSED: "not_passed",
    INSUFFICIENT: "insufficient",
    STALE: "stale",
    SCORED: "scored",
}
_HEAD = ("路段", "有分天数", "平均", "最低", "最低日", "最后", "等级")
_COLUMNS = (
    "segment_id", "from_day", "status", "value", "low", "high", "grade",
    "grade_certain", "coverage",
)  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what scores of many days need."""
    parser.add_argument(
        "--every-day",
        action="store_true",
        help="score every day from --first-day to --date, each from the --days before",
    )
    parser.add_argument(
        "--first-day",
        metavar="YYYY-MM-DD",
        help="first day scored (default: 364 days before the last)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="CSV of all days on which a score changed (with --every-day)",
    )
    parser.add_argument(
        "--settled",
        action="store_true",
        help="take findings as they were last written, after each drive and verdict, "
        "and do not work them out again first (needed after a new layer or list of "
        "days; with --every-day)",
    )


def run(options: argparse.Namespace, store: Store, standard: Standard) -> int:
    """Work out, keep and print the scores of every street on every day."""
    window = window_of(options, store)
    days = _days(options, window)
    terms = terms_of(options, store, standard)
    now_s = time.time()
    remember(store, standard, now_s)
    began = time.perf_counter()
    if options.as_of is None and not options.settled:
        with store.settling():
            settle(store, terms, known_s=time.time())
    settled_s = time.perf_counter() - began
    task = Task(options.store, terms, days, as_of_s(options))
    found = list(rescore_days(store, task, known_s=now_s))
    scored_s = time.perf_counter() - began - settled_s
    if not found:
        msg = f"the store {store.name} knows no street; add a drive: audit ... --into"
        raise NotFoundError(msg)
    if options.out is not None:
        _write(options.out, _all_rows(found, days, standard, options))
    if options.json:
        print_json([_summary(name, rows, days, options) for name, rows in found])
        return 0
    last = day_of(window.to_s - 1, options)
    print(f"{day_of(days.from_s, options)} 至 {last}，每天按此前 {options.days} 天")
    print_table(
        _HEAD,
        [_line(_summary(n, r, days, options), r, standard) for n, r in found],
    )
    print(f"问题入账 findings: {settled_s:.1f} s，评分 scores: {scored_s:.1f} s")
    return 0


def _days(options: argparse.Namespace, window: Window) -> Days:
    """Return the days that are scored.

    Raises:
        InputError: they end before they begin.
    """
    first_s = window.to_s - 365 * DAY_S
    if options.first_day is not None:
        first_s = day_s(options, "first_day")
    count = round((window.to_s - first_s) / DAY_S)
    if count < 1:
        msg = f"--first-day {options.first_day} lies after the last day"
        raise InputError(msg)
    return Days(first_s, count, window.length_s)


def _lasting(rows: DayRows, days: Days) -> tuple[BoolArray, IntArray]:
    """Return which rows have a score, and for how many days each holds."""
    lasts = np.diff(rows["day"], append=days.count)
    return rows["status"] == SCORED, lasts


def _summary(
    street: str, rows: DayRows, days: Days, options: argparse.Namespace
) -> dict[str, Any]:
    scored, lasts = _lasting(rows, days)
    total = int(lasts[scored].sum())
    value = rows["value"][scored]
    last = rows[-1]
    worst = None if not total else rows[scored][int(np.argmin(value))]
    return {
        "segment_id": street,
        "scored_days": total,
        "mean": float((value * lasts[scored]).sum() / total) if total else None,
        "lowest": None if worst is None else float(worst["value"]),
        "lowest_day": None
        if worst is None
        else day_of(days.from_s + int(worst["day"]) * DAY_S, options),
        "last_status": STATUS[int(last["status"])],
        "last": None if np.isnan(last["value"]) else float(last["value"]),
    }


def _line(
    summary: dict[str, Any], rows: DayRows, standard: Standard
) -> tuple[str, ...]:
    def value(name: str) -> str:
        points = summary[name]
        return "-" if points is None else shown(points, standard)

    grade = int(rows[-1]["grade"])
    return (
        summary["segment_id"],
        str(summary["scored_days"]),
        value("mean"),
        value("lowest"),
        summary["lowest_day"] or "-",
        value("last"),
        "-" if grade < 0 else standard.grades[grade].id,
    )


def _all_rows(
    found: list[tuple[str, DayRows]],
    days: Days,
    standard: Standard,
    options: argparse.Namespace,
) -> Iterator[tuple[object, ...]]:
    for street, rows in found:
        for row in rows:
            has = not np.isnan(row["value"])
            grade = int(row["grade"])
            yield (
                street,
                day_of(days.from_s + int(row["day"]) * DAY_S, options),
                STATUS[int(row["status"])],
                *(f"{row[n]:.4f}" if has else "" for n in ("value", "low", "high")),
                "" if grade < 0 else standard.grades[grade].id,
                bool(row["certain"]) if has else "",
                f"{row['coverage']:.4f}",
            )


def _write(path: Path, rows: Iterator[tuple[object, ...]]) -> None:
    """Write a table that office programs open.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file)
            out.writerow(_COLUMNS)
            out.writerows(rows)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}; choose another place"
        raise OutputError(msg) from error
