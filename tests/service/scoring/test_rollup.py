"""Streets roll up to units, weighted by length; the worst stays in sight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scoring import StreetValue, load_standard, read_units, roll_up
from service.scoring.rollup import CITY, UNKNOWN
from service.types import Score, Segment
from vision.errors import FormError, NotFoundError

STANDARD = load_standard("xuchang@1")
LINE = np.array([[113.85, 34.03], [113.851, 34.03]])
BLANK = Score(
    segment_id="s",
    status="scored",
    value=90.0,
    low=90.0,
    high=90.0,
    grade="优秀",
    grade_by_points="优秀",
    grade_certain=True,
    elements=(),
    deductions=(),
    red_lines=(),
    provisional_red_lines=(),
    coverage=1.0,
    not_assessed=(),
    unscored=(),
    standard="xuchang@1",
    model_id=None,
)


def street(
    value: float | None,
    length_m: float = 100.0,
    *,
    grid: str | None = "g1",
    district: str | None = "魏都区",
    doubt: float = 0.0,
    counts: bool = True,
    red: int = 0,
) -> StreetValue:
    segment = Segment(
        f"s{value}", None, "2", LINE, length_m, district=district, unit_grid=grid
    )
    if value is None:
        return StreetValue(segment, None, counts=False)
    score = replace(
        BLANK,
        value=value,
        low=value - doubt,
        high=min(100.0, value + doubt),
        red_lines=tuple(f"f{k}" for k in range(red)),
    )
    return StreetValue(segment, score, counts)


def test_a_mean_weighs_by_length() -> None:
    city, *_ = roll_up([street(100, 300), street(60, 100)], standard=STANDARD)

    assert city.unit == CITY
    assert city.value == 90.0
    assert city.grade == "优秀"
    assert city.worst == 60.0


def test_each_unit_stands_below_the_one_above() -> None:
    rows = roll_up(
        [
            street(90, grid="g1"),
            street(80, grid="g2"),
            street(70, grid="g3", district="建安区"),
        ],
        standard=STANDARD,
    )

    assert [(r.unit, r.parent) for r in rows] == [
        (CITY, None),
        ("建安区", CITY),
        ("g3", "建安区"),
        ("魏都区", CITY),
        ("g1", "魏都区"),
        ("g2", "魏都区"),
    ]
    assert [r.value for r in rows] == [80.0, 70.0, 70.0, 85.0, 90.0, 80.0]


def test_offices_between_grid_and_district_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "units.toml"
    file.write_text(
        '[[unit]]\nid = "g1"\nparent = "东大街道"\n'
        '[[unit]]\nid = "东大街道"\nparent = "魏都区"\n',
        "utf-8",
    )

    rows = roll_up([street(90)], standard=STANDARD, parents=read_units(file))

    assert [r.unit for r in rows] == [CITY, "魏都区", "东大街道", "g1"]


def test_what_has_no_value_is_counted_and_not_averaged() -> None:
    city, *_ = roll_up(
        [street(80), street(None, 50), street(99, 25, counts=False, red=1)],
        standard=STANDARD,
    )

    assert city.value == 80.0
    assert (city.streets, city.left_out) == (1, 2)
    assert city.length_left_out_m == 75
    assert city.red_lines == 1


def test_nothing_scored_is_no_value() -> None:
    city, *_ = roll_up([street(None)], standard=STANDARD)

    assert (city.value, city.grade, city.worst) == (None, None, None)


def test_a_red_line_is_counted_in_every_unit_above() -> None:
    rows = roll_up([street(95, red=2)], standard=STANDARD)

    assert [r.red_lines for r in rows] == [2, 2, 2]


def test_doubt_of_many_streets_averages_out() -> None:
    one, *_ = roll_up([street(80, doubt=10)], standard=STANDARD)
    many, *_ = roll_up([street(80, doubt=10)] * 25, standard=STANDARD)

    assert one.high - one.low == pytest.approx(20, abs=0.01)
    assert many.high - many.low == pytest.approx(4, abs=0.01)


def test_grids_of_one_name_in_two_districts_are_two() -> None:
    rows = roll_up(
        [
            street(80, grid="g1"),
            street(60, grid="g1", district="建安区"),
            street(40, grid=None),
            street(20, grid=None, district="建安区"),
        ],
        standard=STANDARD,
    )

    found = {(row.unit, row.parent): row.value for row in rows}
    assert found == {
        (CITY, None): 50,
        ("魏都区", CITY): 60,
        ("g1（魏都区）", "魏都区"): 80,
        (f"{UNKNOWN}（魏都区）", "魏都区"): 40,
        ("建安区", CITY): 40,
        ("g1（建安区）", "建安区"): 60,
        (f"{UNKNOWN}（建安区）", "建安区"): 20,
    }


def test_streets_of_no_unit_are_not_lost() -> None:
    rows = roll_up([street(80, grid=None, district=None)], standard=STANDARD)

    assert [r.unit for r in rows] == [CITY, UNKNOWN]


@given(
    st.floats(0, 100),
    st.floats(100, 900),
    st.floats(0.2, 0.8),
    st.floats(0, 100),
)
def test_cutting_a_street_in_two_changes_no_mean(
    value: float, length_m: float, cut: float, other: float
) -> None:
    whole, *_ = roll_up([street(value, length_m), street(other)], standard=STANDARD)
    parts = [street(value, length_m * cut), street(value, length_m * (1 - cut))]
    split, *_ = roll_up([*parts, street(other)], standard=STANDARD)

    assert split.value == pytest.approx(whole.value, abs=2e-6)
    assert split.worst == pytest.approx(whole.worst, abs=2e-6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[unit]", "not a TOML"),
        ('[[unit]]\nid = "a"', "needs an `id` and a `parent`"),
        ('[[unit]]\nid = "a"\nparent = "b"\n' * 2, "twice"),
        (
            '[[unit]]\nid = "a"\nparent = "b"\n[[unit]]\nid = "b"\nparent = "a"\n',
            "in a circle, a → b → a",
        ),
        ('[[unit]]\nid = "a"\nparent = "a"\n', "in a circle, a → a"),
    ],
)
def test_units_that_cannot_be_are_one_sentence(
    text: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "units.toml"
    file.write_text(text, "utf-8")

    with pytest.raises(FormError, match=said):
        read_units(file)


def test_a_district_and_a_file_that_close_a_circle_are_one_sentence() -> None:
    own = street(80, grid="A", district="B")

    with pytest.raises(FormError, match="in a circle, A → B → A"):
        roll_up([own], standard=STANDARD, parents={"B": "A"})


def test_no_file_and_no_length_are_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="which unit"):
        read_units(tmp_path / "none.toml")
    with pytest.raises(FormError, match="-3 metres"):
        roll_up([street(80, -3)], standard=STANDARD)
