"""Ground that layouts show: what is hidden, what a street lacks."""

from __future__ import annotations

import numpy as np

from service.scoring import GroundSeen
from vision.types import Side

ALL = frozenset({"carriageway", "kerb_strip", "pavement"})
Zones = dict[Side, frozenset[str]]


def ground(*rows: tuple[float, Zones, Zones]) -> GroundSeen:
    return GroundSeen(
        offset_m=np.array([offset for offset, _, _ in rows]),
        seen=tuple(seen for _, seen, _ in rows),
        there=tuple(there for _, _, there in rows),
    )


def test_ground_is_hidden_where_a_row_does_not_show_it() -> None:
    car: Zones = {"left": ALL, "right": frozenset({"carriageway"})}
    free: Zones = {"left": ALL, "right": ALL}
    seen = ground((4.5, free, {}), (5.5, car, {}), (6.5, car, {}))
    at_m = np.array([4.0, 5.6, 7.0, 12.0])

    assert seen.hides(at_m, "kerb_strip", "right").tolist() == [
        False,
        True,
        True,
        False,  # nobody read a layout so far on
    ]
    assert not seen.hides(at_m, "kerb_strip", "left").any()


def test_one_row_is_enough() -> None:
    seen = ground((4.5, {"left": ALL}, {}))

    assert seen.hides(np.array([4.0]), "kerb_strip", "right").tolist() == [True]


def test_a_side_without_trunks_lacks_tree_pits() -> None:
    free: Zones = {"left": ALL, "right": ALL}
    rows = [(k + 0.5, free, {"right": frozenset({"tree_pit"})}) for k in range(3)]
    seen = ground(*rows)

    assert seen.lacks("tree_pit", "left")
    assert not seen.lacks("tree_pit", "right")
    assert not seen.lacks("wall_base", "left")


def test_a_side_hardly_seen_may_have_anything() -> None:
    free: Zones = {"left": ALL}
    rows = [(0.5, free, {}), (1.5, {}, {}), (2.5, {}, {})]

    assert not ground(*rows).lacks("tree_pit", "left")


def test_what_one_of_two_passes_saw_is_seen() -> None:
    free: Zones = {"right": ALL}
    rows = [
        (4.5, {}, {}),
        (4.6, free, {}),
        (6.5, free, {}),
        (6.6, {}, {}),
        (8.5, {}, {}),
    ]
    hidden = ground(*rows).hides(np.array([4.4, 6.7, 8.5]), "kerb_strip", "right")

    assert hidden.tolist() == [False, False, True]
