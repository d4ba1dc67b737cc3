"""What if: a past window under other rules, without a trace in the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.memory.street import Terms, Window
from service.memory.whatif import what_if
from service.scoring import load_standard, read_standard
from service.store import Store
from tests.service.store.records import DAY_S, NOON_S, STREET, drive, seen
from vision.errors import FormError, NotFoundError
from vision.taxonomy import load_taxonomy

USUAL = load_standard("xuchang@1")
ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "service/scoring/standards/xuchang@1.toml"
ROLES = {category.id: category.role for category in load_taxonomy().categories}
MONTH = Window(NOON_S - 15 * DAY_S, NOON_S + 15 * DAY_S)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """Return the shipped standard with posters that cost twice as much."""
    text = SHIPPED.read_text("utf-8")
    begin = text.index('categories = ["poster", "graffiti"]\nany_zone')
    changed = text[:begin] + text[begin:].replace("a = 1.0", "a = 2.0", 1)
    path = tmp_path / "draft.toml"
    path.write_text(changed, "utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    kept = Store(str(tmp_path / "city"))
    kept.add_drive(
        drive(seen("poster", zone="wall_base", probability=1.0)), known_s=NOON_S
    )
    unseen = replace(STREET, id="s0")
    kept.add_segments([unseen], known_s=NOON_S)
    yield kept
    kept.close()


def test_a_draft_moves_what_it_changes_and_nothing_is_written(
    store: Store, draft: Path
) -> None:
    terms, other = Terms(USUAL, ROLES), Terms(read_standard(draft), ROLES)

    moved, never = what_if(store, window=MONTH, terms=terms, other=other)

    lost = [
        next(
            part.points_lost
            for part in one.working.score.elements
            if part.element == "wall_base"
        )
        for one in (moved.before, moved.after)
        if one.working is not None
    ]
    assert lost[1] == pytest.approx(2 * lost[0])
    assert moved.points == pytest.approx(lost[0] - lost[1])
    assert (never.before.segment.id, never.points) == ("s0", None)
    assert store.scores("s1") == []
    assert store.findings("s1") == []


def test_the_same_rules_move_nothing(store: Store) -> None:
    terms = Terms(USUAL, ROLES)

    moved = what_if(store, window=MONTH, terms=terms, other=terms)

    assert [one.points for one in moved] == [0, None]


def test_a_damaged_draft_is_said_by_its_file_and_line(draft: Path) -> None:
    draft.write_text(draft.read_text("utf-8").replace("weight = 25", "weight = -2"))

    with pytest.raises(FormError, match=r"^standard draft.toml, line \d+: element"):
        read_standard(draft)
    with pytest.raises(NotFoundError, match="there is no standard"):
        read_standard(draft.with_name("none.toml"))
