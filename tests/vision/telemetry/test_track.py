from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from vision.errors import TelemetryError
from vision.geo import angle_difference_deg, distance_m
from vision.telemetry import (
    Track,
    align_clock,
    build_track,
    clean_fixes,
    find_telemetry,
    read_telemetry,
)
from vision.types import ClockOffset, FloatArray, GnssFix

EPOCH_S = 1_700_000_000.0
CLOCK = ClockOffset(EPOCH_S, "given", None)


def track_of(fixes: list[GnssFix], **options: float) -> Track:
    return build_track(clean_fixes(fixes).fixes, CLOCK, **options)


def errors_m(track: Track, drive) -> FloatArray:
    """Return east and north errors at every row of the truth."""
    places = [(p.lon, p.lat) for p in track.poses(drive.t)]
    return drive.frame.to_xy(places) - drive.xy


def rms(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


@pytest.mark.parametrize("speeds", ["none", "speed", "both"])
@pytest.mark.parametrize("sigma_m", [1.0, 2.0, 4.0])
def test_smoothing_halves_the_error_of_white_noise(
    drive, sigma_m: float, speeds: str
) -> None:
    noise = drive.white(sigma_m)

    track = track_of(drive.fixes(noise, speeds=speeds))

    assert rms(errors_m(track, drive)) < 0.5 * rms(noise)


@pytest.mark.parametrize(
    ("kind", "sigma_m", "declared"),
    [
        ("white", 4.0, {}),
        ("white", 4.0, {"sigma_m": 4.0}),
        ("drift", 1.0, {}),
        ("drift", 1.0, {"sigma_m": 1.0}),
        ("drift", 3.0, {"sigma_m": 3.0}),
    ],
)
def test_sigma_is_honest(
    drive, kind: str, sigma_m: float, declared: dict[str, float]
) -> None:
    ratios = []
    for seed in range(6):
        noise = getattr(drive, kind)(sigma_m, seed=seed)
        track = track_of(drive.fixes(noise), **declared)
        sigma = np.array([pose.sigma_m for pose in track.poses(drive.t)])
        ratios.append(np.mean(np.square(errors_m(track, drive)) / sigma[:, None] ** 2))

    # 1 is exact; below is cautious, above is boasting
    assert 0.15 < float(np.mean(ratios)) < 1.4


def test_a_receiver_with_slow_drift_keeps_at_least_a_metre_of_doubt(drive) -> None:
    track = track_of(drive.fixes(drive.drift(1.0)))

    assert min(pose.sigma_m for pose in track.poses(drive.t)) >= 1.0


@pytest.mark.parametrize("row", [1, 25, 45, 70, 100])
@pytest.mark.parametrize("off_m", [8.0, 15.0, 60.0, 5000.0])
def test_a_lone_outlier_moves_the_track_less_than_a_metre(
    drive, row: int, off_m: float
) -> None:
    noise = drive.white(0.5)
    wrong = noise.copy()
    wrong[row] += (0.6 * off_m, 0.8 * off_m)

    right, bent = track_of(drive.fixes(noise)), track_of(drive.fixes(wrong))

    moved = np.hypot(*(errors_m(bent, drive) - errors_m(right, drive)).T)
    assert moved.max() < 1.0


def test_an_outage_is_bridged_with_growing_doubt(drive) -> None:
    fixes = drive.fixes(drive.white(0.5))
    given = [f for i, f in enumerate(fixes) if not 10 < i < 26]

    track = track_of(given)
    middle = track.pose_at(18.0)
    place = drive.frame.to_xy((middle.lon, middle.lat))
    truth = drive.xy[180]

    assert track.gaps == ((10.0, 26.0),)
    assert middle.sigma_m > 2 * track.pose_at(5.0).sigma_m
    assert float(np.hypot(*(place - truth))) < 2 * middle.sigma_m


@pytest.mark.parametrize("kind", ["white", "drift"])
@pytest.mark.parametrize("speeds", ["none", "speed"])
def test_travelled_metres_do_not_grow_while_the_car_stands(
    drive, kind: str, speeds: str
) -> None:
    noise = getattr(drive, kind)(1.0)

    track = track_of(drive.fixes(noise, speeds=speeds))

    assert track.travelled_m(47.0) - track.travelled_m(33.0) < 0.6


def test_travelled_metres_never_decrease_and_sum_to_the_length(drive) -> None:
    track = track_of(drive.fixes(drive.white(2.0)))

    metres = np.array([track.travelled_m(s) for s in np.arange(-10, 130, 0.05)])

    assert np.all(np.diff(metres) >= 0)
    assert track.travelled_m(0.0) == 0.0
    assert track.length_m == pytest.approx(drive.travelled_m[-1], rel=0.02)


def test_heading_follows_the_motion_and_is_kept_while_standing(drive) -> None:
    track = track_of(drive.fixes(drive.white(0.5)))

    standing = [track.pose_at(s) for s in np.arange(33, 47, 0.5)]
    off = [
        abs(angle_difference_deg(track.pose_at(s).heading_deg, true))
        for s, true in zip(drive.t[50:1150], drive.heading_deg[50:1150], strict=True)
    ]

    assert all(pose.speed_mps == 0 for pose in standing)
    assert all(abs(angle_difference_deg(p.heading_deg, 0)) < 10 for p in standing)
    assert float(np.median(off)) < 2
    assert float(np.percentile(off, 95)) < 10


def test_headings_turn_with_the_world(drive) -> None:
    noise = drive.white(1.0)
    fixes = drive.fixes(noise)
    frame = drive.frame
    turned = []
    for fix in fixes:
        x, y = frame.to_xy((fix.lon, fix.lat))
        lon, lat = frame.to_lonlat((y, -x))  # a quarter clockwise
        turned.append(GnssFix(fix.epoch_s, float(lon), float(lat)))

    a, b = track_of(fixes), track_of(turned)

    for s in (3.0, 40.0, 71.5, 100.0):
        before, after = a.pose_at(s), b.pose_at(s)
        off = angle_difference_deg(after.heading_deg, before.heading_deg + 90)
        assert abs(off) < 0.1
        assert after.sigma_m == pytest.approx(before.sigma_m, rel=1e-3)


def test_beyond_the_fixes_the_motion_goes_on_for_three_seconds(drive) -> None:
    track = track_of(drive.fixes(drive.white(0.3)))
    end = track.end_s

    assert track.travelled_m(end + 2) - track.length_m == pytest.approx(18, abs=2)
    assert track.pose_at(end + 20).speed_mps == 0
    assert track.travelled_m(end + 20) == track.travelled_m(end + 3)
    assert track.pose_at(end + 20).sigma_m > 100


def test_a_speed_column_in_the_wrong_unit_is_not_believed(drive) -> None:
    noise = drive.white(1.0)
    right = drive.fixes(noise, speeds="speed")
    wrong = [
        GnssFix(f.epoch_s, f.lon, f.lat, speed_mps=3.6 * (f.speed_mps or 0))
        for f in right
    ]

    track = track_of(wrong)

    assert track.pose_at(20.0).speed_mps == pytest.approx(9.0, abs=1.0)


def test_only_the_fixes_near_the_footage_are_kept(drive) -> None:
    fixes = drive.fixes(drive.white(1.0))

    track = build_track(
        fixes, ClockOffset(EPOCH_S + 60, "given", None), duration_s=10.0
    )

    assert (track.start_s, track.end_s) == (-30.0, 40.0)


def test_one_photo_looks_along_its_bearing() -> None:
    fix = GnssFix(EPOCH_S, 113.8, 34.0, course_deg=270.0, hdop=2.0)

    track = build_track([fix], ClockOffset(EPOCH_S, "photo_time", None))
    pose = track.pose_at(0.0)

    assert (pose.lon, pose.lat) == pytest.approx((113.8, 34.0))
    assert (pose.heading_deg, pose.speed_mps, pose.sigma_m) == (270.0, 0.0, 6.0)
    assert (track.length_m, track.start_s, track.end_s) == (0.0, 0.0, 0.0)


def test_one_photo_without_a_bearing_is_very_unsure() -> None:
    track = build_track(
        [GnssFix(None, 113.8, 34.0)], ClockOffset(None, "photo_time", None)
    )

    assert track.pose_at(0.0).heading_deg == 0.0
    assert track.pose_at(0.0).sigma_m >= 10


def test_no_fixes_are_refused() -> None:
    with pytest.raises(TelemetryError, match="--track FILE"):
        build_track([], CLOCK)


def test_kitti_headings_agree_with_the_inertial_yaw(drives: Path) -> None:
    fixes = read_telemetry(drives / "kitti_0005/track.gpx").fixes
    table = np.genfromtxt(
        drives / "kitti_0005/gps_imu.csv", delimiter=",", names=True, encoding="utf-8"
    )
    clock = align_clock(
        fixes,
        duration_s=15.4,
        epoch_at_zero_s=None,
        motion=None,
        given_offset_s=None,
    )

    track = build_track(clean_fixes(fixes).fixes, clock, duration_s=15.4)

    assert clock.method == "assumed_start"
    off = [
        angle_difference_deg(
            track.pose_at(row["t_unix"] - table["t_unix"][0]).heading_deg,
            90 - math.degrees(row["yaw_rad"]),
        )
        for row in table
    ]
    assert float(np.median(np.abs(off))) < 3
    chords = [
        distance_m((p["lon"], p["lat"]), (q["lon"], q["lat"]))
        for p, q in itertools.pairwise(table)
    ]
    assert track.length_m == pytest.approx(sum(chords), rel=0.01)


def test_gopro_walk_is_as_long_as_its_speeds_say(drives: Path) -> None:
    found = find_telemetry([drives / "gopro_pavement/max-heromode.mp4"], track=None)
    fixes = clean_fixes(found.telemetry.fixes).fixes
    clock = align_clock(
        fixes,
        duration_s=10.54,
        epoch_at_zero_s=None,
        motion=None,
        given_offset_s=None,
    )

    track = build_track(fixes, clock)

    assert clock.method == "embedded"
    mean_mps = float(np.mean([fix.speed_mps for fix in fixes]))
    assert track.length_m == pytest.approx(mean_mps * track.end_s, rel=0.05)
    assert 120 < track.pose_at(5.0).heading_deg < 170


def test_side_looking_photos_give_views_as_headings_and_their_offset(
    drives: Path,
) -> None:
    found = find_telemetry([drives / "larochelle_photos"], track=None)
    fixes = clean_fixes(found.telemetry.fixes).fixes
    zero = fixes[0].epoch_s
    assert zero is not None

    track = build_track(fixes, ClockOffset(zero, "photo_time", None))

    # the car drives north-east, the camera looks out of its left side
    assert track.pose_at(0.0).heading_deg == pytest.approx(299.275, abs=0.01)
    assert track.look_offset_deg == pytest.approx(-90, abs=5)
