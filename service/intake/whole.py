"""Files that come whole, in a form: bound and looked at as those in pieces."""

from __future__ import annotations

import uuid
from dataclasses import replace

from service.intake.quarantine import Receiving
from service.intake.quota import refuse_over_quota
from service.intake.tus import Promised
from service.intake.uploads import Uploads, UploadSender
from service.upload_records import UploadRecord


def keep_whole(uploads: Uploads, into: Receiving, sender: UploadSender) -> UploadRecord:
    """Keep a file of which all bytes came, and see what it is.

    It counts as its sender's upload from now on. One that is here already is not
    bounded: whoever sends a form again because the answer was lost gets that answer.

    Args:
        uploads: all of them.
        into: the file.
        sender: who sent it.

    Returns:
        How it stands: `whole`, or `aside` with the reason.

    Raises:
        InputError: nothing came.
        TooLargeError: more than the sender may have here.
        OutputError: likewise, with what it has here; or the disk is full.
    """
    if into.size and not uploads.quarantine.has([into.digest]):
        refuse_over_quota(uploads.settings, uploads.store, sender.key_id, into.size)
    size, digest = into.size, into.finish(sender.key_id)
    promised = Promised(into.name, size, digest, None, "")
    record = replace(
        uploads.fresh(uuid.uuid4().hex, promised, sender, 0),
        offset=size,
        digest=digest,
    )
    uploads.store.add_upload(record)
    return uploads.settle(record, digest)
