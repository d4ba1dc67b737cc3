"""Which parts of a picture nobody may see."""

from __future__ import annotations

import numpy as np
import pytest

from vision.privacy import Region, private_regions
from vision.types import Detections

NAMES = (
    "litter",
    "face",
    "licence_plate",
    "person",
    "car",
    "truck",
    "bus",
    "motorcycle",
    "bicycle",
)
SHAPE = (720, 1280, 3)

Row = tuple[str, float, float, float, float, float]


def seen(*rows: Row) -> Detections:
    return Detections(
        frame_index=0,
        xyxy=np.array([row[1:5] for row in rows], np.float32).reshape(-1, 4),
        confidence=np.array([row[5] for row in rows], np.float32),
        class_id=np.array([NAMES.index(row[0]) for row in rows], np.int32),
        names=NAMES,
        model_id="tiny@1",
    )


def hides(regions: list[Region], box: tuple[float, float, float, float]) -> bool:
    """Say if one region covers the whole box."""
    x1, y1, x2, y2 = box
    return any(r.x1 <= x1 and r.y1 <= y1 and r.x2 >= x2 and r.y2 >= y2 for r in regions)


@pytest.mark.parametrize(
    ("rows", "hidden", "kinds"),
    [
        pytest.param(
            [("face", 100, 100, 120, 130, 0.9)],
            (97, 95, 123, 135),
            ["face"],
            id="a face and a margin around it",
        ),
        pytest.param(
            [("face", 100, 100, 120, 130, 0.06)],
            (97, 95, 123, 135),
            ["face"],
            id="a face that is hardly believed",
        ),
        pytest.param(
            [("licence_plate", 600, 500, 660, 520, 0.1)],
            (590, 497, 670, 523),
            ["plate"],
            id="a plate that is hardly believed",
        ),
        pytest.param(
            # 1.75 m are 200 px: the head, 23 cm and the hair, is the top 26 px.
            [("person", 300, 200, 370, 400, 0.5)],
            (300, 200, 370, 232),
            ["head"],
            id="the head of a person without a face",
        ),
        pytest.param(
            [("person", 300, 200, 370, 400, 0.12)],
            (300, 200, 370, 232),
            ["head"],
            id="the head of a person who is hardly believed",
        ),
        pytest.param(
            [("person", 300, 300, 316, 340, 0.5)],
            (300, 300, 316, 340),
            ["head"],
            id="a small person whole",
        ),
        pytest.param(
            [("person", 300, 520, 420, 720, 0.5)],
            (300, 520, 420, 600),
            ["head"],
            id="a person cut off by the lower edge: the head is larger",
        ),
        pytest.param(
            [("person", 300, 300, 420, 400, 0.5)],
            (300, 300, 420, 365),
            ["head"],
            id="a person who sits or bends: more than the usual share",
        ),
        pytest.param(
            [("car", 400, 300, 520, 400, 0.6)],
            # The plates of sedans, vans and off-roaders sit at 45-95 % of the height.
            (400, 345, 520, 395),
            ["plate_band"],
            id="the plate band of a near car",
        ),
        pytest.param(
            [("motorcycle", 400, 300, 480, 360, 0.6)],
            (400, 315, 480, 355),
            ["plate_band"],
            id="the plate band of a motorcycle",
        ),
        pytest.param(
            # Seen from behind: 70 cm are 50 px, its plate 16 px, above the light.
            [
                ("motorcycle", 400, 300, 450, 380, 0.2),
                ("person", 405, 280, 445, 370, 0.9),
            ],
            (400, 318, 450, 380),
            ["head", "plate_band"],
            id="the narrow back of a motorcycle that is hardly believed",
        ),
        pytest.param(
            [("car", 400, 300, 520, 400, 0.16)],
            (400, 345, 520, 395),
            ["plate_band"],
            id="the plate band of a car that is hardly believed",
        ),
        pytest.param(
            [("bicycle", 400, 300, 440, 380, 0.6)],
            (400, 300, 440, 325),
            ["head"],
            id="a high two-wheeler may hide its rider",
        ),
    ],
)
def test_what_is_hidden(
    rows: list[Row], hidden: tuple[float, float, float, float], kinds: list[str]
) -> None:
    regions = private_regions(seen(*rows), SHAPE)

    assert [region.kind for region in regions] == kinds
    assert hides(regions, hidden)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing"),
        pytest.param([("litter", 100, 100, 200, 200, 0.9)], id="litter"),
        pytest.param([("car", 400, 300, 455, 340, 0.9)], id="a car too far to read"),
        pytest.param([("bicycle", 400, 300, 500, 360, 0.9)], id="a parked bicycle"),
    ],
)
def test_what_is_shown(rows: list[Row]) -> None:
    assert private_regions(seen(*rows), SHAPE) == []


PERSON = ("person", 300.0, 200.0, 370.0, 400.0, 0.8)
CAR = ("car", 400.0, 300.0, 520.0, 400.0, 0.8)
BEHIND = ("person", 330.0, 190.0, 400.0, 390.0, 0.8)
BESIDE = ("car", 460.0, 300.0, 600.0, 400.0, 0.8)


@pytest.mark.parametrize(
    ("rows", "kinds"),
    [
        pytest.param(
            [PERSON, ("face", 325, 205, 345, 230, 0.7)],
            ["face"],
            id="a sure face is enough",
        ),
        pytest.param(
            [PERSON, ("face", 325, 205, 345, 230, 0.2)],
            ["face", "head"],
            id="an unsure face is masked beside the head",
        ),
        pytest.param(
            [PERSON, ("face", 325, 350, 345, 375, 0.9)],
            ["face", "head"],
            id="a face at the knees is somebody else's",
        ),
        pytest.param(
            [PERSON, ("face", 600, 205, 620, 230, 0.9)],
            ["face", "head"],
            id="a face elsewhere is somebody else's",
        ),
        pytest.param(
            [CAR, ("licence_plate", 445, 370, 475, 380, 0.7)],
            ["plate"],
            id="a sure plate is enough",
        ),
        pytest.param(
            [CAR, ("licence_plate", 445, 370, 475, 380, 0.2)],
            ["plate", "plate_band"],
            id="an unsure plate is masked beside the band",
        ),
        pytest.param(
            [("bicycle", 300, 250, 340, 400, 0.8), PERSON],
            ["head"],
            id="a rider who was found needs no guess",
        ),
        pytest.param(
            [PERSON, BEHIND, ("face", 325, 205, 345, 230, 0.9)],
            ["face", "head"],
            id="one face does not answer for two persons",
        ),
        pytest.param(
            [CAR, BESIDE, ("licence_plate", 445, 370, 475, 380, 0.9)],
            ["plate", "plate_band"],
            id="one plate does not answer for two cars",
        ),
    ],
)
def test_guesses_stand_back_for_what_is_sure(rows: list[Row], kinds: list[str]) -> None:
    regions = private_regions(seen(*rows), SHAPE)

    assert sorted(region.kind for region in regions) == sorted(kinds)


def test_regions_end_at_the_picture() -> None:
    rows = [
        ("face", -10.0, -10.0, 12.0, 12.0, 0.9),
        ("face", 1270.0, 700.0, 1280.0, 720.0, 0.9),
        ("car", -50.0, 600.0, 1400.0, 800.0, 0.9),
    ]

    regions = private_regions(seen(*rows), SHAPE)

    assert len(regions) == 3
    for region in regions:
        assert 0 <= region.x1 < region.x2 <= 1280
        assert 0 <= region.y1 < region.y2 <= 720


def test_what_lies_outside_the_picture_is_no_region() -> None:
    regions = private_regions(seen(("face", 1300, 100, 1320, 130, 0.9)), SHAPE)

    assert regions == []


def test_a_model_without_faces_still_hides_heads() -> None:
    person = Detections(
        frame_index=0,
        xyxy=np.array([[300, 200, 370, 400]], np.float32),
        confidence=np.array([0.9], np.float32),
        class_id=np.array([0], np.int32),
        names=("person",),
        model_id="walkers@1",
    )

    assert [r.kind for r in private_regions(person, SHAPE)] == ["head"]


def test_what_the_edge_cuts_off_is_masked_more_widely() -> None:
    whole = private_regions(seen(("face", 100, 100, 120, 130, 0.9)), SHAPE)
    cut = private_regions(seen(("face", 0, 100, 20, 130, 0.9)), SHAPE)

    assert (whole[0].y1, whole[0].y2) == (94, 136)
    assert (cut[0].x2, cut[0].y1, cut[0].y2) == (30, 85, 145)
