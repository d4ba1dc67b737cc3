"""Read Label Studio's JSON export: rectangles in percent of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from training.sources.boxes import BoxList, picture_inside
from training.sources.coco import read_json
from training.types import LabelledImage, Rejected
from vision.errors import FormError

Row = dict[str, Any]


def read_label_studio(
    images: Path,
    labels: Path,
    *,
    source: str,
    classes: Mapping[str, str],
    known: frozenset[str],
) -> tuple[tuple[LabelledImage, ...], tuple[Rejected, ...]]:
    """Return the tasks' pictures with the boxes of the last annotation not cancelled.

    A task nobody finished is skipped by name: its missing boxes say nothing. Choices
    and other results that are no rectangles are noted and skipped.

    Raises:
        NotFoundError: the file is missing.
        FormError: it is no export, or no task of it can be used.
    """
    table = read_json(labels)
    if not isinstance(table, list) or not all(isinstance(t, dict) for t in table):
        msg = f"{labels.name} is no Label Studio JSON export (a list of tasks)"
        raise FormError(msg)
    out: list[LabelledImage] = []
    rejected: list[Rejected] = []
    for task in table:
        where = f"{labels.name}#{task.get('id')}"
        rows = _finished(task)
        if rows is None:
            text = "nobody finished an annotation of the task; it is skipped"
            rejected.append(Rejected(where, text))
            continue
        place = (images, source, known)
        out.extend(_pictures(task, rows, place, classes, rejected, where=where))
    if not out:
        msg = f"{labels.name} has no finished task whose picture is in {images}"
        raise FormError(msg)
    return tuple(out), tuple(rejected)


def _finished(task: Row) -> list[Row] | None:
    every = task.get("annotations")
    done = [
        a
        for a in (every if isinstance(every, list) else [])
        if isinstance(a, dict)
        and not a.get("was_cancelled")
        and isinstance(a.get("result"), list)
    ]
    if not done:
        return None
    return [row for row in done[-1]["result"] if isinstance(row, dict)]


def _pictures(
    task: Row,
    rows: list[Row],
    place: tuple[Path, str, frozenset[str]],
    classes: Mapping[str, str],
    rejected: list[Rejected],
    *,
    where: str,
) -> list[LabelledImage]:
    """Return one picture for each image of a task's data that is there."""
    images, source, known = place
    data = task.get("data")
    urls = [
        (key, url)
        for key, value in (data.items() if isinstance(data, dict) else ())
        for url in (value if isinstance(value, list) else [value])
        if isinstance(url, str) and file_name(url)
    ]
    for row in rows if len(urls) > 1 else ():
        if not any(_belongs(row, n, key) for n, (key, _) in enumerate(urls)):
            text = "it is not said which of the pictures it is in; it is skipped"
            rejected.append(Rejected(f"{where}/{row.get('id')}", text))
    out: list[LabelledImage] = []
    for number, (key, url) in enumerate(urls):
        picture = picture_inside(images, file_name(url))
        if picture is None:
            text = f"there is no picture {file_name(url)!r}; it is skipped"
            rejected.append(Rejected(where, text))
            continue
        found = BoxList(classes, rejected)
        for row in rows:
            value = row.get("value")
            if len(urls) > 1 and not _belongs(row, number, key):
                continue
            if isinstance(value, dict):
                _add(found, row, value, f"{where}/{row.get('id')}")
        scene = f"{source}/{picture.stem}"
        out.append(
            LabelledImage(picture, found.boxes, source, scene, found.complete(known))
        )
    return out


def _belongs(row: Row, number: int, key: str) -> bool:
    if "item_index" in row:
        return bool(row["item_index"] == number)
    return bool(row.get("to_name") == key)


def file_name(url: str) -> str:
    """Return the file name in a URL, of uploads and of local files (`?d=`); or ''."""
    parts = urlsplit(url)
    inner = parse_qs(parts.query).get("d", [parts.path])[0]
    name = unquote(inner).replace("\\", "/").rsplit("/", 1)[-1]
    return name if "." in name else ""


def _add(found: BoxList, row: Row, value: Row, where: str) -> None:
    if row.get("type") != "rectanglelabels":
        found.note(where, f"a {row.get('type')} is no rectangle; it is ignored")
        return
    labels = value.get("rectanglelabels")
    if not isinstance(labels, list) or not labels:
        found.reject(where, "the rectangle has no label; it is skipped")
        return
    if value.get("rotation"):
        found.reject(where, "a turned rectangle has no upright box; it is skipped")
        return
    try:
        x, y, w, h = (float(value[k]) / 100 for k in ("x", "y", "width", "height"))
    except (KeyError, TypeError, ValueError):
        found.reject(where, "x, y, width, height are not numbers; it is skipped")
        return
    found.add(str(labels[0]), (x, y, x + w, y + h), where=where)
