"""tus 1.0 as the protocol says: what is answered, and what then lies on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from service.app import build_app
from service.intake.quarantine import Quarantine
from service.keys import make_key
from service.records import Role
from service.settings import RawSettings, Settings
from service.store import Store
from tests.service.api.tus_client import (
    PIECES,
    RESUMABLE,
    TusClient,
    checksum,
    metadata,
    sha256,
)
from tests.service.intake.one_looker import one_looker

__all__ = ["one_looker"]
DATA = os.urandom(300_000)
KEY = "a key of the tests, long"


@pytest.fixture(params=[None, KEY], ids=["open", "sealed"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    secret = None if request.param is None else SecretStr(request.param)
    return Settings(
        data=tmp_path / "data", raw=RawSettings(least_free_mb=1, key=secret)
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


@pytest.fixture
def http(store: Store, settings: Settings) -> Iterator[TestClient]:
    with TestClient(build_app(settings, store)) as made:
        yield made


def key(
    store: Store, role: Role = "device", district: str | None = None
) -> dict[str, str]:
    _, secret = make_key(store, name=role, role=role, district=district)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def device(http: TestClient, store: Store) -> TusClient:
    return TusClient(http, key(store))


def kept(store: Store, settings: Settings, digest: str) -> bytes:
    """Return a file of the quarantine as it was sent."""
    folder = Quarantine(settings, store).open_for("test", {"a.mp4": digest})
    return (folder / "a.mp4").read_bytes()


def files_of(settings: Settings, place: str) -> list[Path]:
    return [p for p in (settings.raw_folder / place).rglob("*") if p.is_file()]


def test_a_file_in_pieces_becomes_one_of_the_quarantine(
    device: TusClient, store: Store, settings: Settings
) -> None:
    digest = sha256(DATA)

    path = device.begin(DATA)
    offsets = []
    for start, end in ((0, 1), (1, 70_000), (70_000, 70_000), (70_000, 300_000)):
        assert device.offset(path) == start
        before = device.received(digest)
        answer = device.patch(path, DATA[start:end], start)
        assert answer.status_code == 204, answer.text
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        offsets.append(int(answer.headers["Upload-Offset"]))

    assert offsets == [1, 70_000, 70_000, 300_000]
    assert before == [
        {
            "sha256": digest,
            "state": "partial",
            "offset": 70_000,
            "size": 300_000,
            "upload": path,
            "reason": None,
        }
    ]
    assert device.offset(path) == 300_000
    assert kept(store, settings, digest) == DATA
    assert files_of(settings, "uploads") == files_of(settings, "incoming") == []
    row = next(r for r in store.accesses() if r["method"] == "RECEIVE")
    assert row["target"] == digest
    assert row["key_id"] == store.uploads_of(row["key_id"])[0].key_id


def test_nothing_lies_open_where_a_key_is_set(
    device: TusClient, settings: Settings
) -> None:
    path = device.begin(DATA)

    device.patch(path, DATA[:200_000], 0)
    partial = b"".join(p.read_bytes() for p in files_of(settings, "."))
    device.patch(path, DATA[200_000:], 200_000)
    whole = b"".join(p.read_bytes() for p in files_of(settings, "."))

    is_open = settings.raw.key is None
    assert (DATA[50_000:50_100] in partial) == is_open
    assert (DATA[50_000:50_100] in whole) == is_open


def test_an_upload_may_begin_with_its_bytes(device: TusClient) -> None:
    made = device.send(
        "POST",
        "/uploads",
        DATA,
        Upload_Length=str(len(DATA)),
        Upload_Metadata=metadata(filename="a.mp4"),
        Content_Type=PIECES,
    )

    assert made.status_code == 201, made.text
    assert made.headers["Upload-Offset"] == str(len(DATA))
    assert device.received(sha256(DATA))[0]["state"] in ("whole", "aside")


def test_a_file_that_is_here_needs_no_bytes(
    device: TusClient, http: TestClient, store: Store
) -> None:
    first = device.begin(DATA)
    device.patch(first, DATA, 0)
    other = TusClient(http, key(store))

    again = other.begin(DATA, "b.mp4")
    wrong = other.ask(
        "POST",
        "/uploads",
        Upload_Length=str(len(DATA) + 1),
        Upload_Metadata=metadata(filename="a.mp4", sha256=sha256(DATA)),
    )

    assert other.offset(again) == len(DATA)
    assert other.patch(again, DATA[:10], 0).status_code == 409
    assert other.patch(again, b"", len(DATA)).status_code == 204
    assert wrong.status_code == 400
    assert "300000 bytes, not 300001" in wrong.json()["detail"]
    assert len(store.raw_before()) == 1


def test_bytes_of_a_wrong_checksum_do_not_count(
    device: TusClient, store: Store, settings: Settings
) -> None:
    path = device.begin(DATA)
    device.patch(path, DATA[:1000], 0, Upload_Checksum=checksum(DATA[:1000]))

    wrong = device.patch(
        path, DATA[1000:5000], 1000, Upload_Checksum=checksum(DATA[:4000], "sha256")
    )
    after = device.offset(path)
    right = device.patch(
        path, DATA[1000:], 1000, Upload_Checksum=checksum(DATA[1000:], "md5")
    )

    assert wrong.status_code == 460
    assert wrong.json()["title"] == "Checksum Mismatch"
    assert "do not count" in wrong.json()["detail"]
    assert after == 1000
    assert right.status_code == 204
    assert kept(store, settings, sha256(DATA)) == DATA


def test_a_whole_file_that_is_not_what_was_promised_is_dropped(
    device: TusClient, store: Store, settings: Settings
) -> None:
    path = device.begin(DATA)
    changed = DATA[:-1] + bytes([DATA[-1] ^ 1])

    device.patch(path, changed[:1000], 0)
    last = device.patch(path, changed[1000:], 1000)
    after = device.ask("HEAD", path)
    again = device.begin(DATA)

    assert last.status_code == 460
    assert "begin the upload again" in last.json()["detail"]
    assert after.status_code == 410
    assert store.raw_before() == []
    assert len(files_of(settings, ".")) == 1
    assert device.offset(again) == 0
    assert device.patch(again, DATA, 0).status_code == 204


def test_the_options_say_what_is_understood(device: TusClient) -> None:
    answer = device.ask("OPTIONS", "/uploads", Tus_Resumable=None)

    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256,md5"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "checksum",
        "expiration",
        "termination",
    }
    assert int(answer.headers["Tus-Max-Size"]) == 64_000_000_000


@pytest.fixture(scope="module")
def refusing(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[TusClient, Settings]]:
    """Return a device of a service that many are refused by."""
    folder = tmp_path_factory.mktemp("refusing")
    settings = Settings(data=folder / "data", raw=RawSettings(least_free_mb=1))
    store = Store(str(folder / "city"))
    with TestClient(build_app(settings, store)) as http:
        yield TusClient(http, key(store)), settings
    store.close()


NAMED = metadata(filename="a.mp4")


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        pytest.param({"Tus_Resumable": None}, 412, "1.0.0", id="no version"),
        pytest.param({"Tus_Resumable": "0.2.2"}, 412, "1.0.0", id="an old version"),
        pytest.param({"Upload_Length": None}, 400, "missing", id="no length"),
        pytest.param({"Upload_Length": "-1"}, 400, "0 or more", id="less than none"),
        pytest.param({"Upload_Length": "ten"}, 400, "whole number", id="a word"),
        pytest.param({"Upload_Length": "1.5"}, 400, "whole number", id="a half"),
        pytest.param({"Upload_Length": "0"}, 400, "empty", id="an empty file"),
        pytest.param({"Upload_Length": str(2**63)}, 413, "no file has", id="2^63"),
        pytest.param({"Upload_Length": "9" * 400}, 413, "no file has", id="400 nines"),
        pytest.param({"Upload_Length": str(2**40)}, 413, "at most 64 GB", id="a TB"),
        pytest.param(
            {"Upload_Length": None, "Upload_Defer_Length": "1"},
            400,
            "missing",
            id="a length that comes later",
        ),
        pytest.param({"Upload_Metadata": None}, 400, "filename", id="no name"),
        pytest.param({"Upload_Metadata": "filename"}, 400, "''", id="an empty name"),
        pytest.param(
            {"Upload_Metadata": "filename a.mp4"}, 400, "not base64", id="not base64"
        ),
        pytest.param(
            {"Upload_Metadata": "filename /w=="}, 400, "UTF-8", id="not UTF-8"
        ),
        pytest.param(
            {"Upload_Metadata": f"{NAMED},{NAMED}"}, 400, "twice", id="a key twice"
        ),
        pytest.param(
            {"Upload_Metadata": metadata(filename="../../a.mp4")},
            400,
            "plain name",
            id="a path",
        ),
        pytest.param(
            {"Upload_Metadata": metadata(filename="a.mp4\x00.exe")},
            400,
            "plain name",
            id="a zero in the name",
        ),
        pytest.param(
            {"Upload_Metadata": metadata(filename="a.exe")}, 400, "neither", id="exe"
        ),
        pytest.param(
            {"Upload_Metadata": metadata(filename="../a.edge.zip")},
            400,
            "plain name",
            id="a path to an edge package",
        ),
        pytest.param(
            {"Upload_Metadata": metadata(filename="a.mp4", sha256="AB" * 32)},
            400,
            "64 hexadecimal",
            id="a hash in capitals",
        ),
        pytest.param(
            {"Upload_Metadata": metadata(filename="a.mp4", drive="../x")},
            400,
            "drive",
            id="a drive with a path",
        ),
        pytest.param(
            {"Upload_Metadata": "x " + "A" * 5000}, 400, "at most", id="endless"
        ),
        pytest.param({"Upload_Checksum": "crc32 AAAA"}, 400, "crc32", id="crc32"),
        pytest.param({"Upload_Checksum": "sha1 !"}, 400, "not base64", id="no sum"),
    ],
)
def test_a_bad_beginning_is_refused_and_leaves_nothing(
    refusing: tuple[TusClient, Settings],
    headers: dict[str, str | None],
    status: int,
    said: str,
) -> None:
    device, settings = refusing
    before = files_of(settings, ".")
    given = {"Upload_Length": "10", "Upload_Metadata": NAMED, **headers}

    answer = device.ask("POST", "/uploads", **given)

    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert (answer.headers.get("Tus-Version") == "1.0.0") == (status == 412)
    assert files_of(settings, ".") == before


@pytest.mark.parametrize(
    ("headers", "size", "status", "said"),
    [
        pytest.param({"Tus_Resumable": None}, 10, 412, "1.0.0", id="no version"),
        pytest.param({"Upload_Offset": None}, 10, 400, "missing", id="no offset"),
        pytest.param({"Upload_Offset": "-1"}, 10, 400, "0 or more", id="before it"),
        pytest.param({"Upload_Offset": str(2**63)}, 10, 413, "no file", id="2^63"),
        pytest.param({"Upload_Offset": "99"}, 10, 409, "stands at 100", id="earlier"),
        pytest.param({"Upload_Offset": "101"}, 10, 409, "stands at 100", id="a gap"),
        pytest.param({"Content_Type": "text/plain"}, 10, 415, "offset+octet", id="415"),
        pytest.param({"Content_Type": None}, 10, 415, "offset+octet", id="no type"),
        pytest.param({}, 300_000, 413, "no more than", id="more than the file"),
    ],
)
def test_a_bad_piece_is_refused_and_changes_nothing(
    refusing: tuple[TusClient, Settings],
    headers: dict[str, str | None],
    size: int,
    status: int,
    said: str,
) -> None:
    device, _ = refusing
    data = os.urandom(16) + DATA
    path = device.begin(data)
    device.patch(path, data[:100], 0)

    answer = device.patch(path, data[:size], 100, **headers)

    assert answer.status_code == status, answer.text
    assert said in answer.json()["detail"]
    assert device.offset(path) == 100
    assert device.patch(path, data[100:], 100).status_code == 204


def test_an_upload_that_its_sender_gives_up_is_gone(
    device: TusClient, store: Store, settings: Settings
) -> None:
    path = device.begin(DATA)
    device.patch(path, DATA[:1000], 0)
    whole = device.begin(b"x" * 50, "b.mp4")
    device.patch(whole, b"x" * 50, 0)

    ended = device.ask("DELETE", path)
    kept_one = device.ask("DELETE", whole)

    assert ended.status_code == 204
    assert device.ask("HEAD", path).status_code == 410
    assert device.patch(path, DATA, 1000).status_code == 410
    assert device.ask("DELETE", path).status_code == 410
    assert files_of(settings, "uploads") == []
    assert kept_one.status_code == 409
    assert len(store.raw_before()) == 1


def test_an_upload_of_another_device_does_not_exist(
    device: TusClient, http: TestClient, store: Store
) -> None:
    path = device.begin(DATA)
    other = TusClient(http, key(store))
    admin = TusClient(http, key(store, "admin"))
    elsewhere = TusClient(http, key(store, "admin", "建安区"))

    for stranger in (other, elsewhere):
        assert stranger.ask("HEAD", path).status_code == 404
        assert stranger.patch(path, DATA, 0).status_code == 404
        assert stranger.ask("DELETE", path).status_code == 404
    assert other.received(sha256(DATA))[0]["state"] == "unknown"
    assert admin.offset(path) == 0
    assert device.ask("HEAD", f"/uploads/{'0' * 32}").status_code == 404
    assert device.ask("HEAD", "/uploads/..%2f..%2fetc").status_code in (400, 404)


def test_a_key_that_was_taken_back_sends_nothing_more(
    http: TestClient, store: Store, settings: Settings
) -> None:
    record, secret = make_key(store, name="car", role="device")
    device = TusClient(http, {"Authorization": f"Bearer {secret}"})
    path = device.begin(DATA)

    store.end_key(record.id, reason="stolen", known_s=1.0)

    for answer in (
        device.patch(path, DATA, 0),
        device.ask("HEAD", path),
        device.ask("POST", "/uploads", Upload_Length="1", Upload_Metadata=NAMED),
        device.ask("GET", f"/uploads/received?sha256={sha256(DATA)}"),
    ):
        assert answer.status_code == 401
        assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert files_of(settings, "files") == []


def test_a_proxy_without_patch_is_no_hindrance(device: TusClient) -> None:
    path = device.begin(DATA)

    answer = device.send(
        "POST",
        path,
        DATA[:10],
        X_HTTP_Method_Override="PATCH",
        Content_Type=PIECES,
        Upload_Offset="0",
    )

    assert answer.status_code == 204
    assert device.offset(path) == 10


def test_what_nobody_sent_is_unknown_and_a_hash_must_be_one(
    device: TusClient,
) -> None:
    many = [f"{n:064x}" for n in range(100)]

    assert {one["state"] for one in device.received(*many)} == {"unknown"}
    assert [one["sha256"] for one in device.received(*many)] == many
    for wrong in ("", "sha256=XY", "&".join(f"sha256={n:064x}" for n in range(101))):
        answer = device.ask("GET", f"/uploads/received?{wrong}")
        assert answer.status_code == 400


def test_without_a_key_nothing_is_told(http: TestClient) -> None:
    for method, path in (
        ("OPTIONS", "/uploads"),
        ("POST", "/uploads"),
        ("HEAD", f"/uploads/{'0' * 32}"),
        ("PATCH", f"/uploads/{'0' * 32}"),
        ("DELETE", f"/uploads/{'0' * 32}"),
        ("GET", f"/uploads/received?sha256={'0' * 64}"),
    ):
        assert http.request(method, path, headers=RESUMABLE).status_code == 401
