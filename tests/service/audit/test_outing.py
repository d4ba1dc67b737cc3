"""Which part of a track counts for a drive."""

from __future__ import annotations

import pytest

from service.audit.outing import (
    AROUND_FOOTAGE_S,
    driven_lonlat,
    driven_m,
    filmed_path_s,
    path_times,
)
from vision.geo import distance_m
from vision.telemetry import Track, build_track
from vision.types import ClockOffset, GnssFix

START_S = 1.8e9
DEG_PER_S = 1e-4
"""North, 11.1 m/s."""


def drive(first_s: int, last_s: int) -> Track:
    """A steady drive; the footage begins at drive second 0."""
    fixes = [
        GnssFix(START_S + s, 113.8, 34.0 + s * DEG_PER_S)
        for s in range(first_s, last_s + 1)
    ]
    return build_track(fixes, ClockOffset(START_S, "creation_time", None))


def test_driving_before_and_after_the_footage_is_no_part_of_the_drive() -> None:
    track = drive(-60, 120)

    path_s = filmed_path_s(track, 20.0)

    assert path_s == pytest.approx((-AROUND_FOOTAGE_S, 20.0 + AROUND_FOOTAGE_S))
    assert driven_m(track, path_s) == pytest.approx(21 * 11.1, rel=0.02)
    lonlat = driven_lonlat(track, path_s)
    assert distance_m(lonlat[0], (113.8, 34.0 - AROUND_FOOTAGE_S * DEG_PER_S)) < 1
    last_s = 20.0 + AROUND_FOOTAGE_S
    assert distance_m(lonlat[-1], (113.8, 34.0 + last_s * DEG_PER_S)) < 1


def test_a_track_shorter_than_the_footage_counts_whole() -> None:
    track = drive(5, 15)

    assert filmed_path_s(track, 60.0) == pytest.approx((5.0, 15.0))


def test_path_times_begin_and_end_with_the_path() -> None:
    assert path_times((2.0, 3.6)) == pytest.approx([2.0, 2.5333, 3.0667, 3.6], abs=1e-3)
    assert path_times((2.0, 2.0)) == [2.0, 2.0]
