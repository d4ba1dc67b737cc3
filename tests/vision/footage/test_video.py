"""Videos: the wanted pictures exactly, at the container's times, and nothing hidden."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from tests.vision.footage.numbered_video import (
    RECIPES,
    Recipe,
    decode_all,
    make_video,
    number_of,
    regular,
)
from vision.errors import FootageError, InputError, NotFoundError
from vision.footage import VideoSource, open_video
from vision.footage.gop import plan_decoding
from vision.types import Frame

MakeVideo = Callable[[str], Path]
FASTSTART = {"movflags": "+faststart"}


@pytest.mark.parametrize("name", RECIPES)
def test_wanted_pictures_are_identical_to_a_full_decode(
    name: str, recipe_video: MakeVideo
) -> None:
    path = recipe_video(name)
    every = decode_all(path)
    source = open_video(path)
    times = source.all_drive_s()
    random = np.random.default_rng(7)

    for count in (1, 1, 2, 4, 8, 20, 60):
        rows = np.sort(random.choice(len(times), size=count, replace=False))
        got = list(source.frames(times[rows].tolist(), 5))

        assert len(times) == len(every) == 60
        assert [number_of(frame.image) for frame in got] == rows.tolist()
        assert [frame.index for frame in got] == list(range(5, 5 + count))
        assert all(
            np.array_equal(frame.image, every[row])
            for frame, row in zip(got, rows, strict=True)
        )


@pytest.mark.parametrize("name", RECIPES)
def test_each_picture_alone_is_found_at_its_own_time(
    name: str, recipe_video: MakeVideo
) -> None:
    source = open_video(recipe_video(name)).starting_at(100.0)

    for number in range(0, 60, 7):
        (frame,) = source.frames([100.0 + number * 0.04], 0)

        assert number_of(frame.image) == number
        assert frame.drive_s == pytest.approx(100.0 + number * 0.04, abs=0.002)


@pytest.mark.parametrize(
    ("name", "number", "packets"),
    [
        pytest.param("H.264 with B-frames in MP4", 24, 1, id="a key picture alone"),
        pytest.param("MJPEG in AVI", 31, 1, id="any picture of MJPEG alone"),
        pytest.param("H.264 with B-frames in MP4", 59, 12, id="at most its group"),
    ],
)
def test_no_more_packets_are_decoded_than_needed(
    name: str, number: int, packets: int, recipe_video: MakeVideo
) -> None:
    source = open_video(recipe_video(name))

    wanted = source._wanted([number * 0.04])

    assert int(plan_decoding(source.scan.table, wanted).feed.sum()) <= packets


def test_variable_frame_rate_keeps_the_containers_times(tmp_path: Path) -> None:
    times_ms = [0, 33, 50, 200, 210, 500, 1500, 1520, 1600, 2400]
    path = make_video(tmp_path, Recipe("v.mkv", options={"bf": "2"}), times_ms)

    got = list(open_video(path).frames([0.04, 0.3, 1.0, 1.01, 2.0, 2.01], 0))

    # 0.04 is nearest to 33 ms, 0.3 to 210, 1.0 lies between 500 and 1500 (the earlier
    # of equals), 1.01 is nearer to 1500, 2.0 lies between 1600 and 2400.
    assert [number_of(frame.image) for frame in got] == [1, 4, 5, 6, 8, 9]
    assert [round(f.drive_s * 1000) for f in got] == [33, 210, 500, 1500, 1600, 2400]


def test_file_clock_and_drive_clock_are_kept_apart(recipe_video: MakeVideo) -> None:
    path = recipe_video("H.264 open groups in TS")
    with av.open(str(path)) as container:
        first_s = float(next(container.decode(video=0)).time)
    source = open_video(path).starting_at(10.0)

    (frame,) = source.frames([10.4], 0)

    assert first_s > 0
    assert frame.pts_s == pytest.approx(first_s + 0.4)
    assert frame.drive_s == pytest.approx(10.4)
    assert source.info.duration_s == pytest.approx(60 * 0.04)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_picture_is_upright(turn: int, tmp_path: Path) -> None:
    recipe = Recipe("r.mp4", rotation=turn if turn < 180 else turn - 360)
    path = make_video(tmp_path, recipe, regular(10))

    source = open_video(path)
    frame = next(source.frames([0.0], 0))

    # The display matrix asks for a counter-clockwise turn.
    assert np.array_equal(frame.image, np.rot90(decode_all(path)[0], turn // 90))
    height_px, width_px = frame.image.shape[:2]
    assert (source.info.width_px, source.info.height_px) == (width_px, height_px)


def test_picture_nearest_to_several_times_is_given_once(
    recipe_video: MakeVideo,
) -> None:
    source = open_video(recipe_video("H.264 in MKV"))

    got = list(source.frames([0.39, 0.4, 0.41], 0))

    assert [number_of(frame.image) for frame in got] == [10]


def test_no_wanted_time_gives_no_frame(recipe_video: MakeVideo) -> None:
    assert list(open_video(recipe_video("H.264 in MKV")).frames([], 0)) == []


def test_wanted_time_must_be_a_number(recipe_video: MakeVideo) -> None:
    source = open_video(recipe_video("H.264 in MKV"))

    with pytest.raises(InputError, match="finite"):
        next(source.frames([float("nan")], 0))


def test_key_pictures_are_named_for_snapping(recipe_video: MakeVideo) -> None:
    info = open_video(recipe_video("H.264 with B-frames in MP4")).info

    assert info.picture_drive_s == pytest.approx((0.0, 0.48, 0.96, 1.44, 1.92))
    assert (info.kind, info.codec) == ("video", "h264")


@pytest.mark.parametrize(
    ("made", "epoch_s"),
    [
        pytest.param("2026-01-31T12:00:00Z", 1769860800.0, id="UTC"),
        pytest.param("2026-01-31T20:00:00+08:00", 1769860800.0, id="with a zone"),
        pytest.param("1904-01-01T00:00:00Z", None, id="zero of MP4"),
        pytest.param("1970-01-01T00:00:00Z", None, id="zero of Unix"),
        pytest.param("soon", None, id="no date"),
    ],
)
def test_creation_time_is_used_if_believable(
    made: str, epoch_s: float | None, tmp_path: Path
) -> None:
    recipe = Recipe("t.mkv", metadata={"creation_time": made})

    info = open_video(make_video(tmp_path, recipe, regular(5))).info

    assert info.epoch_at_start_s == epoch_s


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(
            Recipe("x.mp4", options={"g": "12", "bf": "2"}, container=FASTSTART),
            id="MP4 with its index first",
        ),
        pytest.param(Recipe("x.ts", options={"g": "12", "bf": "2"}), id="TS"),
        pytest.param(Recipe("x.mkv", options={"g": "12", "bf": "2"}), id="MKV"),
        pytest.param(Recipe("x.avi", options={"g": "12", "bf": "2"}), id="AVI"),
        pytest.param(Recipe("x.avi", "mjpeg", pix_fmt="yuvj420p"), id="MJPEG"),
    ],
)
def test_cut_video_gives_what_it_holds_then_names_the_last_good_second(
    recipe: Recipe, tmp_path: Path
) -> None:
    path = make_video(tmp_path, recipe, regular(100))
    every = decode_all(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10 + 1])

    got, message = _until_error(open_video(path), 100)

    numbers = [number_of(frame.image) for frame in got]
    assert 30 < len(numbers) < 80
    assert all(np.array_equal(f.image, every[number_of(f.image)]) for f in got)
    assert numbers == sorted(set(numbers))
    assert f"last good second is {numbers[-1] * 0.04:.1f} s" in message
    assert message.startswith(f"{path.name} is cut short")


def _until_error(source: VideoSource, count: int) -> tuple[list[Frame], str]:
    """Return what was yielded before the error, and its message."""
    got: list[Frame] = []
    frames = source.frames([n * 0.04 for n in range(count)], 0)
    with pytest.raises(FootageError) as caught:
        got.extend(frames)  # a list keeps what came before the error
    return got, str(caught.value)


def test_mp4_without_its_index_says_so(tmp_path: Path) -> None:
    path = make_video(tmp_path, Recipe("y.mp4"), regular(50))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])

    with pytest.raises(FootageError, match=r"y\.mp4 has no index .*; repair it"):
        open_video(path)


def test_damage_in_the_middle_loses_that_group_only(tmp_path: Path) -> None:
    recipe = Recipe(
        "z.mp4", options={"g": "10", "bf": "0", "x264-params": "scenecut=0"}
    )
    path = make_video(tmp_path, recipe, regular(60))
    every = decode_all(path)
    with av.open(str(path)) as container:
        packets = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    data = bytearray(path.read_bytes())
    for pos, size in packets[20:30]:
        data[pos : pos + size] = bytes(size)
    path.write_bytes(data)

    got, message = _until_error(open_video(path), 60)

    numbers = [number_of(frame.image) for frame in got]
    assert "10 of 60 wanted pictures could not be decoded" in message
    assert numbers == [n for n in range(60) if not 20 <= n < 30]
    assert all(np.array_equal(f.image, every[number_of(f.image)]) for f in got)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("e.mp4", b"", "is empty", id="empty file"),
        pytest.param("t.mp4", b"not a video\n" * 50, "is not a video", id="text"),
        pytest.param("n.ts", bytes(188 * 50), "is not a video", id="zeros"),
    ],
)
def test_what_is_no_video_is_refused_in_one_sentence(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(FootageError, match=message) as caught:
        open_video(path)

    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_video_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="does not exist"):
        open_video(tmp_path / "gone.mp4")


def test_container_without_pictures_is_refused(shared: Path) -> None:
    boxes = shared / "data" / "drives" / "dashcam_fixtures" / "novatek-real-anonymized"

    with pytest.raises(FootageError, match="holds no video stream"):
        open_video(boxes / "silverstone-a80.mp4")


@pytest.mark.parametrize(
    "drive",
    [
        "gopro_pavement/max-heromode.mp4",
        "kitti_0005/2011_09_26_drive_0005_sync.mp4",
        "cambridge/camvid_0016E5_15hz.mp4",
    ],
)
def test_real_drive_pictures_are_identical_to_a_full_decode(
    drive: str, shared: Path
) -> None:
    path = shared / "data" / "drives" / drive
    source = open_video(path)
    times = source.all_drive_s()
    rows = list(range(3, min(90, len(times)), 17))

    got = list(source.frames([float(times[row]) for row in rows], 0))

    with av.open(str(path)) as container:
        first = itertools.islice(container.decode(video=0), rows[-1] + 1)
        every = [np.array(frame.to_ndarray(format="bgr24")) for frame in first]
    assert len(got) == len(rows)
    assert all(
        np.array_equal(f.image, every[row]) for f, row in zip(got, rows, strict=True)
    )
