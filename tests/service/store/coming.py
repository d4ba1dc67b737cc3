"""Uploads as they stand in a store."""

from __future__ import annotations

import uuid
from typing import Any

from service.upload_records import UploadRecord

LATER_S = 4e9


def coming(district: str | None = None, **more: Any) -> UploadRecord:
    """Return an upload that was just begun."""
    given: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "key_id": "lj0123456789ab",
        "district": district,
        "name": "a.mp4",
        "size": 1000,
        "sha256": None,
        "drive": None,
        "given": "filename YS5tcDQ=",
        "state": "open",
        "offset": 0,
        "stored": 0,
        "sealed": False,
        "begun_s": 1.0,
        "expires_s": LATER_S,
        **more,
    }
    return UploadRecord(**given)
