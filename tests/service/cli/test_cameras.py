"""`liujing cameras`: registered, listed, tried and ended by command."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from PIL import Image

from service.cli import main
from service.store import Store
from tests.e2e.test_watch import GATE_LINE, road_file
from tests.service.cameras.registered import ADDRESS, GATE

Said = pytest.CaptureFixture[str]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the options that name the service's data."""
    roads = road_file(tmp_path, GATE_LINE)
    monkeypatch.setenv("LIUJING_JOBS__ROADS", str(roads))
    monkeypatch.setenv("LIUJING_CAMERAS__TRY_S", "2")
    return ["--data", str(tmp_path / "data")]


def wanted(*source: str) -> list[str]:
    when = [
        "--every-min",
        "60",
        "--for-min",
        "15",
        "--hours",
        "7-22",
        "--days",
        "1-5,7",
    ]
    return ["cameras", "add", "卡口", *source, "--camera", f"{GATE}/camera.toml", *when]


def added(data: list[str], said: Said, *source: str) -> str:
    assert main([*wanted(*source), *data]) == 0
    return said.readouterr().out.split()[2]


def shown(data: list[str], said: Said) -> list[dict[str, object]]:
    said.readouterr()
    assert main(["cameras", "list", "--json", "--ended", *data]) == 0
    found: list[dict[str, object]] = json.loads(said.readouterr().out)
    return found


def test_a_camera_from_its_registration_to_its_end(
    data: list[str], tmp_path: Path, capsys: Said
) -> None:
    secret = tmp_path / "gate.url"
    secret.write_text(ADDRESS + "\n")

    camera = added(data, capsys, "--url-file", str(secret))
    (one,) = shown(data, capsys)
    assert (one["id"], one["condition"]) == (camera, "new")
    assert one["schedule"] == {
        "every_min": 60,
        "for_min": 15,
        "hours": [7, 22],
        "days": [1, 2, 3, 4, 5, 7],
    }
    assert main(["cameras", "try", camera, *data]) == 1
    assert "Connection refused" in capsys.readouterr().err
    change = ["--for-min", "30", "--off"]
    assert main(["cameras", "change", camera, *change, *data]) == 0
    (one,) = shown(data, capsys)
    assert (one["version"], one["condition"]) == (2, "off")
    assert main(["cameras", "show", camera, *data]) == 0
    assert json.loads(capsys.readouterr().out)["file"].startswith("name = ")
    assert main(["cameras", "list", *data]) == 0
    table = capsys.readouterr().out
    assert "停用" in table
    assert main(["cameras", "end", camera, "--reason", "sold", *data]) == 0
    (one,) = shown(data, capsys)
    assert one["ended"] is not None
    assert "geheim" not in str(one) + table


def test_a_folder_of_snapshots_is_tried_by_its_newest_picture(
    data: list[str], tmp_path: Path, capsys: Said
) -> None:
    camera = added(data, capsys, "--folder", "gate-7")

    assert main(["cameras", "try", camera, *data]) == 1
    assert "no picture lies in" in capsys.readouterr().err
    folder = tmp_path / "data" / "cameras" / "gate-7"
    good = Image.open(GATE / "snapshots" / "020400.jpg").convert("RGB")
    for name, picture, age_s in (
        ("1.jpg", good, 90),
        ("2.jpg", good.crop((0, 0, 400, 400)), 60),
        ("3.jpg", Image.new("RGB", (960, 540)), 30),
    ):
        picture.save(folder / name, quality=92)
        then = time.time() - age_s
        os.utime(folder / name, (then, then))
    said = []
    for name in ("3.jpg", "2.jpg", "1.jpg"):
        code = main(["cameras", "try", camera, *data])
        spoken = capsys.readouterr()
        said.append((code, spoken.out + spoken.err))
        (folder / name).unlink()

    dark, square, well = said
    assert dark[0] == 1
    assert "of no use (dark)" in dark[1]
    assert square[0] == 1
    assert "another shape" in square[1]
    assert well[0] == 0, well
    assert "960 x 540" in well[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (wanted("--url", "rtsp://a:b@127.0.0.1/x"), "--url-file"),
        (wanted("--url-file", "none.url"), "there is no file none.url"),
        (wanted("--folder", "../x"), "without dots"),
        ([*wanted("--folder", "x"), "--days", "8"], "the days must be"),
        ([*wanted("--folder", "x"), "--interval", "0"], "the interval must be"),
        (["cameras", "end", "cam-none"], "there is no"),
        (["cameras", "try", "cam-none"], "there is no"),
    ],
)
def test_bad_input_is_one_sentence(
    data: list[str], tmp_path: Path, capsys: Said, arguments: list[str], said: str
) -> None:
    assert main([*arguments, *data]) == 2

    spoken = capsys.readouterr().err
    assert said in spoken
    assert len(spoken.strip().splitlines()) == 1
    city = tmp_path / "data" / "city"
    assert not city.is_dir() or Store(str(city)).cameras() == []


@pytest.mark.parametrize("hours", ["7", "a-b", "7-"])
def test_hours_that_are_none_are_refused(
    data: list[str], capsys: Said, hours: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*wanted("--folder", "x"), "--hours", hours, *data])

    assert ended.value.code == 2
    assert "write them like 7-22" in capsys.readouterr().err
