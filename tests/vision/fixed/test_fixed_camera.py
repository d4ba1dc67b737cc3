"""The fixed camera's file, and how long things stand before it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.vision.fixed.test_homography import CORNERS, FRAME, mapped, seen
from vision.errors import CameraError, NotFoundError
from vision.fixed import Dwell, DwellWatch, FixedCamera, load_fixed_camera
from vision.types import Detections

NAMES = ("car", "stall", "person")
NOON_S = 1_790_000_000.0 // 86400 * 86400 + 4 * 3600.0
"""Twelve o'clock in China."""


def tables(rows: list[tuple[str, dict[str, object]]]) -> str:
    return "\n".join(
        f"[[{name}]]\n" + "\n".join(f"{k} = {v!r}" for k, v in row.items())
        for name, row in rows
    )


def ring(east: tuple[float, float], north: tuple[float, float]) -> str:
    corners = [(east[0], north[0]), (east[1], north[0]), (east[1], north[1])]
    corners.append((east[0], north[1]))
    return tables(
        [
            ("zone.corner", {"lon": float(lon), "lat": float(lat)})
            for lon, lat in (FRAME.to_lonlat(np.array(c)) for c in corners)
        ]
    )


def file_text(points: int = 4) -> str:
    rows = [
        ("point", {"u_px": u, "v_px": v, "lon": lon, "lat": lat})
        for (u, v), (lon, lat) in zip(seen(CORNERS), mapped(CORNERS), strict=True)
    ]
    return "\n".join(
        [
            'name = "gate"\nwidth_px = 1280\nheight_px = 720',
            tables(rows[:points]),
            '[[zone]]\nname = "east pavement"\nsurface = "pavement"\nlimit_s = 120.0',
            "[[zone.hours]]\nfrom = 22\nto = 6\nlimit_s = 1800.0",
            ring((1.0, 6.0), (8.0, 30.0)),
            '[[zone]]\nname = "lane"\nsurface = "lane"',
            ring((-6.0, 1.0), (8.0, 30.0)),
        ]
    )


@pytest.fixture
def camera(tmp_path: Path) -> FixedCamera:
    path = tmp_path / "gate.toml"
    path.write_text(file_text(), "utf-8")
    return load_fixed_camera(path)


def boxes(*rows: tuple[str, float, float], width_px: int = 1280) -> Detections:
    """Return boxes whose feet stand so far north and east."""
    scale = width_px / 1280
    xyxy = []
    for _, north, east in rows:
        ((u, v),) = seen(np.array([(north, east)]))
        xyxy.append([u - 30, v - 50, u + 30, v])
    return Detections(
        frame_index=0,
        xyxy=(np.array(xyxy, np.float32).reshape(-1, 4) * scale).astype(np.float32),
        confidence=np.full(len(rows), 0.8, np.float32),
        class_id=np.array([NAMES.index(name) for name, *_ in rows], np.int32),
        names=NAMES,
        model_id="street@2",
    )


def watched(
    camera: FixedCamera,
    pictures: list[tuple[float, Detections]],
    size_px: tuple[int, int] = (1280, 720),
) -> list[Dwell]:
    watch = DwellWatch(camera, frozenset({"car", "stall"}))
    found = [d for at_s, seen_ in pictures for d in watch.update(at_s, seen_, size_px)]
    return found + watch.standing()


def test_zones_and_their_hours_are_read(camera: FixedCamera) -> None:
    lon, lat = FRAME.to_lonlat(np.array([3.0, 15.0]))
    zone = camera.zone_at(float(lon), float(lat))

    assert zone is not None
    assert (zone.name, zone.limit_s[12], zone.limit_s[23], zone.limit_s[5]) == (
        "east pavement",
        120.0,
        1800.0,
        1800.0,
    )
    assert zone.limit_s[6] == 120.0


@pytest.mark.parametrize(
    ("east", "north", "seen_there"),
    [
        pytest.param(0.0, 15.0, True, id="before the camera"),
        pytest.param(0.0, -15.0, False, id="behind it"),
        pytest.param(40.0, 15.0, False, id="beside the picture"),
        pytest.param(0.0, 3.0, False, id="below the picture"),
        pytest.param(0.0, 93.0, True, id="a metre is 10 px wide"),
        pytest.param(0.0, 95.0, False, id="a metre is less than 10 px wide"),
    ],
)
def test_the_picture_shows_what_lies_before_it_and_near(
    camera: FixedCamera, east: float, north: float, *, seen_there: bool
) -> None:
    place = FRAME.to_lonlat(np.array([[east, north]]))

    assert camera.shows(place).tolist() == [seen_there]


def test_what_stands_is_one_thing_with_its_time(camera: FixedCamera) -> None:
    rng = np.random.default_rng(2)
    pictures = [
        (
            NOON_S + 5 * k,
            boxes(("car", 15 + rng.normal(0, 0.1), 3 + rng.normal(0, 0.1))),
        )
        for k in range(61)
    ]

    (dwell,) = watched(camera, pictures)

    assert dwell.dwell_s == 300.0
    assert (dwell.category, dwell.zone, dwell.surface) == (
        "car",
        "east pavement",
        "pavement",
    )
    assert dwell.over_limit
    assert np.hypot(
        *(FRAME.to_xy([dwell.lon, dwell.lat]) - np.array([3.0, 15.0]))
    ) == pytest.approx(0.0, abs=0.1)


def test_what_drives_past_does_not_stand(camera: FixedCamera) -> None:
    pictures = [(NOON_S + k, boxes(("car", 9 + 2.0 * k, -3.0))) for k in range(10)]

    assert watched(camera, pictures) == []


def test_a_short_wait_is_within_the_limit(camera: FixedCamera) -> None:
    pictures = [(NOON_S + 5 * k, boxes(("car", 15.0, 3.0))) for k in range(13)]

    (dwell,) = watched(camera, pictures)

    assert dwell.dwell_s == 60.0
    assert not dwell.over_limit


def test_hidden_for_a_moment_is_the_same_thing(camera: FixedCamera) -> None:
    times = [t for t in range(0, 300, 5) if not 100 <= t < 150]
    pictures = [(NOON_S + t, boxes(("stall", 20.0, 4.0))) for t in times]

    (dwell,) = watched(camera, pictures)

    assert dwell.dwell_s == 295.0


def test_gone_and_back_much_later_is_another_thing(camera: FixedCamera) -> None:
    times = [*range(0, 100, 5), *range(400, 500, 5)]
    pictures = [(NOON_S + t, boxes(("stall", 20.0, 4.0))) for t in times]

    assert [d.dwell_s for d in watched(camera, pictures)] == [95.0, 95.0]


def test_two_beside_each_other_stay_two(camera: FixedCamera) -> None:
    both = [
        (
            NOON_S + 5 * k,
            boxes(("car", 15.0, 3.0), ("car", 18.0, 3.0), ("stall", 15, 3)),
        )
        for k in range(20)
    ]

    found = watched(camera, both)

    assert sorted(d.category for d in found) == ["car", "car", "stall"]
    assert sorted(d.number for d in found) == [1, 2, 3]


def test_the_next_car_at_the_lights_breaks_the_stay(camera: FixedCamera) -> None:
    """Red for 40 s, green for 20: the spot at the line is taken again and again."""
    times = [t for t in range(0, 2400, 2) if t % 60 < 40]
    pictures = [(NOON_S + t, boxes(("car", 15.0, -2.0))) for t in times]

    (dwell,) = watched(camera, pictures)

    assert dwell.dwell_s > 1800  # to the eye it never left for long
    assert dwell.unbroken.length_s == 38.0
    assert dwell.unbroken.frames == 20


def test_a_glance_away_does_not_break_a_stay(camera: FixedCamera) -> None:
    times = [t for t in range(0, 300, 2) if not 100 <= t < 106]
    pictures = [(NOON_S + t, boxes(("car", 15.0, 3.0))) for t in times]

    (dwell,) = watched(camera, pictures)

    assert dwell.unbroken.length_s == dwell.dwell_s == 298.0


def test_another_size_of_picture_is_the_same_ground(camera: FixedCamera) -> None:
    pictures = [
        (NOON_S + 5 * k, boxes(("car", 15.0, 3.0), width_px=640)) for k in range(20)
    ]

    (dwell,) = watched(camera, pictures, (640, 360))

    assert dwell.zone == "east pavement"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('surface = "lane"', 'surface = "river"', "surface must be one of"),
        ("u_px", "u", "u_px is missing"),
        ("limit_s = 120.0", 'limit_s = "long"', "limit_s must be a number"),
        ("name = ", "nam = ", "name is missing"),
    ],
)
def test_a_broken_file_is_one_sentence(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(file_text().replace(old, new, 1), "utf-8")

    with pytest.raises(CameraError, match=said):
        load_fixed_camera(path)


def test_three_points_are_one_sentence_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(file_text(points=3), "utf-8")

    with pytest.raises(CameraError, match=r"gate\.toml: 3 known points are too few"):
        load_fixed_camera(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"none\.toml does not exist"):
        load_fixed_camera(tmp_path / "none.toml")


def test_a_zone_whose_border_crosses_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    crossed = ring((1.0, 6.0), (8.0, 30.0)).split("[[zone.corner]]")
    crossed[2], crossed[3] = crossed[3], crossed[2]
    text = file_text().replace(
        ring((1.0, 6.0), (8.0, 30.0)), "[[zone.corner]]".join(crossed)
    )
    path.write_text(text, "utf-8")

    with pytest.raises(CameraError, match="border crosses itself"):
        load_fixed_camera(path)
