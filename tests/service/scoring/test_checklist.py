"""一净五无: yes, no, or blank; a blank is not a yes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from service.scoring import check_street, load_checklist
from service.scoring.installed import list_checklists
from service.types import CoveragePiece, Finding, Segment
from vision.errors import FormError, NotFoundError

ALLEY = load_checklist("alley@1")
LANE = Segment(
    "a1", "甜水巷", "alley", np.array([[113.8, 34.0], [113.801, 34.0]]), 90.0
)
EYES = frozenset({"litter", "garbage_pile", "bin_overflow", "construction_waste"})
ZONES = ("carriageway", "kerb_strip", "pavement", "wall_base")


def seen(to_m: float = 90.0) -> list[CoveragePiece]:
    return [
        CoveragePiece("a1", zone, side, 0.0, to_m, "seen", None)
        for zone in ZONES
        for side in ("left", "right")
    ]


def find(category: str, probability: float = 0.9, **changes: object) -> Finding:
    values: dict[str, object] = {
        "id": f"{category}-1",
        "category": category,
        "lon": 113.8,
        "lat": 34.0,
        "sigma_m": 1.0,
        "segment_id": "a1",
        "side": "left",
        "offset_m": 20.0,
        "zone": "carriageway",
        "zone_probability": 0.9,
        "element": None,
        "state": "raw",
        "probability": probability,
        "severity": None,
        "first_seen": None,
        "last_seen": None,
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


def answers(
    *findings: Finding, pieces: list[CoveragePiece] | None = None
) -> dict[str, bool | None]:
    checked = check_street(
        LANE,
        findings,
        seen() if pieces is None else pieces,
        checklist=ALLEY,
        visible_categories=EYES,
    )
    return {answer.question: answer.yes for answer in checked.answers}


def test_a_clean_lane_passes_what_can_be_seen_and_no_more() -> None:
    checked = check_street(LANE, (), seen(), checklist=ALLEY, visible_categories=EYES)

    assert checked.passed is True
    assert checked.answered == 3
    reasons = {a.question: a.reason for a in checked.answers if a.yes is None}
    assert reasons == {
        "no_sewage": "model_cannot_see",
        "no_sand": "model_cannot_see",
        "no_butts": "not_observable",
    }


def test_one_no_fails_the_lane() -> None:
    told = answers(find("garbage_pile"))

    assert told["clean_road"] is False
    assert told["no_garbage"] is False
    assert told["no_scraps"] is True


def test_many_doubtful_finds_make_a_no() -> None:
    one = answers(find("litter", 0.4))
    three = answers(*(find("litter", 0.4, id=f"l{k}") for k in range(3)))

    assert one["no_scraps"] is True
    assert three["no_scraps"] is False


@pytest.mark.parametrize("state", ["rejected", "cleared"])
def test_what_is_gone_or_was_none_counts_nothing(state: str) -> None:
    assert answers(find("litter", state=state))["no_scraps"] is True


def test_what_lies_elsewhere_answers_nothing() -> None:
    assert answers(find("litter", zone="tree_pit"))["no_scraps"] is True


def test_what_was_not_seen_is_blank_but_a_find_is_a_find() -> None:
    told = answers(pieces=seen(40.0))
    found = answers(find("litter"), pieces=seen(40.0))

    assert told["clean_road"] is None
    assert found["clean_road"] is False
    assert (
        check_street(LANE, (), [], checklist=ALLEY, visible_categories=EYES).passed
        is None
    )


def test_passes_that_overlap_are_counted_once() -> None:
    assert answers(pieces=[*seen(50.0), *seen(50.0)])["clean_road"] is None


def test_the_installed_ones_are_listed_and_a_wrong_name_is_said() -> None:
    assert [c.id for c in list_checklists()] == ["alley@1"]
    with pytest.raises(NotFoundError, match="alley@1"):
        load_checklist("alley@9")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"no_sand"', '"no_sewage"', "there twice"),
        ('zones = ["carriageway", "pavement"]', 'zones = ["moon"]', "'moon'"),
        ("observable = false", "observable = true", "none, but it is observable"),
        ("seen_min = 0.6", "seen_min = 6", "seen_min"),
    ],
)
def test_a_checklist_that_contradicts_itself_names_the_item(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    home = Path(__file__).resolve().parents[3] / "service/scoring/checklists"
    text = (home / "alley@1.toml").read_text("utf-8")
    (tmp_path / "alley@1.toml").write_text(text.replace(old, new), "utf-8")

    with pytest.raises(FormError, match=said):
        load_checklist("alley@1", tmp_path)
