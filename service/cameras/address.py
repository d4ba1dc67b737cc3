"""Where a camera's pictures come from: an address is a secret and is kept as one."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from urllib.parse import urlsplit

from service.camera_records import CameraKind, CameraRecord
from service.intake.sealed import sealed, unsealed
from service.settings import Settings
from vision.errors import InputError
from vision.footage import LiveSource

_LONGEST = 2000


def checked_address(kind: CameraKind, address: str) -> str:
    """Return an address that can be kept.

    Args:
        kind: of the camera.
        address: of a stream, or the name of a folder of snapshots.

    Raises:
        InputError: it is none; the message shows no secret.
    """
    text = address.strip()
    if len(text) > _LONGEST or any(ord(c) < 32 or c.isspace() for c in text):
        msg = "the camera's address holds spaces or is too long; check how it was given"
        raise InputError(msg)
    if kind == "rtsp":
        return LiveSource(text).url
    parts = Path(text).parts
    good = parts and not Path(text).is_absolute() and "\\" not in text
    if not good or any(part.startswith(".") for part in parts):
        msg = (
            "the folder of snapshots must be named as it lies below cameras.folder, "
            "like gate-7, without dots"
        )
        raise InputError(msg)
    return text


def shown_address(kind: CameraKind, address: str) -> str:
    """Return what people may see of an address: where, but not how to get in."""
    if kind == "snapshots":
        return address
    parts = urlsplit(address)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}/..."


def kept_address(
    kind: CameraKind, address: str, settings: Settings
) -> tuple[str, bool]:
    """Return an address as it is kept, and whether that is sealed with `raw.key`."""
    key = settings.raw.key
    if kind == "snapshots" or key is None:
        return address, False
    file = io.BytesIO()
    sealed(address.encode(), key.get_secret_value(), file)
    return base64.b64encode(file.getvalue()).decode(), True


def address_of(camera: CameraRecord, settings: Settings) -> str:
    """Return the address of a camera in full; show and log it nowhere.

    Raises:
        InputError: it was sealed with another key.
    """
    if not camera.is_sealed:
        return camera.address
    key = settings.raw.key
    if key is not None:
        try:
            file = io.BytesIO(base64.b64decode(camera.address))
            return b"".join(unsealed(file, key.get_secret_value())).decode()
        except InputError:
            pass
    msg = (
        f"the address of camera {camera.name} was sealed with another raw.key; set "
        "that key, or give the address again with liujing cameras change"
    )
    raise InputError(msg)


def folder_of(camera: CameraRecord, settings: Settings) -> Path:
    """Return the folder into which a camera drops its snapshots.

    Raises:
        InputError: it leads out of `cameras.folder`.
    """
    root = settings.cameras_folder.resolve()
    folder = (root / camera.address).resolve()
    if not folder.is_relative_to(root) or folder == root:
        msg = (
            f"the snapshots of camera {camera.name} would lie outside of {root}; "
            "name a folder below it"
        )
        raise InputError(msg)
    return folder
