"""What reviewers draw: things that the eyes had missed."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from service.review.apply import apply_review
from service.review.base import AddedBox
from service.review.drawn import overlap
from service.review.measures import measures
from service.review.pictures import jpeg_size
from service.store import Store
from tests.service.review.answered import (
    SAID_S,
    SETTINGS,
    SIZE_PX,
    answer,
    fill,
    finding,
    jpeg,
    score,
    shown,
    states,
    value,
)
from tests.service.store.records import NOON_S, drive
from vision.camera import assume_camera, ground_to_pixel
from vision.errors import FormError, InputError
from vision.geo import LocalFrame, distance_m

CAMERA = assume_camera(*SIZE_PX)
HEAP_AT, BOTTLE_AT = (12.0, 2.0), (16.0, 3.5)
"""Metres forward and right of the camera."""


def box_at(ground: tuple[float, float], size_px: float = 12.0) -> Any:
    """Return the box of a thing that stands there."""
    ((u, v),) = ground_to_pixel(CAMERA, [ground])
    return (u - size_px, v - 2 * size_px, u + size_px, v)


@pytest.fixture
def city(tmp_path: Path) -> Store:
    """Return a street on which a pass to the east saw a heap, by a known camera."""
    store = Store(str(tmp_path / "city"))
    heap = shown(
        store, 1, category="garbage_pile", probability=0.6, zone="pavement",
        offset_m=100.0, xyxy=box_at(HEAP_AT),
    )  # fmt: skip
    run = {"liujing": "0.1.0", "camera": asdict(CAMERA)}
    store.add_drive(replace(drive(heap), run=run), known_s=NOON_S + 60)
    score(store)
    return store


def picture(store: Store) -> str:
    (look,) = store.looks("s1")
    return look.sightings[0][1].sighting.evidence[0].image


def draw(store: Store, *boxes: tuple[str, Any], **changes: Any) -> Any:
    added = tuple(AddedBox(name, xyxy, picture(store)) for name, xyxy in boxes)
    heap = finding(store, "garbage_pile")
    return apply_review(store, SETTINGS, answer(heap, added=added, **changes))


def test_what_is_drawn_becomes_a_finding_where_the_camera_says(city: Store) -> None:
    before = value(city)

    applied = draw(city, ("litter", box_at(BOTTLE_AT)))

    bottle, heap = finding(city, "litter"), finding(city, "garbage_pile")
    assert applied.drawn == (bottle,)
    assert states(city) == {bottle: "confirmed", heap: "confirmed"}
    found = {f.finding.id: f.finding for f in city.findings("s1")}
    there = found[heap].lon, found[heap].lat
    # Four metres further east, one and a half further south (right).
    wanted = LocalFrame(*there).to_lonlat([[4.0, -1.5]])[0]
    got = (found[bottle].lon, found[bottle].lat)
    assert distance_m(got, (float(wanted[0]), float(wanted[1]))) < 0.1
    assert 0.8 < found[bottle].sigma_m < 2.0
    assert found[bottle].side == "right"
    assert found[bottle].zone is not None
    assert value(city) < before


def test_it_counts_against_recall(city: Store) -> None:
    draw(city, ("litter", box_at(BOTTLE_AT)))

    of = {m.key: m for m in measures(city, SETTINGS).classes}

    litter = of["street@2", "litter", "", ""].recall
    heap = of["street@2", "garbage_pile", "", ""].recall
    assert (litter.hits, litter.count) == (0, 1)
    assert (heap.hits, heap.count) == (1, 1)


def test_without_a_camera_it_lies_by_its_neighbour_with_more_doubt(
    tmp_path: Path,
) -> None:
    store = Store(str(tmp_path / "city"))
    fill(store, shown(store, 1, category="garbage_pile", zone="pavement"))

    draw(store, ("litter", (10.0, 10.0, 60.0, 60.0)))

    found = {f.finding.category: f.finding for f in store.findings("s1")}
    assert found["litter"].lon == pytest.approx(found["garbage_pile"].lon)
    assert found["litter"].sigma_m > 5


def test_what_another_reviewer_draws_too_is_one_thing(city: Store) -> None:
    draw(city, ("litter", box_at(BOTTLE_AT)), reviewer="李")
    before = value(city)

    draw(city, ("litter", box_at(BOTTLE_AT, 13.0)), reviewer="王")

    assert len(states(city)) == 2
    assert value(city) == before
    assert not city.findings("s1")[0].finding.once


def test_a_box_of_what_the_eyes_saw_is_a_word_on_it(city: Store) -> None:
    draw(city, ("garbage_pile", box_at(HEAP_AT, 11.0)))

    assert list(states(city).values()) == ["confirmed"]


def test_what_a_later_version_does_not_draw_is_gone(city: Store) -> None:
    both = (("litter", box_at(BOTTLE_AT)), ("litter", box_at((10.0, -2.0))))
    draw(city, *both, annotation="desk:1", source="desk:1:1")
    assert len(states(city)) == 3

    draw(city, both[0], annotation="desk:1", source="desk:1:2", at_s=SAID_S + 60)

    assert sorted(states(city).values()) == ["confirmed", "confirmed", "rejected"]


def test_versions_may_arrive_in_any_order(city: Store) -> None:
    one = ("litter", box_at(BOTTLE_AT))
    newer = {"annotation": "desk:1", "source": "desk:1:2", "at_s": SAID_S + 60}
    draw(city, one, **newer)

    draw(
        city, one, ("litter", box_at((10.0, -2.0))), annotation="desk:1",
        source="desk:1:1",
    )  # fmt: skip

    assert sorted(states(city).values()) == ["confirmed", "confirmed"]


def test_the_same_version_draws_once(city: Store) -> None:
    for _ in range(3):
        draw(city, ("litter", box_at(BOTTLE_AT)), source="desk:1:1")

    assert len(states(city)) == 2


@pytest.mark.parametrize(
    ("xyxy", "said"),
    [
        pytest.param((-1, 2, 30, 40), "does not lie in the picture", id="left of it"),
        pytest.param((10, 10, 641, 40), "640 x 360 pixels", id="right of it"),
        pytest.param((30, 10, 30, 40), "does not lie in", id="no width"),
        pytest.param((30, 40, 60, 10), "does not lie in", id="upside down"),
        pytest.param((math.nan, 1, 2, 3), "does not lie in", id="not a number"),
    ],
)
def test_a_box_that_cannot_be_is_refused_and_nothing_of_the_answer_is_kept(
    city: Store, xyxy: Any, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        draw(city, ("litter", box_at(BOTTLE_AT)), ("litter", xyxy))

    assert city.words() == []
    assert len(states(city)) == 1


def test_a_picture_of_another_street_and_a_class_that_is_none_are_refused(
    city: Store,
) -> None:
    other = city.blobs.put(jpeg(9), ".jpg")
    heap = finding(city, "garbage_pile")
    box = AddedBox("litter", (1.0, 1.0, 9.0, 9.0), other)

    with pytest.raises(InputError, match="is no picture of"):
        apply_review(city, SETTINGS, answer(heap, added=(box,)))
    with pytest.raises(InputError, match="no problem is called 'person'"):
        draw(city, ("person", box_at(BOTTLE_AT)))


def test_what_was_drawn_is_not_known_before_it_was(city: Store) -> None:
    (first,) = city.looks("s1")
    before_s = city.scores("s1")[0]["known_s"]
    draw(city, ("litter", box_at(BOTTLE_AT)))

    (now,) = city.looks("s1")
    (then,) = city.looks("s1", as_of_s=before_s)

    assert (len(now.sightings), len(then.sightings)) == (2, 1)
    assert then.sightings == first.sightings


def test_sizes_and_overlaps() -> None:
    assert jpeg_size(jpeg(1), "a.jpg") == SIZE_PX
    with pytest.raises(FormError, match=r"a\.jpg is no JPEG"):
        jpeg_size(b"no picture", "a.jpg")
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 1, 1), (2, 2, 3, 3)) == 0
