"""One JSON object a line, whatever is logged, and no secret in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.logs import REQUEST_ID, set_up_logs, telling, without_secrets


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    into = io.StringIO()
    set_up_logs("INFO", into)
    yield into
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_has_time_level_event_and_fields(stream: io.StringIO) -> None:
    logger = logging.getLogger("service.some")
    token = REQUEST_ID.set("r-1")

    logger.info("drive scored", extra={"drive_id": "d1", "folder": Path("a")})
    REQUEST_ID.reset(token)
    logger.info("许由路 %s", "好")
    logger.debug("not told")

    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "INFO",
        "logger": "service.some",
        "event": "drive scored",
        "request_id": "r-1",
        "drive_id": "d1",
        "folder": "a",
    }
    assert second["event"] == "许由路 好"
    assert "request_id" not in second
    assert "许由路" in stream.getvalue()


def test_what_is_told_around_a_line_stands_on_it(stream: io.StringIO) -> None:
    set_up_logs("INFO", stream, worker="w1")
    logger = logging.getLogger("service.some")

    with telling(job="j1", step="check"):
        with telling(step="keep"):
            logger.info("inside")
        logger.info("between", extra={"step": "its own"})
    logger.info("outside")

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    told = [{k: line.get(k) for k in ("worker", "job", "step")} for line in lines]
    assert told == [
        {"worker": "w1", "job": "j1", "step": "keep"},
        {"worker": "w1", "job": "j1", "step": "its own"},
        {"worker": "w1", "job": None, "step": None},
    ]


def test_a_trace_stays_on_its_line(stream: io.StringIO) -> None:
    said = "postgresql://city:hunter2@db/c was asked"
    try:
        raise RuntimeError(said)  # noqa: TRY301
    except RuntimeError:
        logging.getLogger("x").exception("it failed")

    (line,) = stream.getvalue().splitlines()
    assert "RuntimeError" in json.loads(line)["trace"]
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("lj0123456789ab.Abc-def_012345", "lj0123456789ab.(hidden)"),
        ("/x?a=lj0123456789ab%2EAbc-def_01&b=1", "/x?a=lj0123456789ab.(hidden)&b=1"),
        ("/e/a.jpg?until=9&sig=AbC%3D&x=1", "/e/a.jpg?until=9&sig=(hidden)&x=1"),
        ("postgresql://u:p%40w@h:5432/c", "postgresql://u:(hidden)@h:5432/c"),
        ("http://127.0.0.1:8600/a@b", "http://127.0.0.1:8600/a@b"),
        ("key lj0123456789ab was ended", "key lj0123456789ab was ended"),
    ],
)  # fmt: skip
def test_secrets_are_cut_out_and_nothing_else(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
