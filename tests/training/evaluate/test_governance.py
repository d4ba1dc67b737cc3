import json
from pathlib import Path

import pytest

from training.evaluate.governance import (
    EventBox,
    governance,
    read_events,
    score_video,
    write_events,
)
from vision.errors import AuditError, FormError, NotFoundError

HERE, THERE = (0.0, 0.0, 10.0, 10.0), (50.0, 50.0, 60.0, 60.0)


def box(
    frame: int,
    event: int | str,
    bbox: tuple[float, float, float, float] = HERE,
    category: str = "stall",
) -> EventBox:
    return EventBox(frame_id=frame, event_id=event, category=category, bbox=bbox)


def test_a_track_that_breaks_in_two_is_one_switch() -> None:
    # Five labelled boxes of one event; ids 7, 7, none, 8, 8 and one false box:
    # 4 true, 1 missed, 1 false, 1 switch. F1 8 / (8 + 1 + 1); MOTA 1 - 3 / 5.
    truth = [box(frame, "a") for frame in range(5)]
    found = [box(0, 7), box(1, 7), box(3, 8), box(4, 8), box(4, 9, THERE)]

    got = score_video(truth, found)

    assert (got.true, got.false, got.missed, got.switches) == (4, 1, 1, 1)
    assert got.f1 == pytest.approx(0.8)
    assert got.mota == pytest.approx(0.4)


def test_mota_is_negative_where_more_is_wrong_than_labelled() -> None:
    got = score_video([box(0, 1)], [box(0, k, THERE) for k in range(3)])

    assert got.mota == 1 - (1 + 3) / 1
    assert got.f1 == 0.0


def test_two_tracks_that_swap_their_ids_are_two_switches() -> None:
    truth = [box(0, "a"), box(0, "b", THERE), box(1, "a"), box(1, "b", THERE)]
    found = [box(0, 1), box(0, 2, THERE), box(1, 2), box(1, 1, THERE)]

    got = score_video(truth, found)

    assert (got.true, got.switches) == (4, 2)
    assert got.f1 == 1.0
    assert got.mota == pytest.approx(0.5)


def test_an_id_is_kept_while_it_overlaps_though_another_overlaps_more() -> None:
    near = (0.0, 0.0, 10.0, 7.0)
    truth = [box(0, "a"), box(1, "a")]
    found = [box(0, 1), box(1, 1, near), box(1, 2, HERE)]

    got = score_video(truth, found)

    assert (got.true, got.false, got.switches) == (2, 1, 0)


def test_another_category_or_frame_claims_nothing() -> None:
    got = score_video([box(0, 1)], [box(0, 1, category="poster"), box(1, 1)])

    assert (got.true, got.false, got.missed) == (0, 2, 1)


def test_nothing_to_find_and_nothing_said_is_right() -> None:
    assert score_video([], []).f1 == 1.0
    assert score_video([], []).mota is None
    assert score_video([], [box(0, 1)]).f1 == 0.0


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    one = {"video": [box(0, 1), box(3, "b", THERE, "poster")]}
    many = {"a.mp4": [box(0, 1)], "b.mp4": []}

    for name, videos in (("one", one), ("many", many)):
        write_events(tmp_path / f"{name}.json", videos)
        assert read_events(tmp_path / f"{name}.json") == videos
    assert isinstance(json.loads((tmp_path / "one.json").read_text("utf-8")), list)


def test_each_video_is_scored_by_itself(tmp_path: Path) -> None:
    write_events(tmp_path / "t.json", {"a": [box(0, 1)], "b": [box(0, 1)]})
    write_events(tmp_path / "p.json", {"a": [box(0, 5)]})

    got = governance(tmp_path / "t.json", tmp_path / "p.json")

    assert got["a"].mota == 1.0
    assert got["b"].mota == 0.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ('[{"frame_id": 1}]', "row 0, event_id"),
        (
            '[{"frame_id":1,"event_id":1,"category":"x","bbox":[5,0,1,9]}]',
            "row 0: bbox must be",
        ),
        ('{"z": []}', "has the video z"),
    ],
)
def test_a_damaged_file_is_refused_by_row(
    tmp_path: Path, text: str, message: str
) -> None:
    write_events(tmp_path / "t.json", {"video": [box(0, 1)]})
    (tmp_path / "p.json").write_text(text, "utf-8")

    with pytest.raises(FormError, match=message):
        governance(tmp_path / "t.json", tmp_path / "p.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"nowhere\.json"):
        read_events(tmp_path / "nowhere.json")
    assert issubclass(NotFoundError, AuditError)
