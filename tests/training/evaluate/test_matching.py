from dataclasses import replace

import numpy as np
import pytest

from tests.training.evaluate.builders import KNOWN, label_maps, seen
from training.evaluate.ap import ap_by_iou, rate_at
from training.evaluate.matching import (
    HEAPS,
    LOOKED_AT_M,
    claim,
    match_all,
    of_areas,
    of_pictures,
    pairwise_iou,
)
from training.labels import RENDERED
from training.types import Box
from vision.inspect import InspectOptions

SQUARE = (0, 0, 10, 10)


def test_an_instance_is_claimed_once_by_the_surest_box() -> None:
    truth = np.array([[0, 0, 10, 10]], np.float64)
    found = np.array([[0, 0, 10, 9], [0, 0, 10, 10], [50, 50, 60, 60]], np.float64)

    assert claim(pairwise_iou(found, truth), 0.5).tolist() == [0, -1, -1]


def test_a_box_that_overlaps_by_less_than_half_claims_nothing() -> None:
    truth = np.array([[0, 0, 10, 10]], np.float64)
    found = np.array([[0, 0, 10, 4.9]], np.float64)

    assert claim(pairwise_iou(found, truth), 0.5).tolist() == [-1]


def test_a_tighter_threshold_takes_fewer_hits() -> None:
    # IoU 100 x 77 / 100 x 100 = 0.77: a hit at .50, .55, ... .75, six of ten.
    picture = seen([("litter", (0, 0, 100, 100))], [("litter", (0, 0, 100, 77), 0.9)])

    got = match_all([picture], label_maps(), ["litter"])["litter"]

    values = ap_by_iou(got)
    assert values is not None
    assert values.tolist() == [1.0] * 6 + [0.0] * 4
    assert values.mean() == pytest.approx(0.6)


def test_where_a_class_is_not_known_only_boxes_that_touch_a_label_count() -> None:
    picture = seen(
        [("litter", SQUARE)],
        [("litter", SQUARE, 0.5), ("litter", (60, 60, 70, 70), 0.9)],
        known=frozenset(),
    )
    known = seen([], [("litter", SQUARE, 0.9)])

    got = match_all([picture, known], label_maps(), ["litter"])["litter"]

    assert got.confidence.tolist() == [0.9, 0.5]
    assert got.hit.tolist() == [False, True]
    assert got.picture.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("kind", "known", "counted"),
    [
        pytest.param(None, frozenset(), 0, id="nobody looked: it proves nothing"),
        pytest.param("absent", frozenset(), 1, id="a person said there is none: false"),
        pytest.param("unsure", frozenset(), 0, id="a person was unsure"),
        pytest.param("unsure", KNOWN, 0, id="unsure, though the class is known"),
    ],
)
def test_a_find_where_a_person_looked(
    kind: str | None, known: frozenset[str], counted: int
) -> None:
    picture = seen(
        [],
        [("litter", SQUARE, 0.9)],
        known=known,
    )
    width, height = picture.width_px, picture.height_px
    place = (Box("litter", 0.0, 0.0, 10 / width, 10 / height),)
    image = replace(picture.image, **({} if kind is None else {kind: place}))

    got = match_all([replace(picture, image=image)], label_maps(), ["litter"])

    assert len(got["litter"].confidence) == counted


@pytest.mark.parametrize(
    ("source", "instances", "boxes"),
    [
        pytest.param("photos", 2, 2, id="a photo's thin label counts"),
        pytest.param(RENDERED, 1, 1, id="a rendered one does not, found or missed"),
    ],
)
def test_what_a_renderer_labels_and_nobody_can_read(
    source: str, instances: int, boxes: int
) -> None:
    thin = (50, 50, 80, 57)
    picture = seen(
        [("litter", SQUARE), ("litter", thin)],
        [("litter", SQUARE, 0.9), ("litter", (50, 50, 80, 56), 0.8)],
        source=source,
    )

    got = match_all([picture], label_maps(), ["litter"])["litter"]

    assert got.instances == instances
    assert len(got.confidence) == boxes
    assert got.hit.all()


def test_what_stands_farther_off_than_the_audit_looks_does_not_count() -> None:
    far = (50, 50, 80, 80)
    picture = seen(
        [("litter", SQUARE), ("litter", far)],
        [("litter", SQUARE, 0.9), ("litter", far, 0.8)],
        source=RENDERED,
        ranges_m=(21.0, 23.0),
    )

    got = match_all([picture], label_maps(), ["litter"])["litter"]

    assert got.instances == 1
    assert got.confidence.tolist() == [0.9]


def test_the_audit_looks_as_far_as_the_rule_says() -> None:
    assert InspectOptions().find_range_m == LOOKED_AT_M


def test_a_source_may_take_two_classes_for_one() -> None:
    picture = seen([("litter", SQUARE)], [("graffiti", SQUARE, 0.8)])

    got = match_all([picture], label_maps({"graffiti": "litter"}), sorted(KNOWN))

    assert got["litter"].hit.tolist() == [True]
    assert len(got["graffiti"].confidence) == 0


def test_heaps_and_bins_are_also_measured_as_one() -> None:
    both = frozenset({"garbage_pile", "bin_overflow"})
    picture = seen(
        [("garbage_pile", SQUARE), ("bin_overflow", (50, 50, 60, 60))],
        [("bin_overflow", SQUARE, 0.8), ("garbage_pile", (50, 50, 60, 60), 0.7)],
        known=both,
    )

    got = match_all([picture], label_maps(), sorted(both))

    assert not got["garbage_pile"].hit.any()
    assert not got["bin_overflow"].hit.any()
    assert got[HEAPS].hit.tolist() == [True, True]


def test_instances_of_another_size_are_ignored_with_the_boxes_that_claim_them() -> None:
    small, large = (0, 0, 10, 10), (20, 20, 80, 80)
    picture = seen(
        [("litter", small), ("litter", large)],
        [
            ("litter", large, 0.9),  # claims the large one
            ("litter", (85, 0, 95, 10), 0.8),  # small and false
            ("litter", small, 0.7),
            ("litter", (0, 30, 15, 90), 0.6),  # 900 px2 and false
        ],
    )
    got = match_all([picture], label_maps(), ["litter"])["litter"]

    part = of_areas(got, 0, 200)

    assert part.instances == 1
    assert part.confidence.tolist() == [0.8, 0.7]
    assert part.hit.tolist() == [False, True]
    assert part.claimed.tolist() == [-1, 0]


def test_a_part_of_the_pictures_keeps_its_own_instances_alone() -> None:
    first = seen([("litter", SQUARE)], [("litter", SQUARE, 0.9)], name="a")
    second = seen([("litter", SQUARE)], [], name="b")
    got = match_all([first, second], label_maps(), ["litter"])["litter"]

    assert rate_at(got, 0.5).recall == 0.5
    assert rate_at(of_pictures(got, np.array([True, False])), 0.5).recall == 1.0
    assert rate_at(of_pictures(got, np.array([False, True])), 0.5).recall == 0.0
