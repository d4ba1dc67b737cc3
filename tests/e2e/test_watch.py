"""`liujing watch` on snapshots of a real detector's camera, and its bad inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from service.cli import main
from service.store import Store
from tests.vision.fixed.test_fixed_camera import file_text
from vision.camera import load_camera, pixel_to_ground
from vision.catalogue import load_card
from vision.detect import load_detector, select_reaching
from vision.footage import LivePicture, LiveSource
from vision.geo import LocalFrame
from vision.types import Frame

SAMPLE = Path(__file__).resolve().parents[2] / "datasets" / "sample-drive"
GATE = SAMPLE.parent / "fixed-view"
GATE_LINE = [[113.86088663, 34.02838646], [113.8613315, 34.02939943]]
"""Middle of the carriageway before the gate."""
FRAME = LocalFrame(113.85, 34.03)
START = datetime(2026, 9, 15, 4, 0, tzinfo=UTC)
EXIF_IFD, TAKEN, OFFSET = 0x8769, 0x9003, 0x9011


def still() -> np.ndarray:
    """Return an RGB picture of the drive that shows a parked car."""
    with av.open(str(SAMPLE / "drive.mp4")) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number == 60:
                return frame.to_ndarray(format="rgb24")
    raise AssertionError


def camera_file(folder: Path) -> Path:
    """Write the drive's camera as if it stood: known points, one zone of all ground."""
    camera = load_camera(SAMPLE / "camera.toml")
    pixels = np.array([(300.0, 650.0), (1000.0, 640.0), (800.0, 400.0), (500.0, 410.0)])
    ground = pixel_to_ground(camera, pixels)
    lines = ['name = "gate"', "width_px = 1280", "height_px = 720"]
    for (u, v), place in zip(pixels, FRAME.to_lonlat(ground[:, [1, 0]]), strict=True):
        lines += ["[[point]]", f"u_px = {u}", f"v_px = {v}"]
        lines += [f"lon = {place[0]}", f"lat = {place[1]}"]
    lines += ["[[zone]]", 'name = "all"', 'surface = "fire_lane"', "limit_s = 120.0"]
    for corner in ((-60.0, 1.0), (60.0, 1.0), (60.0, 90.0), (-60.0, 90.0)):
        lon, lat = FRAME.to_lonlat(np.array(corner))
        lines += ["[[zone.corner]]", f"lon = {lon}", f"lat = {lat}"]
    path = folder / "gate.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshots")
    picture = Image.fromarray(still())
    for k in range(10):
        exif = Image.Exif()
        taken = START + timedelta(seconds=20 * k)
        exif.get_ifd(EXIF_IFD)[TAKEN] = taken.strftime("%Y:%m:%d %H:%M:%S")
        exif.get_ifd(EXIF_IFD)[OFFSET] = "+00:00"
        picture.save(folder / f"{k:03d}.jpg", quality=92, exif=exif)
    return folder


def test_snapshots_tell_how_long_things_stood(
    snapshots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    camera = camera_file(tmp_path)

    code = main(
        [
            "watch",
            str(snapshots),
            "--camera",
            str(camera),
            "--out",
            str(out),
            "--device",
            "cpu",
        ]
    )

    assert code == 0, capsys.readouterr().err
    told = json.loads((out / "dwells.json").read_text("utf-8"))
    card = load_card("street@2")
    frame = Frame(0, 0.0, 0.0, still()[..., ::-1].copy(), "still")
    found = select_reaching(load_detector(card, device="cpu").detect(frame), card)
    cars = [k for k in range(len(found)) if found.category(k) == "car"]
    assert cars  # the picture shows at least one
    assert told["pictures"] == 10
    assert (told["from"], told["to"]) == (
        "2026-09-15T04:00:00Z",
        "2026-09-15T04:03:00Z",
    )
    standing = [d for d in told["dwells"] if d["category"] == "car"]
    assert len(standing) >= 1
    assert {d["dwell_s"] for d in standing} == {180.0}
    assert all(d["over_limit"] and d["zone"] == "all" for d in standing)
    assert all((out / o["image"]).is_file() for o in told["outstayed"])
    assert "超时" in capsys.readouterr().out


def test_a_rendered_gate_tells_who_stayed_how_long_and_the_city_keeps_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, city = tmp_path / "out", tmp_path / "city"
    given = ["--camera", str(GATE / "camera.toml"), "--out", str(out)]
    given += ["--into", str(city), "--roads", str(road_file(tmp_path, GATE_LINE))]

    code = main(["watch", str(GATE / "snapshots"), *given, "--device", "cpu"])

    shown = capsys.readouterr()
    assert code == 0, shown.err
    assert "已存入 kept in:" in shown.out
    check_kept(Store(str(city)), json.loads((out / "dwells.json").read_text("utf-8")))
    truth = json.loads((GATE / "truth.json").read_text("utf-8"))
    told = json.loads((out / "dwells.json").read_text("utf-8"))
    right = [stay for stay in truth["stays"] if is_told(stay, truth, told["dwells"])]
    assert len(truth["stays"]) == 10
    assert len(right) >= 6  # 7 when it was made; two of the others are 34 and 46 m off
    over = [d for d in told["dwells"] if d["over_limit"]]
    assert len(told["outstayed"]) == len(over)
    assert {d["over_limit"] for d in told["dwells"] if d["dwell_s"] <= 180} == {False}


def road_file(folder: Path, line: list[list[float]]) -> Path:
    """Write a road file of one street."""
    geometry = {"type": "LineString", "coordinates": line}
    properties = {"id": "gate-street", "class": "2", "width_m": 13.0}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    path = folder / f"{line[0][0]:.0f}-{line[0][1]:.4f}.geojson"
    form = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(form), "utf-8")
    return path


def check_kept(store: Store, told: dict[str, Any]) -> None:
    """Check that the store has what stood in the zones, where and when it did."""
    (street,) = store.segments()
    (look,) = store.looks(street.id)
    begun = datetime.fromisoformat(told["from"]).timestamp()
    assert look.started_s == pytest.approx(begun, abs=1)
    assert {p.zone for p in look.coverage} == {"carriageway", "pavement"}
    assert {p.side for p in look.coverage} == {"left", "right"}
    of = {f"stay-{d['number']}": d for d in told["dwells"]}
    kept = [placed for _, placed in look.sightings]
    assert kept
    for placed in kept:
        dwell = of[placed.sighting.id]
        assert placed.sighting.category == dwell["category"]
        assert dwell["zone"] in {"carriageway", f"{placed.side} pavement"}
        assert (placed.sighting.lon, placed.sighting.lat) == pytest.approx(
            (dwell["lon"], dwell["lat"]), abs=1e-6
        )
    shown = [p.sighting for p in kept if p.sighting.evidence]
    assert {of[s.id]["over_limit"] for s in shown} == {True}
    assert all(store.blobs.get(s.evidence[0].crop) for s in shown)


@pytest.mark.parametrize(
    ("source", "more", "said"),
    [
        ("snapshots", [], "--into needs --roads FILE"),
        ("snapshots", ["--roads", "elsewhere"], "show no ground beside a street"),
        ("snapshots", ["--roads", "none.geojson"], "none.geojson does not exist"),
        ("undated", ["--roads", "here"], "do not say when they were taken"),
    ],
)
def test_what_no_store_can_take_is_said_before_the_long_part(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    more: list[str],
    said: str,
) -> None:
    undated = tmp_path / "undated"
    undated.mkdir()
    Image.fromarray(still()).save(undated / "1.jpg")
    roads = {
        "here": str(road_file(tmp_path, GATE_LINE)),
        "elsewhere": str(road_file(tmp_path, [[113.0, 34.0], [113.001, 34.0]])),
    }
    more = [roads.get(part, part) for part in more]
    given = ["--camera", str(GATE / "camera.toml"), "--out", str(tmp_path / "out")]
    given += ["--into", str(tmp_path / "city"), *more]
    where = undated if source == "undated" else GATE / "snapshots"

    code = main(["watch", str(where), *given])

    shown = capsys.readouterr().err
    assert code == 2
    assert said in shown
    assert len(shown.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_live_watch_that_is_stopped_is_kept(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(*_: object) -> Iterator[LivePicture]:
        yield LivePicture(START.timestamp(), still()[..., ::-1].copy())
        raise KeyboardInterrupt

    monkeypatch.setattr(LiveSource, "watch", stopped)
    given = ["--camera", str(GATE / "camera.toml"), "--out", str(tmp_path / "out")]
    roads = road_file(tmp_path, GATE_LINE)
    given += ["--into", str(tmp_path / "city"), "--roads", str(roads)]

    code = main(["watch", "rtsp://localhost/gate", *given, "--device", "cpu"])

    assert code == 130
    assert "已存入 kept in:" in capsys.readouterr().out
    (street,) = Store(str(tmp_path / "city")).segments()
    (look,) = Store(str(tmp_path / "city")).looks(street.id)
    assert look.started_s == START.timestamp()


def is_told(stay: dict[str, Any], truth: dict[str, Any], dwells: list[Any]) -> bool:
    """Say if a dwell of the right kind begins and ends within one snapshot of it."""
    zero = datetime.fromisoformat(truth["start"])
    for dwell in dwells:
        begun = (datetime.fromisoformat(dwell["first"]) - zero).total_seconds()
        if (
            dwell["category"] == stay["category"]
            and abs(begun - stay["first_s"]) <= truth["step_s"]
            and abs(begun + dwell["dwell_s"] - stay["last_s"]) <= truth["step_s"]
        ):
            return True
    return False


@pytest.mark.parametrize(
    ("source", "points", "said"),
    [
        ("nowhere/", 4, "nowhere"),
        ("rtsp://", 4, "is no RTSP address"),
        ("rtsp://[", 4, "is no RTSP address"),
        ("nowhere/", 3, "3 known points are too few"),
    ],
)
def test_bad_input_is_one_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    points: int,
    said: str,
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(file_text(points=points), "utf-8")

    code = main(
        ["watch", source, "--camera", str(path), "--out", str(tmp_path / "out")]
    )

    shown = capsys.readouterr().err
    assert code == 2
    assert said in shown
    assert len(shown.strip().splitlines()) == 1


@pytest.mark.parametrize("minutes", ["0", "-5", "nan"])
def test_a_time_to_watch_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], minutes: str
) -> None:
    given = ["--camera", str(GATE / "camera.toml"), "--out", str(tmp_path / "out")]

    code = main(["watch", "rtsp://localhost/gate", *given, "--minutes", minutes])

    assert code == 2
    assert "--minutes must be more than 0" in capsys.readouterr().err


def test_a_camera_that_sent_nothing_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    given = ["--camera", str(GATE / "camera.toml"), "--out", str(out)]

    code = main(["watch", "rtsp://127.0.0.1:9/gate", *given, "--minutes", "0.02"])

    shown = capsys.readouterr().err
    assert code == 2
    assert "no picture came from camera" in shown
    assert json.loads((out / "dwells.json").read_text("utf-8"))["gaps"]
