from __future__ import annotations

from pathlib import Path

import pytest

from vision.errors import NotFoundError, TelemetryError
from vision.geo import distance_m
from vision.telemetry import (
    align_clock,
    build_track,
    clean_fixes,
    find_telemetry,
    read_telemetry,
    tie_to_pictures,
    write_csv,
    write_gpx,
)
from vision.telemetry.gpmf import build_gps5
from vision.telemetry.mp4 import Payload
from vision.telemetry.mp4_build import build_mp4
from vision.types import GnssFix

FIXES = [GnssFix(1.7e9 + i, 113.8, 34.0 + i * 1e-4, hdop=1.0) for i in range(4)]
SILENT = build_mp4([Payload(b"nothing here", 0.0, 5.0)], entry=b"text")


def video(path: Path, *, hdop: float | None = None) -> Path:
    """Write a video: with GPMF of that HDOP, or without any GPS."""
    if hdop is None:
        path.write_bytes(SILENT)
        return path
    fixes = [GnssFix(f.epoch_s, f.lon, f.lat, hdop=hdop) for f in FIXES]
    path.write_bytes(build_mp4([Payload(build_gps5(fixes), 0.0, 4.0)], entry=b"gpmd"))
    return path


def track(path: Path) -> Path:
    with path.open("w", encoding="utf-8") as stream:
        (write_gpx if path.suffix == ".gpx" else write_csv)(FIXES, stream)
    return path


def test_a_given_track_wins_over_an_embedded_one(tmp_path: Path) -> None:
    footage = video(tmp_path / "a.mp4", hdop=1.0)
    given = track(tmp_path / "mine.csv")

    found = find_telemetry([footage], track=given)

    assert (found.origin, found.telemetry.source) == ("given", "mine.csv")


def test_an_embedded_track_wins_over_one_beside_it(tmp_path: Path) -> None:
    footage = video(tmp_path / "a.mp4", hdop=1.0)
    track(tmp_path / "a.gpx")

    found = find_telemetry([footage], track=None)

    assert (found.origin, found.telemetry.format) == ("embedded", "gpmf")


def test_an_embedded_track_that_never_had_a_lock_gives_way(tmp_path: Path) -> None:
    footage = video(tmp_path / "a.mp4", hdop=99.99)
    track(tmp_path / "a.gpx")

    found = find_telemetry([footage], track=None)

    assert (found.origin, found.telemetry.source) == ("beside", "a.gpx")


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        pytest.param(["A.GPX", "track.gpx"], "A.GPX", id="same stem first"),
        pytest.param(["a.csv", "a.gpx"], "a.gpx", id="GPX before CSV"),
        pytest.param(["track.gpx", "track_cheap.gpx"], "track.gpx", id="track.*"),
        pytest.param(["b.gpx"], "b.gpx", id="the only one"),
    ],
)
def test_the_track_beside_is_chosen_by_name(
    tmp_path: Path, names: list[str], chosen: str
) -> None:
    footage = video(tmp_path / "a.mp4")
    for name in names:
        path = track(tmp_path / name.lower())
        path.rename(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no track")

    found = find_telemetry([footage], track=None)

    assert (found.origin, found.telemetry.source) == ("beside", chosen)


def test_several_tracks_beside_are_a_question(tmp_path: Path) -> None:
    footage = video(tmp_path / "a.mp4")
    track(tmp_path / "b.gpx")
    track(tmp_path / "c.gpx")

    with pytest.raises(TelemetryError, match="2 tracks lie beside"):
        find_telemetry([footage], track=None)


def test_footage_without_any_gps_names_itself_and_the_remedy(drives: Path) -> None:
    footage = drives / "cambridge/camvid_0016E5_15hz.mp4"

    with pytest.raises(TelemetryError) as caught:
        find_telemetry([footage], track=None)

    assert str(caught.value) == (
        "camvid_0016E5_15hz.mp4 holds no GPS and no track lies beside it; "
        "give one with --track FILE."
    )


def test_chapters_of_one_drive_follow_each_other_on_the_drive_clock(
    tmp_path: Path,
) -> None:
    chapters = [video(tmp_path / f"{n}.mp4", hdop=1.0) for n in "ab"]

    end_to_end = find_telemetry(chapters, track=None)
    told = find_telemetry(chapters, track=None, start_drive_s=[0.0, 6.5])

    times = [fix.drive_s for fix in end_to_end.telemetry.fixes]
    assert times == pytest.approx([0, 1, 2, 3, 4, 5, 6, 7])
    assert told.telemetry.fixes[4].drive_s == pytest.approx(6.5)


def test_a_folder_of_photos_gives_a_fix_and_a_name_each(drives: Path) -> None:
    found = find_telemetry([drives / "larochelle_photos"], track=None)

    assert found.origin == "photos"
    assert found.pictures == tuple(f"img_test_panoramx_{i}.jpg" for i in range(1, 7))
    assert len(found.telemetry.fixes) == 6
    assert all(fix.drive_s is None and fix.epoch_s for fix in found.telemetry.fixes)


def test_photos_keep_their_fix_though_camera_and_receiver_disagree(
    drives: Path,
) -> None:
    found = find_telemetry([drives / "larochelle_photos"], track=None)
    # shots of one and of one and a half seconds; the last photo was not kept
    shots_s = [67.0, 66.0, 64.5, 63.0, 61.5]
    times = dict(zip(found.pictures, shots_s, strict=False))

    fixes = tie_to_pictures(found, times).telemetry.fixes
    clock = align_clock(
        fixes,
        duration_s=7.0,
        epoch_at_zero_s=1.5e9,
        motion=None,
        given_offset_s=None,
        kind="photos",
    )
    track = build_track(clean_fixes(fixes).fixes, clock)

    assert len(fixes) == 5
    assert clock.method == "photo_time"
    assert (track.start_s, track.end_s) == (61.5, 67.0)
    for name, fix in zip(found.pictures, fixes, strict=False):
        pose = track.pose_at(times[name])
        assert distance_m((pose.lon, pose.lat), (fix.lon, fix.lat)) < 2


def test_kitti_finds_the_track_beside_it(drives: Path) -> None:
    footage = drives / "kitti_0005/2011_09_26_drive_0005_sync.mp4"

    found = find_telemetry([footage], track=None)

    assert (found.origin, found.telemetry.source) == ("beside", "track.gpx")


def test_missing_footage_and_missing_track_are_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"gone\.mp4"):
        find_telemetry([tmp_path / "gone.mp4"], track=None)
    with pytest.raises(NotFoundError, match=r"gone\.gpx"):
        find_telemetry([video(tmp_path / "a.mp4")], track=tmp_path / "gone.gpx")


def test_a_folder_named_like_a_photo_is_no_photo(tmp_path: Path) -> None:
    (tmp_path / "old.jpg").mkdir()

    with pytest.raises(TelemetryError, match="no photo with a GPS place"):
        read_telemetry(tmp_path)
