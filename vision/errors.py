"""Every error Liujing raises on purpose.

AuditError                    root; stable `code`; `exit_code` is the CLI's
├── InputError                what the user gave cannot be used
│   ├── FootageError          not a video or photo, empty, undecodable
│   ├── TelemetryError        no fixes, another day, unreadable track
│   ├── RoadsError            not lines, empty, swapped coordinates
│   ├── CameraError           a camera file that cannot be a camera
│   ├── ConflictError         it says otherwise than was said before
│   └── FormError             findings, coverage or another file form is wrong
├── NotFoundError             no such file, model, standard
│   └── GoneError             it was here and was deleted, as the rules want
├── CatalogueError            a model or its card is damaged
├── DeviceError               the accelerator asked for is not there
├── StoreError                the store is damaged, newer than the program, or gone
└── OutputError               the result cannot be written
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class AuditError(Exception):
    """Root of the tree: the message is one sentence saying what, where, what to do."""

    code: ClassVar[str] = "audit_error"
    exit_code: ClassVar[int] = 2


class InputError(AuditError):
    """What the user gave cannot be used."""

    code = "input_error"


class FootageError(InputError):
    """The footage is no video or photo, is empty or cannot be decoded."""

    code = "footage_error"


class ConflictError(InputError):
    """What is said now cannot be true beside what was said before."""

    code = "conflict"


class TelemetryError(InputError):
    """There are no usable fixes for this footage."""

    code = "telemetry_error"


class RoadsError(InputError):
    """The road file has no usable lines."""

    code = "roads_error"


class CameraError(InputError):
    """The camera file does not describe a camera."""

    code = "camera_error"


class FormError(InputError):
    """A file does not have the form it should have."""

    code = "form_error"


class NotFoundError(AuditError):
    """A file, model or standard that was asked for does not exist."""

    code = "not_found"


class GoneError(NotFoundError):
    """What was asked for was here and was deleted, as the rules want."""

    code = "gone"


class CatalogueError(AuditError):
    """An installed model or its card is damaged."""

    code = "catalogue_error"


class DeviceError(AuditError):
    """The accelerator asked for is not available."""

    code = "device_error"


class StoreError(AuditError):
    """The store is damaged, newer than this program, or cannot be reached."""

    code = "store_error"


class OutputError(AuditError):
    """The result cannot be written."""

    code = "output_error"


@dataclass(frozen=True, slots=True)
class Failure:
    """One item of a batch that failed while the others went on.

    Attributes:
        item: what failed, as the user named it (a file name, a row).
        code: the `code` of the error.
        message: one sentence: what, where, what to do.
    """

    item: str
    code: str
    message: str

    @classmethod
    def of(cls, item: str, error: AuditError) -> Failure:
        """Record `error` against `item`."""
        return cls(item=item, code=error.code, message=str(error))
