"""Photos: upright, in the order they were taken, on the clock of their EXIF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.vision.footage.numbered_video import Picture
from vision.errors import FootageError
from vision.footage import load_photo, open_footage, open_photos

NOON = 1769860800.0  # 2026-01-31 12:00:00 UTC


def quarters() -> Picture:
    """Return RGB 48 x 32: red, green over blue, white."""
    picture = np.zeros((32, 48, 3), np.uint8)
    picture[:16, :24] = (255, 0, 0)
    picture[:16, 24:] = (0, 255, 0)
    picture[16:, :24] = (0, 0, 255)
    picture[16:, 24:] = (255, 255, 255)
    return picture


def photo(path: Path, taken: str = "", orientation: int = 1, **tags: object) -> Path:
    """Write a photo; `tags` are offset, subsecond, gps_date, gps_time."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    inner = exif.get_ifd(0x8769)
    if taken:
        inner[0x9003] = taken
    if "offset" in tags:
        inner[0x9011] = tags["offset"]
    if "subsecond" in tags:
        inner[0x9291] = tags["subsecond"]
    if "gps_time" in tags:
        gps = exif.get_ifd(0x8825)
        gps[7], gps[29] = tags["gps_time"], tags["gps_date"]
    Image.fromarray(quarters()).save(path, exif=exif, quality=95)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_upright(orientation: int, tmp_path: Path) -> None:
    # How the camera stores an upright scene under each orientation (Exif 4.6.4).
    upright = quarters()
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "o.png"
    Image.fromarray(np.ascontiguousarray(stored)).save(path, exif=exif)

    source, _ = open_photos([path], name="o")

    assert np.array_equal(load_photo(path), upright[..., ::-1])
    assert (source.info.width_px, source.info.height_px) == (48, 32)


def test_photos_follow_their_exif_time_not_their_names(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg", "2026:01:31 20:00:02", subsecond="5", offset="+08:00")
    photo(tmp_path / "b.jpg", "2026:01:31 20:00:00", subsecond="25", offset="+08:00")
    photo(tmp_path / "c.jpg", "2026:01:31 20:00:04", offset="+08:00")

    (source,) = open_footage([tmp_path]).sources
    frames = list(source.frames(source.info.picture_drive_s, 3))

    assert [frame.source for frame in frames] == ["b.jpg", "a.jpg", "c.jpg"]
    assert [frame.drive_s for frame in frames] == pytest.approx([0.0, 2.25, 3.75])
    assert [frame.index for frame in frames] == [3, 4, 5]
    assert source.info.epoch_at_start_s == pytest.approx(NOON + 0.25)
    assert (source.info.kind, source.info.codec) == ("photos", "jpeg")


def test_gps_time_tells_the_zone_of_a_camera_that_does_not(tmp_path: Path) -> None:
    path = photo(
        tmp_path / "a.jpg",
        "2026:01:31 20:00:00",
        gps_date="2026:01:31",
        gps_time=(12.0, 0.0, 7.0),
    )

    (source,) = open_footage([path]).sources

    assert source.info.epoch_at_start_s == pytest.approx(NOON)


def test_time_without_a_zone_is_no_utc(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg", "2026:01:31 20:00:00")

    (source,) = open_footage([path]).sources

    assert source.info.epoch_at_start_s is None


def test_photos_of_one_second_are_spread_over_it(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        photo(tmp_path / f"{name}.jpg", "2026:01:31 20:00:00")

    (source,) = open_footage([tmp_path]).sources

    assert source.info.picture_drive_s == pytest.approx((0.0, 0.25, 0.5, 0.75))


def test_photos_without_time_are_in_name_order(tmp_path: Path) -> None:
    for name in ("10", "9", "11"):
        photo(tmp_path / f"{name}.jpg", "0000:00:00 00:00:00")

    (source,) = open_footage([tmp_path]).sources
    frames = list(source.frames([0.0, 1.0, 2.0], 0))

    assert [frame.source for frame in frames] == ["9.jpg", "10.jpg", "11.jpg"]
    assert source.info.epoch_at_start_s is None


def test_photo_without_time_lies_between_its_neighbours(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg", "2026:01:31 20:00:00")
    photo(tmp_path / "b.jpg")
    photo(tmp_path / "c.jpg", "2026:01:31 20:00:10")

    (source,) = open_footage([tmp_path]).sources

    assert source.info.picture_drive_s == pytest.approx((0.0, 5.0, 10.0))


def test_each_photo_is_given_once(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg", "2026:01:31 20:00:00")
    photo(tmp_path / "b.jpg", "2026:01:31 20:00:10")

    (source,) = open_footage([tmp_path]).sources

    assert len(list(source.frames([0.0, 1.0, 2.0, 9.0], 0))) == 2


def test_cut_photo_is_reported_after_the_others(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg", "2026:01:31 20:00:00")
    cut = photo(tmp_path / "b.jpg", "2026:01:31 20:00:01")
    photo(tmp_path / "c.jpg", "2026:01:31 20:00:02")
    cut.write_bytes(cut.read_bytes()[:-100])
    (source,) = open_footage([tmp_path]).sources
    got = []

    with pytest.raises(FootageError, match=r"1 of 3 photos .* b\.jpg"):
        got.extend(source.frames([0.0, 1.0, 2.0], 0))

    assert [frame.source for frame in got] == ["a.jpg", "c.jpg"]
    assert [frame.index for frame in got] == [0, 1]


def test_bad_photo_is_recorded_beside_the_good_ones(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").write_text("no photo")

    opened = open_footage([tmp_path])

    assert len(opened.sources) == 1
    assert [failure.item for failure in opened.failures] == ["b.jpg"]


def test_photos_given_one_by_one_are_one_source(tmp_path: Path) -> None:
    paths = [
        photo(tmp_path / "a.jpg", "2026:01:31 20:00:05"),
        photo(tmp_path / "b.jpg", "2026:01:31 20:00:00"),
    ]

    (source,) = open_footage(paths).sources

    assert source.info.picture_drive_s == pytest.approx((0.0, 5.0))


def test_real_photos_are_seven_seconds_of_one_drive(shared: Path) -> None:
    folder = shared / "data" / "drives" / "larochelle_photos"

    (source,) = open_footage([folder]).sources

    assert len(source.info.picture_drive_s) == 6
    assert source.info.duration_s == pytest.approx(7.0, abs=0.1)


def test_real_4k_photo_knows_its_time(shared: Path) -> None:
    path = shared / "data" / "drives" / "portland_photos" / "DSC00001.JPG"

    info = open_footage([path]).sources[0].info

    assert (info.width_px, info.height_px) == (3840, 2160)
    assert info.epoch_at_start_s is not None
