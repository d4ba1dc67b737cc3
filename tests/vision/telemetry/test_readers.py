"""Real files of every format, against what their makers say is in them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import gpxpy
import numpy as np
import pytest

from vision.errors import NotFoundError, TelemetryError
from vision.geo import distance_m
from vision.telemetry import READERS, read_telemetry
from vision.types import GnssFix


def utc(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()


def test_gopro_video_agrees_with_its_published_csv(drives: Path) -> None:
    video = read_telemetry(drives / "gopro_pavement/max-heromode.mp4")
    with (drives / "gopro_pavement/max-heromode_gps_18hz.csv").open() as stream:
        rows = list(csv.DictReader(stream))

    assert video.format == "gpmf"
    assert len(video.fixes) == len(rows) == 191
    for fix, row in zip(video.fixes, rows, strict=True):
        assert fix.lat == pytest.approx(float(row["lat"]), abs=1e-7)
        assert fix.lon == pytest.approx(float(row["lon"]), abs=1e-7)
        assert fix.alt_m == pytest.approx(float(row["alt_m"]), abs=1e-3)
        assert fix.speed_mps == pytest.approx(float(row["speed_mps"]), abs=1e-3)
        assert fix.drive_s == pytest.approx(float(row["t_s_approx"]), abs=0.1)


def test_gopro_video_agrees_with_its_published_gpx_in_utc(drives: Path) -> None:
    video = read_telemetry(drives / "gopro_pavement/max-heromode.mp4")
    text = (drives / "gopro_pavement/max-heromode.gpx").read_text()
    points = [p for t in gpxpy.parse(text).tracks for s in t.segments for p in s.points]
    places = {(round(f.lat, 7), round(f.lon, 7)) for f in video.fixes}
    epochs = [f.epoch_s for f in video.fixes]

    for point in points:
        assert (point.latitude, point.longitude) in places
        assert point.time is not None
        assert point.time.timestamp() in [pytest.approx(e, abs=1e-3) for e in epochs]


def test_kitti_table_and_gpx_are_the_same_track(drives: Path) -> None:
    table = read_telemetry(drives / "kitti_0005/gps_imu.csv")
    gpx = read_telemetry(drives / "kitti_0005/track.gpx")

    assert (table.format, gpx.format) == ("csv", "gpx")
    assert len(table.fixes) == len(gpx.fixes) == 154
    for a, b in zip(table.fixes, gpx.fixes, strict=True):
        assert a.epoch_s == pytest.approx(b.epoch_s, abs=2e-3)
        assert distance_m((a.lon, a.lat), (b.lon, b.lat)) < 0.001


def test_photos_exif_agrees_with_their_published_positions(drives: Path) -> None:
    with (drives / "larochelle_photos/positions.csv").open() as stream:
        rows = list(csv.DictReader(stream))

    for row in rows:
        (fix,) = read_telemetry(drives / "larochelle_photos" / row["file"]).fixes
        assert fix.lat == pytest.approx(float(row["lat"]), abs=1e-9)
        assert fix.lon == pytest.approx(float(row["lon"]), abs=1e-9)
        assert fix.course_deg == pytest.approx(float(row["bearing"]), abs=1e-6)
        assert fix.drive_s is None
        # published in local summer time, UTC+2; EXIF has GPS time in UTC
        local = datetime.strptime(row["time"], "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
        assert fix.epoch_s is not None
        assert 0 <= fix.epoch_s - (local.timestamp() - 7200) < 1


def test_photo_folder_sharpens_gps_seconds_with_the_cameras_fractions(
    drives: Path,
) -> None:
    fixes = read_telemetry(drives / "larochelle_photos").fixes
    times = sorted(fix.epoch_s for fix in fixes if fix.epoch_s is not None)

    # the camera shot every 1.5 s (one frame of 1 s); whole GPS seconds would say 1 or 2
    gaps = np.diff(times)
    assert len(gaps) == 5
    assert all(min(abs(g - 1.5), abs(g - 1.0)) < 0.001 for g in gaps)


def test_portland_photo_has_place_bearing_and_utc(drives: Path) -> None:
    (fix,) = read_telemetry(drives / "portland_photos/DSC00001.JPG").fixes

    assert fix.lat == pytest.approx(45 + 31 / 60 + 0.851 / 3600)
    assert fix.lon == pytest.approx(-(122 + 34 / 60 + 21.954 / 3600))
    assert fix.course_deg == pytest.approx(270.89)
    # 13:24:10 at UTC-7 is 20:24:10; the receiver's own 20:24:11 is the same clock
    assert fix.epoch_s == pytest.approx(utc(2018, 6, 8, 20, 24, 10), abs=1.01)


@pytest.mark.parametrize(
    ("name", "form", "count", "first"),
    [
        pytest.param(
            "novatek-real-anonymized/2e-drive-730.mp4",
            "novatek",
            3,
            GnssFix(
                utc(2021, 10, 13, 15, 37, 57), 30.0, 50.0, None, 24.9969, 7.0, None, 0.0
            ),
            id="Novatek, older layout",
        ),
        pytest.param(
            "novatek-real-anonymized/viofo-a119-mini2-coldstart.mp4",
            "novatek",
            4,
            GnssFix(
                utc(2026, 4, 6, 14, 22, 5), 30.0, 50.0, None, 1.7440, 207.44, None, 4.0
            ),
            id="Novatek, newer layout: four blocks without lock come first",
        ),
        pytest.param(
            "text_logs/70mai_synthetic-edge.txt",
            "70mai",
            5,
            GnssFix(1700000000.0, 30.0, 50.0, None, 5.0, 90.0),
            id="70mai steps over torn and void rows",
        ),
        pytest.param(
            "text_logs/70mai_real-anonymized-x800.txt",
            "70mai",
            50,
            GnssFix(1777211047.0, 77.0, 43.0, None, 6.38, 75.0),
            id="70mai X800",
        ),
        pytest.param(
            "text_logs/mivue_real-anonymized.NMEA",
            "nmea",
            8,
            GnssFix(utc(2026, 6, 25, 4, 48, 57), 150.0, -23.0, 13.9, hdop=0.7),
            id="MiVue: GGA before the first date, broken checksums throughout",
        ),
        pytest.param(
            "text_logs/nmea_synthetic.NMEA",
            "nmea",
            4,
            GnssFix(
                utc(2023, 11, 14, 12), 30.0, 50.0, 123.4, 5 * 1852 / 3600, 90.0, 0.5
            ),
            id="NMEA: RMC and GGA of one instant are one fix, void left out",
        ),
        pytest.param(
            "text_logs/blackvue_synthetic.gps",
            "blackvue",
            5,
            GnssFix(utc(2023, 11, 14, 12), 30.0, 50.0, None, 5 * 1852 / 3600, 90.0),
            id="BlackVue: UTC of the sentence, not the camera's bracket",
        ),
        pytest.param(
            "text_logs/escort_synthetic-edge.map",
            "escort",
            4,
            GnssFix(utc(2025, 1, 1, 12), 2.0, 1 + 0.05 / 60, None, 100 / 3.6),
            id="Escort",
        ),
        pytest.param(
            "gopro-gpmf/hero6-trimmed.mp4",
            "gpmf",
            36,
            GnssFix(
                utc(2018, 1, 24, 19, 27, 58) + 0.674,
                -117.3271676,
                33.126515,
                -17.228,
                1.221,
                None,
                3.72,
                0.0,
            ),
            id="GoPro HERO6",
        ),
    ],
)
def test_dashcam_fixture(
    drives: Path, name: str, form: str, count: int, first: GnssFix
) -> None:
    telemetry = read_telemetry(drives / "dashcam_fixtures" / name)

    assert (telemetry.format, len(telemetry.fixes)) == (form, count)
    got = telemetry.fixes[0]
    for field in GnssFix.__slots__:
        want = getattr(first, field)
        assert getattr(got, field) == (
            None if want is None else pytest.approx(want, abs=1e-3)
        ), field


def test_hero8_without_lock_says_so_on_every_fix(drives: Path) -> None:
    fixes = read_telemetry(
        drives / "dashcam_fixtures/gopro-gpmf/hero8-trimmed.mp4"
    ).fixes

    assert len(fixes) == 36
    assert {fix.hdop for fix in fixes} == {99.99}


@pytest.mark.parametrize(
    ("name", "count", "lon", "lat"),
    [
        ("hero5.raw", 18, -117.3273542, 33.1264969),
        ("hero6.raw", 17, -117.3271299, 33.1265542),
        ("Fusion.raw", 19, -117.3274386, 33.1266299),
        ("gopro-telemetry_hero7.raw", 308, -8.7526142, 42.3425835),
        ("gopro-telemetry_hero11.raw", 110, -8.6499795, 42.4261529),
    ],
)
def test_raw_gpmf_of_five_models(
    drives: Path, name: str, count: int, lon: float, lat: float
) -> None:
    telemetry = read_telemetry(drives / "gopro_raw_gpmf" / name)

    assert (telemetry.format, len(telemetry.fixes)) == ("gpmf", count)
    assert telemetry.fixes[0].lon == pytest.approx(lon, abs=1e-7)
    assert telemetry.fixes[0].lat == pytest.approx(lat, abs=1e-7)


def test_gps9_gives_each_fix_its_own_utc_within_the_payloads(drives: Path) -> None:
    fixes = read_telemetry(drives / "gopro_raw_gpmf/gopro-telemetry_hero11.raw").fixes
    epochs = np.array([fix.epoch_s for fix in fixes])

    # 10 Hz receiver; GPSU of the first payload is 2022-09-20 13:29:38.299 UTC, a moment
    # after the fix was taken; 18 leap seconds of error would be far outside
    assert np.allclose(np.diff(epochs), 0.1, atol=1e-3)
    assert 0 < utc(2022, 9, 20, 13, 29, 38) + 0.299 - epochs[0] < 3


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.gpx", b"", "empty"),
        ("noise.bin", bytes(range(256)) * 4, "holds no GPS fixes"),
        ("broken.gpx", b"<?xml version='1.0'?><gpx><trk><trkseg><trkpt", "GPX"),
        ("words.csv", b"time,lon,lat\nnow,here,there\n", "longitude and latitude"),
        ("undated.nmea", b"$GPGGA,120000.00,5000.0,N,03000.0,E,1,12,0.5,1,M,4,M,,*58",
         "date"),
    ],
)  # fmt: skip
def test_a_file_without_fixes_says_what_is_wrong_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(TelemetryError, match=message) as caught:
        read_telemetry(path)

    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"nowhere\.gpx"):
        read_telemetry(tmp_path / "nowhere.gpx")


def test_reader_names_are_unique() -> None:
    assert len({reader.name for reader in READERS}) == len(READERS)


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        pytest.param(
            "time,lon,lat\n2023-11-14T22:13:20Z,113.8,34.0\n",
            GnssFix(1.7e9, 113.8, 34.0),
            id="ours",
        ),
        pytest.param(
            "Timestamp;Latitude;Longitude;Speed (km/h)\n1700000000000;34.0;113.8;36\n",
            GnssFix(1.7e9, 113.8, 34.0, speed_mps=10.0),
            id="semicolons, milliseconds, km/h",
        ),
        pytest.param(
            "\ufefflatitude\tlongitude\tdate\ttime\theading\n"
            "34.0\t113.8\t2023-11-15\t06:13:20+08:00\t90\n",
            GnssFix(1.7e9, 113.8, 34.0, course_deg=90.0),
            id="tabs, byte order mark, date apart, Beijing time",
        ),
        pytest.param(
            "t_s,lat,lon\n12.5,34.0,113.8\n",
            GnssFix(None, 113.8, 34.0, drive_s=12.5),
            id="seconds of the footage",
        ),
        pytest.param(
            "unix,lat,lng,altitude\n1.7e9,34,113.8,\n",
            GnssFix(1.7e9, 113.8, 34.0),
            id="Unix seconds, empty height",
        ),
    ],
)
def test_table_headers_are_read_tolerantly(
    tmp_path: Path, text: str, fix: GnssFix
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")

    assert read_telemetry(path).fixes == (fix,)
