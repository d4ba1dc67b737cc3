"""How late a stream's pictures are, by their own clock."""

from __future__ import annotations

import pytest

from vision.footage.live import Lag

T_S = 1_000_000.0


def test_pictures_that_come_as_they_are_taken_are_never_late() -> None:
    lag = Lag()

    assert [lag.of(T_S + k, 7.0 + k) for k in range(100)] == [0.0] * 100


def test_what_waited_while_somebody_looked_is_late() -> None:
    lag = Lag()
    lag.of(T_S, 0.0)

    assert lag.of(T_S + 10.0, 0.1) == pytest.approx(9.9, abs=0.02)
    assert lag.of(T_S + 10.0, 10.0) == pytest.approx(0.0, abs=0.02)


def test_a_burst_of_old_pictures_at_the_begin_is_what_is_late() -> None:
    """A server sends the pictures since the last key picture at once: 0 to 4 s old."""
    lag = Lag()

    assert [lag.of(T_S, float(k)) for k in range(5)] == [0.0] * 5
    assert lag.of(T_S + 1.0, 2.0) == pytest.approx(3.0, abs=0.01)


@pytest.mark.parametrize("slow", [-5e-4, 5e-4])
def test_a_camera_whose_clock_is_a_little_wrong_is_not_late_after_days(
    slow: float,
) -> None:
    lag = Lag()

    late_s = [lag.of(T_S + k, k * (1 + slow)) for k in range(0, 3 * 86400, 60)]

    assert max(late_s) < 0.1


def test_a_clock_that_is_set_back_begins_anew() -> None:
    lag = Lag()
    lag.of(T_S, 5000.0)

    assert lag.of(T_S + 1.0, 0.0) == 0.0
    assert lag.of(T_S + 2.0, 1.0) == 0.0


def test_a_picture_without_a_time_is_not_late() -> None:
    assert Lag().of(T_S, None) == 0.0
