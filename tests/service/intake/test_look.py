"""What a file is, by what it holds; no file takes the service down."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from service.intake.look import look_at
from service.intake.looking import Looking
from service.intake.sealed import CHUNK, UnsealedFile, sealed
from tests.service.intake.small_files import GPX
from tests.service.jobs.short_drive import ROOT, SAMPLE
from tests.vision.footage.numbered_video import Recipe, make_video, regular

KEY = "a key of the tests, long"


@pytest.fixture(scope="module")
def looking() -> Iterator[Looking]:
    made = Looking(20.0)
    yield made
    made.close()


def png(width: int, height: int) -> bytes:
    """Return a small PNG of any size on paper: one colour packs well."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compressobj(9)
    line = bytes(1 + (width + 7) // 8)
    packed = b"".join(rows.compress(line) for _ in range(height)) + rows.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", packed)
        + chunk(b"IEND", b"")
    )


def jpeg(width: int, height: int) -> bytes:
    into = io.BytesIO()
    noise = os.urandom(width * height * 3)
    Image.frombytes("RGB", (width, height), noise).save(into, "JPEG")
    return into.getvalue()


def package(*names: str, size: int = 10) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, bytes(size))
    return into.getvalue()


def video() -> bytes:
    return (SAMPLE / "drive.mp4").read_bytes()


def without_pictures() -> bytes:
    """Return the sample drive with an index, and nothing where its pictures were."""
    whole = bytearray(video())
    at = whole.index(b"mdat") + 4
    (size,) = struct.unpack(">I", whole[at - 8 : at - 4])
    whole[at : at - 8 + size] = bytes(size - 8)
    return bytes(whole)


def without_index() -> bytes:
    return video().replace(b"moov", b"free")


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "ha">""" + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12)
)
BOMB = package("drive.mp4", size=300_000_000)
GOOD: list[tuple[str, Callable[[], bytes], str]] = [
    ("a.mp4", video, "video"),
    ("a.mov", video, "video"),
    ("a.jpg", lambda: jpeg(64, 48), "photo"),
    ("a.mp4", lambda: jpeg(64, 48), "photo"),
    ("a.gpx", lambda: GPX, "track"),
    ("a.txt", lambda: GPX, "track"),
    ("camera.toml", lambda: b"[camera]\nheight_m = 1.5\n", "camera"),
    ("r.geojson", lambda: b'{"type":"FeatureCollection","features":[]}', "roads"),
    ("a.edge.zip", lambda: package("manifest.json", "evidence/1.jpg"), "edge"),
]


@pytest.mark.parametrize(("name", "content", "kind"), GOOD)
def test_what_can_be_read_is_known_by_its_content(
    tmp_path: Path, name: str, content: Callable[[], bytes], kind: str
) -> None:
    seen = look_at(io.BytesIO(content()), name, tmp_path)

    assert (seen.kind, seen.reason) == (kind, None)


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.ts", "a.mp4"])
def test_every_container_is_known(tmp_path: Path, name: str) -> None:
    path = make_video(tmp_path, Recipe(name, options={"g": "5"}), regular(10))

    with path.open("rb") as file:
        assert look_at(file, "b" + path.suffix, tmp_path).kind == "video"


BAD = [
    pytest.param("a.mp4", lambda: BOMB, "ZIP archive", id="a zip bomb named .mp4"),
    pytest.param("a.gpx", lambda: BOMB, "ZIP archive", id="a zip bomb named .gpx"),
    pytest.param("a.mp4", lambda: b"\x1f\x8b" + bytes(99), "gzip", id="gzip"),
    pytest.param("a.mp4", lambda: b"hello " * 999, "not a video", id="text"),
    pytest.param(
        "a.mp4",
        lambda: b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n",
        "not a video",
        id="a playlist that names an address",
    ),
    pytest.param(
        "a.mkv",
        lambda: b"ffconcat version 1.0\nfile /etc/hostname\n",
        "not a video",
        id="a list of files of the server",
    ),
    pytest.param("a.mp4", lambda: os.urandom(5000), "not a video", id="noise"),
    pytest.param("a.mp4", lambda: b"x", "not a video", id="one byte"),
    pytest.param("a.mp4", without_index, "moov box", id="no index"),
    pytest.param("a.mp4", without_pictures, "no picture", id="no picture"),
    pytest.param(
        "a.mp4", lambda: video()[:40] + os.urandom(9000), "a.mp4", id="a head alone"
    ),
    pytest.param(
        "a.png", lambda: png(60_000, 60_000), "cannot be decoded", id="a bomb of pixels"
    ),
    pytest.param("a.jpg", lambda: jpeg(64, 48)[:300], "decoded", id="half a photo"),
    pytest.param("a.gpx", lambda: b"dear diary\n" * 50, "a.gpx", id="no track"),
    pytest.param(
        "a.gpx",
        lambda: LAUGHS + b"]><gpx><name>&m;</name></gpx>",
        "a.gpx",
        id="a billion laughs",
    ),
    pytest.param("c.toml", lambda: b"= nothing", "not TOML", id="no TOML"),
    pytest.param("r.geojson", lambda: b"[" * 100_000, "too deep", id="deep JSON"),
    pytest.param("r.geojson", lambda: b'{"a":1}', "FeatureCollection", id="no roads"),
    pytest.param("a.edge.zip", lambda: b"no zip", "no package", id="no package"),
    pytest.param(
        "a.edge.zip", lambda: package("../x"), "outside", id="a package that climbs"
    ),
    pytest.param(
        "a.edge.zip",
        lambda: package(*(f"{n}" for n in range(20_001)), size=0),
        "too large",
        id="a package of many files",
    ),
]


@pytest.mark.parametrize(("name", "content", "said"), BAD)
def test_what_cannot_be_read_is_told_in_a_sentence(
    looking: Looking,
    tmp_path: Path,
    name: str,
    content: Callable[[], bytes],
    said: str,
) -> None:
    path = tmp_path / "kept"
    path.write_bytes(content())

    seen = looking.look(path, name, None, room=tmp_path)

    assert seen.kind is None
    assert seen.reason is not None
    assert said in seen.reason
    assert str(tmp_path) not in seen.reason


def test_a_sealed_file_is_seen_and_never_lies_open(
    looking: Looking, tmp_path: Path
) -> None:
    path = tmp_path / "kept"
    with path.open("wb") as file:
        sealed(video(), KEY, file)
    gpx = tmp_path / "gpx"
    with gpx.open("wb") as file:
        sealed(GPX, KEY, file)

    assert looking.look(path, "a.mp4", KEY, room=tmp_path).kind == "video"
    assert looking.look(gpx, "a.gpx", KEY, room=tmp_path).kind == "track"
    # Another key is no fault of the file's.
    other = looking.look(path, "a.mp4", KEY + "!", room=tmp_path)
    assert (other.kind, other.reason) == (None, None)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_takes_too_long_ends_its_reader_and_no_more(
    tmp_path: Path,
) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b'{"a":[' + b"0," * 30_000_000 + b"0]}")
    small = tmp_path / "small"
    small.write_bytes(GPX)
    looking = Looking(0.1)
    try:
        seen = looking.look(path, "r.geojson", None, room=tmp_path)
        after = looking.look(small, "a.gpx", None, room=tmp_path)
    finally:
        looking.close()

    assert seen.reason is not None
    assert "too much time" in seen.reason
    assert after.kind == "track"


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])
def test_a_sealed_file_is_read_at_any_place(size: int) -> None:
    data, kept = os.urandom(size), io.BytesIO()
    sealed(data, KEY, kept)

    file = io.BufferedReader(UnsealedFile(kept, KEY))

    assert file.seek(0, io.SEEK_END) == size
    for at in (0, size // 2, max(size - 3, 0), CHUNK - 1):
        file.seek(at)
        assert file.read(10) == data[at : at + 10]
    file.seek(0)
    assert file.read() == data


def test_nothing_is_written_outside_the_quarantine_to_see_what_a_file_is(
    tmp_path: Path,
) -> None:
    room = tmp_path / "raw" / "open"
    room.mkdir(parents=True)
    gpx = tmp_path / "kept"
    gpx.write_bytes(GPX)
    code = f"""
import io, os, sys
from pathlib import Path
from service.intake.look import look_at
import vision.telemetry
touched = []
def hear(event, given):
    if event == "open" and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        touched.append(str(given[0]))
    if event in ("os.mkdir", "os.rename"):
        touched.append(str(given[0]))
    if event in ("os.symlink", "os.link"):
        touched.append(str(given[1]))
sys.addaudithook(hear)
seen = look_at(Path({str(gpx)!r}).open("rb"), "a.gpx", Path({str(room)!r}))
print(seen.kind, *touched, sep="\\n")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    kind, *touched = done.stdout.split("\n")[:-1]
    assert kind == "track"
    assert touched
    assert [path for path in touched if not path.startswith(f"{room}/")] == []
    assert list(room.iterdir()) == []
