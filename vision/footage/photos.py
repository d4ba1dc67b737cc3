"""Photos as a footage source: upright, in the order they were taken."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageOps

from vision.errors import Failure, FootageError, InputError, NotFoundError
from vision.footage.base import FootageInfo
from vision.footage.exif import PhotoTime, read_photo_time
from vision.probe import UNREADABLE
from vision.types import FloatArray, Frame, Image

_STEP_WITHOUT_TIME_S = 1.0
_STEP_AT_ONCE_S = 0.001
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_QUARTER_TURNS = frozenset({5, 6, 7, 8})
_ORIENTATION_TAG = 0x0112


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo on the drive clock.

    Attributes:
        path: the file.
        drive_s: when it was taken.
    """

    path: Path
    drive_s: float


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """Photos of one drive; a `FootageSource`.

    Attributes:
        info: what they say of themselves; the size is that of the first.
        photos: in time order.
    """

    info: FootageInfo
    photos: tuple[Photo, ...]

    def starting_at(self, start_drive_s: float) -> PhotoSource:
        """Return the same photos placed elsewhere on the drive clock."""
        shift_s = start_drive_s - self.info.start_drive_s
        photos = tuple(replace(p, drive_s=p.drive_s + shift_s) for p in self.photos)
        info = replace(
            self.info,
            start_drive_s=start_drive_s,
            picture_drive_s=tuple(p.drive_s for p in photos),
        )
        return PhotoSource(info=info, photos=photos)

    def frames(self, at_drive_s: Sequence[float], first_index: int) -> Iterator[Frame]:
        """Yield the photo nearest to each wanted time; each at most once.

        `Frame.source` is the photo's own file name and `Frame.pts_s` is 0.

        Raises:
            InputError: a wanted time is not a number.
            FootageError: a wanted photo is damaged; raised after the others were
                yielded.
        """
        times = np.array([photo.drive_s for photo in self.photos], dtype=np.float64)
        wanted = np.asarray(at_drive_s, dtype=np.float64)
        if not np.isfinite(wanted).all():
            msg = f"every wanted time of {self.info.name} must be a finite number"
            raise InputError(msg)
        rows = sorted({int(np.argmin(np.abs(times - t))) for t in wanted})
        index = first_index
        damaged: list[FootageError] = []
        for row in rows:
            photo = self.photos[row]
            try:
                image = load_photo(photo.path)
            except FootageError as error:
                damaged.append(error)
                continue
            yield Frame(
                index=index,
                pts_s=0.0,
                drive_s=photo.drive_s,
                image=image,
                source=photo.path.name,
            )
            index += 1
        if damaged:
            last_s = self.photos[-1].drive_s if rows else 0.0
            msg = (
                f"{len(damaged)} of {len(rows)} photos up to {last_s:.1f} s of the "
                f"drive are damaged, the first: {damaged[0]}"
            )
            raise FootageError(msg)


def is_photo(path: Path) -> bool:
    """Say from its first bytes if a file is a JPEG or PNG."""
    with path.open("rb") as file:
        head = file.read(8)
    return head.startswith(_JPEG) or head == _PNG


def load_photo(path: Path) -> Image:
    """Return a photo as BGR `(H, W, 3)`, upright by its EXIF orientation.

    Raises:
        FootageError: it is damaged or cut short.
    """
    return _decoded(path, path.name)


def decode_photo(content: bytes, name: str) -> Image:
    """Return a photo's bytes as BGR `(H, W, 3)`, upright by its EXIF orientation.

    Raises:
        FootageError: they are damaged, cut short or no photo; the message names it.
    """
    return _decoded(io.BytesIO(content), name)


def _decoded(photo_file: Path | BinaryIO, name: str) -> Image:
    try:
        with PillowImage.open(photo_file) as photo:
            rgb = np.asarray(ImageOps.exif_transpose(photo.convert("RGB")))
    except UNREADABLE as error:
        msg = f"photo {name} cannot be decoded; copy it from the camera again"
        raise FootageError(msg) from error
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)


def photo_time(path: Path) -> PhotoTime | None:
    """Return when a photo was taken, by its EXIF; None if nothing says so."""
    try:
        with PillowImage.open(path, formats=("JPEG", "PNG")) as photo:
            return read_photo_time(photo.getexif())
    except UNREADABLE:
        return None


def open_photos(
    paths: Sequence[Path], *, name: str
) -> tuple[PhotoSource, tuple[Failure, ...]]:
    """Open photos of one drive, starting at drive time 0.

    They are ordered by the time they were taken (EXIF), those without a time between
    their neighbours in the given order. Without any time they are 1 s apart in the
    given order.

    Args:
        paths: photo files in name order.
        name: for messages and records.

    Raises:
        NotFoundError: none of them exists.
        FootageError: none of them is a photo.
    """
    good: list[Path] = []
    heads: list[_Head] = []
    failures: list[Failure] = []
    for path in paths:
        try:
            heads.append(_read_head(path))
            good.append(path)
        except (FootageError, NotFoundError) as error:
            failures.append(Failure.of(path.name, error))
    if not good:
        if len(failures) == 1:
            raise FootageError(failures[0].message)
        msg = f"{name} holds no photo that can be read; give JPEG or PNG files"
        raise FootageError(msg)
    taken_s = _taken_s([head.time for head in heads])
    order = np.argsort(taken_s, kind="stable")
    first = int(order[0])
    photos = tuple(
        Photo(path=good[row], drive_s=float(taken_s[row] - taken_s[first]))
        for row in order
    )
    info = FootageInfo(
        name=name,
        kind="photos",
        width_px=heads[first].width_px,
        height_px=heads[first].height_px,
        start_drive_s=0.0,
        duration_s=photos[-1].drive_s,
        epoch_at_start_s=_epoch_at_start_s(heads, taken_s, first),
        picture_drive_s=tuple(photo.drive_s for photo in photos),
        codec=heads[first].codec,
    )
    return PhotoSource(info=info, photos=photos), tuple(failures)


@dataclass(frozen=True, slots=True)
class _Head:
    width_px: int
    height_px: int
    codec: str
    time: PhotoTime | None


def _read_head(path: Path) -> _Head:
    if not path.is_file():
        msg = f"photo {path} does not exist; check the path"
        raise NotFoundError(msg)
    try:
        with PillowImage.open(path, formats=("JPEG", "PNG")) as photo:
            width_px, height_px = photo.size
            exif = photo.getexif()
            codec = (photo.format or "jpeg").lower().replace("mpo", "jpeg")
            if exif.get(_ORIENTATION_TAG) in _QUARTER_TURNS:
                width_px, height_px = height_px, width_px
            return _Head(width_px, height_px, codec, read_photo_time(exif))
    except UNREADABLE as error:
        msg = f"{path.name} is not a photo that can be read; give JPEG or PNG"
        raise FootageError(msg) from error


def _taken_s(times: Sequence[PhotoTime | None]) -> FloatArray:
    """Return when each was taken, on one local clock.

    Photos of one whole second are spread over it; a rig's photos of one instant are
    1 ms apart.
    """
    known = [row for row, time in enumerate(times) if time is not None]
    rows = np.arange(len(times), dtype=np.float64)
    if not known:
        return rows * _STEP_WITHOUT_TIME_S
    local = [
        time.local.replace(tzinfo=UTC).timestamp() for time in times if time is not None
    ]
    taken_s = np.interp(rows, known, local)
    for second in np.unique(taken_s):
        same = np.flatnonzero(taken_s == second)
        step_s = 1 / len(same) if second == round(second) else _STEP_AT_ONCE_S
        taken_s[same] += np.arange(len(same)) * step_s
    return taken_s


def _epoch_at_start_s(
    heads: Sequence[_Head],
    taken_s: FloatArray,
    first: int,
) -> float | None:
    """Return the UTC of the first photo from any photo that knows its UTC."""
    for head in heads:
        if head.time is not None and head.time.utc_offset_s is not None:
            return float(taken_s[first]) - head.time.utc_offset_s
    return None
