from pathlib import Path

import pytest

from training.collect import load_maps
from training.dataset_cards import check_cards, read_dataset_cards
from training.labels import read_sets
from training.types import Box, LabelledImage, Rejected
from training.workspace import Workspace
from vision.errors import FormError

WORKSPACE = Workspace.beside(Path(__file__).resolve().parents[2])
HEAP = Box("garbage_pile", 0.1, 0.1, 0.5, 0.5)
CARD = 'id = "heaps@1"\nimages = 1\n[instances]\ngarbage_pile = 1\n'


def heaps(*counts: int) -> list[LabelledImage]:
    return [
        LabelledImage(Path(f"{n}.jpg"), (HEAP,) * count, "heaps", str(n), frozenset())
        for n, count in enumerate(counts)
    ]


def test_every_real_set_is_what_its_card_says_and_none_has_a_fault() -> None:
    _, maps = load_maps(WORKSPACE)
    rejected: list[Rejected] = []

    images = read_sets(WORKSPACE.shared, maps, rejected)

    assert check_cards(WORKSPACE.datasets, images) == ()
    assert rejected == []
    assert len({image.source for image in images}) == 12


def test_drawn_sets_have_cards_that_count_what_is_drawn() -> None:
    cards = read_dataset_cards(WORKSPACE.datasets)

    for name in ("rendered_street", "pasted_street"):
        assert cards[name].images > 0
        assert cards[name].instances


def test_each_difference_is_named(tmp_path: Path) -> None:
    (tmp_path / "heaps@1.toml").write_text(CARD)
    stall = LabelledImage(
        Path("s.jpg"), (Box("stall", 0, 0, 1, 1),), "heaps", "s", frozenset()
    )

    assert check_cards(tmp_path, heaps(1)) == ()
    assert check_cards(tmp_path, [*heaps(2), stall]) == (
        "heaps@1.toml says images = 1, but 2 were read",
        "heaps@1.toml says garbage_pile = 1, but 2 were read",
        "heaps@1.toml says stall = 0, but 1 were read",
    )


def test_a_set_without_a_card_and_a_card_without_counts_are_named(
    tmp_path: Path,
) -> None:
    assert "no card" in check_cards(tmp_path, heaps(1))[0]

    (tmp_path / "heaps@1.toml").write_text('id = "heaps@1"\nimages = 1\n')
    assert "[instances]" in check_cards(tmp_path, heaps(1))[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("id = ", r"not TOML.*line 1", id="cut off"),
        pytest.param('id = "piles@1"\nimages = 1', "piles@1", id="another set"),
        pytest.param('id = "heaps@1"', "`images`", id="no number of pictures"),
        pytest.param('id = "heaps@1"\nimages = -1', "-1", id="fewer than none"),
        pytest.param(CARD.replace("= 1\n", '= "x"\n'), "`images`", id="words"),
        pytest.param(CARD + "stall = 1.5\n", r"`instances\.stall`", id="half a stall"),
    ],
)
def test_a_damaged_card_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "heaps@1.toml").write_text(text)

    with pytest.raises(FormError, match=said):
        read_dataset_cards(tmp_path)
