"""Day, dusk or night."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.light import light_at, sun_height_deg

XUCHANG = (113.85, 34.03)


def utc_s(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("at_s", "height_deg"),
    [
        # At noon on an equinox the sun stands at 90 degrees less the latitude, on a
        # solstice 23.4 more or less. Noon in Xuchang is about 4:25 UTC.
        pytest.param(utc_s(2026, 3, 20, 4, 32), 90 - 34.03, id="equinox"),
        pytest.param(utc_s(2026, 6, 21, 4, 27), 90 - 34.03 + 23.44, id="summer"),
        pytest.param(utc_s(2026, 12, 21, 4, 23), 90 - 34.03 - 23.44, id="winter"),
    ],
)
def test_the_sun_stands_where_it_does(at_s: float, height_deg: float) -> None:
    assert sun_height_deg(at_s, *XUCHANG) == pytest.approx(height_deg, abs=0.2)


def test_a_day_goes_from_night_over_dusk_to_day_and_back() -> None:
    lights = [light_at(utc_s(2026, 9, 21) + 600 * n, *XUCHANG) for n in range(144)]

    turns = [a for n, a in enumerate(lights) if n == 0 or lights[n - 1] != a]

    assert turns == ["day", "dusk", "night", "dusk", "day"]
