"""The locator's promises: refusals, pictures, memory, categories, doubt."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.vision.locate.street import (
    BLANK,
    CAMERA,
    NAMES,
    ORIGIN,
    SIZES,
    Noise,
    Street,
    Thing,
    busy_street,
    drive,
    picture,
    straight_path,
)
from vision.camera import assume_camera
from vision.errors import InputError
from vision.locate import KINDS, LocateOptions, Locator, Shown, kind_of
from vision.locate.kinds import IGNORED
from vision.types import Detections, Frame, Pose, Sighting

ROOT = Path(__file__).resolve().parents[3]


def one(category: str, x: float = 1.0, y: float = 40.0, **more: float) -> Street:
    return Street([Thing(category, x, y, SIZES[category], **more)], straight_path(90))


def boxes(index: int, *rows: tuple[str, tuple[float, ...]]) -> Detections:
    names = (*NAMES, "face", "garbage_pile")
    return Detections(
        index,
        np.array([r[1] for r in rows], dtype=np.float32).reshape(-1, 4),
        np.full(len(rows), 0.7, dtype=np.float32),
        np.array([names.index(r[0]) for r in rows], dtype=np.int32),
        names,
        "street@1",
    )


def at(index: int) -> tuple[Frame, Pose]:
    lon, lat = ORIGIN.to_lonlat([0.0, 3.0 * index])
    pose = Pose(index / 3, float(lon), float(lat), 0.0, 9.0, 0.5)
    return Frame(index, index / 3, index / 3, BLANK, "a.mp4"), pose


def test_every_category_of_the_taxonomy_is_placed_as_it_hangs_or_stands() -> None:
    with (ROOT / "datasets" / "taxonomy.toml").open("rb") as file:
        rows = tomllib.load(file)["category"]

    for row in rows:
        if row["role"] == "derived" or row["id"] in IGNORED:
            continue
        assert row["id"] in KINDS
        assert kind_of(row["id"]).raised == (row["on"] == "raised")


def test_an_unknown_category_is_an_object_of_its_own_family() -> None:
    assert kind_of("sofa").family == "sofa"


def test_frames_must_come_in_driving_order() -> None:
    locator = Locator(CAMERA)
    frame, pose = at(3)
    locator.update(frame, pose, boxes(3), np.empty(0), picture)
    locator.update(
        frame, pose, boxes(3), np.empty(0), picture
    )  # two photos, one second
    frame, pose = at(2)

    with pytest.raises(InputError, match="driving order"):
        locator.update(frame, pose, boxes(2), np.empty(0), picture)


@pytest.mark.parametrize(
    "probabilities", [[0.5, 0.5], [1.2], [-0.1], [float("nan")]], ids=str
)
def test_probabilities_must_fit_the_boxes(probabilities: list[float]) -> None:
    frame, pose = at(0)

    with pytest.raises(InputError, match="probabilities"):
        Locator(CAMERA).update(
            frame,
            pose,
            boxes(0, ("litter", (600, 500, 640, 530))),
            np.array(probabilities),
            picture,
        )


@pytest.mark.parametrize(
    "change", [{"gate": 0.0}, {"pixel_sigma": -1.0}, {"min_probability": 1.5}], ids=str
)
def test_options_that_make_no_estimate_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(change))):
        LocateOptions(**change)


def test_an_empty_drive_has_no_sightings() -> None:
    locator = Locator(CAMERA)
    for index in range(5):
        frame, pose = at(index)
        locator.update(frame, pose, boxes(index), np.empty(0), picture)

    assert locator.finish() == []


def test_pictures_are_asked_for_few_times_and_only_for_better_views() -> None:
    street = busy_street(0, length_m=150)
    asked: dict[str, float] = {}
    calls = 0
    locator = Locator(CAMERA)
    found: list[Sighting] = []
    for frame, pose, detections, chance in street.frames(Noise(box_px=1.0), 0):

        def take(row: int, now=(frame, detections)) -> Shown:
            nonlocal calls
            calls += 1
            name = f"{now[0].index}-{row}"
            x1, y1, x2, y2 = now[1].xyxy[row]
            asked[name] = area = float((x2 - x1) * (y2 - y1))
            return Shown(replace(picture(row).evidence, image=name), (float(row), area))

        locator.update(frame, pose, detections, chance, take)
        found += locator.closed()
    found += locator.finish()

    assert all(1 <= len(s.evidence) <= 3 for s in found)
    assert calls <= 5 * len(street.visible)
    for s in found:
        sizes = [asked[e.image] for e in s.evidence]
        assert sizes[0] == max(sizes)
        assert s.appearance is not None
        assert s.appearance[1] == sizes[0]


def test_every_emitted_sighting_has_a_picture() -> None:
    noise = Noise(box_px=1.5, miss=0.2, false_per_frame=2.0)

    found = drive(busy_street(4, length_m=150), noise, seed=4)

    assert found
    assert all(s.evidence for s in found)
    assert all(0.2 <= s.probability <= 1 for s in found)
    assert len({s.id for s in found}) == len(found)


def test_objects_are_handed_out_once_passed_and_memory_stays_bounded() -> None:
    street = busy_street(0, length_m=600)
    locator = Locator(CAMERA)
    held, early = [], 0
    for frame, pose, detections, chance in street.frames(Noise(), 0):
        locator.update(frame, pose, detections, chance, picture)
        early += len(locator.closed())
        held.append(len(locator._tracks))

    assert early > 0.9 * len(street.visible) - 10
    assert max(held[len(held) // 2 :]) <= max(held[: len(held) // 2]) + 5
    assert len(locator._path._points) <= 40


def test_a_single_weak_view_stays_possible_with_its_low_probability() -> None:
    frame, pose = at(0)
    locator = Locator(CAMERA)
    locator.update(
        frame,
        pose,
        boxes(0, ("litter", (600, 500, 640, 530))),
        np.array([0.25]),
        picture,
    )

    (found,) = locator.finish()

    assert found.probability == pytest.approx(0.25)
    assert found.frames == 1


def test_frames_that_should_have_shown_it_lower_the_probability() -> None:
    seen_once, kept_out = Locator(CAMERA), Locator(CAMERA)
    box = ("litter", (600, 430, 625, 445))
    for index in range(3):
        frame, pose = at(index)
        rows = [box] if index == 0 else []
        chance = np.full(len(rows), 0.6)
        seen_once.update(frame, pose, boxes(index, *rows), chance, picture)
        if index == 0:
            kept_out.update(frame, pose, boxes(index, *rows), chance, picture)

    assert seen_once.finish()[0].probability < kept_out.finish()[0].probability - 0.05


def test_an_object_hidden_by_a_car_is_not_missed() -> None:
    box = ("litter", (600, 430, 625, 445))
    car = ("car", (500, 300, 800, 600))
    hidden, gone = Locator(CAMERA), Locator(CAMERA)
    for index in range(2):
        frame, pose = at(index)
        for locator, later in ((hidden, [car]), (gone, [])):
            rows = [box] if index == 0 else later
            locator.update(
                frame, pose, boxes(index, *rows), np.full(len(rows), 0.6), picture
            )

    def litter(locator: Locator) -> float:
        return next(s.probability for s in locator.finish() if s.category == "litter")

    assert litter(hidden) > litter(gone)


def test_two_boxes_of_confusable_classes_on_one_spot_are_one_object() -> None:
    frame, pose = at(0)
    locator = Locator(CAMERA)
    spot = (600.0, 500.0, 700.0, 560.0)
    locator.update(
        frame,
        pose,
        boxes(0, ("litter", spot), ("garbage_pile", spot)),
        np.array([0.3, 0.8]),
        picture,
    )

    (found,) = locator.finish()

    assert found.category == "garbage_pile"
    assert found.probability == pytest.approx(0.8 * 0.8 / 1.1)


def test_near_views_decide_the_category() -> None:
    street = one("manhole_ok", x=0.5, y=45.0)
    locator = Locator(CAMERA)
    for frame, pose, given, chance in street.frames(Noise(), 0):
        ahead_m = 45.0 - 3.0 * frame.index
        name = "manhole_damaged" if ahead_m < 11 else "manhole_ok"
        detections = replace(
            given, class_id=np.full(len(given), NAMES.index(name), dtype=np.int32)
        )
        locator.update(frame, pose, detections, chance, picture)

    (found,) = locator.finish()

    assert found.category == "manhole_damaged"


def test_faces_and_plates_are_never_objects() -> None:
    frame, pose = at(0)
    locator = Locator(CAMERA)
    locator.update(
        frame,
        pose,
        boxes(0, ("face", (600, 500, 640, 530))),
        np.array([0.9]),
        picture,
    )

    assert locator.finish() == []


def test_a_box_cut_by_the_picture_supports_but_does_not_place() -> None:
    whole = ("car", (700.0, 330.0, 900.0, 480.0))
    frame, pose = at(0)
    locator = Locator(CAMERA)
    locator.update(frame, pose, boxes(0, whole), np.array([0.5]), picture)
    frame, pose = at(1)
    cut = ("car", (760.0, 310.0, 1280.0, 640.0))
    locator.update(frame, pose, boxes(1, cut), np.array([0.8]), picture)
    alone = Locator(CAMERA)
    alone.update(frame, pose, boxes(1, cut), np.array([0.8]), picture)

    (found,) = locator.finish()

    assert found.frames == 2
    assert found.probability > 0.8
    assert alone.finish() == []


@pytest.mark.parametrize("side", [-1.0, 1.0], ids=["left wall", "right wall"])
@pytest.mark.parametrize("wall_m", [4.0, 7.0, 11.5])
def test_a_poster_is_triangulated_onto_its_wall(side: float, wall_m: float) -> None:
    street = one("poster", x=side * wall_m, base_m=1.2)
    noise = Noise(box_px=1.0, heading_deg=0.2)

    (found,) = drive(street, noise)

    x, y = ORIGIN.to_xy([found.lon, found.lat])
    assert np.hypot(x - side * wall_m, y - 40.0) < 1.5
    assert found.lateral_m == pytest.approx(side * wall_m, abs=1.2)
    assert found.width_m is None
    assert found.stationary_probability is None


def test_two_boxes_round_one_paper_are_one_paper() -> None:
    whole = ("poster", (900.0, 250.0, 960.0, 330.0))
    part = ("poster", (905.0, 255.0, 955.0, 300.0))  # IoU 0.47
    beside = ("poster", (935.0, 250.0, 995.0, 330.0))  # IoU 0.26
    counts = []
    for second in (part, beside):
        frame, pose = at(0)
        locator = Locator(CAMERA)
        locator.update(
            frame, pose, boxes(0, whole, second), np.array([0.8, 0.7]), picture
        )
        counts.append(len(locator.finish()))

    assert counts == [1, 2]


def test_posters_side_by_side_stay_apart() -> None:
    street = Street(
        [
            Thing("poster", 5.0, 40.0 + 1.2 * i, SIZES["poster"], base_m=1.2)
            for i in range(4)
        ],
        straight_path(80),
    )

    found = drive(street, Noise(box_px=1.0, heading_deg=0.2))

    assert len(found) == 4


def test_width_is_measured_on_the_ground() -> None:
    (found,) = drive(one("stall", x=3.0), Noise())

    # 1.8 m wide, 1.2 m deep, seen at an angle: between its width and its diagonal.
    assert found.width_m is not None
    assert 1.5 < found.width_m < 2.3


def test_an_assumed_camera_is_trusted_less() -> None:
    assert LocateOptions().pitch_sigma_of(CAMERA) == 0.6
    assert LocateOptions().pitch_sigma_of(assume_camera(1280, 720)) == 1.5
    assert LocateOptions(pitch_sigma_deg=0.2).pitch_sigma_of(CAMERA) == 0.2
