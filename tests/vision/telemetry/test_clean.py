from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vision.errors import TelemetryError
from vision.geo import distance_m, wgs84_to_gcj02
from vision.telemetry import clean_fixes, convert_datum, read_telemetry
from vision.types import GnssFix


def moved(drive, fix: GnssFix, east_m: float, north_m: float) -> GnssFix:
    xy = drive.frame.to_xy((fix.lon, fix.lat)) + np.array([east_m, north_m])
    lon, lat = drive.frame.to_lonlat(xy)
    return replace(fix, lon=float(lon), lat=float(lat))


def straight(n: int = 20) -> list[GnssFix]:
    """Return fixes going north from 113.8, 34.0 at 10 m/s."""
    return [GnssFix(1.7e9 + i, 113.8, 34.0 + i * 10.0 / 110_922.0) for i in range(n)]


@pytest.mark.parametrize("sigma_m", [0.0, 1.0, 4.0])
def test_a_noisy_but_true_track_stays_whole(drive, sigma_m: float) -> None:
    fixes = drive.fixes(drive.white(sigma_m))

    cleaned = clean_fixes(fixes)

    assert cleaned.fixes == tuple(fixes)
    assert cleaned.dropped == {}


@pytest.mark.parametrize("name", ["kitti_0005/track.gpx", "larochelle_photos"])
def test_real_tracks_stay_whole(drives: Path, name: str) -> None:
    fixes = read_telemetry(drives / name).fixes

    assert set(clean_fixes(fixes).fixes) == set(fixes)


@pytest.mark.parametrize("row", [0, 1, 45, 70, 119, 120])
@pytest.mark.parametrize("sigma_m", [0.0, 1.0, 3.0])
def test_a_lone_outlier_60_m_off_goes_and_the_track_stays(
    drive, row: int, sigma_m: float
) -> None:
    fixes = drive.fixes(drive.white(sigma_m))
    wrong = moved(drive, fixes[row], 60.0, 0.0)
    given = [*fixes[:row], wrong, *fixes[row + 1 :]]

    cleaned = clean_fixes(given)

    assert cleaned.fixes == (*fixes[:row], *fixes[row + 1 :])
    assert cleaned.dropped == {"jump": 1}


def test_a_cluster_of_wrong_places_loses_against_the_rest(drive) -> None:
    fixes = drive.fixes(drive.white(1.0))
    given = [
        moved(drive, fix, 900.0, 900.0) if 60 <= i < 70 else fix
        for i, fix in enumerate(fixes)
    ]

    cleaned = clean_fixes(given)

    assert cleaned.fixes == (*fixes[:60], *fixes[70:])


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ({"lon": 0.0, "lat": 0.0}, "no_place"),
        ({"lon": float("nan")}, "no_place"),
        ({"lat": 91.0}, "out_of_range"),
        ({"lon": 181.0}, "out_of_range"),
        ({"hdop": 99.99}, "no_lock"),
        ({"epoch_s": None}, "no_time"),
        ({"epoch_s": 1.7e9 + 4}, "duplicate_time"),
    ],
)
def test_a_bad_fix_is_dropped_and_counted(
    flaw: dict[str, float | None], reason: str
) -> None:
    fixes = straight()
    given = [replace(f, **flaw) if i == 5 else f for i, f in enumerate(fixes)]

    cleaned = clean_fixes(given)

    assert cleaned.fixes == (*fixes[:5], *fixes[6:])
    assert cleaned.dropped == {reason: 1}


def test_unsorted_fixes_are_sorted() -> None:
    fixes = straight()

    assert clean_fixes(fixes[::-1]).fixes == tuple(fixes)


def test_places_repeated_while_the_speed_says_moving_are_frozen() -> None:
    fixes = [replace(f, speed_mps=10.0) for f in straight()]
    given = [
        replace(f, lon=fixes[8].lon, lat=fixes[8].lat) if 8 < i < 12 else f
        for i, f in enumerate(fixes)
    ]

    cleaned = clean_fixes(given)

    assert cleaned.fixes == (*fixes[:9], *fixes[12:])
    assert cleaned.dropped == {"frozen": 3}


def test_places_repeated_and_then_a_jump_are_frozen() -> None:
    fixes = straight()
    given = [
        replace(f, lon=fixes[8].lon, lat=fixes[8].lat) if 8 < i < 12 else f
        for i, f in enumerate(fixes)
    ]

    cleaned = clean_fixes(given)

    assert cleaned.fixes == (*fixes[:9], *fixes[12:])


def test_standing_with_identical_places_is_kept() -> None:
    fixes = straight(10)
    parked = [replace(fixes[-1], epoch_s=1.7e9 + 10 + i) for i in range(30)]

    assert clean_fixes([*fixes, *parked]).dropped == {}


def test_swapped_columns_are_refused_in_one_sentence() -> None:
    swapped = [replace(f, lon=f.lat, lat=f.lon) for f in straight()]

    with pytest.raises(TelemetryError, match="swapped") as caught:
        clean_fixes(swapped)

    assert "\n" not in str(caught.value)


def test_one_photo_without_any_time_is_kept() -> None:
    photo = GnssFix(None, 113.8, 34.0)

    assert clean_fixes([photo]).fixes == (photo,)


def test_nothing_in_nothing_out() -> None:
    assert clean_fixes([]).fixes == ()


def test_gcj02_is_taken_back_to_within_a_centimetre() -> None:
    # The offset near Xuchang is some hundreds of metres, so a forgotten
    # conversion would show.
    true = straight()
    given = [
        replace(f, lon=g[0], lat=g[1])
        for f in true
        if (g := wgs84_to_gcj02(f.lon, f.lat))
    ]
    assert distance_m((given[0].lon, given[0].lat), (113.8, 34.0)) > 300

    got = convert_datum(given, datum="gcj02")

    assert (
        max(
            distance_m((a.lon, a.lat), (b.lon, b.lat))
            for a, b in zip(got, true, strict=True)
        )
        < 0.01
    )
    assert convert_datum(given, datum="wgs84") == tuple(given)


def test_an_unknown_datum_is_refused() -> None:
    with pytest.raises(TelemetryError, match="bd09"):
        convert_datum(straight(), datum="bd09")
