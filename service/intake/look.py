"""What a file is, by what it holds: its name is only what its sender says.

Runs in a process of its own (`service/intake/looker.py`): a file may be made to harm
its reader.
"""

from __future__ import annotations

import json
import os
import shutil
import tomllib
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from service.intake.sealed import SealError
from service.job_records import is_package
from service.upload_records import Seen
from vision.errors import AuditError, FormError, InputError, NotFoundError
from vision.suffixes import FOOTAGE_SUFFIXES

_HEAD = 4 << 20
_WHOLE = 64 << 20
"""Road files are read whole up to here; of larger ones the head tells, as of tracks."""
_TOML = 1 << 20
_ENTRIES = 20_000
_UNPACKED = 4 << 30
_PHOTOS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_ARCHIVES = {
    b"PK\x03\x04": "ZIP",
    b"PK\x05\x06": "ZIP",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "RAR",
    b"\xfd7zXZ": "xz",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
}


def look_at(file: BinaryIO, name: str, room: Path) -> Seen:
    """Return what a file is.

    Args:
        file: can be sought; holds at least one byte.
        name: as its sender calls it.
        room: a folder of the quarantine; a name may lie there for a moment, no bytes.

    Raises:
        SealError: the file is sealed with another key.
    """
    try:
        return Seen(_kind(file, name, room))
    except SealError:
        raise
    except (AuditError, RecursionError, MemoryError) as error:
        told = isinstance(error, AuditError)
        return Seen(reason=str(error) if told else f"{name} is too deep or too large")


def _kind(file: BinaryIO, name: str, room: Path) -> str:
    file.seek(0)
    head = file.read(512)
    if is_package(name):
        _check_package(file, name)
        return "edge"
    _refuse_archive(head, name)
    suffix = Path(name).suffix.lower()
    if suffix in FOOTAGE_SUFFIXES:
        from vision.probe import probe_photo, probe_video  # noqa: PLC0415 - loads av

        if head.startswith(_PHOTOS):
            probe_photo(file, name)
            return "photo"
        probe_video(file, name)
        return "video"
    if suffix == ".toml":
        _check_toml(file, name)
        return "camera"
    if suffix == ".geojson":
        _check_geojson(file, name)
        return "roads"
    _check_track(file, name, room)
    return "track"


def _refuse_archive(head: bytes, name: str) -> None:
    for magic, kind in _ARCHIVES.items():
        if head.startswith(magic):
            msg = f"{name} is a {kind} archive, not what it is called; unpack it"
            raise InputError(msg)


def _check_package(file: BinaryIO, name: str) -> None:
    """Read the directory of a package, and nothing else of it."""
    try:
        with zipfile.ZipFile(file) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        msg = f"{name} is no package that can be opened; send it again"
        raise InputError(msg) from error
    if len(entries) > _ENTRIES or sum(one.file_size for one in entries) > _UNPACKED:
        msg = f"{name} would be too large when unpacked; no vehicle packs so much"
        raise InputError(msg)
    for one in entries:
        path = PurePosixPath(one.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            msg = f"{name} holds a file outside of itself; it is not unpacked"
            raise InputError(msg)


def _check_toml(file: BinaryIO, name: str) -> None:
    file.seek(0)
    text = file.read(_TOML + 1)
    try:
        if len(text) > _TOML:
            msg = f"{name} is too large for a camera file"
            raise FormError(msg)
        tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{name} is not TOML; correct it"
        raise FormError(msg) from error


def _check_geojson(file: BinaryIO, name: str) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    try:
        if size > _WHOLE:
            found = b'"FeatureCollection"' in file.read(_HEAD)
        else:
            whole = json.loads(file.read())
            found = isinstance(whole, dict) and whole.get("type") == "FeatureCollection"
    except ValueError as error:
        msg = f"{name} is not GeoJSON; correct it"
        raise FormError(msg) from error
    if not found:
        msg = f"{name} is not a FeatureCollection of roads; correct it"
        raise FormError(msg)


def _check_track(file: BinaryIO, name: str, room: Path) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(min(size, _HEAD))
    if size > _HEAD and b"<gpx" in head[:4096]:
        if any(point in head for point in (b"<trkpt", b"<rtept", b"<wpt")):
            return
        msg = f"{name} holds no points"
        raise InputError(msg)
    if size > _HEAD:
        head = head[: head.rfind(b"\n") + 1] or head
    from vision.telemetry import read_telemetry  # noqa: PLC0415 - takes memory

    with _in_memory(head, name, room) as path:
        read_telemetry(path)


@contextmanager
def _in_memory(data: bytes, name: str, room: Path) -> Iterator[Path]:
    """Give bytes as a file of a name; they lie in no file system."""
    handle = os.memfd_create("look")
    folder = room / f"look-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True, mode=0o700)
        os.write(handle, data)
        path = folder / name
        path.symlink_to(f"/proc/{os.getpid()}/fd/{handle}")
        yield path
    except NotFoundError as error:
        msg = f"{name} cannot be read as a track"
        raise InputError(msg) from error
    finally:
        os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)
