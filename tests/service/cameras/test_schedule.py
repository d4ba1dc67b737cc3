"""When a camera is watched, on the city's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.camera_records import Schedule

EAST_S = 8 * 3600.0
WEEK = (1, 2, 3, 4, 5, 6, 7)


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> float:
    """Return a time of September 2026 in China; the 14th is a Monday."""
    at = datetime(2026, 9, day, tzinfo=UTC)
    at += timedelta(hours=hour, minutes=minute, seconds=second)
    return at.timestamp() - EAST_S


@pytest.mark.parametrize(
    ("schedule", "at_s", "wanted"),
    [
        pytest.param(
            Schedule(60, 15, 7, 22, WEEK),
            local(16, 9, 14, 59),
            (local(16, 9), local(16, 9, 15)),
            id="the last second of a slot",
        ),
        pytest.param(
            Schedule(60, 15, 7, 22, WEEK), local(16, 9, 15), None, id="its end is out"
        ),
        pytest.param(
            Schedule(60, 15, 7, 22, WEEK), local(16, 6, 5), None, id="before hours"
        ),
        pytest.param(
            Schedule(60, 15, 7, 22, WEEK), local(16, 22, 5), None, id="after hours"
        ),
        pytest.param(
            Schedule(45, 30, 7, 8, WEEK),
            local(16, 7, 50),
            (local(16, 7, 45), local(16, 8)),
            id="a slot ends with the hours",
        ),
        pytest.param(
            Schedule(60, 60, 22, 6, WEEK),
            local(17, 5, 59),
            (local(17, 5), local(17, 6)),
            id="hours over midnight",
        ),
        pytest.param(
            Schedule(60, 60, 22, 6, (3,)),
            local(17, 1),
            (local(17, 1), local(17, 2)),
            id="a night belongs to the day on which it began",
        ),
        pytest.param(
            Schedule(60, 60, 22, 6, (3,)), local(16, 1), None, id="not the night before"
        ),
        pytest.param(
            Schedule(60, 15, 0, 24, (6, 7)), local(18, 9), None, id="Friday is none"
        ),
        pytest.param(
            Schedule(60, 15, 0, 24, (6, 7)),
            local(19, 0, 5),
            (local(19, 0), local(19, 0, 15)),
            id="Saturday begins at the city's midnight",
        ),
        pytest.param(
            Schedule(1440, 1440, 0, 24, WEEK),
            local(16, 23, 59),
            (local(16, 0), local(17, 0)),
            id="always",
        ),
    ],
)
def test_a_slot_holds_its_times(
    schedule: Schedule, at_s: float, wanted: tuple[float, float] | None
) -> None:
    slot = schedule.slot_at(at_s, offset_s=EAST_S)

    assert (None if slot is None else (slot.from_s, slot.to_s)) == wanted


def test_slots_of_a_day_follow_one_another_without_overlap() -> None:
    schedule = Schedule(50, 50, 7, 22, WEEK)
    minutes = [local(16, 0) + 60 * k for k in range(24 * 60)]

    held = [schedule.slot_at(at_s, offset_s=EAST_S) for at_s in minutes]

    watched = [slot for slot in held if slot is not None]
    assert len(watched) == 15 * 60
    assert len(set(watched)) == 18  # 15 hours are 900 minutes, 18 times 50
    assert all(s.holds(m) for s, m in zip(held, minutes, strict=True) if s)


@pytest.mark.parametrize(
    ("at_s", "wanted"),
    [
        pytest.param(local(16, 9, 15), local(16, 9), id="the moment it ended"),
        pytest.param(local(16, 9, 10), local(16, 8), id="one that lasts did not end"),
        pytest.param(local(16, 3), local(15, 21), id="the evening before"),
        pytest.param(local(14, 6), local(12, 21), id="Sunday is none: Saturday's"),
    ],
)
def test_the_slot_that_ended_last(at_s: float, wanted: float) -> None:
    schedule = Schedule(60, 15, 7, 22, (1, 2, 3, 4, 5, 6))

    slot = schedule.last_ended(at_s, offset_s=EAST_S)

    assert slot is not None
    assert slot.from_s == wanted
