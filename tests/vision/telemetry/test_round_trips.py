"""What the builders write, the parsers read back."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from vision.errors import TelemetryError
from vision.telemetry import read_telemetry, write_csv, write_geojson, write_gpx
from vision.telemetry.gpmf import build_gps5, parse_payload
from vision.telemetry.mp4 import Payload, movie_duration_s
from vision.telemetry.mp4_build import build_mp4
from vision.telemetry.nmea import build_nmea, parse_nmea
from vision.types import GnssFix

FIXES = tuple(
    GnssFix(
        epoch_s=1_700_000_000.25 + i,
        lon=-0.0012345 + i * 1e-4,
        lat=-33.9 + i * 1e-4,
        alt_m=-3.5,
        speed_mps=9.5,
        course_deg=41.5,
        hdop=1.25,
    )
    for i in range(3)
)


def test_nmea_keeps_every_field() -> None:
    got = parse_nmea(build_nmea(FIXES), source="built")

    assert len(got) == len(FIXES)
    for a, b in zip(got, FIXES, strict=True):
        assert a.epoch_s == pytest.approx(b.epoch_s, abs=1e-6)
        assert (a.lon, a.lat) == pytest.approx((b.lon, b.lat), abs=2e-8)
        assert a.speed_mps == pytest.approx(b.speed_mps, abs=1e-3)
        assert (a.alt_m, a.course_deg, a.hdop) == (b.alt_m, b.course_deg, b.hdop)


def test_nmea_drops_the_one_sentence_that_was_damaged() -> None:
    lines = build_nmea(FIXES).splitlines()
    damaged = [line.replace("3353.99", "3343.99") for line in lines]
    assert sum(a != b for a, b in zip(lines, damaged, strict=True)) == 2

    got = parse_nmea("\n".join(damaged), source="built")

    assert len(got) == 2
    assert all(abs(fix.lat + 33.9) < 0.01 for fix in got)


def test_nmea_carries_the_date_over_midnight() -> None:
    midnight = 1_700_006_400.0
    fixes = [GnssFix(midnight + s, 113.8, 34.0) for s in (-1.0, 0.0, 1.0)]
    lines = build_nmea(fixes).splitlines()
    # only GGA after midnight: the date must roll by itself
    kept = [line for i, line in enumerate(lines) if i < 2 or "GGA" in line]

    got = parse_nmea("\n".join(kept), source="built")

    assert [fix.epoch_s for fix in got] == [midnight - 1, midnight, midnight + 1]


def test_gps5_payload_keeps_place_speed_time_and_dop() -> None:
    got = parse_payload(Payload(build_gps5(FIXES), start_s=10.0, duration_s=3.0))

    assert [fix.drive_s for fix in got] == [10.0, 11.0, 12.0]
    for a, b in zip(got, FIXES, strict=True):
        assert (a.lon, a.lat) == pytest.approx((b.lon, b.lat), abs=6e-8)
        assert a.epoch_s == pytest.approx(b.epoch_s, abs=1e-3)
        assert (a.alt_m, a.speed_mps, a.hdop) == (b.alt_m, b.speed_mps, b.hdop)


def test_mp4_with_gpmd_track_is_read_on_its_own_clock(tmp_path: Path) -> None:
    path = tmp_path / "drive.mp4"
    payloads = [
        Payload(build_gps5(FIXES), 0.0, 1.001),
        Payload(build_gps5(FIXES[:2]), 0.0, 1.001),
    ]
    path.write_bytes(build_mp4(payloads, entry=b"gpmd"))

    telemetry = read_telemetry(path)

    assert telemetry.format == "gpmf"
    assert [fix.drive_s for fix in telemetry.fixes] == pytest.approx(
        [0.0, 1.001 / 3, 2.002 / 3, 1.001, 1.001 * 1.5]
    )
    assert movie_duration_s(path) == pytest.approx(2.002)


@pytest.mark.parametrize("cut", [9, 60, 200, 330])
def test_a_truncated_mp4_never_raises_anything_but_ours(
    tmp_path: Path, cut: int
) -> None:
    path = tmp_path / "drive.mp4"
    whole = build_mp4([Payload(build_gps5(FIXES), 0.0, 1.0)], entry=b"gpmd")
    path.write_bytes(whole[:-cut])

    with pytest.raises(TelemetryError, match=r"drive\.mp4"):
        read_telemetry(path)


def test_csv_has_our_header_utc_and_empty_unknowns() -> None:
    stream = io.StringIO()

    write_csv([FIXES[0], GnssFix(None, 113.1234567, 34.0)], stream)

    assert stream.getvalue() == (
        "time,lon,lat,alt_m,speed_mps,course_deg\n"
        "2023-11-14T22:13:20.250Z,-0.00123450,-33.90000000,-3.500,9.500,41.500\n"
        ",113.12345670,34.00000000,,,\n"
    )


@pytest.mark.parametrize(
    ("name", "write"), [("t.csv", write_csv), ("t.gpx", write_gpx)]
)
def test_written_tracks_read_back(tmp_path: Path, name: str, write) -> None:
    path = tmp_path / name
    with path.open("w", encoding="utf-8") as stream:
        write(FIXES, stream)

    got = read_telemetry(path).fixes

    for a, b in zip(got, FIXES, strict=True):
        assert (a.epoch_s, a.lon, a.lat) == pytest.approx((b.epoch_s, b.lon, b.lat))
        assert (a.alt_m, a.speed_mps, a.course_deg) == (
            b.alt_m,
            b.speed_mps,
            b.course_deg,
        )


def test_geojson_is_points_in_lon_lat_order() -> None:
    stream = io.StringIO()

    write_geojson(FIXES, stream)

    features = json.loads(stream.getvalue())["features"]
    assert len(features) == 3
    assert features[0]["geometry"]["coordinates"] == [-0.0012345, -33.9, -3.5]
    assert features[0]["properties"]["time"] == "2023-11-14T22:13:20.250Z"
