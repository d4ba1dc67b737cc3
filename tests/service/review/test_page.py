"""The labelling page: every label maps, no key is taken twice."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from service.review.config import controls_of
from service.review.page import labelling_page, page_problems
from service.review.words import HINTS, REASONS, STORED, Words, words_of
from service.scoring import list_standards, load_standard
from vision.taxonomy import load_taxonomy
from vision.types import ZONES


@pytest.fixture(scope="module")
def words() -> Words:
    return words_of(load_taxonomy(), load_standard("xuchang@1"))


@pytest.fixture(scope="module")
def page(words: Words) -> str:
    return labelling_page(words)


def test_our_own_page_has_nothing_wrong(page: str, words: Words) -> None:
    assert page_problems(page, words) == ()


def test_the_page_offers_everything_we_can_name(page: str) -> None:
    offered = {one.name: one.values for one in controls_of(page)}
    taxonomy = load_taxonomy()

    drawn = {c.id for c in taxonomy.with_role("problem")}
    derived = {c.id for c in taxonomy.with_role("derived", "state")}
    assert set(offered["box"]) == {"this", *drawn}
    assert set(offered["category"]) == {*drawn, *derived}
    assert set(offered["zone"]) == set(ZONES)
    assert set(offered["verdict"]) == set(STORED.values())
    for verdict, reasons in REASONS.items():
        assert set(offered[f"reason_{verdict}"]) == set(reasons)
    levels = {name for rule in load_standard("xuchang@1").rules for name in rule.levels}
    assert levels <= set(offered["severity"])


def test_everything_that_can_be_chosen_is_hinted_or_plain(words: Words) -> None:
    """What is easily taken for something else says how to tell it."""
    scored = {c for rule in load_standard("xuchang@1").rules for c in rule.categories}

    assert set(HINTS) <= set(words.named)
    assert {"parking_motor", "parking_bike", "fire_lane_blocked"} <= set(HINTS)
    assert set(words.categories) & scored <= set(HINTS)


def test_no_hotkey_is_given_twice(page: str) -> None:
    keys = Counter(re.findall(r'hotkey="(.)"', page))

    assert len(keys) == 35
    assert [key for key, times in keys.items() if times > 1] == []


def test_every_stored_name_stays_a_text(page: str) -> None:
    """Label Studio reads `true`, `false` and numbers as something else."""
    stored = [name for one in controls_of(page) for name in one.values]

    assert not {"true", "false", "null"} & set(stored)
    assert [name for name in stored if not re.fullmatch("[a-z_]+", name)] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            ('      <Label value="路面坑槽" alias="pothole"', "<Gone"),
            "the labelling page lacks pothole (路面坑槽) in box",
            id="a label deleted by hand",
        ),
        pytest.param(
            ('alias="kerb_strip"', 'alias="gutter"'),
            "the labelling page lacks kerb_strip (路沿石带) in zone",
            id="a zone stored under another name",
        ),
        pytest.param(
            ('alias="kerb_strip"', 'alias="gutter"'),
            "the labelling page offers 路沿石带 (gutter) in zone, which means nothing",
            id="a zone that means nothing",
        ),
        pytest.param(
            ('<Choices name="verdict"', '<Choices name="opinion"'),
            "the labelling page has no Choices called verdict",
            id="a question renamed",
        ),
    ],
)
def test_what_does_not_map_is_named(
    page: str, words: Words, change: tuple[str, str], said: str
) -> None:
    assert change[0] in page

    found = page_problems(page.replace(*change), words)

    assert any(one.startswith(said) for one in found)


def test_a_page_of_somebody_else_lacks_everything(words: Words) -> None:
    theirs = '<View><Text name="t" value="$t"/></View>'

    found = page_problems(theirs, words)

    assert "the labelling page has no Image called picture" in found
    assert len(found) == len(controls_of(labelling_page(words)))


def test_every_installed_standard_has_a_page() -> None:
    for standard in list_standards():
        words = words_of(load_taxonomy(), standard)
        assert page_problems(labelling_page(words), words) == ()
