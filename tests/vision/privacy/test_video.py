"""A video, masked frame by frame."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.vision.privacy.videos import read_video, write_video
from vision.detect import FakeBox, FakeDetector
from vision.errors import FootageError, NotFoundError, OutputError
from vision.privacy import mask_file, mask_video
from vision.types import Detections, Frame, Image

FACE = (20, 40, 60, 90)
ELSEWHERE = (90, 20, 150, 110)


def striped(height: int = 120, width: int = 160) -> Image:
    """Return stripes 2 px wide, so that any masking shows as lost contrast."""
    image = np.full((height, width, 3), 60, np.uint8)
    image[:, (np.arange(width) // 2) % 2 == 0] = 190
    return image


def contrast(image: Image, box: tuple[int, int, int, int]) -> float:
    x1, y1, x2, y2 = box
    part = image[y1:y2, x1:x2].astype(int)
    return float(np.abs(part[:, 2:] - part[:, :-2]).mean())


def faces_in(*frames: int) -> FakeDetector:
    return FakeDetector(("face",), {i: [FakeBox("face", FACE)] for i in frames})


def test_one_missed_frame_does_not_show_a_face(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [striped()] * 8, range(0, 320, 40))

    # Missed in 3; not there from 6 on.
    masked = mask_video(path, tmp_path / "o.mp4", detector=faces_in(0, 1, 2, 4, 5))

    images, _ = read_video(tmp_path / "o.mp4")
    hidden = [contrast(image, FACE) < 25 for image in images]
    assert hidden == [True, True, True, True, True, True, True, False]
    assert all(contrast(image, ELSEWHERE) > 80 for image in images)
    assert (masked.frames, masked.regions, masked.failure) == (8, 5, None)


def test_a_face_is_hidden_one_frame_before_it_is_found(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [striped()] * 5, range(0, 200, 40))

    mask_video(path, tmp_path / "o.mp4", detector=faces_in(2))

    images, _ = read_video(tmp_path / "o.mp4")
    hidden = [contrast(image, FACE) < 25 for image in images]
    assert hidden == [False, True, True, True, False]


def test_times_and_colours_stay(tmp_path: Path) -> None:
    times_ms = [0, 33, 70, 200, 210, 500]
    bars = np.zeros((64, 96, 3), np.uint8)
    colours = [(200, 40, 40), (40, 180, 60), (50, 60, 210), (128, 128, 128)]
    for index, colour in enumerate(colours):
        bars[:, index * 24 : (index + 1) * 24] = colour
    path = write_video(tmp_path / "a.mp4", [bars] * 6, times_ms)

    mask_video(path, tmp_path / "o.mp4", detector=faces_in())

    images, times = read_video(tmp_path / "o.mp4")
    assert times == pytest.approx([t / 1000 for t in times_ms], abs=0.002)
    with av.open(str(tmp_path / "o.mp4")) as container:
        frame = next(container.decode(video=0))
        true = frame.reformat(format="bgr24", src_colorspace="ITU709").to_ndarray()
    for index, colour in enumerate(colours):
        middle = true[32, index * 24 + 12].astype(int)
        assert np.abs(middle - colour).max() <= 12
    assert images[0].shape == (64, 96, 3)


def test_sound_and_metadata_are_left_out(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "a.mp4", [striped()] * 5, range(0, 200, 40), sound_s=0.2
    )

    mask_video(path, tmp_path / "o.mp4", detector=faces_in())

    with av.open(str(tmp_path / "o.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert container.streams.video[0].codec_context.name == "h264"
        assert not {"title", "location"} & set(container.metadata)
    assert b"Mr. Li" not in (tmp_path / "o.mp4").read_bytes()


@pytest.mark.parametrize(("width", "height"), [(161, 121), (160, 121), (33, 64)])
def test_odd_sizes_are_rounded_up(tmp_path: Path, width: int, height: int) -> None:
    images = [striped(height, width)] * 3
    path = write_video(tmp_path / "a.mkv", images, [0, 40, 80])

    mask_video(path, tmp_path / "o.mp4", detector=faces_in())

    image = read_video(tmp_path / "o.mp4")[0][0]
    assert image.shape[:2] == (height + height % 2, width + width % 2)


def test_a_turned_video_is_seen_and_written_upright(tmp_path: Path) -> None:
    # Stored lying; the display matrix says how to stand it up. The dark corner is at
    # the top left of the upright picture, 120 wide and 160 high.
    upright = np.full((160, 120, 3), 200, np.uint8)
    upright[:40, :40] = 20
    plain = write_video(
        tmp_path / "plain.mp4", [np.rot90(upright, -1).copy()] * 3, [0, 40, 80]
    )
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(with_rotation(plain.read_bytes()))
    with av.open(str(turned)) as container:
        assert next(container.decode(video=0)).rotation == 90
    frames: list[Frame] = []

    class Watcher:
        def detect(self, frame: Frame) -> Detections:
            frames.append(frame)
            return faces_in().detect(frame)

    mask_video(turned, tmp_path / "o.mp4", detector=Watcher())

    with av.open(str(tmp_path / "o.mp4")) as container:
        written = next(container.decode(video=0))
        assert written.rotation == 0
        image = written.to_ndarray(format="bgr24")
    for picture in (frames[0].image, image):
        assert picture.shape == (160, 120, 3)
        assert picture[5:35, 5:35].max() < 60
        assert picture[5:35, 80:115].min() > 160


def with_rotation(data: bytes) -> bytes:
    """Return an MP4 whose video track is shown a quarter turn counter-clockwise.

    The matrix in `tkhd` (ISO 14496-12, 8.3.2) is nine 32-bit numbers, row by row:
    a b u, c d v, x y w, in 16.16 fixed point, u v w in 2.30.
    """
    one, unit = (1 << 16), (1 << 30)
    identity = (one, 0, 0, 0, one, 0, 0, 0, unit)
    quarter = (0, -one, 0, one, 0, 0, 0, 0, unit)
    old = b"".join(n.to_bytes(4, "big", signed=True) for n in identity)
    new = b"".join(n.to_bytes(4, "big", signed=True) for n in quarter)
    place = data.index(old, data.index(b"tkhd"))
    return data[:place] + new + data[place + len(new) :]


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [striped()] * 6, range(0, 240, 40))
    told: list[tuple[int, int]] = []

    mask_file(
        path,
        tmp_path / "o.mp4",
        detector=faces_in(),
        progress=lambda done, total: told.append((done, total)),
    )

    assert [done for done, _ in told] == [1, 2, 3, 4, 5, 6]
    assert told[-1] == (6, 6)


@pytest.mark.parametrize("rest", ["missing", "noise"])
def test_a_broken_video_gives_what_it_holds_and_says_where_it_broke(
    tmp_path: Path, rest: str
) -> None:
    # Noise hardly compresses: half the bytes are about half of the 60 frames.
    rng = np.random.default_rng(4)
    images = [rng.integers(0, 256, (96, 96, 3), dtype=np.uint8) for _ in range(60)]
    path = write_video(tmp_path / "a.mkv", images, range(0, 2400, 40))
    data = path.read_bytes()
    half = len(data) // 2
    tail = rng.bytes(len(data) - half) if rest == "noise" else b""
    path.write_bytes(data[:half] + tail)

    masked = mask_video(path, tmp_path / "o.mp4", detector=faces_in(0))

    images_out, times = read_video(tmp_path / "o.mp4")
    assert 25 <= masked.frames == len(images_out) <= 35
    assert masked.failure is not None
    assert masked.failure.code == "footage_error"
    assert f"a.mkv breaks off after {times[-1]:.1f} s" in masked.failure.message


@pytest.mark.parametrize(
    "data",
    [b"", b"not a video", b"\x00\x00\x00\x18ftypmp42"],
    ids=["empty", "text", "head"],
)
def test_what_is_no_video_is_refused_and_leaves_nothing(
    tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "a.mp4").write_bytes(data)

    with pytest.raises(FootageError, match=r"a.mp4 in .* is not a video"):
        mask_video(tmp_path / "a.mp4", tmp_path / "o.mp4", detector=faces_in())
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as target:
        sound = target.add_stream("aac", rate=16_000)
        wave = np.zeros((1, 16_000), np.float32)
        tone = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        tone.sample_rate, tone.pts = 16_000, 0
        target.mux(sound.encode(tone))
        target.mux(sound.encode(None))

    with pytest.raises(FootageError, match="is not a video"):
        mask_video(tmp_path / "a.mp4", tmp_path / "o.mp4", detector=faces_in())
    assert not (tmp_path / "o.mp4").exists()


def test_a_failure_of_the_detector_leaves_no_half_masked_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [striped()] * 5, range(0, 200, 40))

    class Breaks:
        def detect(self, frame: Frame) -> Detections:
            if frame.index == 3:
                msg = "the network broke"
                raise FootageError(msg)
            return faces_in().detect(frame)

    with pytest.raises(FootageError, match="the network broke"):
        mask_video(path, tmp_path / "o.mp4", detector=Breaks())
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_missing_input_and_forbidden_output_are_refused_first(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [striped()] * 2, [0, 40])
    before = path.read_bytes()

    with pytest.raises(NotFoundError):
        mask_video(tmp_path / "no.mp4", tmp_path / "o.mp4", detector=faces_in())
    with pytest.raises(OutputError, match="is the original"):
        mask_video(path, path, detector=faces_in())
    with pytest.raises(OutputError, match=r"must end in \.mp4"):
        mask_video(path, tmp_path / "o.txt", detector=faces_in())
    with pytest.raises(OutputError, match="its folder does not exist"):
        mask_video(path, tmp_path / "no" / "o.mp4", detector=faces_in())
    assert path.read_bytes() == before


def test_a_real_drive_is_masked_with_its_own_times(
    tmp_path: Path, shared: Path
) -> None:
    path = shared / "data" / "drives" / "kitti_0005" / "2011_09_26_drive_0005_sync.mp4"

    masked = mask_video(path, tmp_path / "o.mp4", detector=faces_in(*range(5)))

    with av.open(str(path)) as container:
        wanted = [float(f.time or 0) for f in container.decode(video=0)]
    assert masked.frames == len(wanted)
    assert masked.failure is None
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        got = [float(f.time or 0) for f in container.decode(video=0)]
    assert got == pytest.approx(wanted, abs=0.002)
