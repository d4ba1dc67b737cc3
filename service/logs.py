"""What the service writes about itself: one JSON object a line, and no secret in it."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TextIO

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that is being answered; None outside of one."""
_FIELDS: ContextVar[Mapping[str, Any]] = ContextVar(
    "fields", default=MappingProxyType({})
)

_SECRETS = (
    (re.compile(r"\b(lj[0-9a-f]{12})(?:\.|%2[eE])[\w-]{8,}"), r"\1.(hidden)"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), "(hidden)"),
    (
        re.compile(r"(?i)\b(token[\"']?\s*[:= ]\s*[\"']?)[0-9a-zA-Z_.-]{16,}"),
        r"\1(hidden)",
    ),
    (re.compile(r"\b(sig=)[^&\s\"'\\]+"), r"\1(hidden)"),
    (re.compile(r"(://[^/\s:@\"]*:)[^@/\s\"]+(@)"), r"\1(hidden)\2"),
)
_OF_LOGGING = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


def without_secrets(text: str) -> str:
    """Return a text in which keys, signatures and passwords are not to be read."""
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


@contextmanager
def telling(**fields: Any) -> Iterator[None]:
    """Give fields to every line that is written meanwhile by this thread."""
    token = _FIELDS.set({**_FIELDS.get(), **fields})
    try:
        yield
    finally:
        _FIELDS.reset(token)


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object: time, level, logger, event and its fields.

    Whatever a message, a field or a trace holds, `without_secrets` is the last to see
    it.

    Args:
        always: fields of every line; None for none.
    """

    def __init__(self, always: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._always = always or {}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
            **self._always,
            **_FIELDS.get(),
        }
        request_id = REQUEST_ID.get()
        if request_id is not None:
            line["request_id"] = request_id
        line |= {k: v for k, v in vars(record).items() if k not in _OF_LOGGING}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return without_secrets(json.dumps(line, ensure_ascii=False, default=str))


def set_up_logs(level: str, stream: TextIO | None = None, **always: Any) -> None:
    """Let every logger of this process write JSON lines.

    Args:
        level: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        stream: where to; None for standard error.
        always: fields of every line.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(always))
    logging.basicConfig(level=level, handlers=[handler], force=True)
