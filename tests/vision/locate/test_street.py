"""The locator on streets made of numbers: counts, positions, invariances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import linear_sum_assignment

from tests.vision.locate.street import (
    CAMERA,
    SIZES,
    Noise,
    Street,
    Thing,
    busy_street,
    drive,
    picture,
    straight_path,
    turning_path,
)
from vision.geo import distance_m
from vision.locate import Locator
from vision.types import Sighting

# 0.6 deg of pitch in all: mount and suspension alike. 0.7 m per axis = 1 m of place.
KNOWN_PITCH = Noise(heading_deg=0.3, box_px=1.5, miss=0.1, false_per_frame=0.3)
EVERYTHING = replace(
    KNOWN_PITCH, pitch_bias_deg=0.42, pitch_jitter_deg=0.42, drift_m=0.7
)
SURE = 0.4


def errors_m(street: Street, found: list[Sighting]) -> npt.NDArray[np.float64]:
    """Return the distances of matched pairs: same category, within 4 m."""
    truth = [t for i, t in enumerate(street.things) if i in street.visible]
    table = np.array(
        [
            [
                distance_m(street.place_of(t), (f.lon, f.lat))
                if t.category == f.category
                else 99.0
                for f in found
            ]
            for t in truth
        ]
    )
    rows, columns = linear_sum_assignment(np.minimum(table, 4.0))
    pairs = table[rows, columns]
    return pairs[pairs < 4.0]


@pytest.mark.parametrize(
    ("noise", "median_m", "share_found"),
    [
        pytest.param(Noise(), 0.3, 1.0, id="a perfect world"),
        pytest.param(KNOWN_PITCH, 0.5, 0.95, id="noisy boxes, misses, false boxes"),
        pytest.param(EVERYTHING, 1.5, 0.92, id="pitch too high, receiver drifts"),
        pytest.param(
            replace(EVERYTHING, pitch_bias_deg=-0.42),
            1.5,
            0.92,
            id="pitch too low, receiver drifts",
        ),
    ],
)
def test_one_object_is_one_sighting_in_its_place(
    noise: Noise, median_m: float, share_found: float
) -> None:
    truth, count, pairs = 0, 0, []
    for seed in range(4):
        street = busy_street(seed)
        found = [s for s in drive(street, noise, seed=seed) if s.probability >= SURE]
        truth += len(street.visible)
        count += len(found)
        pairs.append(errors_m(street, found))
    error_m = np.concatenate(pairs)

    assert 0.95 <= count / truth <= 1.08
    assert len(error_m) / truth >= share_found
    assert np.median(error_m) <= median_m


def test_sigma_is_about_the_error_really_made() -> None:
    ratios = []
    for seed in range(4):
        street = busy_street(seed)
        found = drive(street, EVERYTHING, seed=seed)
        sure = [s for s in found if s.probability >= SURE]
        for sighting in sure:
            near_m = min(
                distance_m(street.place_of(t), (sighting.lon, sighting.lat))
                for t in street.things
                if t.category == sighting.category
            )
            if near_m < 6.0:
                ratios.append(near_m / sighting.sigma_m)

    # A Rayleigh distribution of unit sigma has median 1.18 and 99 % below 3.03.
    assert 0.5 < np.median(ratios) < 1.6
    assert np.mean(np.array(ratios) < 3.5) > 0.97


def test_laterals_are_right_of_the_path_even_when_the_receiver_is_metres_off() -> None:
    street = busy_street(2)

    found = drive(street, replace(EVERYTHING, drift_m=4.0), seed=2)

    # Compare sideways only, by the nearest true object of that category along y.
    off_m = []
    for s in found:
        if s.probability >= SURE and s.category in ("manhole_ok", "stall"):
            nearest = [t for t in street.things if t.category == s.category]
            off_m.append(min(abs(s.lateral_m - t.x) for t in nearest))
    assert np.median(off_m) < 0.5


@pytest.mark.parametrize("gap_m", [2.5, 3.0, 4.0])
def test_two_near_objects_of_one_class_stay_two(gap_m: float) -> None:
    street = Street(
        [
            Thing("litter", 1.0, 40.0, SIZES["litter"]),
            Thing("litter", 1.4, 40.0 + gap_m, SIZES["litter"]),
        ],
        straight_path(80),
    )
    counts = [
        sum(
            s.probability >= SURE
            for s in drive(street, replace(EVERYTHING, false_per_frame=0), seed=seed)
        )
        for seed in range(12)
    ]

    assert 0.95 <= np.mean(counts) / 2 <= 1.08


def test_shuffled_detections_change_nothing() -> None:
    street = busy_street(1, length_m=150)
    rng = np.random.default_rng(5)

    plain, shuffled = Locator(CAMERA), Locator(CAMERA)
    for frame, pose, detections, chance in street.frames(EVERYTHING, 1):
        order = rng.permutation(len(detections))
        plain.update(frame, pose, detections, chance, picture)
        shuffled.update(frame, pose, detections.select(order), chance[order], picture)

    def key(locator: Locator) -> list[Sighting]:
        return [replace(s, evidence=()) for s in locator.finish()]

    assert key(plain) == key(shuffled)


@pytest.mark.parametrize("turn_deg", [45.0, 90.0, 211.0])
def test_rotating_the_world_leaves_laterals_unchanged(turn_deg: float) -> None:
    street = busy_street(3, length_m=120)
    turned = replace(street, rotated_deg=turn_deg, visible=set())

    here = drive(street, EVERYTHING, seed=3)
    there = drive(turned, EVERYTHING, seed=3)

    assert [s.category for s in here] == [s.category for s in there]
    assert [s.lateral_m for s in here] == pytest.approx(
        [s.lateral_m for s in there], abs=0.01
    )
    for a, b in zip(here, there, strict=True):
        assert (b.heading_deg - a.heading_deg) % 360 == pytest.approx(turn_deg, abs=0.1)


def test_on_a_turn_laterals_and_headings_follow_the_path() -> None:
    path = turning_path(before_m=60.0, after_m=80.0, radius_m=12.0)
    street = Street(
        [
            Thing("litter", 3.0, 30.0, SIZES["litter"]),
            Thing("litter", 60.0, 72.0 - 3.0, SIZES["litter"]),
            Thing("litter", 80.0, 72.0 + 2.0, SIZES["litter"]),
        ],
        path,
    )

    found = sorted(drive(street, Noise()), key=lambda s: s.first_drive_s)

    assert len(found) == 3
    assert [s.lateral_m for s in found] == pytest.approx([3.0, 3.0, -2.0], abs=0.3)
    assert [s.heading_deg for s in found] == pytest.approx([0, 90, 90], abs=2)


def moving_street(seed: int, *, own_mps: float, other_mps: float) -> Street:
    rng = np.random.default_rng(seed)
    cars = [
        Thing(
            "car",
            -2.6,
            60 + 40.0 * i + rng.uniform(-5, 5),
            SIZES["car"],
            velocity=(0, -other_mps),
        )
        for i in range(5)
    ]
    leading = Thing("car", 0.3, 14.0, SIZES["car"], velocity=(0, own_mps))
    return Street([*cars, leading], straight_path(120), speed_mps=own_mps)


def test_a_car_followed_over_the_whole_drive_is_one_moving_sighting() -> None:
    street = Street(
        [Thing("car", 0.3, 14.0, SIZES["car"], velocity=(0, 8.0))],
        straight_path(120),
        speed_mps=8.0,
    )

    found = drive(street, Noise(heading_deg=0.3, box_px=1.5, miss=0.05))

    assert len(found) == 1
    assert found[0].stationary_probability == pytest.approx(0.0, abs=0.01)


def followed_cars(found: list[Sighting]) -> list[float]:
    return [
        s.stationary_probability
        for s in found
        if s.stationary_probability is not None
        and s.category == "car"
        and s.frames >= 3
    ]


def test_moving_cars_are_told_from_parked_ones() -> None:
    parked, moving = [], []
    noise = replace(EVERYTHING, false_per_frame=0)
    for seed in range(4):
        street = moving_street(seed, own_mps=9.0, other_mps=10.0)
        parked += followed_cars(drive(busy_street(seed), noise, seed=seed))
        moving += followed_cars(drive(street, noise, seed=seed))

    assert np.mean(np.array(parked) > 0.5) > 0.93
    assert np.mean(np.array(moving) < 0.5) > 0.85
    assert len(moving) > 10
