"""Headings of a straight drive are steady; a turn is not smeared."""

from __future__ import annotations

import numpy as np

from vision.telemetry.heading import steady_headings
from vision.types import FloatArray

RATE_HZ = 5.0
SPEED_MPS = 8.0


def off_deg(got: FloatArray, true: FloatArray) -> FloatArray:
    return (got - true + 180.0) % 360.0 - 180.0


def own_headings(xy: FloatArray) -> FloatArray:
    """Return headings from one step to the next, as a nervous tracker would."""
    step = np.gradient(xy, axis=0)
    return np.degrees(np.arctan2(step[:, 0], step[:, 1])) % 360.0


def test_slow_drift_of_a_receiver_hardly_turns_a_straight_drive() -> None:
    rng = np.random.default_rng(3)
    t = np.arange(0.0, 60.0, 1 / RATE_HZ)
    wander = np.cumsum(rng.normal(0, 0.08, (len(t), 2)), axis=0)
    xy = np.column_stack([np.zeros_like(t), SPEED_MPS * t]) + wander
    own = own_headings(xy)
    own = off_deg(own, np.zeros_like(own)).clip(-3, 3) % 360.0

    got = steady_headings(t, xy, own, np.ones(len(t), dtype=np.bool_))

    before, after = (np.std(off_deg(h, np.zeros_like(h))) for h in (own, got))
    assert after < 1.2
    assert after < 0.6 * before


def test_a_turn_keeps_the_heading_of_the_near_motion() -> None:
    t = np.arange(0.0, 20.0, 1 / RATE_HZ)
    true = np.clip((t - 8.0) * 30.0, 0.0, 90.0)
    rad = np.radians(true)
    velocity = 4.0 * np.column_stack([np.sin(rad), np.cos(rad)])
    xy = np.cumsum(velocity / RATE_HZ, axis=0)

    got = steady_headings(t, xy, true.copy(), np.ones(len(t), dtype=np.bool_))

    assert np.abs(off_deg(got, true)).max() <= 4.0


def test_standing_and_lone_fixes_keep_their_own_heading() -> None:
    t = np.array([0.0, 1.0, 2.0])
    xy = np.array([[0.0, 0.0], [0.0, 8.0], [0.0, 8.0]])
    own = np.array([10.0, 20.0, 30.0])

    got = steady_headings(t, xy, own, np.array([True, True, False]))

    assert got.tolist() == own.tolist()
