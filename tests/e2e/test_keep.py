"""`liujing audit --into`: the drive is kept once, with its masked pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli import main
from service.store import Store
from tests.e2e.sample_layers import write_layers
from vision.taxonomy import load_taxonomy

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample-drive"


def audit(out: Path, *more: str) -> int:
    args = ["audit", str(SAMPLE), "--device", "cpu", "--out", str(out)]
    return main([*args, "--spacing", "9", *more])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    city = str(folder / "city")
    Store(city).close()
    for kind, file in write_layers(folder).items():
        assert main(["layer", city, str(file), "--kind", kind]) == 0
    assert audit(folder / "report", "--into", city, "--vehicle", "豫K-07") == 0
    return folder


def test_the_store_has_what_the_report_has(kept: Path) -> None:
    store = Store(str(kept / "city"))
    report = json.loads((kept / "report" / "findings.geojson").read_text("utf-8"))
    reported = {f["properties"]["id"]: f["properties"] for f in report["features"]}
    streets = store.segments()
    seen = {
        placed.sighting.id: placed
        for street in streets
        for look in store.looks(street.id)
        for _, placed in look.sightings
    }

    problems = {c.id for c in load_taxonomy().with_role("problem")}
    on_streets = {
        i
        for i, p in reported.items()
        if p["category"] in problems and p["segment_id"] in {s.id for s in streets}
    }
    assert on_streets
    assert on_streets <= set(seen)
    some = min(on_streets)
    assert seen[some].offset_m == pytest.approx(reported[some]["offset_m"], abs=0.1)
    assert {s.name for s in streets} == {"建安大道", "文峰路"}
    written = [k.finding for street in streets for k in store.findings(street.id)]
    told = sorted(reported[name]["category"] for name in on_streets)
    assert sorted(f.category for f in written if f.category in problems) == told


def test_kept_pictures_are_the_reports(kept: Path) -> None:
    store = Store(str(kept / "city"))
    pictures = {p.read_bytes() for p in (kept / "report" / "evidence").glob("*.jpg")}
    names = {
        name
        for street in store.segments()
        for look in store.looks(street.id)
        for _, placed in look.sightings
        for picture in placed.sighting.evidence
        for name in (picture.image, picture.crop)
    }

    assert names
    assert {store.blobs.get(name) for name in names} <= pictures


def test_the_stores_permit_counts_in_the_report_and_the_store_keeps_what_was_seen(
    kept: Path,
) -> None:
    store = Store(str(kept / "city"))
    run = json.loads((kept / "report" / "run.json").read_text("utf-8"))
    report = json.loads((kept / "report" / "findings.geojson").read_text("utf-8"))
    reported = {f["properties"]["id"] for f in report["features"]}
    stalls = [
        placed.sighting
        for look in store.looks("xc-ja-02")
        for _, placed in look.sightings
        if placed.sighting.category == "stall"
    ]

    lawful = [stall for stall in stalls if stall.id not in reported]
    assert run["layers"] == {"stall_permit": 1, "school": 1}
    assert run["set_aside"] == len(lawful) == 1
    assert len(stalls) > 1
    assert lawful[0].evidence


def test_passes_have_the_time_of_the_drive(kept: Path) -> None:
    store = Store(str(kept / "city"))
    looks = [look for s in store.segments() for look in store.looks(s.id)]

    assert len({look.inspection_id for look in looks}) == 1
    assert max(look.at_s for look in looks) - min(look.at_s for look in looks) < 120
    assert all(look.coverage for look in looks)
    assert looks[0].seen_by.recall["litter"] > 0.5


def test_people_are_not_kept(kept: Path) -> None:
    store = Store(str(kept / "city"))
    categories = {
        placed.sighting.category
        for street in store.segments()
        for look in store.looks(street.id)
        for _, placed in look.sightings
    }

    assert not categories & {"person", "face", "licence_plate"}


def test_the_same_drive_again_is_not_counted_twice(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(tmp_path / "again", "--into", str(kept / "city")) == 0

    assert "此前已存入" in capsys.readouterr().out
    store = Store(str(kept / "city"))
    assert {len(store.looks(s.id)) for s in store.segments()} == {1}


def test_streets_without_lasting_names_are_refused_before_the_long_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("drive.mp4", "drive.nmea"):
        if (SAMPLE / name).is_file():
            (tmp_path / name).symlink_to(SAMPLE / name)
    track = next(p for p in SAMPLE.iterdir() if p.suffix in (".gpx", ".nmea"))
    code = main(
        [
            "audit",
            str(tmp_path / "drive.mp4"),
            *("--track", str(track), "--device", "cpu"),
            *("--out", str(tmp_path / "out"), "--into", str(tmp_path / "city")),
        ]
    )

    said = capsys.readouterr().err
    assert code == 2
    assert "give --roads" in said
    assert "looking" not in said


def test_a_store_that_is_none_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")

    assert audit(tmp_path / "out", "--into", str(file)) == 2
    assert str(file) in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
