"""Every case of `docs/standard.md` gives what the page says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.scoring import ScoringContext, load_standard, score_segment, shown
from service.types import CoveragePiece, Finding, Segment
from vision.types import ZONES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "standard.md"
STANDARD = load_standard("xuchang@1")
CASE = re.compile(r"^## (\d+)\. (.+?)\n.*?```toml\n(.*?)```", re.DOTALL | re.MULTILINE)
CASES = CASE.findall(PAGE.read_text("utf-8"))
EVERYTHING = frozenset(c for rule in STANDARD.rules for c in rule.categories)


def findings(rows: list[dict[str, Any]]) -> list[Finding]:
    usual = {"n": 1, "apart_m": 10.0, "at_m": 5.0, "state": "confirmed"}
    return [
        finding(f"f{k}-{turn:02d}", {**usual, **row}, turn)
        for k, row in enumerate(rows)
        for turn in range(row.get("n", 1))
    ]


def finding(name: str, given: dict[str, Any], turn: int) -> Finding:
    return Finding(
        id=name,
        category=given["category"],
        lon=113.8,
        lat=34.0,
        sigma_m=0.5,
        segment_id="s",
        side="right",
        offset_m=given["at_m"] + turn * given["apart_m"],
        zone=given["zone"],
        zone_probability=1.0,
        element=None,
        state=given["state"],
        probability=given.get("probability", 1.0),
        severity=given.get("severity"),
        first_seen=None,
        last_seen=None,
        candidate=given.get("candidate", False),
    )


def coverage(street: dict[str, Any], length_m: float) -> list[CoveragePiece]:
    seen_m = street.get("seen_m", length_m)
    pieces = []
    for zone in ZONES:
        for side in ("left", "right"):
            to_m = 0.0 if zone in street.get("unseen", ()) else seen_m
            if to_m > 0:
                pieces.append(CoveragePiece("s", zone, side, 0.0, to_m, "seen", None))
            if to_m < length_m:
                pieces.append(
                    CoveragePiece(
                        "s", zone, side, to_m, length_m, "hidden", "behind_things"
                    )
                )
    return pieces


@pytest.mark.parametrize(
    "text", [c[2] for c in CASES], ids=[f"{c[0]} {c[1]}" for c in CASES]
)
def test_the_page_and_the_program_agree(text: str) -> None:
    case = tomllib.loads(text)
    street = case.get("street", {})
    length_m = street.get("length_m", 200.0)
    segment = Segment(
        "s",
        None,
        street.get("class", "2"),
        np.array([[113.8, 34.0], [113.81, 34.0]]),
        length_m,
        absent_zones=frozenset(street.get("absent", ())),
    )

    score = score_segment(
        segment,
        findings(case.get("find", [])),
        coverage=coverage(street, length_m),
        context=ScoringContext(standard=STANDARD, visible_categories=EVERYTHING),
    )

    expect = case["expect"]
    told = {
        "value": score.value,
        "grade": score.grade,
        "grade_by_points": score.grade_by_points,
        "grade_certain": score.grade_certain,
        "status": score.status,
        "shown": None if score.value is None else shown(score.value, STANDARD),
    }
    assert {name: told[name] for name in expect} == {
        name: pytest.approx(wanted, abs=1e-6) if name == "value" else wanted
        for name, wanted in expect.items()
    }


def test_the_book_has_enough_cases_and_counts_them() -> None:
    assert len(CASES) >= 25
    assert [int(case[0]) for case in CASES] == list(range(1, len(CASES) + 1))
