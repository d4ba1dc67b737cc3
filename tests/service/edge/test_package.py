"""A package says exactly what was seen, and nothing in one is believed unchecked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from service.audit.drive import audited_from
from service.audit.inputs import CityGiven, in_city
from service.audit.keep import record_of
from service.audit.notices import notices
from service.audit.outing import driven_m, path_times
from service.audit.publish import run_facts
from service.edge import read_package, write_package
from service.reports import OutFolder
from service.store.rows import inspection_id
from tests.service.edge.seen_drive import (
    BODY,
    SeenDrive,
    seen_drive,
    unzipped,
    with_body,
    with_head,
    with_member,
    zipped,
)
from tests.service.jobs.short_drive import SAMPLE
from vision.catalogue import load_layout_card
from vision.errors import InputError

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> SeenDrive:
    return seen_drive(tmp_path_factory.mktemp("seen"), seconds=31.0, spacing_m=4.5)


def test_what_is_read_is_what_was_seen_to_the_last_digit(
    drive: SeenDrive, tmp_path: Path
) -> None:
    packed = read_package(drive.package, None, OutFolder(tmp_path))

    here, there = drive.opened.checked.outing, packed.outing
    assert packed.seen.sightings == drive.seen.sightings
    assert packed.seen.street == drive.seen.street
    assert len(packed.seen.observed) == drive.seen.frames > 3
    for got, was in zip(packed.seen.observed, drive.seen.observed, strict=True):
        assert np.array_equal(got.footprint, was.footprint)
        assert (got.drive_s, got.reason, got.heading_deg) == (
            was.drive_s,
            was.reason,
            was.heading_deg,
        )
    times_s = path_times(here.path_s, 0.1)
    assert there.track.poses(times_s) == here.track.poses(times_s)
    assert driven_m(there.track, there.path_s) == driven_m(here.track, here.path_s)
    assert (there.clock, there.camera, there.card, there.hashes()) == (
        here.clock,
        here.camera,
        here.card,
        here.hashes(),
    )


def test_a_server_comes_to_the_same_findings_and_scores(
    drive: SeenDrive, tmp_path: Path
) -> None:
    packed = read_package(drive.package, None, OutFolder(tmp_path))
    given = CityGiven("xuchang@1", SAMPLE / "roads.geojson")

    here = audited_from(drive.opened.checked, drive.seen, {})
    there = audited_from(in_city(packed.outing, given), packed.seen, {})

    assert there.scores == here.scores
    assert there.findings == here.findings
    assert there.coverage == here.coverage
    assert any(score.value is not None for score in there.scores)
    assert there.findings
    assert inspection_id(record_of(there, None)) == inspection_id(record_of(here, None))
    assert (run_facts(there)["aboard"], run_facts(here)["aboard"]) == (True, False)
    for picture in (drive.pictures / "evidence").iterdir():
        assert (tmp_path / "evidence" / picture.name).read_bytes() == (
            picture.read_bytes()
        )


def test_the_report_says_where_the_vehicle_reckoned_with_other_walls(
    drive: SeenDrive, tmp_path: Path
) -> None:
    packed = read_package(drive.package, None, OutFolder(tmp_path))
    given = CityGiven("xuchang@1", SAMPLE / "roads.geojson")

    def said(wall_m: float) -> list[str]:
        checked = in_city(replace(packed.outing, wall_m=wall_m), given)
        return [one.en for one in notices(checked, packed.seen, ())]

    assert said(packed.outing.wall_m) == []
    (notice,) = said(7.5)
    assert "7.5 m" in notice
    assert "10.5 m" in notice


def test_the_same_inspection_gives_the_same_bytes(
    drive: SeenDrive, tmp_path: Path
) -> None:
    again = write_package(
        tmp_path / "again.edge.zip",
        drive.opened.checked.outing,
        replace(drive.seen, seconds={"detect": 99.0}),
        layout=load_layout_card("layout@1"),
        pictures=drive.pictures,
    )

    assert again.read_bytes() == drive.package.read_bytes()


def a_picture(members: Members) -> str:
    return next(name for name in members if name.endswith(".jpg"))


def jpeg(size: tuple[int, int] = (32, 32), **more: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size).save(file, "JPEG", **more)
    return file.getvalue()


def another_picture(data: bytes) -> Callable[[Members], None]:
    return lambda members: with_member(members, a_picture(members), data)


def in_body(*path: str | int, value: object) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        def set_it(body: Any) -> None:
            for step in path[:-1]:
                body = body[step]
            body[path[-1]] = value

        with_body(members, set_it)

    return change


def in_head(*path: str, value: object) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        def set_it(head: Any) -> None:
            for step in path[:-1]:
                head = head[step]
            head[path[-1]] = value

        with_head(members, set_it)

    return change


def located() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "34.03 N 113.85 E"
    return jpeg(exif=exif)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(
            in_head("form", value="liujing-edge@9"),
            "liujing-edge@9.*update",
            id="a form of another day",
        ),
        pytest.param(
            in_head("model", "id", value="street@77"),
            "no model street@77",
            id="a model that is not installed",
        ),
        pytest.param(
            in_head("model", "sha256", value="0" * 64),
            "street@2 is another file",
            id="another file under the model's name",
        ),
        pytest.param(
            in_head("layout", "sha256", value="0" * 64),
            "layout@1 is another file",
            id="another layout network under that name",
        ),
        pytest.param(
            lambda m: m.update({a_picture(m): jpeg()}),
            "is not what package.json says",
            id="a picture that was changed on the way",
        ),
        pytest.param(
            lambda m: m.update({BODY: m[BODY].replace(b"probability", b"probabilitz")}),
            "is not what package.json says",
            id="numbers that were changed on the way",
        ),
        pytest.param(
            lambda m: m.pop(a_picture(m)), "other members", id="a picture is missing"
        ),
        pytest.param(
            lambda m: m.update({"evidence/1.jpg": jpeg()}),
            "other members",
            id="a member that nobody names",
        ),
        pytest.param(
            lambda m: with_member(m, "evidence/1.jpg", jpeg()),
            "not those that its sightings name",
            id="a picture that no sighting names",
        ),
        pytest.param(
            lambda m: with_member(m, "../../escaped.jpg", jpeg()),
            "not those that its sightings name",
            id="a name that leaves the folder",
        ),
        pytest.param(
            in_body(
                *("seen", "sightings", 0, "evidence"),
                value=[
                    {
                        "image": "evidence/../../escaped.jpg",
                        "crop": "evidence/1.jpg",
                        "xyxy": [0, 0, 1, 1],
                        "source": "drive.mp4",
                        "pts_s": 0,
                        "drive_s": 0,
                    }
                ],
            ),
            "image: string should match",
            id="a sighting that names a path",
        ),
        pytest.param(
            another_picture(b"\xff\xd8not a picture\xff\xd9"),
            "no picture that can be read",
            id="a picture that is none",
        ),
        pytest.param(
            another_picture(jpeg((5000, 8))), "5000x8", id="a picture of 5000 pixels"
        ),
        pytest.param(
            another_picture(located()), "more than its pixels", id="a picture with EXIF"
        ),
        pytest.param(
            another_picture(jpeg() + b"raw frame"),
            "more than its pixels",
            id="bytes after the picture",
        ),
        pytest.param(
            in_body("seen", "sightings", 0, "lon", value=float("nan")),
            "sightings.0.lon",
            id="a place that is no number",
        ),
        pytest.param(
            in_body("seen", "sightings", 0, "probability", value=2.0),
            "probability",
            id="a probability of two",
        ),
        pytest.param(
            in_body("seen", "sightings", 0, "category", value="elephant"),
            "'elephant', which street@2 cannot see",
            id="a thing that the model cannot see",
        ),
        pytest.param(
            in_body("seen", "observed", 0, "shape", value=7),
            "shape 7, which is not there",
            id="ground of no shape",
        ),
        pytest.param(
            in_body("outing", "clock", "epoch_at_zero_s", value=9e9),
            "epoch_at_zero_s",
            id="a drive in the year 2255",
        ),
        pytest.param(
            in_body("outing", "track", "x_m", value=[0.0]),
            "different lengths",
            id="columns that disagree",
        ),
        pytest.param(
            in_body("outing", "path_s", value=[5.0, 1.0]),
            "path_s",
            id="a path that ends before it begins",
        ),
        pytest.param(
            in_body("outing", "camera", "height_m", value=-1.0),
            "height_m",
            id="a camera below the road",
        ),
        pytest.param(
            in_body("outing", "raw", value="frame"), "extra", id="a name nobody reads"
        ),
        pytest.param(
            lambda m: with_member(m, BODY, b'{"outing": ' + b" " * 50_000_000 + b"1}"),
            "far more than it is",
            id="a bomb of blanks",
        ),
    ],
)
def test_a_package_that_lies_is_refused_in_one_sentence(
    drive: SeenDrive, tmp_path: Path, damage: Callable[[Members], None], said: str
) -> None:
    members = unzipped(drive.package)
    damage(members)
    bad = zipped(tmp_path / "bad.edge.zip", members)

    with pytest.raises(InputError, match=said) as caught:
        read_package(bad, None, OutFolder(tmp_path / "in" / "out"))

    assert "bad.edge.zip is refused" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("escaped*"))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:0], id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut short"),
        pytest.param(lambda data: bytes(len(data)), id="zeros"),
        pytest.param(lambda data: data + b"more", id="something after its end"),
        pytest.param(lambda data: b"\xff" * 60 + data[60:], id="a broken beginning"),
    ],
)
def test_what_is_no_whole_package_is_refused(
    drive: SeenDrive, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    bad = tmp_path / "bad.edge.zip"
    bad.write_bytes(damage(drive.package.read_bytes()))

    with pytest.raises(InputError, match=r"bad\.edge\.zip is refused"):
        read_package(bad, None, OutFolder(tmp_path / "out"))


def test_a_directory_of_too_many_members_is_not_even_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad.edge.zip"
    with zipfile.ZipFile(bad, "w") as file:
        for number in range(20_100):
            file.writestr(zipfile.ZipInfo(f"evidence/{number}.jpg"), b"")

    with pytest.raises(InputError, match="too large"):
        read_package(bad, None, OutFolder(tmp_path / "out"))


def test_a_member_that_is_there_twice_is_refused(
    drive: SeenDrive, tmp_path: Path
) -> None:
    bad = zipped(tmp_path / "bad.edge.zip", unzipped(drive.package))
    with (
        zipfile.ZipFile(bad, "a") as file,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        file.writestr(zipfile.ZipInfo(a_picture(unzipped(drive.package))), jpeg())

    with pytest.raises(InputError, match="none that packages have"):
        read_package(bad, None, OutFolder(tmp_path / "out"))
