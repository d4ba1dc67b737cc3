"""The measures of the 大运河杯 city-governance track: F1 at IoU 0.5 and MOTA per video.

Truth and prediction are JSON: one list of rows for one video, or an object of such
lists by the name of the video. A row is

    {"frame_id": 12, "event_id": 3, "category": "stall", "bbox": [x1, y1, x2, y2]}

frame_id: whole number of the frame; event_id: the same number or text on all boxes of
one event of one video; category: any name; bbox: pixels, x1 < x2, y1 < y2.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from scipy.optimize import linear_sum_assignment

from training.evaluate.matching import FloatArray, pairwise_iou
from vision.errors import FormError, NotFoundError

LEAST_IOU = 0.5
ONE_VIDEO = "video"


class EventBox(BaseModel):
    """One event in one frame."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    frame_id: int
    event_id: int | str
    category: str
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TrackScore:
    """What the track measures of one video.

    Attributes:
        true: boxes claimed, of the same frame and category, at IoU 0.5.
        false: boxes that claim nothing.
        missed: labelled boxes nobody claimed.
        switches: labelled events that go on under another event id.
        f1: `2 true / (2 true + false + missed)`, a fraction; 1 where there is nothing
            to find and nothing was said.
        mota: `1 - (missed + false + switches) / labelled`, at most 1, may be negative;
            None without labelled boxes.
    """

    true: int
    false: int
    missed: int
    switches: int
    f1: float
    mota: float | None


_LIST = TypeAdapter(list[EventBox])
_VIDEOS = TypeAdapter(dict[str, list[EventBox]])


def read_events(path: Path) -> dict[str, list[EventBox]]:
    """Return the boxes by video; a bare list is one video called `video`.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is not of the form; the message names the row and the field.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); name a file of events"
        raise NotFoundError(msg) from error
    except ValueError as error:
        msg = f"{path.name} is not JSON ({error}); write a list of rows"
        raise FormError(msg) from error
    try:
        if isinstance(table, list):
            videos = {ONE_VIDEO: _LIST.validate_python(table)}
        else:
            videos = _VIDEOS.validate_python(table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ", ".join(str(part) for part in first["loc"])
        msg = f"{path.name}, row {where}: {first['msg']}"
        raise FormError(msg) from error
    _check_boxes(videos, path.name)
    return videos


def _check_boxes(videos: Mapping[str, Sequence[EventBox]], where: str) -> None:
    for video, rows in videos.items():
        for number, row in enumerate(rows):
            x1, y1, x2, y2 = row.bbox
            if not (x1 < x2 and y1 < y2):
                msg = (
                    f"{where}, {video}, row {number}: bbox must be [x1, y1, x2, y2] "
                    f"with x1 < x2 and y1 < y2, got {list(row.bbox)}"
                )
                raise FormError(msg)


def write_events(path: Path, videos: Mapping[str, Sequence[EventBox]]) -> None:
    """Write boxes by video; one video called `video` becomes a bare list."""
    table = {v: [row.model_dump(mode="json") for row in r] for v, r in videos.items()}
    part = path.with_suffix(".part")
    body = table[ONE_VIDEO] if set(table) == {ONE_VIDEO} else table
    part.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    part.replace(path)


def governance(truth: Path, predicted: Path) -> dict[str, TrackScore]:
    """Return the scores by video; a video that nobody predicted is all missed.

    Raises:
        NotFoundError: a file is missing.
        FormError: a file is not of the form, or predicts a video that truth lacks.
    """
    labelled, found = read_events(truth), read_events(predicted)
    strange = sorted(set(found) - set(labelled))
    if strange:
        msg = f"{predicted.name} has the video {strange[0]}, which {truth.name} lacks"
        raise FormError(msg)
    return {v: score_video(rows, found.get(v, [])) for v, rows in labelled.items()}


def score_video(truth: Sequence[EventBox], found: Sequence[EventBox]) -> TrackScore:
    """Return the scores of one video.

    Frame by frame and category by category: an event keeps the id that it had in the
    frame before as long as they still overlap; the others are paired so that as many as
    possible pair, then with the largest overlap.

    Source:
        Bernardin & Stiefelhagen (2008), CLEAR MOT, with IoU of at least 0.5.
    """
    labels, boxes = _by_place(truth), _by_place(found)
    last: dict[int | str, int | str] = {}
    true = switches = 0
    for place in sorted(labels.keys() | boxes.keys()):
        for event, said in _pair(labels[place], boxes[place], last):
            true += 1
            switches += event in last and last[event] != said
            last[event] = said
    false, missed = len(found) - true, len(truth) - true
    wrong = missed + false + switches
    total = 2 * true + false + missed
    return TrackScore(
        true=true,
        false=false,
        missed=missed,
        switches=switches,
        f1=2 * true / total if total else 1.0,
        mota=1 - wrong / len(truth) if truth else None,
    )


def _by_place(
    rows: Iterable[EventBox],
) -> defaultdict[tuple[int, str], list[EventBox]]:
    out: defaultdict[tuple[int, str], list[EventBox]] = defaultdict(list)
    for row in rows:
        out[row.frame_id, row.category].append(row)
    return out


def _pair(
    truth: Sequence[EventBox],
    found: Sequence[EventBox],
    last: Mapping[int | str, int | str],
) -> list[tuple[int | str, int | str]]:
    """Return (event, id found) of the pairs of one frame and category."""
    overlap = pairwise_iou(_corners(truth), _corners(found))
    kept = [
        (row, column)
        for row, label in enumerate(truth)
        for column, box in enumerate(found)
        if overlap[row, column] >= LEAST_IOU
        and last.get(label.event_id) == box.event_id
    ]
    pairs: list[tuple[int, int]] = []
    for row, column in kept:
        if all(row != r and column != c for r, c in pairs):
            pairs.append((row, column))
    for row, column in pairs:
        overlap[row], overlap[:, column] = 0.0, 0.0
    gain = np.where(overlap >= LEAST_IOU, 1000.0 + overlap, 0.0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    pairs += [
        (int(r), int(c)) for r, c in zip(rows, columns, strict=True) if gain[r, c] > 0
    ]
    return [(truth[r].event_id, found[c].event_id) for r, c in pairs]


def _corners(rows: Sequence[EventBox]) -> FloatArray:
    return np.array([row.bbox for row in rows], np.float64).reshape(-1, 4)
