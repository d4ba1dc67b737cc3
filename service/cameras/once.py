"""One picture of a camera, to say in one sentence what is wrong with it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from service.camera_records import CameraRecord
from service.cameras.address import address_of, folder_of
from service.cameras.folder import SnapshotFolder
from service.settings import Settings
from service.store import Store
from vision.errors import AuditError, FootageError
from vision.fixed import parse_fixed_camera
from vision.footage import (
    LiveOptions,
    LivePicture,
    LiveSource,
    judge_frame,
    load_photo,
)
from vision.types import Image

_CLOCK_S = 120.0
"""A camera's clock may be so far off before somebody is told."""
_SHAPE = 0.02
"""Of the width to the height, against that of the camera's file."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one picture; none is kept or shown.

    Attributes:
        reason: what is wrong, one sentence; None if all is well.
        width_px: of the picture; None if none came.
        height_px: of the same.
        took_s: until it was there.
    """

    reason: str | None
    width_px: int | None
    height_px: int | None
    took_s: float


def try_camera(settings: Settings, store: Store, camera: CameraRecord) -> Tried:
    """Take one picture of a camera and say what is wrong.

    Args:
        settings: of the service.
        store: keeps how the camera fares.
        camera: what is tried.
    """
    begun_s = time.monotonic()
    image: Image | None = None
    try:
        image, at_s, reason = _picture(settings, store, camera)
        store.note_camera(camera.id, now_s=time.time(), seen_s=at_s)
    except AuditError as error:
        reason = str(error)
        store.note_camera(camera.id, now_s=time.time(), error=reason)
    took_s = time.monotonic() - begun_s
    if image is None:
        return Tried(reason, None, None, took_s)
    height_px, width_px = image.shape[:2]
    wrong = reason or _wrong(camera, image)
    return Tried(wrong, width_px, height_px, took_s)


def _picture(
    settings: Settings, store: Store, camera: CameraRecord
) -> tuple[Image, float, str | None]:
    """Return a picture, when it was taken, and what is wrong about the time."""
    if camera.kind == "rtsp":
        options = LiveOptions(silent_s=settings.cameras.try_s, give_up_s=0.0)
        source = LiveSource(address_of(camera, settings), options)
        for event in source.watch():
            if isinstance(event, LivePicture):
                return event.image, event.epoch_s, None
    now_s = time.time()
    pictures = SnapshotFolder(settings, store).pictures(camera, now_s=now_s)
    if not pictures:
        msg = (
            f"no picture lies in {folder_of(camera, settings)}; check the address, the "
            "user and the folder that the camera uploads to"
        )
        raise FootageError(msg)
    newest = pictures[-1]
    off_s = newest.changed_ns / 1e9 - newest.taken_s
    reason = None
    if off_s > _CLOCK_S:
        reason = (
            f"the newest picture says that it was taken {off_s:.0f} s before it came; "
            "set the camera's clock, or look for what delays its upload"
        )
    return load_photo(newest.path), newest.taken_s, reason


def _wrong(camera: CameraRecord, image: Image) -> str | None:
    """Say what a picture shows to be wrong with a camera."""
    fixed = parse_fixed_camera(camera.file, "camera.toml")
    height_px, width_px = image.shape[:2]
    wanted = fixed.width_px / fixed.height_px
    if abs(width_px / height_px / wanted - 1) > _SHAPE:
        return (
            f"the picture has {width_px} x {height_px} pixels and the camera file "
            f"{fixed.width_px} x {fixed.height_px}, another shape; measure the known "
            "points in a picture of this stream"
        )
    judged = judge_frame(image).reason
    if judged is not None:
        return f"the picture is of no use ({judged}); clean or turn the camera"
    return None
