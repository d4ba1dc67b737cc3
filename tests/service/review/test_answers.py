"""Annotations of the labelling page: what is read, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from service.review.answers import Asked, name_of, read_answer, version_of
from service.review.words import Words, words_of
from service.scoring import load_standard
from tests.service.review.desk import FALSE, REAL, annotation, box, choice, note
from vision.errors import FormError
from vision.taxonomy import load_taxonomy

ASKED = Asked("f1#2", 12, "frame.jpg", (640, 360))


@pytest.fixture(scope="module")
def words() -> Words:
    return words_of(load_taxonomy(), load_standard("xuchang@1"))


def test_an_answer_is_read_whole(words: Words) -> None:
    rows = [
        *REAL,
        choice("category", "garbage_pile"),
        choice("zone", "corner"),
        choice("severity", "large"),
        note(" 看得很清楚 "),
        box("this", x=0.0, y=0.0, width=50.0, height=50.0),
        box("stall"),
    ]

    said = read_answer(annotation(3, 12, rows, at_s=1000.25), ASKED, words)

    assert (said.finding_id, said.turn, said.reviewer) == ("f1", 2, "label-studio-7")
    assert (said.verdict, said.reason) == ("real", "看得很清楚")
    assert (said.category, said.zone, said.severity) == (
        "garbage_pile", "corner", "large",
    )  # fmt: skip
    # 50 % of 640 x 360.
    assert said.box == (0.0, 0.0, 320.0, 180.0)
    (added,) = said.added
    assert (added.category, added.image) == ("stall", "frame.jpg")
    # 10 % and 15 % of 640, 20 % and 30 % of 360.
    assert added.xyxy == pytest.approx((64.0, 72.0, 96.0, 108.0))
    assert said.at_s == 1000.25


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        pytest.param("permitted", "public_notice", id="permitted"),
        pytest.param("duplicate", "same_thing", id="duplicate"),
        pytest.param("unclear", "small", id="unclear"),
    ],
)
def test_every_verdict_but_real_comes_with_its_reason(
    words: Words, verdict: str, reason: str
) -> None:
    rows = [choice("verdict", verdict), choice(f"reason_{verdict}", reason)]

    said = read_answer(annotation(3, 12, rows), ASKED, words)

    assert (said.verdict, said.reason) == (verdict, reason)


def test_a_skipped_task_is_no_answer(words: Words) -> None:
    skipped = {**annotation(3, 12, []), "was_cancelled": True}

    assert read_answer(skipped, ASKED, words).verdict == "withdrawn"


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        pytest.param([], "nothing is chosen in verdict", id="no verdict"),
        pytest.param(
            [choice("verdict", "perhaps")],
            "verdict has the unknown choice 'perhaps'",
            id="a verdict nobody knows",
        ),
        pytest.param(
            [choice("verdict", "real", "unclear")],
            "verdict has 2 choices",
            id="two verdicts",
        ),
        pytest.param(
            [choice("verdict", "false_alarm")],
            "nothing is chosen in reason_false",
            id="false without a reason",
        ),
        pytest.param(
            [choice("verdict", "unclear"), choice("reason_unclear", "other")],
            "the reason is 其他 (other) and the note is empty",
            id="other without a note",
        ),
        pytest.param(
            [*REAL, choice("category", "aurora")],
            "category has the unknown choice 'aurora'",
            id="a category nobody knows",
        ),
        pytest.param(
            [*REAL, box("unicorn")],
            "a box has the unknown label 'unicorn'",
            id="a label that was made by hand",
        ),
        pytest.param([*REAL, box(rotation=15)], "a box is turned", id="a rotated box"),
        pytest.param(
            [*REAL, box(width=0.0)], "a box has no area", id="a box of no width"
        ),
        pytest.param(
            [*REAL, box(height=0.1)], "a box has no area", id="a box below two pixels"
        ),
        pytest.param(
            [*REAL, box(x=-3.0)], "a box has x -3, which is no percent", id="left of 0"
        ),
        pytest.param(
            [*REAL, box(y=140.0)],
            "a box has y 140, which is no percent",
            id="above 100",
        ),
        pytest.param(
            [*REAL, box(x=98.0, width=9.0)],
            "a box reaches beyond the picture",
            id="over the edge",
        ),
        pytest.param(
            [*REAL, box(x=float("nan"))], "a box has no number x", id="not a number"
        ),
        pytest.param(
            [*REAL, box(x="ten")], "a box has no number x", id="a text for a number"
        ),
        pytest.param(
            [*REAL, box("this"), box("this")], "two boxes are called 本任务", id="two"
        ),
        pytest.param(
            [*REAL, {"from_name": "box", "value": None}], "box holds no", id="no value"
        ),
        pytest.param("none", "it has no list of results", id="no list"),
    ],
)
def test_what_cannot_be_used_names_the_task_and_what_is_wrong(
    words: Words, rows: Any, wrong: str
) -> None:
    with pytest.raises(FormError) as said:
        read_answer(annotation(3, 12, rows), ASKED, words)

    assert str(said.value).startswith("task 12 (f1), annotation 3: ")
    assert wrong in str(said.value)


def test_versions_of_one_answer_share_its_name(words: Words) -> None:
    first = annotation(3, 12, REAL, at_s=1000.0)
    later = annotation(3, 12, FALSE, at_s=1000.0, changed_s=1060.0)
    of_another_server = annotation(3, 12, REAL, at_s=2000.0)

    assert name_of(first) == name_of(later) != name_of(of_another_server)
    assert version_of(first) != version_of(later)
    assert version_of(first) == version_of({**first, "created_username": "x"})


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"id": None}, id="no number"),
        pytest.param({"created_at": "yesterday"}, id="no time"),
        pytest.param({"updated_at": None}, id="no time of change"),
    ],
)
def test_what_is_no_annotation_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(FormError):
        version_of({**annotation(3, 12, REAL), **broken})
