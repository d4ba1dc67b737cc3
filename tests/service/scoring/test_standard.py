"""The installed standard is what the design says; a damaged one is refused clearly."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from service.scoring import list_standards, load_standard
from vision.errors import FormError, NotFoundError
from vision.taxonomy import load_taxonomy

TEXT = (
    files("service.scoring")
    .joinpath("standards", "xuchang@1.toml")
    .read_text(encoding="utf-8")
)


def damaged(tmp_path: Path, old: str, new: str) -> Path:
    assert old in TEXT
    tmp_path.joinpath("xuchang@1.toml").write_text(
        TEXT.replace(old, new, 1), encoding="utf-8"
    )
    return tmp_path


def test_weights_are_those_of_the_design(standard) -> None:
    assert {e.id: e.weight for e in standard.elements} == {
        "road_surface": 25,
        "kerb": 10,
        "cover": 15,
        "tree_pit": 10,
        "wall_base": 15,
        "corner": 10,
        "view": 15,
    }


def test_grades_and_thresholds_are_those_of_the_design(standard) -> None:
    assert [(g.id, g.floor) for g in standard.grades] == [
        ("优秀", 90),
        ("良好", 85),
        ("合格", 75),
        ("不合格", 0),
    ]
    assert standard.coverage.element_seen_min == 0.6
    assert standard.coverage.unseen_weight_max == 0.4
    litter = standard.rule_for("litter", "carriageway")
    assert litter.allowance_per_100m == {"1": 0, "2": 1, "3": 2, "4": 3, "alley": 3}


def test_only_coarse_litter_on_the_road_has_an_allowance(standard) -> None:
    assert [r.id for r in standard.rules if r.allowance_per_100m] == ["road_litter"]


def test_every_problem_of_the_taxonomy_falls_under_a_rule_in_every_zone(
    standard,
) -> None:
    zones = ("carriageway", "kerb_strip", "pavement", "wall_base", "tree_pit")
    missing = [
        (category.id, zone)
        for category in load_taxonomy().with_role("problem", "derived")
        for zone in (*zones, "corner", "cover")
        if standard.rule_for(category.id, zone) is None
    ]

    assert missing == []


@pytest.mark.parametrize(
    ("category", "zone", "rule", "element"),
    [
        ("litter", "carriageway", "road_litter", "road_surface"),
        ("litter", "kerb_strip", "kerb_litter", "kerb"),
        ("litter", "tree_pit", "pit_litter", "tree_pit"),
        ("litter", "wall_base", "wall_litter", "wall_base"),
        ("litter", "corner", "corner_litter", "corner"),
        ("litter", "cover", "cover_dirty", "cover"),
        ("garbage_pile", "kerb_strip", "heap", "kerb"),
        ("garbage_pile", "tree_pit", "pit_litter", "tree_pit"),
        ("poster", "pavement", "poster", "wall_base"),
        ("poster", "cover", "cover_dirty", "cover"),
        ("bin_overflow", "pavement", "bin_overflow", "corner"),
        ("stall", None, "stall", "view"),
        ("manhole_missing", "pavement", "cover_missing", "cover"),
    ],
)
def test_where_a_thing_lies_decides_its_rule(
    standard, category, zone, rule, element
) -> None:
    found = standard.rule_for(category, zone)

    assert (found.id, found.element_in(zone)) == (rule, element)


def test_every_severity_level_has_a_name_for_people(standard) -> None:
    levels = {level for rule in standard.rules for level in rule.levels}

    assert levels <= set(standard.level_names)


def test_sizes_of_heaps_are_levels_of_every_rule_that_takes_heaps(standard) -> None:
    takers = [r for r in standard.rules if "garbage_pile" in r.categories]

    assert takers
    assert all({"small", "pile", "large"} <= set(r.levels) for r in takers)


def test_the_installed_standards_are_listed() -> None:
    assert [s.id for s in list_standards()] == ["hetown@1", "xuchang@1"]


@pytest.mark.parametrize("name", ["beijing@1", "xuchang", "../xuchang@1", ""])
def test_an_unknown_standard_is_refused_with_those_installed(name) -> None:
    with pytest.raises(NotFoundError, match=r"xuchang@1$"):
        load_standard(name)


def test_a_missing_folder_is_refused(tmp_path) -> None:
    with pytest.raises(NotFoundError, match="folder"):
        list_standards(tmp_path / "nowhere")


def test_a_copy_in_another_folder_loads(tmp_path, standard) -> None:
    tmp_path.joinpath("xuchang@1.toml").write_text(TEXT, encoding="utf-8")

    assert load_standard("xuchang@1", tmp_path) == standard


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("a = 5.0", "a = -5.0", "rule cover_damaged, field a:", id="sign"),
        pytest.param("weight = 25", "weight = 24", "weights sum to 99", id="weights"),
        pytest.param(
            'unit = "pit"',
            'unit = "hole"',
            "rule pit_litter, field unit.*'hole'",
            id="unit",
        ),
        pytest.param(
            'run_level = "continuous"',
            'run_level = "long"',
            "rule kerb_litter, field run_level.*'long'",
            id="level",
        ),
        pytest.param(
            'categories = ["stall"]',
            'categories = ["stall", "pothole"]',
            "rule stall, field categories: pothole in any zone.*road_damage",
            id="two rules for one thing",
        ),
        pytest.param(
            'zones = { kerb_strip = "kerb" }',
            'zones = { gutter = "kerb" }',
            "rule kerb_litter, field zones.*'gutter'",
            id="zone",
        ),
        pytest.param(
            'fallback = "view"',
            'fallback = "sky"',
            "rule .*field fallback.*'sky'",
            id="fallback",
        ),
        pytest.param("safety = true", "safty = true", "field safty", id="typo"),
        pytest.param("floor = 85.0", "floor = 95.0", "grade, field floor", id="grades"),
        pytest.param(
            'ceiling = "合格"', 'ceiling = "及格"', "field ceiling.*及格", id="ceiling"
        ),
        pytest.param(
            "version = 1", "version = 2", "says it is xuchang@2", id="version"
        ),
        pytest.param("[unit.item]", "[unit.item", "no TOML file", id="not TOML"),
        pytest.param(
            'id = "stall_at_school"',
            'id = "missing_cover"',
            "red_line missing_cover: this id is there twice",
            id="two red lines of one name",
        ),
    ],
)
def test_a_damaged_standard_names_the_rule_and_the_field(
    tmp_path, old, new, said
) -> None:
    with pytest.raises(FormError, match=f"^standard xuchang@1.*{said}") as caught:
        load_standard("xuchang@1", damaged(tmp_path, old, new))

    assert "\n" not in str(caught.value)


def test_no_two_rules_share_an_id() -> None:
    rules = [rule["id"] for rule in tomllib.loads(TEXT)["rule"]]

    assert len(rules) == len(set(rules))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a = 5.0", "a = -5.0"),
        ('unit = "pit"', 'unit = "hole"'),
        ("alley = 3.0", 'alley = "many"'),
        ("cell_m = 2.0", "cell_m = -2.0"),
        ("decimals = 1", "decimals = 9"),
        ("safety = true", "safety = 7"),
        ('begin = "00:00"', 'begin = "25:00"'),
        ("a = 15.0", "a = inf"),
    ],
)
def test_a_damaged_standard_names_the_line(tmp_path, old, new) -> None:
    line = TEXT[: TEXT.index(old)].count("\n") + 1

    with pytest.raises(FormError, match=f"^standard xuchang@1, line {line}: "):
        load_standard("xuchang@1", damaged(tmp_path, old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            'near = "school"',
            'near = "scool"',
            r"'scool'; choose from commercial, hospital, market, school, station",
            id="a red line near no kind of place",
        ),
        pytest.param(
            "[zone_factor.market]",
            "[zone_factor.markett]",
            r"zone_factor markett: .*; choose from commercial, hospital, market",
            id="weight near no kind of place",
        ),
        pytest.param(
            'allowance_per_100m = { "1" = 0.0, "2" = 1.0',
            'allowance_per_100m = { "1" = 0.0, "second" = 1.0',
            r"'second'; choose from 1, 2, 3, 4, alley",
            id="an allowance of no road class",
        ),
        pytest.param(
            'categories = ["litter"]',
            'categories = ["liter"]',
            r"'liter'; choose from .*litter",
            id="a category that nothing is called",
        ),
        pytest.param(
            "default_level = { graffiti",
            "default_level = { grafiti",
            r"'grafiti'; choose from graffiti, ",
            id="a level of a category that the rule has not",
        ),
    ],
)
def test_a_name_that_nobody_knows_is_refused_with_those_that_are(
    tmp_path, old, new, said
) -> None:
    line = TEXT[: TEXT.index(old)].count("\n") + 1

    with pytest.raises(FormError, match=f"^standard xuchang@1, line {line}: .*{said}"):
        load_standard("xuchang@1", damaged(tmp_path, old, new))
