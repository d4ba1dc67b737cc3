"""A model is promoted where nothing falls and the scores err less; else it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.evaluate.builders import matches
from training.evaluate.operating import Part
from training.evaluate.promotion import (
    ClassMeasure,
    Policy,
    TrialMeasure,
    expected_error,
    placed_error,
    read_policy,
    reasons_against,
)
from vision.errors import FormError

ROOT = Path(__file__).resolve().parents[3]
POLICY = Policy(
    fall_ap50=0.03, fall_masked_recall=0.02, least_precision=0.25, least_instances=5
)


def trial(
    name: str,
    error: float,
    litter: float = 0.5,
    *,
    instances: int = 20,
    face: float = 0.9,
    right: int = 15,
) -> TrialMeasure:
    return TrialMeasure(
        trial=name,
        pictures=10,
        classes={
            "litter": ClassMeasure(litter, instances, 20, right),
            "face": ClassMeasure(0.5, instances),
            "stall": ClassMeasure(None, 0),
        },
        score_error=error,
        masked_recall={"face": face},
    )


BEFORE = (trial("frozen real", 2.0), trial("gold real", 4.0))


def test_what_is_better_and_loses_nothing_may_be_promoted() -> None:
    after = (trial("frozen real", 2.1, 0.48), trial("gold real", 3.0, 0.7))

    assert reasons_against(BEFORE, after, POLICY) == ()
    assert expected_error(after) == pytest.approx((2.1 + 3.0) / 2)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        pytest.param(
            (trial("frozen real", 1.0, 0.46), trial("gold real", 3.0)),
            "litter would fall below its floor on frozen real pictures",
            id="a class falls by more than it may",
        ),
        pytest.param(
            (trial("frozen real", 1.0), trial("gold real", 3.0, 0.1)),
            "litter would fall below its floor on gold real pictures",
            id="what is known beforehand is found less",
        ),
        pytest.param(
            (trial("frozen real", 1.0, face=0.87), trial("gold real", 3.0)),
            "fewer of the class face would be masked",
            id="faces would be shown",
        ),
        pytest.param(
            (trial("frozen real", 1.0), trial("gold real", 3.0, right=4)),
            "of 20 finds of litter on gold real pictures only 4 would lie on one; at "
            "least 25% must",
            id="the cost is right and the places are wrong",
        ),
        pytest.param(
            (trial("frozen real", 2.0), trial("gold real", 4.0)),
            "expected score error would not shrink: 3.000 points a picture, now 3.000",
            id="nothing is gained",
        ),
    ],
)
def test_each_reason_is_one_sentence(
    after: tuple[TrialMeasure, ...], said: str
) -> None:
    (reason,) = reasons_against(BEFORE, after, POLICY)

    assert said in reason
    assert "\n" not in reason


def test_of_a_handful_nothing_is_judged() -> None:
    before = (trial("frozen real", 2.0, instances=4), trial("gold real", 4.0))
    after = (trial("frozen real", 1.0, 0.1, instances=4), trial("gold real", 3.0))

    assert reasons_against(before, after, POLICY) == ()


def test_a_floor_that_was_set_by_hand_counts() -> None:
    strict = Policy(0.03, 0.02, 0.25, 5, {"litter": 0.6})
    after = (trial("frozen real", 1.0, 0.55), trial("gold real", 3.0))

    (reason,) = reasons_against(BEFORE, after, strict)

    assert "floor 0.600" in reason


def test_gold_outweighs_what_reviewers_said() -> None:
    before = (*BEFORE, trial("reviewed real", 9.0))
    after = (trial("frozen real", 2.0), trial("gold real", 5.0))
    after = (*after, trial("reviewed real", 0.0, 0.0))

    (reason,) = reasons_against(before, after, POLICY)

    assert "would not shrink: 3.500" in reason  # the reviewed trial only informs


def test_without_anything_new_that_was_kept_back_nothing_is_shown() -> None:
    reasons = reasons_against(BEFORE[:1], (trial("frozen real", 1.0),), POLICY)

    assert [one.partition(",")[0] for one in reasons] == [
        "no reviewed picture was kept back and there is no gold"
    ]


@pytest.mark.parametrize(
    ("hits", "error"),
    [
        pytest.param([], 2.0, id="all are missed: 2 things at 1 point"),
        pytest.param([True, True], 0.0, id="all are found"),
        pytest.param([True, False], 2.0, id="one missed, one false: no make-up"),
        pytest.param([False, False], 4.0, id="both beside their things"),
    ],
)
def test_a_false_find_makes_up_for_no_missed_one(
    hits: list[bool], error: float
) -> None:
    found = matches([(0.9, hit) for hit in hits], 2)

    got = placed_error(Part(found, 1), 0.5, lambda finds: finds)

    assert got == error


def test_the_shipped_policy_can_be_read_and_a_wrong_one_is_named(
    tmp_path: Path,
) -> None:
    assert read_policy(ROOT / "datasets" / "promotion.toml").floors == {}
    wrong = tmp_path / "p.toml"
    wrong.write_text(
        "fall_ap50 = 3\nfall_masked_recall = 0\nleast_precision = 0\n"
        "least_instances = 1\n"
    )

    with pytest.raises(FormError, match="fractions from 0 to 1"):
        read_policy(wrong)
