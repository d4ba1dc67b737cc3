"""The monthly sheet: exact decimals, caps, ranks, the year, locks."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.cli import main
from service.scoring import (
    LedgerRow,
    load_sheet,
    lock_month,
    month_json,
    month_of,
    months_of_locked,
    read_locked,
    read_month,
    read_year,
    shown_month,
    year_of,
)
from service.scoring.locked_months import digest_of
from service.scoring.month import SheetGaps
from vision.errors import FormError, NotFoundError

SHEET = load_sheet("qixian@1")
CHECKS = SHEET.parts[1].items
D = Decimal


def unit(digital: str = "90", special: Any = "80", rest: str = "100") -> dict[str, Any]:
    return {
        "digital": D(digital),
        "special": special if isinstance(special, dict) else D(special),
        "safety": D(rest),
        "civilisation": D(rest),
        "management": D(rest),
        "garden": D(rest),
    }


def paper(item: str, count: int = 1, unit: str = "甲") -> LedgerRow:
    return LedgerRow(unit, item, count, "杞城管〔2026〕3号", "2026-03-12", "王")


def test_the_documents_weights_sum_to_one() -> None:
    assert sum(part.weight for part in SHEET.parts) == 1
    assert len(CHECKS) == 8


def test_a_month_worked_by_hand() -> None:
    (month,) = month_of(SHEET, {"甲": unit("91.3", "84.5", "96")})

    # 0.5 x 91.3 + 0.4 x 84.5 + 0.1 x 96 = 45.65 + 33.8 + 9.6
    assert month.value == D("89.05")
    assert (month.grade, month.rank) == ("良好", 1)


def test_special_checks_are_the_mean_of_eight() -> None:
    special = {name: D(80 + k) for k, name in enumerate(CHECKS)}

    (month,) = month_of(SHEET, {"甲": unit(special=special)})

    assert month.parts["special"] == D("83.5")


def test_special_checks_take_weights_where_the_city_sets_them() -> None:
    weights = {CHECKS[0]: D(3), CHECKS[1]: D(1)}
    gaps = SHEET.gaps.model_copy(update={"special_weights": weights})
    special = {name: D(100 if k == 0 else 60) for k, name in enumerate(CHECKS)}

    (month,) = month_of(
        SHEET.model_copy(update={"gaps": gaps}), {"甲": unit(special=special)}
    )

    assert month.parts["special"] == D(90)


def test_bonus_and_penalty_follow_the_ledger() -> None:
    ledger = [paper("praise_nation"), paper("praise_city", 3), paper("named", 2)]

    (month,) = month_of(SHEET, {"甲": unit()}, ledger)

    assert (month.bonus, month.penalty) == (D("3.5"), D(4))
    assert month.value == month.before + D("3.5") - D(4)


@pytest.mark.parametrize(("count", "points"), [(5, "2.5"), (6, "3.0"), (40, "3")])
def test_work_beyond_duty_is_capped_at_three_a_month(count: int, points: str) -> None:
    (month,) = month_of(SHEET, {"甲": unit()}, [paper("beyond_duty", count)])

    assert month.bonus == D(points)


def test_the_cap_holds_over_several_rows() -> None:
    ledger = [paper("beyond_duty", 4), paper("beyond_duty", 4)]

    (month,) = month_of(SHEET, {"甲": unit()}, ledger)

    assert month.bonus == D(3)


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        ("90", "优秀"),
        ("89.99", "良好"),
        ("85", "良好"),
        ("84.99", "合格"),
        ("75", "合格"),
        ("74.99", "不合格"),
    ],
)
def test_grades_begin_at_their_floors(value: str, grade: str) -> None:
    (month,) = month_of(SHEET, {"甲": unit(value, value, value)})

    assert month.value == D(value)
    assert month.grade == grade


def test_units_are_ranked_and_equal_ones_share_a_rank() -> None:
    months = month_of(
        SHEET, {"甲": unit("90"), "乙": unit("95"), "丙": unit("90"), "丁": unit("80")}
    )

    assert [(m.unit, m.rank) for m in months] == [
        ("乙", 1),
        ("丙", 2),
        ("甲", 2),
        ("丁", 4),
    ]


def test_more_than_a_hundred_is_kept_and_shown_as_a_hundred() -> None:
    (month,) = month_of(SHEET, {"甲": unit("100", "100")}, [paper("praise_nation", 2)])

    assert month.value == D(104)
    assert shown_month(month.value, SHEET) == D(100)
    assert shown_month(D(-3), SHEET) == 0


@given(
    st.lists(st.decimals(0, 100, places=2), min_size=2, max_size=2),
    st.integers(0, 9),
)
def test_a_month_is_exact(figures: list[Decimal], papers: int) -> None:
    ledger = [paper("media_city", papers)] if papers else []
    (month,) = month_of(SHEET, {"甲": unit(str(figures[0]), str(figures[1]))}, ledger)

    exact = D("0.5") * figures[0] + D("0.4") * figures[1] + 10 - D("0.5") * papers
    assert abs(month.value - exact) <= D("0.005")
    assert month.penalty == D("0.5") * papers


def test_the_year_is_the_mean_of_months_before_and_after_bonus() -> None:
    one = month_of(SHEET, {"甲": unit("90")}, [paper("praise_nation")])
    two = month_of(SHEET, {"甲": unit("80")})

    (year,) = year_of(SHEET, [one, two])
    plain = SHEET.model_copy(
        update={"gaps": SHEET.gaps.model_copy(update={"year_mean_of": "before_bonus"})}
    )
    (before,) = year_of(plain, [one, two])

    assert year.before == (one[0].before + two[0].before) / 2
    assert year.value == year.before + 1
    assert before.value == year.before


def test_a_year_needs_every_unit_in_every_month() -> None:
    one, two = month_of(SHEET, {"甲": unit()}), month_of(SHEET, {"乙": unit()})

    with pytest.raises(FormError, match=r"lacks (甲|乙)"):
        year_of(SHEET, [one, two])
    with pytest.raises(FormError, match="at least one month"):
        year_of(SHEET, [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"digital": D(101)}, "101 is not from 0 to 100"),
        ({"digital": D("NaN")}, "not from 0 to 100"),
        ({"other": D(3)}, "has no part other"),
        ({"special": {"架空线路": D(3)}}, "no figure for 街景立面"),
        ({"special": {"别的": D(3)}}, "has no 别的"),
        ({"safety": {"a": D(3)}}, "one figure"),
    ],
)
def test_a_figure_that_cannot_be_is_said(change: dict[str, Any], said: str) -> None:
    with pytest.raises(FormError, match=said):
        month_of(SHEET, {"甲": {**unit(), **change}})


def test_a_part_without_figure_is_said() -> None:
    figures = unit()
    del figures["garden"]

    with pytest.raises(FormError, match="甲 has no figure for garden"):
        month_of(SHEET, {"甲": figures})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (paper("medal"), "no item 'medal'"),
        (paper("named", unit="无"), "no unit is called '无'"),
        (paper("named", 0), "not at least 1"),
        (replace(paper("named"), document=" "), "has no document"),
        (replace(paper("named"), approver=""), "has no approver"),
        (replace(paper("named"), date="gestern"), "'gestern' is no day"),
        (replace(paper("named"), date="2026-02-30"), "'2026-02-30' is no day"),
        (replace(paper("named"), date="20260312"), "'20260312' is no day"),
    ],
)
def test_points_need_a_paper(row: LedgerRow, said: str) -> None:
    with pytest.raises(FormError, match=said):
        month_of(SHEET, {"甲": unit()}, [row])


FILE = """
month = "2026-03"
[unit."东大街道"]
digital = 91.3
special = 84.5
safety = 96
civilisation = 96
management = 96
garden = 96
[unit."西大街道"]
digital = 80.05
special = {{ {checks} }}
safety = 90
civilisation = 90
management = 90
garden = 90
[[ledger]]
unit = "西大街道"
item = "named"
document = "杞城管〔2026〕3号"
date = 2026-03-12
approver = "王"
""".format(checks=", ".join(f'"{name}" = 70' for name in CHECKS))


@pytest.fixture
def march(tmp_path: Path) -> Path:
    path = tmp_path / "2026-03.toml"
    path.write_text(FILE, "utf-8")
    return path


def test_a_file_is_read_without_rounding(march: Path) -> None:
    given = read_month(march)

    assert given.figures["西大街道"]["digital"] == D("80.05")
    assert given.ledger[0].count == 1
    assert given.ledger[0].date == "2026-03-12"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"2026-03"', '"March"', "needs a month"),
        ("digital = 91.3", "digital = 'much'", "'much' is no number"),
        ("digital = 91.3", "digital = true", "is no number"),
        ('item = "named"', 'thing = "named"', "nothing is called 'thing'"),
        ('item = "named"\n', "", "has no item"),
        ('approver = "王"', 'approver = "王"\ncount = 1.5', "no whole number"),
        ("[unit", "[units", "no .unit.NAME"),
        ("month =", "month", "not a TOML"),
        ("date = 2026-03-12", "date = 2025-01-02", "2025-01-02 does not lie in"),
    ],
)
def test_a_file_that_cannot_be_is_one_sentence(
    march: Path, old: str, new: str, said: str
) -> None:
    march.write_text(FILE.replace(old, new), "utf-8")

    with pytest.raises(FormError, match=said):
        read_month(march)
    with pytest.raises(NotFoundError):
        read_month(march.with_name("none.toml"))


def test_a_locked_month_stays_and_can_be_read_again(march: Path) -> None:
    given = read_month(march)
    months = month_of(SHEET, given.figures, given.ledger)
    sheet = month_json(SHEET, given, months)
    lock = march.with_suffix(".json")

    assert lock_month(lock, sheet)
    assert not lock_month(lock, sheet)
    assert months_of_locked(read_locked(lock), lock.name) == months

    march.write_text(FILE.replace("91.3", "91.4"), "utf-8")
    other = read_month(march)
    changed = month_json(SHEET, other, month_of(SHEET, other.figures, other.ledger))
    before = lock.read_bytes()
    with pytest.raises(FormError, match="was locked with other figures"):
        lock_month(lock, changed)
    assert lock.read_bytes() == before


def test_the_verb_prints_locks_and_makes_a_year(
    march: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = march.with_name("03.json")
    assert main(["month", str(march), "--lock", str(lock)]) == 0
    assert "89.05" in capsys.readouterr().out
    april = march.with_name("2026-04.toml")
    april.write_text(FILE.replace("2026-03", "2026-04"), "utf-8")
    assert main(["month", str(april), "--lock", str(march.with_name("04.json"))]) == 0
    capsys.readouterr()

    locked = [str(march.with_name(name)) for name in ("03.json", "04.json")]
    assert main(["month", "--year", *locked]) == 0
    assert "2 个月平均" in capsys.readouterr().out
    assert main(["month", "--year", locked[0], locked[0]]) == 2
    assert "twice" in capsys.readouterr().err
    assert main(["month", *locked]) == 2
    assert "--year" in capsys.readouterr().err


def test_json_is_one_document_that_says_what_was_locked(
    march: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = march.with_name("03.json")

    assert main(["month", str(march), "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert main(["month", str(march), "--json", "--lock", str(lock)]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(["month", str(march), "--json", "--lock", str(lock)]) == 0
    again = json.loads(capsys.readouterr().out)

    assert first == {**plain, "locked": f"已锁定 {lock}"}
    assert again["locked"] == f"此前已锁定，一致 {lock}"
    kept = json.loads(lock.read_text("utf-8"))
    assert {k: v for k, v in kept.items() if k not in ("digest", "previous")} == plain


def test_a_year_is_printed_as_json_too(
    march: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = march.with_name("03.json")
    assert main(["month", str(march), "--lock", str(lock)]) == 0
    capsys.readouterr()

    assert main(["month", "--year", "--json", str(lock)]) == 0

    year = json.loads(capsys.readouterr().out)
    assert (year["sheet"], year["months"]) == ("qixian@1", ["2026-03"])
    month = json.loads(lock.read_text("utf-8"))
    assert {u["unit"]: D(u["value"]) for u in year["units"]} == {
        u["unit"]: D(u["value"]) for u in month["units"]
    }


@pytest.mark.parametrize("field", ["month", "sheet", "fingerprint", "digest"])
def test_a_locked_file_that_lacks_something_is_one_sentence(
    march: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    lock = march.with_name("03.json")
    assert main(["month", str(march), "--lock", str(lock)]) == 0
    whole = json.loads(lock.read_text("utf-8"))
    del whole[field]
    lock.write_text(json.dumps(whole), "utf-8")
    capsys.readouterr()

    assert main(["month", "--year", str(lock)]) == 2

    said = capsys.readouterr().err
    assert "03.json is no locked month" in said
    assert len(said.strip().splitlines()) == 1


def _lock(march: Path, month: str, *, name: str | None = None) -> Path:
    """Lock the figures of `FILE` as those of another month."""
    figures = march.with_name(f"{month}.toml")
    figures.write_text(FILE.replace("2026-03", month), "utf-8")
    given = read_month(figures)
    sheet = month_json(SHEET, given, month_of(SHEET, given.figures, given.ledger))
    path = march.with_name(name or f"{month}.json")
    lock_month(path, sheet)
    return path


def _edit(path: Path, value: str) -> dict[str, Any]:
    locked: dict[str, Any] = json.loads(path.read_text("utf-8"))
    locked["units"][0]["value"] = value
    path.write_text(json.dumps(locked), "utf-8")
    return locked


def test_a_value_changed_after_the_lock_does_not_reach_the_year(
    march: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = _lock(march, "2026-03")
    _edit(lock, "99.00")

    assert main(["month", "--year", str(lock)]) == 2

    said = capsys.readouterr().err
    assert "2026-03.json was changed after it was locked" in said
    assert len(said.strip().splitlines()) == 1


def test_a_month_that_was_forged_whole_does_not_fit_the_next(march: Path) -> None:
    first, second = _lock(march, "2026-03"), _lock(march, "2026-04")
    assert [m["month"] for m in read_year([second, first])] == ["2026-03", "2026-04"]

    forged = _edit(first, "99.00")
    forged["digest"] = digest_of(forged)
    first.write_text(json.dumps(forged), "utf-8")

    with pytest.raises(FormError, match=r"2026-04.json was locked after another"):
        read_year([first, second])


def test_a_month_is_locked_once_for_a_unit(march: Path) -> None:
    _lock(march, "2026-03")
    (march.parent / "notes.json").write_text("no locked month", "utf-8")

    with pytest.raises(FormError, match=r"was locked for 2026-03 in 2026-03.json"):
        _lock(march, "2026-03", name="again.json")

    assert not march.with_name("again.json").exists()


def test_a_sheet_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    shipped = Path("service/scoring/sheets/qixian@1.toml")
    text = (Path(__file__).resolve().parents[3] / shipped).read_text("utf-8")
    (tmp_path / "qixian@1.toml").write_text(text.replace('"0.50"', '"0.55"'), "utf-8")

    with pytest.raises(FormError, match=r"weights sum to 1\.05, not 1"):
        load_sheet("qixian@1", tmp_path)
    assert isinstance(SHEET.gaps, SheetGaps)
    assert json.loads(SHEET.model_dump_json())["name"] == "qixian"
