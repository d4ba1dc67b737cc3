"""A form with files goes straight into the quarantine, piece by piece."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from service.intake.names import checked_drive
from service.intake.quarantine import Receiving
from service.intake.refused import UnreadableError
from service.intake.uploads import Uploads, UploadSender
from service.intake.whole import keep_whole
from vision.errors import InputError

_AT_ONCE = 1 << 20
_MOST_FILES = 5000
_MOST_HEADER = 4096


@dataclass(frozen=True, slots=True)
class Came:
    """The files of a form; all of them are kept.

    Attributes:
        files: name -> SHA-256 of those that can be read.
        aside: name -> why it cannot be read.
    """

    files: Mapping[str, str]
    aside: Mapping[str, str]


async def receive_drive(
    request: Request, uploads: Uploads, sender: UploadSender
) -> Came:
    """Receive the files of a form; see what each is.

    Whatever is wrong with one file, those before it lie in the quarantine without a
    job, and are deleted when their days are over.

    Args:
        request: `multipart/form-data`; fields without a file name are refused.
        uploads: takes the files.
        sender: who sends them.

    Raises:
        InputError: no form, a bad name, two files of one name, no footage, cut short.
        UnreadableError: nothing of the footage can be read; it is kept aside.
        TooLargeError: a file is more than the sender may have lying here.
        OutputError: it is with what lies here; or the disk is nearly full.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        msg = "send the drive as multipart/form-data, one part for each file"
        raise InputError(msg)
    declared = request.headers.get("content-length", "")
    uploads.quarantine.refuse_full(int(declared) if declared.isdecimal() else 0)
    form = _Form(uploads, sender, boundary)
    try:
        waiting = bytearray()
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= _AT_ONCE:
                await run_in_threadpool(form.feed, bytes(waiting))
                waiting.clear()
        await run_in_threadpool(form.feed, bytes(waiting))
        return form.finish()
    except ClientDisconnect as error:
        msg = "the sender went away before the end; send the drive again"
        raise InputError(msg) from error
    finally:
        form.close()


class _Form:
    """Follows the parts of a form and hands their bytes on."""

    def __init__(self, uploads: Uploads, sender: UploadSender, boundary: bytes) -> None:
        self._uploads = uploads
        self._sender = sender
        self._files: dict[str, str] = {}
        self._aside: dict[str, str] = {}
        self._file: Receiving | None = None
        self._field, self._value = bytearray(), bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_field,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header,
                "on_headers_finished": self._open,
                "on_part_data": self._on_data,
                "on_part_end": self._finish_part,
                "on_end": self._on_end,
            },
        )

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the form."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            msg = f"the form is damaged ({error}); send the drive again"
            raise InputError(msg) from error

    def finish(self) -> Came:
        """Return the files.

        Raises:
            InputError: the form was cut short, or holds no footage.
            UnreadableError: nothing of the footage can be read.
        """
        if not self._ended:
            msg = "the form was cut short; send the drive again"
            raise InputError(msg)
        checked_drive(self._files)
        readable = {n: sha for n, sha in self._files.items() if n not in self._aside}
        try:
            checked_drive(readable)
        except InputError as error:
            why = "; ".join(self._aside.values())[:_MOST_HEADER]
            msg = f"the footage is kept aside, for it cannot be inspected: {why}"
            raise UnreadableError(msg) from error
        return Came(readable, self._aside)

    def close(self) -> None:
        """Drop the file that was being received, if it was not finished."""
        if self._file is not None:
            self._file.__exit__()

    def _begin(self) -> None:
        self._headers = {}
        if len(self._files) >= _MOST_FILES:
            msg = f"a drive has at most {_MOST_FILES} files; send it in parts"
            raise InputError(msg)

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]
        self._refuse_long()

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._refuse_long()

    def _refuse_long(self) -> None:
        if len(self._field) + len(self._value) > _MOST_HEADER:
            msg = "a part of the form has a header that is too long"
            raise InputError(msg)

    def _on_header(self) -> None:
        self._headers[bytes(self._field).lower()] = bytes(self._value)
        self._field.clear()
        self._value.clear()

    def _open(self) -> None:
        _, options = parse_options_header(
            self._headers.get(b"content-disposition", b"")
        )
        given = options.get(b"filename")
        if given is None:
            msg = "a part of the form has no file name; send files alone"
            raise InputError(msg)
        try:
            name = given.decode("utf-8")
        except UnicodeDecodeError as error:
            msg = "a file name is not UTF-8; rename the file"
            raise InputError(msg) from error
        if name in self._files:
            msg = f"two files of the form are called {name[:80]}; rename one"
            raise InputError(msg)
        self._file = self._uploads.quarantine.receive(name)

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])

    def _finish_part(self) -> None:
        if self._file is not None:
            kept = keep_whole(self._uploads, self._file, self._sender)
            self._files[kept.name] = kept.digest or ""
            if kept.reason is not None:
                self._aside[kept.name] = kept.reason
            self._file = None

    def _on_end(self) -> None:
        self._ended = True
