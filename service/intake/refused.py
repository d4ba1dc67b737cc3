"""Why an upload cannot go on; each kind is answered by a status of its own."""

from __future__ import annotations

from vision.errors import InputError


class UploadError(InputError):
    """Something about an upload cannot be done."""

    code = "upload_error"


class OffsetError(UploadError):
    """The bytes do not begin where those on the disk end, or the upload is over."""

    code = "offset_error"


class HeldError(UploadError):
    """Somebody else is writing to the upload at this moment."""

    code = "held_error"


class TooLargeError(UploadError):
    """More bytes than there may be."""

    code = "too_large_error"


class UnreadableError(UploadError):
    """Nothing of what came can be read; it is kept aside."""

    code = "unreadable_error"


class ChecksumError(UploadError):
    """The bytes are not those that were promised."""

    code = "checksum_error"
