"""Days and hours that do not count, by the city's clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from service.scoring import (
    Calendar,
    day_rows,
    days_of_rows,
    load_standard,
    read_abnormal_days,
)
from service.scoring.parts import Exempt
from vision.errors import FormError, NotFoundError

SWEEP = load_standard("xuchang@1").exempts[0]


def at(text: str) -> float:
    return datetime.fromisoformat(text).astimezone(UTC).timestamp()


@pytest.mark.parametrize(
    ("time", "exempt"),
    [
        ("2026-03-12T07:59:59+08:00", True),
        ("2026-03-12T08:00:00+08:00", False),
        ("2026-03-12T00:00:00+08:00", True),
        ("2026-03-11T23:59:00+08:00", False),
    ],
)
def test_the_morning_sweep_ends_at_eight(time: str, *, exempt: bool) -> None:
    assert Calendar().is_exempt(at(time), SWEEP) is exempt


def test_hours_may_span_midnight() -> None:
    night = Exempt(
        id="n", zh="夜间", en="night", rules=("stall",), begin="22:00", end="05:00"
    )

    told = [
        Calendar().is_exempt(at(f"2026-03-12T{hour}:30+08:00"), night)
        for hour in ("21", "22", "04", "05")
    ]
    assert told == [False, True, True, False]


def test_a_day_is_the_citys_day() -> None:
    rain = Calendar(8.0, {date(2026, 3, 12): "rain"})

    assert rain.excluded(at("2026-03-11T16:30:00+00:00")) == "rain"
    assert rain.excluded(at("2026-03-12T16:30:00+00:00")) is None


def test_a_list_of_days_is_read(tmp_path: Path) -> None:
    file = tmp_path / "days.toml"
    file.write_text('[[day]]\ndate = 2026-03-12\nreason = "snow"\n')

    assert read_abnormal_days(file) == {date(2026, 3, 12): "snow"}
    file.write_text("day = []")
    assert read_abnormal_days(file) == {}
    with pytest.raises(NotFoundError):
        read_abnormal_days(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[day]", "not a TOML"),
        ('[[day]]\ndate = "12.3."\nreason = "rain"', "needs a date"),
        ("[[day]]\ndate = 2026-03-12T08:00:00\nreason = 'rain'", "needs a date"),
        ("[[day]]\ndate = 2026-03-12\nreason = 'tired'", "one of rain, snow"),
        ("[[day]]\ndate = 2026-03-12\nreason = 'rain'\n" * 2, "there twice"),
        ("[[days]]\ndate = 2026-03-12\nreason = 'rain'\n", r"no \[\[day\]\]"),
        ("day = [2026-03-12]", r"no \[\[day\]\]"),
        ("", r"no \[\[day\]\]"),
    ],
)
def test_a_list_that_cannot_be_is_one_sentence(
    text: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "days.toml"
    file.write_text(text)

    with pytest.raises(FormError, match=said):
        read_abnormal_days(file)


def test_days_come_out_of_a_store_as_they_went_in() -> None:
    days = {date(2026, 3, 14): "rain", date(2026, 3, 12): "snow"}

    rows = day_rows(days)

    assert rows[0] == {"date": "2026-03-12", "reason": "snow"}
    assert days_of_rows(rows) == days
