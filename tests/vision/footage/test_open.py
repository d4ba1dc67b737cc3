"""What the user gave becomes sources on one drive clock, or one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.vision.footage.numbered_video import (
    Recipe,
    make_video,
    number_of,
    regular,
)
from vision.errors import FootageError, NotFoundError
from vision.footage import open_footage


def clip(folder: Path, name: str, made: str = "", seconds: float = 1.0) -> Path:
    metadata = {"creation_time": made} if made else {}
    recipe = Recipe(name, metadata=metadata)
    return make_video(folder, recipe, regular(int(seconds * 25)))


def placed(paths: list[Path]) -> list[tuple[str, float]]:
    """Return names and starts."""
    sources = open_footage(paths).sources
    return [(s.info.name, round(s.info.start_drive_s, 2)) for s in sources]


def test_wall_clocks_give_order_and_pauses(tmp_path: Path) -> None:
    late = clip(tmp_path, "a.mp4", "2026-01-31T12:01:00Z")
    early = clip(tmp_path, "b.mp4", "2026-01-31T12:00:00Z")

    assert placed([late, early]) == [("b.mp4", 0.0), ("a.mp4", 60.0)]


def test_clocks_of_whole_seconds_never_overlap(tmp_path: Path) -> None:
    first = clip(tmp_path, "a.mp4", "2026-01-31T12:00:00Z", seconds=1.6)
    second = clip(tmp_path, "b.mp4", "2026-01-31T12:00:01Z")

    assert placed([first, second]) == [("a.mp4", 0.0), ("b.mp4", 1.6)]


@pytest.mark.parametrize(
    ("made_first", "made_second"),
    [
        pytest.param("", "", id="no clocks"),
        pytest.param("2026-01-31T12:00:00Z", "", id="one has none"),
        pytest.param("1970-01-01T00:00:00Z", "1970-01-01T00:01:00Z", id="zero clocks"),
        pytest.param(
            "2026-01-31T12:00:00Z", "2026-02-02T12:00:00Z", id="two days apart"
        ),
        pytest.param(
            "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z", id="all at one moment"
        ),
    ],
)
def test_without_fitting_clocks_names_give_the_order(
    made_first: str, made_second: str, tmp_path: Path
) -> None:
    second = clip(tmp_path, "clip10.mp4", made_second, seconds=4.0)
    first = clip(tmp_path, "clip9.mp4", made_first, seconds=4.0)

    assert placed([second, first]) == [("clip9.mp4", 0.0), ("clip10.mp4", 4.0)]


def test_times_in_file_names_keep_the_pauses(tmp_path: Path) -> None:
    first = clip(tmp_path, "NO20260101-120000-000001F.mp4")
    second = clip(tmp_path, "NO20260101-120030-000002F.mp4")

    assert placed([second, first]) == [(first.name, 0.0), (second.name, 30.0)]
    # The zone of a name is unknown, so it is no UTC.
    assert open_footage([first]).sources[0].info.epoch_at_start_s is None


def test_frames_of_the_second_file_are_on_the_drive_clock(tmp_path: Path) -> None:
    paths = [clip(tmp_path, "a.mp4"), clip(tmp_path, "b.mp4")]

    second = open_footage(paths).sources[1]
    (frame,) = second.frames([1.2], 30)

    assert (frame.index, number_of(frame.image), frame.source) == (30, 5, "b.mp4")
    assert (frame.drive_s, frame.pts_s) == pytest.approx((1.2, 0.2))
    assert second.info.picture_drive_s[0] == pytest.approx(1.0)


def test_folder_stands_for_its_videos_in_name_order(tmp_path: Path) -> None:
    clip(tmp_path, "2.MP4")
    clip(tmp_path, "10.mp4")
    (tmp_path / "deeper").mkdir()
    clip(tmp_path / "deeper", "1.mp4")
    Image.new("RGB", (32, 24)).save(tmp_path / "thumbnail.jpg")
    (tmp_path / "._2.MP4").write_bytes(b"left by another system")
    (tmp_path / "track.gpx").write_text("<gpx/>")

    opened = open_footage([tmp_path])

    assert [s.info.name for s in opened.sources] == ["2.MP4", "10.mp4"]
    assert opened.failures == ()


def test_file_given_twice_counts_once(tmp_path: Path) -> None:
    path = clip(tmp_path, "a.mp4")

    assert len(open_footage([path, path, tmp_path]).sources) == 1


def test_bad_file_is_recorded_beside_the_good_ones(tmp_path: Path) -> None:
    good = clip(tmp_path, "good.mp4")
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    gone = tmp_path / "gone.mp4"

    opened = open_footage([bad, good, gone])

    assert [s.info.name for s in opened.sources] == ["good.mp4"]
    assert [(f.item, f.code) for f in opened.failures] == [
        ("bad.mp4", "footage_error"),
        ("gone.mp4", "not_found"),
    ]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        pytest.param(
            lambda p: p / "gone", NotFoundError, "does not exist", id="missing"
        ),
        pytest.param(lambda p: p, FootageError, "no video and no photo", id="folder"),
        pytest.param(
            lambda p: _written(p / "a.mp4", b""), FootageError, "is empty", id="empty"
        ),
        pytest.param(
            lambda p: _written(p / "a.jpg", b"text"),
            FootageError,
            "is not a video or photo",
            id="text named photo",
        ),
        pytest.param(
            lambda p: _written(p / "a.txt", b"some text\n" * 99),
            FootageError,
            "is not a video or photo",
            id="text file",
        ),
        pytest.param(
            lambda p: _written(p / "a.jpg", b"\xff\xd8\xff\xe0" + bytes(40)),
            FootageError,
            "is not a photo",
            id="broken photo",
        ),
    ],
)
def test_nothing_usable_is_one_sentence(
    make: Callable[[Path], Path], error: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message) as caught:
        open_footage([make(tmp_path)])

    assert "\n" not in str(caught.value)


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_no_footage_at_all_is_refused() -> None:
    with pytest.raises(FootageError, match="no footage was given"):
        open_footage([])


def test_real_dashcam_folder_is_one_drive(shared: Path) -> None:
    dashcams = shared / "data" / "drives" / "dashcam_fixtures"

    folder = dashcams / "70mai-multichannel" / "Normal" / "Front"

    assert [start for _, start in placed([folder])] == pytest.approx([0.0, 2.0])
